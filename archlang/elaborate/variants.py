"""Variants: which one is meant, and whether a guard lets an item in."""

from __future__ import annotations

from typing import Any, overload

from archlang.elaborate.env import Chosen
from archlang.elaborate.kinds import kind_of
from archlang.elaborate.read import did_you_mean
from archlang.elaborate.uses import made_in, walk
from archlang.elaborate.values import UNKNOWN
from archlang.elaborate.work import FAILED, Where, Work
from archlang.syntax import ast


def holds(work: Work, guard: ast.Guard, where: Where) -> Any:
    """Whether the guard names the variant at hand, or `UNKNOWN`, after an error; ranges follow the order declared."""
    chosen = where.env.variant
    if chosen is None or not chosen.names:
        help_ = "declare them in the net, `variant A, B`, or leave the guard out"
        work.error("no-variants", "there are no variants here for a guard to name", guard.span, where, help=help_)
        return UNKNOWN
    held = [_in_range(work, part, chosen, where) for part in guard.ranges]  # all of them, for their errors
    if UNKNOWN in held and any(_is_layer(name, where) for part in guard.ranges for name in _ends(part)):
        return UNKNOWN  # a comma for a `;`: the layer behind it is missing in every variant
    return True if True in held else UNKNOWN if UNKNOWN in held else False


def _ends(part: ast.VariantRange) -> tuple[str, str]:
    return part.first, part.last if part.last is not None else part.first


def _is_layer(name: str, where: Where) -> bool:
    return kind_of(name.partition("-")[0], where.env) is not None


def _in_range(work: Work, part: ast.VariantRange, chosen: Chosen, where: Where) -> Any:
    ends: list[int] = []
    for name in _ends(part):
        if name not in chosen.names:
            known = ", ".join(f"`{n}`" for n in chosen.names)
            help_ = did_you_mean(name, list(chosen.names)) or f"the variants are {known}"
            if _is_layer(name, where):
                help_ = f"write `;` in front of `{name}`, which is a layer"
            work.error("unknown-variant", f"there is no variant `{name}`", part.span, where, help=help_)
            return UNKNOWN
        ends.append(chosen.names.index(name))
    first, last = ends
    if first > last:
        help_ = f"write `@{part.last}..{part.first}`"
        message = f"`{part.first}` is declared after `{part.last}`"
        work.error("variant-range", message, part.span, where, help=help_)
        return UNKNOWN
    return chosen.name is not None and first <= chosen.names.index(chosen.name) <= last


@overload
def doubtful(work: Work, tree: Any, cur: int, where: Where) -> int: ...
@overload
def doubtful(work: Work, tree: Any, cur: int | None, where: Where) -> int | None: ...
def doubtful(work: Work, tree: Any, cur: int | None, where: Where) -> int | None:
    """What becomes of `cur` where nobody knows whether `tree` was meant to be read: what it would have made is excused.

    `tree` is an item, a body, or several of them. Lines that place nothing leave the tensor as it is.
    """
    places = False
    for node in walk(tree):
        match node:
            case ast.Item():
                places = True
            case ast.Input():
                places = True
                work.excused.add(node.name.name if node.name is not None else "data")
                where.env.values.setdefault("in", UNKNOWN)
            case ast.Let():
                where.env.values.setdefault(node.name.name, UNKNOWN)
            case _:
                pass
    if not places:
        return cur
    work.failed = work.unnumbered = True
    work.excused.update(word.name for word in made_in(tree))
    return FAILED


def declared(body: ast.Body) -> list[tuple[ast.Word, tuple[ast.Arg, ...]]]:
    """Every variant of a net with its bindings, in order."""
    lines = [s for s in body.statements if isinstance(s, ast.Variant)]
    return [(name, line.bindings) for line in lines for name in line.names]


def default(body: ast.Body, parameters: tuple[ast.Parameter, ...]) -> str | None:
    """The variant meant when none is said: the first that leaves every parameter at its default, else the first."""
    usual = {p.name: _typed(p.default) for p in parameters if p.default is not None}
    variants = declared(body)
    for name, bindings in variants:
        if all(usual.get(b.name or "") == _typed(b.value) for b in bindings):
            return name.name
    return variants[0][0].name if variants else None


def _typed(expr: ast.Expr) -> object:
    """What tells two values apart without working them out: the number, or the text without spaces."""
    return expr.value if isinstance(expr, ast.Number) else "".join(expr.span.text.split())
