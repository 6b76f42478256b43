"""Records: dataclasses whose fields do not change, made cheaply.

archlang declares some hundred and fifty of them, and a command that runs for a
fifth of a second makes them all at every start. `dataclasses` writes, compiles
and executes six functions for each frozen one; here it writes the constructor
alone, and the rest is shared. That a field is never assigned to is held by the
type checker, which reads these as frozen, not at run time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(kind: type[_T]) -> type[_T]:
    """A dataclass with slots that is equal to another of its kind with equal fields, and hashes by them.

    Fields with `compare=False` are left out of both.
    """
    made = dataclass(slots=True, eq=False, repr=False)(kind)
    values = _values(made)

    def equal(self: Any, other: object) -> Any:
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    def hashed(self: object) -> int:
        return hash((self.__class__, values(self)))

    made.__eq__ = equal  # type: ignore[assignment]
    made.__hash__ = hashed  # type: ignore[assignment]
    made.__repr__ = _show  # type: ignore[assignment]
    return made


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def entity(kind: type[_T]) -> type[_T]:
    """A dataclass with slots that is equal to itself alone."""
    made = dataclass(slots=True, eq=False, repr=False)(kind)
    made.__repr__ = _show  # type: ignore[assignment]
    return made


def _values(kind: Any) -> Callable[[object], object]:
    """What one of a kind is compared by."""
    names = [part.name for part in fields(kind) if part.compare]
    return attrgetter(*names) if names else lambda _: None


def _show(self: Any) -> str:
    shown = ", ".join(f"{part.name}={getattr(self, part.name)!r}" for part in fields(self) if part.repr)
    return f"{type(self).__qualname__}({shown})"
