"""Items: a layer, group or call, and the modifiers that say how often, under what name, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate import calls, wraps
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.place import claim, step, tag, too_many
from archlang.elaborate.read import condition, find_label, read, whole
from archlang.elaborate.shapes_text import check_claim
from archlang.elaborate.values import UNKNOWN
from archlang.elaborate.variants import holds
from archlang.elaborate.words import expand, find_word, is_dropped
from archlang.elaborate.work import FAILED, LARGEST_GRAPH, PLAIN, Given, How, Where, Work
from archlang.ir.scope import Kind, Scope
from archlang.syntax import ast


@dataclass(slots=True)
class Read:
    """An item's modifiers, sorted by what they do."""

    repeats: list[ast.Repeat]
    label: ast.Word | None = None
    parts: ast.AsParts | None = None
    copies: ast.AsCopies | None = None
    drops: tuple[ast.Word, ...] = ()
    bare: ast.Bare | None = None
    upto: ast.Upto | None = None
    claim: ast.Claim | None = None
    included: bool = True
    unknown: bool = False


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
        work.sources[first, len(work.nodes)] = (it, where)
        return out
    mods = _sort(work, it, where, label)
    if not mods.included:
        return FAILED if mods.unknown else cur
    first = len(work.nodes)
    if not mods.repeats:
        how = How(mods.label, mods.parts, mods.drops, mods.bare, mods.upto, stride, extra)
        out = core(work, it.core, cur, where, how)
    else:
        how = How(None, mods.parts, mods.drops, mods.bare, mods.upto, None, extra)
        out = _repeat(work, it, mods, how, cur, where, stride)
        if mods.label is not None:
            tag(work, mods.label, where, out, first)
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
    match it:
        case ast.Call():
            return calls.call(work, it, cur, where, how)
        case ast.Wrap() if it.name not in where.plain and (definition := find_word(it.name, where)) is not None:
            return expand(work, definition, it.name, it, cur, where, how)
        case ast.Wrap():
            return wraps.wrap(work, it, cur, where, how)
        case _:
            return wraps.group(work, it, cur, where, how)


def _sort(work: Work, it: ast.Item, where: Where, label: ast.Word | None) -> Read:
    mods = Read([], label=label)
    for mod in it.modifiers:
        match mod:
            case ast.Repeat():
                mods.repeats.append(mod)
            case ast.As():
                _once(work, mod, mods.label, where)
                mods.label = mod.name
            case ast.AsParts():
                mods.parts = mod
            case ast.AsCopies():
                mods.copies = mod
            case ast.Drop():
                mods.drops += mod.names
            case ast.Bare():
                mods.bare = mod
            case ast.Upto():
                mods.upto = mod
            case ast.Claim():
                mods.claim = mod
            case ast.Guard():
                mods.included &= holds(work, mod, where)
            case ast.When():
                _when(work, mod, mods, where)
    if mods.copies is not None and not mods.repeats:
        message = f"`as {mods.copies.name.name}..` numbers the copies of a repeat, and this is none"
        work.error("copies", message, mods.copies.span, where, help=f"write `as {mods.copies.name.name}`")
    return mods


def _once(work: Work, mod: ast.As, earlier: ast.Word | None, where: Where) -> None:
    if earlier is not None:
        labels = (Mark(earlier.span, "first here"),)
        work.error("label-twice", "this already has a label", mod.span, where, labels=labels)


def _when(work: Work, mod: ast.When, mods: Read, where: Where) -> None:
    try:
        value = condition(work, mod.condition, where)
    except ValueProblem as problem:
        work.problem(problem, where)
        value = UNKNOWN
    mods.unknown |= value is UNKNOWN
    mods.included &= value is True


def _repeat(work: Work, it: ast.Item, mods: Read, how: How, cur: int, where: Where, stride: Given | None) -> int:
    inner = where
    if mods.label is not None:
        name = claim(work, mods.label, where)
        where.level.next("")
        level = where.level.within(name, numbered=True)
        scope = _scope(Kind.REPEAT, it, where, level=name, path=level.path, numbered=True, label=mods.label.name)
        inner = where.but(level=level, scope=scope, copy="")
    return _copies(work, it, list(mods.repeats), mods, how, cur, inner, stride)


def _copies(
    work: Work,
    it: ast.Item,
    repeats: list[ast.Repeat],
    mods: Read,
    how: How,
    cur: int,
    where: Where,
    stride: Given | None,
) -> int:
    if not repeats:
        if stride is not None:
            how = How(how.label, how.parts, how.drops, how.bare, how.upto, stride, how.extra)
        return core(work, it.core, cur, where, how)
    repeat = repeats.pop()
    try:
        number = read(work, repeat.count, where)
        if number is UNKNOWN:
            return FAILED
        number = whole(number, repeat.count.span, "the number of copies")
        stride = _first_stride(work, repeat, where, stride)
    except ValueProblem as problem:
        return work.problem(problem, where)
    if number > LARGEST_GRAPH:
        too_many(work, repeat.span, where)
    return _run_copies(work, it, repeats, mods, how, cur, where, stride, number, repeat)


def _first_stride(work: Work, repeat: ast.Repeat, where: Where, stride: Given | None) -> Given | None:
    if repeat.stride is None:
        return stride
    if stride is not None:
        labels = (Mark(stride.span, "and here"),)
        work.error("stride-twice", "a stride is given here", repeat.stride.span, where, labels=labels)
    return Given(read(work, repeat.stride, where), repeat.stride.span, repeat.stride)


def _run_copies(
    work: Work,
    it: ast.Item,
    repeats: list[ast.Repeat],
    mods: Read,
    how: How,
    cur: int,
    where: Where,
    stride: Given | None,
    number: int,
    repeat: ast.Repeat,
) -> int:
    start = len(work.nodes)
    outer = where.scope
    if not (outer.kind is Kind.REPEAT and outer.span is it.span):
        outer = _scope(Kind.REPEAT, it, where)
    first_number = _first_number(mods.copies)
    for i in range(number):
        scope = Scope(Kind.COPY, outer.title, outer, it.span, path=outer.path, copy=i, copies=number)
        place = where.but(scope=scope, copy=f"{where.copy}_{i + 1}")  # labels inside belong to the copy
        named = how
        if mods.copies is not None:
            stem, begin = first_number
            word = ast.Word(f"{stem}{begin + i}", mods.copies.name.span)
            named = How(word, how.parts, how.drops, how.bare, how.upto, None, how.extra)
            place = place.but(copy="")
        cur = _copies(work, it, list(repeats), mods, named, cur, place, stride if i == 0 else None)
        if cur == FAILED:
            return cur
        if i == 0 and start + (len(work.nodes) - start) * number > LARGEST_GRAPH:
            too_many(work, repeat.span, where)
    return cur


def _first_number(copies: ast.AsCopies | None) -> tuple[str, int]:
    if copies is None:
        return "", 0
    name = copies.name.name
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or 0)


def _scope(kind: Kind, it: ast.Item, where: Where, **more: Any) -> Scope:
    more.setdefault("path", where.scope.path)
    title = it.core.name if isinstance(it.core, ast.Call | ast.Wrap) else ""
    return Scope(kind, title, where.scope, it.span, **more)
