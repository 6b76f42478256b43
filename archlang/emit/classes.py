"""The classes of the source, as they will be printed: which units are calls of which, with which arguments."""

from __future__ import annotations

from dataclasses import dataclass

from archlang.emit.bodies import Ref, Step
from archlang.emit.expr import Expr
from archlang.emit.flags import Flag
from archlang.emit.forms import Form, Leaf
from archlang.emit.merge import Merged
from archlang.emit.params import Param
from archlang.emit.units import Unit


@dataclass(slots=True)
class Class:
    """One class of the source, its leaves expressions of its arguments.

    `stored` are the values that `forward` needs, by attribute; `member_flags` the flag under which a member
    exists; `merged` its calls; `alias` what its forward calls `archlang.kernels`, if it does.
    """

    name: str
    unit: Unit
    params: list[Param]
    locals: dict[str, Expr]
    stored: dict[str, Expr]
    flags: list[Flag]
    members: list[tuple[str, Form]]
    member_flags: dict[str, str]
    steps: list[Step]
    codes: list[str]
    outs: tuple[Ref, ...]
    reads: tuple[int, ...]
    indexed: bool
    merged: Merged
    sequence: bool = False
    alias: str | None = None


@dataclass(slots=True)
class Built:
    """A class that has no name so far; `stands_in` says for each call which of the distinct ones it is like."""

    made: Class
    units: tuple[Unit, ...]
    stands_in: tuple[int, ...]

    def named(self, name: str) -> tuple[Class, dict[int, Form]]:
        """The class, and how each unit calls it, by `id`."""
        self.made.name = name
        params = self.made.params
        forms = {
            at: Form(name, tuple((p.name, Leaf(p.values[at], p.nodes[at] if p.nodes else None)) for p in params))
            for at in set(self.stands_in)
        }
        return self.made, {id(unit): forms[at] for unit, at in zip(self.units, self.stands_in, strict=True)}
