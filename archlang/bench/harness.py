"""Candidates against each other: each is prepared and checked first, then all that are right are timed in turn.

Their blocks are interleaved (A B C A B C ...), so that what a machine does to all
of them in time, it does to each alike; a candidate's time is the median of its
blocks. One that fails, runs out of time or is wrong is told, and left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Protocol

from archlang.bench.limit import OutOfTimeError, within
from archlang.record import entity, record

BLOCKS = 5
"""How often each candidate is timed."""

NO_TIME = "no time was left for it"

Tell = Callable[[str], None]
"""Where progress is said."""


class Clock(Protocol):
    """How time is taken: the host's, or a device's."""

    def seconds(self, run: Callable[[], object], times: int) -> float:
        """The seconds of one `run`, of `times` in a row."""
        ...


@entity
class Ready:
    """A candidate that has run: `run` is what is timed, `first` the seconds that its first run took.

    `errors` are how far from the reference it is, by what was compared; `peak` the
    bytes that a run takes at most beyond what stays, if they are known.
    """

    run: Callable[[], object]
    errors: Mapping[str, float]
    first: float
    peak: int | None = None


@entity
class Candidate:
    """One way of doing the work. `ours` are those that the others are the bar of.

    `prepare` makes it and runs it once; whatever it raises is the candidate's own failure.
    """

    name: str
    prepare: Callable[[], Ready]
    ours: bool = False


@record
class Outcome:
    """What became of a candidate: `first` is the seconds to its first result, `blocks` those of a run in each block.

    `problem` says why it was not timed, if it was not.
    """

    name: str
    ours: bool
    first: float | None = None
    errors: Mapping[str, float] | None = None
    peak: int | None = None
    blocks: tuple[float, ...] = ()
    problem: str | None = None

    @property
    def seconds(self) -> float | None:
        """The median of its blocks; None if it was not timed."""
        return median(self.blocks) if self.blocks else None


@record
class Plan:
    """`seconds` to time all candidates together, at most `limit` for the first result of each, `within` for everything.

    `allowed` are the errors that are right in any case, by what was compared; past them
    a candidate may be twice as far off as `yardstick`, a candidate's name.
    """

    seconds: float
    limit: float
    allowed: Mapping[str, float]
    yardstick: str
    within: float = float("inf")


def compare(candidates: Sequence[Candidate], clock: Clock, plan: Plan, tell: Tell) -> list[Outcome]:
    """What became of each candidate, in their order."""
    ready: dict[str, Ready] = {}
    found: dict[str, Outcome] = {}
    began = time.monotonic()
    for candidate in candidates:
        tell(f"{candidate.name}: first run")
        left = plan.within - plan.seconds - (time.monotonic() - began)
        found[candidate.name], made = _prepared(candidate, min(plan.limit, left))
        if made is not None:
            ready[candidate.name] = made
    for name, problem in wrong(found, plan).items():
        ready.pop(name)
        found[name] = _with(found[name], problem=problem)
    for outcome in found.values():
        if outcome.problem is not None:
            tell(f"{outcome.name}: left out, {outcome.problem}")
    for name, blocks in timed(ready, clock, plan.seconds, tell).items():
        found[name] = _with(found[name], blocks=blocks)
    return list(found.values())


def _prepared(candidate: Candidate, limit: float) -> tuple[Outcome, Ready | None]:
    if limit <= 0:
        return Outcome(candidate.name, candidate.ours, problem=NO_TIME), None
    try:
        with within(limit):
            made = candidate.prepare()
            return Outcome(candidate.name, candidate.ours, made.first, made.errors, made.peak), made
    except OutOfTimeError:
        problem = f"it took longer than {limit:.3g} s"
    except Exception as error:  # noqa: BLE001 - a compiler of somebody else's fails in whatever way, and the rest goes on
        problem = failed(error)
    return Outcome(candidate.name, candidate.ours, problem=problem), None


def failed(error: Exception) -> str:
    """What is said of a way that failed."""
    return f"it failed: {_short(error)}"


def _short(error: Exception) -> str:
    words = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    said = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return said if len(said) <= 160 else said[:157] + "..."


def wrong(found: Mapping[str, Outcome], plan: Plan) -> dict[str, str]:
    """The candidates that are further from the reference than they may be, and what is wrong with each."""
    measured = found.get(plan.yardstick)
    own = (measured.errors if measured is not None else None) or {}
    complaints: dict[str, str] = {}
    for name, outcome in found.items():
        for what, error in (outcome.errors or {}).items():
            most = max(plan.allowed.get(what, 0.0), 2 * own.get(what, 0.0))
            if not error <= most:  # what is no number is wrong too
                complaints.setdefault(name, f"wrong: {what} {error:.2g} off the reference, where {most:.2g} may be")
    return complaints


def timed(ready: Mapping[str, Ready], clock: Clock, seconds: float, tell: Tell) -> dict[str, tuple[float, ...]]:
    """Of each, the seconds of a run in each of its blocks; the blocks of all are interleaved."""
    share = seconds / (BLOCKS * max(len(ready), 1))
    times = {name: max(1, int(share / max(clock.seconds(made.run, 1), 1e-9))) for name, made in ready.items()}
    found: dict[str, list[float]] = {name: [] for name in ready}
    for block in range(BLOCKS):
        tell(f"block {block + 1} of {BLOCKS}")
        for name, made in ready.items():
            found[name].append(clock.seconds(made.run, times[name]))
    return {name: tuple(blocks) for name, blocks in found.items()}


def best(outcomes: Sequence[Outcome], *, ours: bool) -> Outcome | None:
    """The fastest of ours, or of the others; None if none was timed."""
    own = [one for one in outcomes if one.ours == ours and one.blocks]
    return min(own, key=lambda one: one.seconds or 0.0, default=None)


def _with(outcome: Outcome, *, problem: str | None = None, blocks: tuple[float, ...] = ()) -> Outcome:
    return Outcome(outcome.name, outcome.ours, outcome.first, outcome.errors, outcome.peak, blocks, problem)
