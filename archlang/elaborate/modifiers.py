"""Modifiers: how often, under what name, in which variant, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.read import condition
from archlang.elaborate.values import UNKNOWN
from archlang.elaborate.variants import holds
from archlang.elaborate.work import Where, Work
from archlang.syntax import ast


@dataclass(slots=True)
class Modifiers:
    """An item's modifiers, sorted by what they do; `included` is `UNKNOWN` after an error in a guard or condition."""

    repeats: list[ast.Repeat]
    label: ast.Word | None = None
    parts: ast.AsParts | None = None
    copies: ast.AsCopies | None = None
    drops: tuple[ast.Word, ...] = ()
    bare: ast.Bare | None = None
    upto: ast.Upto | None = None
    claim: ast.Claim | None = None
    included: Any = True


def sort(work: Work, it: ast.Item, where: Where, label: ast.Word | None) -> Modifiers:
    """An item's modifiers by what they do; `label` is the one that a branch gives it."""
    mods = Modifiers([], label=label)
    for mod in it.modifiers:
        _enter(work, mod, mods, where)
    if mods.copies is not None and not mods.repeats:
        name = mods.copies.name.name
        message = f"`as {name}..` numbers the copies of a repeat, and this is none"
        work.error("copies", message, mods.copies.span, where, help=f"write `as {name}`")
    return mods


def _enter(work: Work, mod: ast.Modifier, mods: Modifiers, where: Where) -> None:
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
            _given(holds(work, mod, where), mods)
        case ast.When():
            _when(work, mod, mods, where)


def _once(work: Work, mod: ast.As, earlier: ast.Word | None, where: Where) -> None:
    if earlier is not None:
        labels = (Mark(earlier.span, "first here"),)
        work.error("label-twice", "this already has a label", mod.span, where, labels=labels, help="leave one out")


def _when(work: Work, mod: ast.When, mods: Modifiers, where: Where) -> None:
    try:
        value = condition(work, mod.condition, where)
    except ValueProblem as problem:
        work.problem(problem, where)
        value = UNKNOWN
    _given(value, mods)


def _given(condition: Any, mods: Modifiers) -> None:
    """Take a condition of the item into account: true, false or `UNKNOWN`; false outweighs unknown."""
    if mods.included is not False and condition is not True:
        mods.included = condition
