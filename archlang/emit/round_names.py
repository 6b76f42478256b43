"""What a loop calls the tensors, and the numbers, that are others in each of its rounds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from archlang.emit.alike_rounds import Run, exchanged, literal_at, word
from archlang.emit.fold import stem

_TITLES = {"dropout": "rate", "dropout2d": "rate", "max_pool2d": "size", "avg_pool2d": "size", "leaky_relu": "slope"}


def shortened(run: Run, at: int, period: int, round_: Sequence[str], value: str) -> list[str]:
    """The statements of a round, names that it alone has numbered from 1: `conv7` is `conv10` in the next.

    None of them becomes that of a `value`.
    """
    own = run.own(at, period)
    several = Counter(stem(name)[0] for name in own)
    seen: Counter[str] = Counter()
    names: dict[str, str] = {}
    for name in own:
        first = stem(name)[0]
        seen[first] += 1
        names[name] = f"{first}{seen[first]}" if several[first] > 1 else first
    if any(not new.isidentifier() or new == value or (new not in own and _used(run, new)) for new in names.values()):
        return list(round_)
    return [exchanged(one, names) for one in round_]


def value_name(run: Run, at: int, period: int, place: int) -> str:
    """What the number at that place of a round is called: as its argument is, or by the function that takes it."""
    before = literal_at(run, at, period, place)
    argument = re.search(r"(\w+)=\Z", before)
    name = argument[1] if argument else _TITLES.get(_function(before), "value")
    free, number = name, 2
    while _used(run, free):
        free, number = f"{name}{number}", number + 1
    return free


def _function(before: str) -> str:
    """The function whose brackets are open at the end of a text."""
    depth = 0
    for at in reversed(range(len(before))):
        depth += (before[at] in ")]") - (before[at] in "([")
        if depth < 0:
            called = re.search(r"(\w+)\Z", before[:at])
            return called[1] if called else ""
    return ""


def _used(run: Run, name: str) -> bool:
    return any(re.search(rf"{word(name)}(?!=)", one) for one in run.texts)
