"""The nesting of a network as a tree of parts: scopes, and in them the boxes of their layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archlang.draw.companions import Group
from archlang.ir.scope import Kind, Scope

_DEEPEST = 32
"""How many scopes a picture nests; what is nested deeper stands in the last of them."""

_DRAWN = frozenset(Kind) - {Kind.NET, Kind.WORD, Kind.GROUP, Kind.SEQ}


@dataclass(slots=True)
class Part:
    """One scope, or the whole network (`scope` None), and what it holds in order.

    `times` counts folded copies; `first` is then the scope of the first of them, and `copies`, where they are kept,
    all of them.
    """

    scope: Scope | None
    children: list[Part | Group] = field(default_factory=list["Part | Group"])
    times: int = 1
    first: Scope | None = None
    copies: list[Part] = field(default_factory=list["Part"])

    @property
    def kind(self) -> Kind:
        """The kind of its scope."""
        return self.scope.kind if self.scope else Kind.NET


def nest(groups: Sequence[Group]) -> Part:
    """The tree of parts: a scope stands where its first layer does."""
    root = Part(None)
    known: dict[int, Part] = {}  # by the scope's identity
    for group in groups:
        chain = [scope for scope in group.nodes[group.main].scope.chain() if _is_drawn(scope)]
        part = root
        for scope in reversed(chain[-_DEEPEST:]):
            inner = known.get(id(scope))
            if inner is None:
                inner = known[id(scope)] = Part(scope)
                part.children.append(inner)
            part = inner
        part.children.append(group)
    return root


def groups_of(part: Part | Group) -> Iterator[Group]:
    """Every box of a part, in order."""
    if isinstance(part, Group):
        yield part
        return
    for child in part.children:
        yield from groups_of(child)


def _is_drawn(scope: Scope) -> bool:
    return scope.kind in _DRAWN or (scope.kind is Kind.GROUP and scope.label is not None)
