"""What heads the columns of a block's parameters: `#3x3 reduce`, as the paper has it, where that is clear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlang.ir.graph import Node
from archlang.ir.scope import Kind, Scope
from archlang.ops.notation import kernel_text
from archlang.syntax import ast


def headings(names: Sequence[str], nodes: Sequence[Node], call: Scope) -> list[str]:
    """A heading for each parameter of a block, `nodes` being the layers of its first call.

    A parameter that is the width of one convolution in one branch is headed by its
    kernel, `#3x3`, by `#3x3 reduce` if a 3x3 follows it there, and by `pool proj`
    behind a pool. Unless all of them can be, and differ, all keep their names.
    """
    found = [_heading(name, nodes, call) for name in names]
    if None in found or len(set(found)) < len(found):
        return list(names)
    return [heading for heading in found if heading is not None]


def _heading(name: str, nodes: Sequence[Node], call: Scope) -> str | None:
    meant = [node for node in nodes if _width(node, call) == name]
    way = _way(meant[0]) if len(meant) == 1 else None
    if way is None:
        return None
    beside = [node for node in nodes if way in node.scope.chain()]
    at = beside.index(meant[0])
    if any(node.op.family == "pool" for node in beside[:at]):
        return "pool proj"
    after = next((_kernel(node) for node in beside[at + 1 :] if node.op.family == "conv"), None)
    return f"#{_kernel(meant[0])}" if after is None else f"#{after} reduce"


def _width(node: Node, call: Scope) -> str | None:
    """The parameter of the call that is the layer's width, if it is one."""
    said = node.exprs.get(node.op.width or "")
    if not isinstance(said, ast.Name) or node.op.family != "conv":
        return None
    block = next((scope for scope in node.scope.chain() if scope.kind is Kind.BLOCK), None)
    return said.name if block is call else None


def _way(node: Node) -> Scope | None:
    return next((scope for scope in node.scope.chain() if scope.kind is Kind.BRANCH), None)


def _kernel(node: Node) -> str:
    return patch(getattr(node.op, node.op.kernel_option or "", ""))


def patch(kernel: Any) -> str:
    """`3x3`, of one number too."""
    text = kernel_text(kernel)
    return text if "x" in text else f"{text}x{text}"
