"""The arguments of a class, and what stands against one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archlang.ir.graph import Node


class MismatchError(Exception):
    """A class that does not say what the graph has: its calls must not share it."""


@dataclass(slots=True)
class Param:
    """An argument of a class: its value in each call, and its default (`...` if it has none).

    `invented` says that neither the file nor the tensor that enters has it,
    `nodes` are then the layers whose option it is.
    """

    name: str
    values: list[Any]
    default: Any = ...
    used: bool = False
    invented: bool = False
    nodes: Sequence[Node | None] = ()


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of one kind: `True` is not `1`."""
    return type(one) is type(other) and one == other
