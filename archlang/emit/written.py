"""What the file says about a block: the conditions in its body, its defaults, what its names are worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from archlang.ir.scope import Scope
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
