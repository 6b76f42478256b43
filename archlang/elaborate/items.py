"""Items: a layer, group or call, and the modifiers that say how often, under what name, and when."""

from __future__ import annotations

from archlang.elaborate import calls, wraps
from archlang.elaborate.modifiers import sort
from archlang.elaborate.place import step, tag
from archlang.elaborate.read import find_label
from archlang.elaborate.repeats import repeat
from archlang.elaborate.shapes_text import check_claim
from archlang.elaborate.values import UNKNOWN
from archlang.elaborate.variants import doubtful
from archlang.elaborate.words import expand, find_word, is_dropped
from archlang.elaborate.work import FAILED, PLAIN, Given, How, Where, Work
from archlang.syntax import ast


def item(
    work: Work,
    it: ast.Item,
    cur: int,
    where: Where,
    *,
    stride: Given | None = None,
    label: ast.Word | None = None,
    extra: tuple[int, ...] = (),
) -> int:
    """Place one item after the tensor `cur`; returns the tensor it leaves.

    `stride` is asked for by the group around it, `label` given by the branch it
    is alone in, `extra` further tensors for a merge at the start of a `from` line.
    """
    step(work, it.span, where)
    if where.use is not None and where.use.drops and is_dropped(it, where):
        return cur
    if not it.modifiers:
        how = PLAIN if stride is None and label is None and not extra else How(label=label, stride=stride, extra=extra)
        first = len(work.nodes)
        out = core(work, it.core, cur, where, how)
        if work.report.again:
            work.sources[first, len(work.nodes)] = (it, where)
        return out
    mods = sort(work, it, where, label)
    if mods.included is not True:
        return doubtful(work, it, cur, where) if mods.included is UNKNOWN else cur
    first = len(work.nodes)
    if not mods.repeats:
        how = How(mods.label, mods.parts, mods.drops, mods.bare, mods.upto, stride, extra)
        out = core(work, it.core, cur, where, how)
    else:
        how = How(None, mods.parts, mods.drops, mods.bare, mods.upto, None, extra)
        out = repeat(work, it, mods, how, cur, where, stride)
        if mods.label is not None:
            tag(work, mods.label, where, out, first)
    if work.report.again:
        work.sources[first, len(work.nodes)] = (it, where)
    if out == FAILED and mods.label is not None and find_label(work, mods.label.name, where) is None:
        tag(work, mods.label, where, FAILED, first)  # so that nobody misses it
    if mods.claim is not None:
        work.claimed.update(range(first, len(work.nodes)))
    if mods.claim is not None and out != FAILED and work.claims and not work.trunks:
        check_claim(work, mods.claim, out, where)
    return out


def core(work: Work, it: ast.Core, cur: int, where: Where, how: How) -> int:
    """Place an item's core, once."""
    if not isinstance(it, ast.Call) and not it.branches:
        work.failed = True  # nothing stands in its brackets, which was told of when they were read
        return FAILED
    match it:
        case ast.Call():
            return calls.call(work, it, cur, where, how)
        case ast.Wrap() if it.name not in where.plain and (definition := find_word(it.name, where)) is not None:
            return expand(work, definition, it.name, it, cur, where, how)
        case ast.Wrap():
            return wraps.wrap(work, it, cur, where, how)
        case _:
            return wraps.group(work, it, cur, where, how)
