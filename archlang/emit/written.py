"""What the file says about a block: the conditions in its body, its defaults, what its names are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from archlang.emit.forms import Leaf
from archlang.emit.units import Unit
from archlang.ir.scope import Binding, Scope
from archlang.syntax import ast


def conditions(part: object) -> Iterator[ast.Expr]:
    """What the `if` and `when` of a piece of the file ask, outermost first."""
    if isinstance(part, ast.If | ast.When):
        yield part.condition
    if isinstance(part, tuple):
        for one in cast("tuple[object, ...]", part):
            yield from conditions(one)
    elif hasattr(part, "span"):
        for name in getattr(part, "__match_args__", ()):
            yield from conditions(getattr(part, name))


def plain(default: ast.Expr | None) -> Any:
    """What a parameter's default is worth where it is a constant; `...` where it is none."""
    match default:
        case ast.Number() | ast.String():
            return default.value
        case ast.Name(name="true" | "false"):
            return default.name == "true"
        case _:
            return ...


def looked_up(name: str, where: Scope) -> Any:
    """What a name is worth in a scope; None if that is not known."""
    for scope in where.chain():
        binding = scope.binding
        if binding is None:
            continue
        if name == "in.c":
            shape = binding.inputs[0] if binding.inputs else None
            return None if shape is None else shape[0]
        if name in binding.parameters:
            return binding.parameters[name]
        if name in binding.lets:
            return binding.lets[name][1]
    return None


def let_of(leaves: Sequence[Leaf | None], option: str) -> str | None:
    """The file's own word for an option, where that is the name of a `let`."""
    nodes = [leaf.node for leaf in leaves if leaf is not None and leaf.node is not None]
    said = {node.exprs.get(option) for node in nodes}
    match list(said):
        case [ast.Name(name=word)] if len(word) > 1:
            lets = (s.binding.lets for node in nodes for s in node.scope.chain() if s.binding is not None)
            return word if any(word in known for known in lets) else None
        case _:
            return None


def bindings(unit: Unit) -> list[Binding]:
    """What the block a unit is the body of was called with, and the blocks around it, innermost first."""
    scopes = unit.scopes[-1].chain() if unit.scopes else ()
    return [scope.binding for scope in scopes if scope.binding is not None]


def condition_word(units: Sequence[Unit], present: Sequence[Any]) -> str | None:
    """The file's own word for what holds in just these units, where their block asks for it by name."""
    for unit in units:
        around = [one.definition for one in bindings(unit) if isinstance(one.definition, ast.Block)]
        words = [said.name for block in around for said in conditions(block) if isinstance(said, ast.Name)]
        for word in dict.fromkeys(words):
            worth = [looked_up(word, one.scopes[-1]) if one.scopes else None for one in units]
            if all(value is None or value is there for value, there in zip(worth, present, strict=True)):
                return word
    return None
