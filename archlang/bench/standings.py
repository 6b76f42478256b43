"""What a contest found, as text, Markdown and JSON."""

from __future__ import annotations

from typing import Any

from archlang.bench import tables
from archlang.bench.harness import Outcome, best
from archlang.bench.result import Contest
from archlang.bench.ways import BASELINES, OURS

_HEAD = ("", "ms", "images/s", "of roofline", "peak memory", "first call", "error")


def text(contest: Contest) -> str:
    """What to print: the machine, a row for each way, the ratio to the best of the baselines."""
    lines = [title(contest), *tables.facts(contest.facts), ""]
    lines += tables.text(_HEAD, _rows(contest))
    return "\n".join([*lines, "", *_said(contest)]) + "\n"


def markdown(contest: Contest) -> str:
    """The same as a part of a page."""
    lines = [f"## {title(contest)}", "", *tables.facts(contest.facts, page=True), ""]
    lines += tables.markdown(_HEAD, _rows(contest))
    ways = {**BASELINES, **OURS}
    names = [f"`{one.name}` is {ways[one.name]}" for one in contest.outcomes if one.name in ways]
    return "\n".join([*lines, "", *(f"- {line}" for line in (*_said(contest), *names))]) + "\n"


def title(contest: Contest) -> str:
    """`ResNet@50, inference, batch 256, bf16, 3x224x224`."""
    setting = contest.setting
    what = "training" if setting.training else "inference"
    return f"{contest.network}, {what}, batch {setting.images}, {setting.dtype}, {contest.input}"


def record(contest: Contest) -> dict[str, Any]:
    """All of it, for JSON: seconds, bytes, shares."""
    setting, ahead = contest.setting, ratio(contest)
    return {
        "network": contest.network,
        "input": contest.input,
        "batch": setting.images,
        "dtype": setting.dtype,
        "training": setting.training,
        "machine": dict(contest.facts),
        "roofline_seconds": contest.floor,
        "roofline_is": "modelled",
        "ways": [_way(contest, outcome) for outcome in contest.outcomes],
        "best_baseline": _name(best(contest.outcomes, ours=False)),
        "best_of_ours": _name(best(contest.outcomes, ours=True)),
        "ratio": ahead,
        "notes": list(contest.notes),
    }


def ratio(contest: Contest) -> float | None:
    """How many times as fast as the best baseline the best of ours is; None where one of them is missing."""
    ours, other = best(contest.outcomes, ours=True), best(contest.outcomes, ours=False)
    if ours is None or other is None or not ours.seconds or other.seconds is None:
        return None
    return other.seconds / ours.seconds


def _name(outcome: Outcome | None) -> str | None:
    return None if outcome is None else outcome.name


def _way(contest: Contest, outcome: Outcome) -> dict[str, Any]:
    seconds = outcome.seconds
    return {
        "name": outcome.name,
        "ours": outcome.ours,
        "seconds": seconds,
        "blocks": list(outcome.blocks),
        "images_per_second": contest.setting.images / seconds if seconds else None,
        "of_roofline": contest.floor / seconds if seconds and contest.floor else None,
        "peak_bytes": outcome.peak,
        "first_call_seconds": outcome.first,
        "errors": None if outcome.errors is None else dict(outcome.errors),
        "problem": outcome.problem,
    }


def _rows(contest: Contest) -> list[tuple[str, ...]]:
    return [_row(contest, outcome) for outcome in contest.outcomes if outcome.problem is None]


def _row(contest: Contest, outcome: Outcome) -> tuple[str, ...]:
    seconds = outcome.seconds
    return (
        outcome.name,
        tables.milliseconds(seconds),
        f"{contest.setting.images / seconds:,.0f}" if seconds else "",
        tables.share(contest.floor / seconds if seconds and contest.floor else None),
        tables.gigabytes(outcome.peak),
        f"{outcome.first:.1f} s" if outcome.first is not None else "",
        f"{max(outcome.errors.values()):.1e}" if outcome.errors else "",
    )


def _said(contest: Contest) -> list[str]:
    """The sentences below the table."""
    found = [f"{one.name}: left out, {one.problem}" for one in contest.outcomes if one.problem is not None]
    ours, other, ahead = best(contest.outcomes, ours=True), best(contest.outcomes, ours=False), ratio(contest)
    if other is not None:
        found.append(f"best correct baseline: {other.name}, {tables.milliseconds(other.seconds)} ms")
    if ours is not None and ahead is not None:
        found.append(f"{ours.name}: {ahead:.2f} times as fast")
    if contest.floor is not None and contest.device is not None:
        least = tables.milliseconds(contest.floor)
        found.append(f"roofline: {least} ms, modelled, of the fusions on {contest.device.title}")
    found.append("error: the furthest from the reference of what was compared, as a part of its size")
    return [*found, *contest.notes]
