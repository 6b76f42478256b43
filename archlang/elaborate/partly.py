"""What could be placed of a net that has errors: for those who show a network while it is being written.

A layer that failed is not among the nodes, nor what reads it, so those that are there are wired among themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from archlang.elaborate.work import FAILED, Work
from archlang.ir.network import Result
from archlang.source import Span

if TYPE_CHECKING:
    from archlang.elaborate.settle import Settled

STOPPED = "stops here"
"""What the end of a tensor is called that something would have read, but for an error."""

_PLACES_NOTHING = re.compile(r"\s*(?:expect|paper|output|taps|freeze|lr|decay|init|import|block|net|let)\b")


def gaps(broken: Iterable[Span]) -> tuple[Span, ...]:
    """Of the lines that could not be read, those that may have placed layers."""
    return tuple(span for span in broken if not _PLACES_NOTHING.match(span.text))


def across(work: Work, cur: int | None, between: Span) -> int | None:
    """The running tensor behind `between` two statements: lost, where a line stands there that could not be read."""
    for gap in work.gaps:
        if gap.source is between.source and between.start <= gap.start < between.end:
            work.failed = True
            return FAILED
    return cur


def ends(work: Work, settled: Settled, out: int) -> tuple[Result, ...]:
    """The outputs that came to be, then every other tensor that nothing reads, but for those of train-only heads."""
    read = {source for node in work.nodes for source in node.inputs}
    heads = {id_ for draft in work.heads for id_ in range(draft.first, draft.end)}
    found = {id_: name for name, id_ in reversed(settled.outputs)}
    found |= {out: "logits"} if out != FAILED and not found else {}
    for node in work.nodes:
        if node.id not in read and node.id not in heads:
            found.setdefault(node.id, STOPPED)
    return tuple(Result(name, id_, None) for id_, name in found.items())
