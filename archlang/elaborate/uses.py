"""Walking the typed tree: every name it mentions, every item in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast

from archlang.source import Span
from archlang.syntax import ast

NAMED = (ast.Name, ast.Apply, ast.Call, ast.Wrap)


@cache
def _children(kind: type) -> tuple[str, ...] | None:
    """The fields of a kind of node that may hold nodes, last first; None for what is no node."""
    if not is_dataclass(kind) or kind is Span:
        return None
    return tuple(f.name for f in reversed(fields(kind)) if not f.name.endswith("span"))


def walk(tree: Any) -> Iterator[Any]:
    """Every node of the tree, itself included, in order."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(reversed(cast("tuple[Any, ...]", node)))
        elif (names := _children(node.__class__)) is not None:
            yield node
            stack.extend([getattr(node, name) for name in names])


def uses(tree: Any) -> set[str]:
    """Every name that an expression or a call in the tree mentions, `w` for `w.c` too, `conv` for `conv3`."""
    found: set[str] = set()
    for node in walk(tree):
        if isinstance(node, NAMED):
            found.add(node.name)
            found.add(node.name.partition(".")[0])
            found.add(node.name.rstrip("0123456789"))
        elif isinstance(node, ast.Word):
            found.add(node.name)
    return found


def made_in(tree: Any) -> Iterator[ast.Word]:
    """Every label that a body, an item, or several of them make; those of a body's blocks are left out."""
    if isinstance(tree, ast.Body):
        tree = tuple(s for s in tree.statements if not isinstance(s, ast.Block | ast.Net))
    for node in walk(tree):
        match node:
            case ast.As(name=word) | ast.Aux(name=word):
                yield word
            case ast.AsParts(names=words):
                yield from words
            case ast.Branch(label=ast.Word() as word) | ast.Stage(name=ast.Word() as word):
                yield word
            case _:
                pass


def own_stride(it: ast.Item) -> ast.Expr | None:
    """The stride an item's own text gives it: `/2`, or `stride=2` among its arguments."""
    if it.core.stride is not None or not isinstance(it.core, ast.Call):
        return it.core.stride
    return next((arg.value for arg in it.core.args or () if arg.name == "stride"), None)


def items(tree: Any) -> Iterator[ast.Item]:
    """Every item in the tree."""
    return (node for node in walk(tree) if isinstance(node, ast.Item))
