"""What an expression can be worth: numbers, strings, lists, shapes, blocks, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from archlang.ops.dim import Dim
from archlang.record import record

if TYPE_CHECKING:
    from archlang.elaborate.env import Definition
    from archlang.syntax import ast


class Unknown:
    """The value of what failed before: everything made of it is unknown too, and nothing complains twice."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


@record
class Partial:
    """A block, with some of its parameters set: `bottleneck(groups=32)`, or just `basic`."""

    definition: Definition[ast.Block | ast.Net]
    bound: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Partial) and self.definition is other.definition and self.bound == other.bound

    def __hash__(self) -> int:
        return hash((id(self.definition), tuple(self.bound)))


@record
class Label:
    """A tensor that a name stands for: the id of the node that makes it, -1 if that failed."""

    name: str
    node: int


@record
class View:
    """`in` and `out`: sizes of a tensor, read as `in.c`, `in.h`, `in.w`, `out.stride`."""

    fields: Mapping[str, Any]


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a value is a list, or a tuple that somebody handed in from Python."""
    return isinstance(value, list | tuple)


def describe(value: Any) -> str:
    """The value as a person would type it, with its kind: `the number 64`, `the block basic`."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"the whole number {value}"
        case float():
            return f"the decimal {value:g}{'.0' * (value.is_integer() and abs(value) < 1e5)}"
        case str():
            return f'the string "{value}"'
        case _ if is_list(value):
            return f"a list of {len(value)}"
        case Partial():
            return f"the block `{value.definition.name}`"
        case Label():
            return f"the label `{value.name}`"
        case Dim():
            return f"the symbolic size {value}"
        case View():
            return "a tensor's sizes"
        case _:
            return "nothing known"
