"""Where a node comes from: the nesting of stages, block calls, repeats and branches.

Scopes form a tree (each knows its parent), one object an occurrence: a block
called twice makes two. Drawing folds them; emission makes classes of them;
those with a `level` add a step to the names of the state_dict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from archlang.ops.op import Shape
from archlang.record import entity
from archlang.source import Span
from archlang.syntax import ast


class Kind(StrEnum):
    """What a scope is."""

    NET = "net"
    TRUNK = "trunk"  # a net used as a layer
    STAGE = "stage"
    BLOCK = "block"  # one call of a block
    REPEAT = "repeat"  # all copies of `x n`, or all rounds of a `for`
    COPY = "copy"  # one of them
    GROUP = "group"  # [ ... ], labelled or not
    SEQ = "seq"  # seq[ ... ]
    WRAP = "wrap"  # res, concat, add, mul, split with their branches
    BRANCH = "branch"
    SHORTCUT = "shortcut"
    WORD = "word"  # what a word of the table stands for: conv, bn and relu
    AUX = "aux"


@entity
class Binding:
    """What a block or net was called with: everything its body could read.

    `parameters` are in the order declared, with their values; `lets` hold the
    expression of each `let` of its body and the value it took; `inputs` are the
    shapes of what entered (`in.c` is `inputs[0][0]`), None where unknown.
    `labels` are the parameters that hold a tensor, by name, as node ids.
    """

    definition: ast.Block | ast.Net
    parameters: Mapping[str, Any]
    lets: dict[str, tuple[ast.Expr, Any]] = field(default_factory=dict[str, tuple[ast.Expr, Any]])
    inputs: tuple[Shape | None, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict[str, int])


@entity
class Scope:
    """One occurrence of a nesting construct.

    `title` is what a drawing writes: `inception`, `conv2`, `res`, `conv`.
    `level` is its step in the names of the state_dict, "" if it adds none;
    `path` is the whole dotted prefix, its own level included. `numbered` says
    that its children are named 0, 1, 2 ... `label` is the name a person gave it.
    `copy` and `copies` count the copies of a repeat (copy from 0).
    """

    kind: Kind
    title: str
    parent: Scope | None
    span: Span
    level: str = ""
    path: str = ""
    numbered: bool = False
    label: str | None = None
    binding: Binding | None = None
    copy: int = 0
    copies: int = 1

    def chain(self) -> Iterator[Scope]:
        """This scope and all that hold it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent
