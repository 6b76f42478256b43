"""Records: dataclasses whose fields do not change, made cheaply.

archlang declares some hundred and fifty of them, and a command that runs for a
fifth of a second makes them all at every start. `dataclasses` writes, compiles
and executes six functions for each frozen one; here it writes the constructor
alone, and the rest is shared. That a field is never assigned to is held by the
type checker, which reads these as frozen, not at run time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(kind: type[_T]) -> type[_T]:
    """A dataclass with slots that is equal to another of its kind with equal fields, and hashes by them."""
    made = dataclass(slots=True, eq=False, repr=False)(kind)
    made.__eq__ = _equal  # type: ignore[assignment]
    made.__hash__ = _hash  # type: ignore[assignment]
    made.__repr__ = _show  # type: ignore[assignment]
    return made


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def entity(kind: type[_T]) -> type[_T]:
    """A dataclass with slots that is equal to itself alone."""
    made = dataclass(slots=True, eq=False, repr=False)(kind)
    made.__repr__ = _show  # type: ignore[assignment]
    return made


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__match_args__])


def _equal(self: Any, other: object) -> Any:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash((self.__class__, _values(self)))


def _show(self: Any) -> str:
    shown = ", ".join(f"{part.name}={getattr(self, part.name)!r}" for part in fields(self) if part.repr)
    return f"{type(self).__qualname__}({shown})"
