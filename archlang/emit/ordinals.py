"""How the members of a repeat are numbered: `conv{i}` and `bn{i}` for each round, from which `i`, in which steps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from archlang.emit import roll
from archlang.emit.bodies import Step
from archlang.record import record

_MEMBER = re.compile(r"self\.([A-Za-z_]\w*?)(\d+)\Z")


@record
class Numbers:
    """Members are each a stem and `times * i + at`, where `i` begins at `first` and steps by `by`."""

    names: tuple[tuple[str, int, int], ...]
    first: int
    by: int

    def of(self, number: int) -> list[str]:
        """The names in a round."""
        return [f"{stem}{times * (self.first + self.by * number) + at}" for stem, times, at in self.names]

    def each(self, stem: str) -> int:
        """How many members of that stem a round has."""
        return sum(1 for own, _, _ in self.names if own == stem)

    def template(self, member: str | None) -> str | None:
        """What makes a member's name of `i`."""
        match = _MEMBER.match(member or "")
        names = dict(zip(self.of(0), self.names, strict=True))
        known = None if match is None else names.get(f"{match[1]}{match[2]}")
        return None if known is None else roll.templated(*known)

    def like(self, step: Step, first: Step, number: int) -> bool:
        """Whether a step is that of the first copy, its member's number as much higher as the copy's is."""
        if (step.code, step.holes, step.leaves) != (first.code, first.holes, first.leaves):
            return False
        if step.member is None or first.member is None:
            return step.member == first.member
        template = self.template(first.member)
        at = self.first + self.by * number
        return template is not None and step.member == f"self.{roll.spelled_out(template, at)}"


def numbers(steps: Sequence[Step], *, by_round: bool) -> Numbers | None:
    """How the members are numbered, by those of the first round; None where it has none.

    With `by_round`, `i` is the number of the round, and a name may be `conv{2 * i + 1}`.
    """
    known = dict.fromkeys((m[1], int(m[2])) for step in steps if step.member and (m := _MEMBER.match(step.member)))
    each = Counter(stem for stem, _ in known)
    if not each:
        return None
    if len(set(each.values())) > 1 or (by_round and set(each.values()) != {1}):
        return Numbers(tuple((stem, each[stem], number) for stem, number in known), 0, 1)
    first = min(number for _, number in known)
    return Numbers(tuple((stem, 1, number - first) for stem, number in known), first, each.popitem()[1])


def before(earlier: Sequence[tuple[int, Numbers]], own: Numbers) -> tuple[tuple[int, int], ...] | None:
    """Which `earlier` repeats have members of these stems, and how many in a round.

    None where that is not the same for all of the stems.
    """
    found = {
        tuple((number, other.each(stem)) for number, other in earlier if other.each(stem)) for stem, _, _ in own.names
    }
    return found.pop() if len(found) == 1 else None
