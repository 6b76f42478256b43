"""Repeats: the copies of an item, one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.modifiers import Modifiers
from archlang.elaborate.place import claim, too_many
from archlang.elaborate.read import read, whole
from archlang.elaborate.strides import stride_on_copies
from archlang.elaborate.uses import own_stride
from archlang.elaborate.values import UNKNOWN
from archlang.elaborate.work import FAILED, Given, How, Where, Work
from archlang.ir.scope import Kind, Scope
from archlang.record import entity
from archlang.syntax import ast

COPY = "copy"
"""What a repeated item calls the number of its copy."""


@entity
class _Repeated:
    """What every copy has in common: the item, its modifiers, how its core is placed, and how many there are in all.

    `in_all` counts the copies of the repeats around these as well.
    """

    it: ast.Item
    mods: Modifiers
    how: How
    in_all: int = 1


def repeat(work: Work, it: ast.Item, mods: Modifiers, how: How, cur: int, where: Where, stride: Given | None) -> int:
    """Place all copies of an item; a label makes them a numbered level. `stride` is for the first copy."""
    inner = where
    if mods.label is not None:
        name = claim(work, mods.label, where)
        where.level.next("")
        level = where.level.within(name, numbered=True)
        scope = _scope(Kind.REPEAT, it, where, level=name, path=level.path, numbered=True, label=mods.label.name)
        inner = where.but(level=level, scope=scope, copy="")
    return _outermost(work, _Repeated(it, mods, how), len(mods.repeats), cur, inner, stride)


def _outermost(work: Work, what: _Repeated, left: int, cur: int, where: Where, stride: Given | None) -> int:
    """The copies of the last of the `left` repeats that remain (`x2 x3` is three times two), or the core."""
    if not left:
        how = what.how if stride is None else replace(what.how, stride=stride)
        return work.core(work, what.it.core, cur, where, how)
    times = what.mods.repeats[left - 1]
    try:
        number = read(work, times.count, where)
        if number is UNKNOWN:
            return FAILED
        number = whole(number, times.count.span, "the number of copies")
        stride = _first_stride(work, times, where, stride)
    except ValueProblem as problem:
        return work.problem(problem, where)
    if number > 1:
        _warn(work, what.it, times, where)
    if number > work.most.layers:
        too_many(work, times.span, where)
    what = replace(what, in_all=what.in_all * number)
    return _copies(work, what, left - 1, cur, where, stride, number)


def _warn(work: Work, it: ast.Item, times: ast.Repeat, where: Where) -> None:
    """Warn of a stride that every copy has, as far as its value is known here."""
    stride = own_stride(it)
    if stride is None or times.stride is not None:
        return
    try:
        value = read(work, stride, where)
    except ValueProblem:
        return  # told where the layer is placed
    if value is not UNKNOWN and value != 1:
        work.report.add(stride_on_copies(stride.span))


def _first_stride(work: Work, times: ast.Repeat, where: Where, stride: Given | None) -> Given | None:
    if times.stride is None:
        return stride
    if stride is not None:
        labels = (Mark(stride.span, "and here"),)
        work.error("stride-twice", "a stride is given here", times.stride.span, where, labels=labels)
    return Given(read(work, times.stride, where), times.stride.span, times.stride)


def _copies(work: Work, what: _Repeated, left: int, cur: int, where: Where, stride: Given | None, number: int) -> int:
    start = len(work.nodes)
    it, copies = what.it, what.mods.copies
    outer = where.scope
    if not (outer.kind is Kind.REPEAT and outer.span is it.span):
        outer = _scope(Kind.REPEAT, it, where)
    stem, begin = _first_number(copies)
    for i in range(number):
        scope = Scope(Kind.COPY, outer.title, outer, it.span, path=outer.path, copy=i, copies=number)
        place = where.but(env=_counting(where.env, i), scope=scope, copy=f"{where.copy}_{i + 1}")  # labels are its own
        named = what
        if copies is not None:
            label = ast.Word(f"{stem}{begin + i}", copies.name.span)
            named = replace(what, how=replace(what.how, label=label))
            place = place.but(copy=where.copy)  # numbered already, but for the repeats around this one
        cur = _outermost(work, named, left, cur, place, stride if i == 0 else None)
        if cur == FAILED:
            return cur
        if i == 0 and start + (len(work.nodes) - start) * what.in_all > work.most.layers:
            too_many(work, what.mods.repeats[left].span, where)
    return cur


def _counting(env: Env, number: int) -> Env:
    """Where `copy` is the number of the copy, from 0."""
    inner = Env(env)
    inner.values[COPY] = number
    return inner


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
