"""What the file says about a block: the conditions in its body, its defaults, what its names are worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from archlang.emit.expr import INDEX, Expr, Fun, added
from archlang.emit.forms import Each, Leaf
from archlang.emit.translate import translated
from archlang.emit.units import Unit
from archlang.ir.scope import Binding, Kind, Scope
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


def of_repeat(word: str, where: Scope, named: Callable[[str], Expr | None]) -> Expr | None:
    """What the innermost repeat around a layer counts, or goes through, by that word; `named` is what others mean."""
    copy = next((scope for scope in where.chain() if scope.kind is Kind.COPY), None)
    loop = None if copy is None else _for_of(copy)
    if copy is None or loop is None:
        return INDEX if copy is not None and copy.title != "for" and word == "copy" else None
    match loop.values if loop.name.name == word else None:
        case ast.Apply(name="range", args=(ast.Arg(value=start), ast.Arg())):
            said = translated(start, named)
            return None if said is None else added(said, INDEX)
        case ast.Apply(name="range", args=(_,)):
            return INDEX
        case ast.Name() as values:
            said = named(values.name)
            return None if said is None else Fun("[]", (said, INDEX))
        case _:
            return None


def _for_of(copy: Scope) -> ast.For | None:
    """The `for` whose round a copy is; None if it is that of another repeat."""
    block = next((scope.binding for scope in copy.chain() if scope.binding is not None), None)
    found = _loops(block.definition) if block is not None and copy.title == "for" else ()
    return next((one for one in found if one.span is copy.span), None)


def _loops(part: object) -> Iterator[ast.For]:
    """The `for` lines of a piece of the file, outermost first."""
    if isinstance(part, ast.For):
        yield part
    if isinstance(part, tuple):
        for one in cast("tuple[object, ...]", part):
            yield from _loops(one)
    elif hasattr(part, "span"):
        for name in getattr(part, "__match_args__", ()):
            yield from _loops(getattr(part, name))


def listed(value: Any) -> Any:
    """A list of numbers as one in the source is; any other value as it is."""
    if not isinstance(value, list | tuple):
        return value
    items = tuple(cast("Sequence[Any]", value))
    return Each(items) if all(type(one) in (int, float) for one in items) else items


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
            return listed(binding.parameters[name])
        if name in binding.lets:
            return listed(binding.lets[name][1])
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
