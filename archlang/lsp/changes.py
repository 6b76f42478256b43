"""What changed between two texts, as one edit of whole lines."""

from __future__ import annotations

from itertools import takewhile


def changed_lines(old: str, new: str) -> tuple[int, int, str] | None:
    """Where the lines that differ begin and end in `old`, and what stands there in `new`; None if nothing differs.

    What is alike before and after stays as it is, so that a cursor there does.
    """
    if old == new:
        return None
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    rest = zip(reversed(before[head:]), reversed(after[head:]), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    start = sum(map(len, before[:head]))
    end = len(old) - sum(map(len, before[len(before) - tail :]))
    return start, end, "".join(after[head : len(after) - tail])
