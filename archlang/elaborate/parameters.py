"""Parameters as they are declared: each with a name of its own, and none that means something else."""

from __future__ import annotations

from collections.abc import Iterator

from archlang.diagnostics import Diagnostic, Label
from archlang.syntax import ast

RESERVED = ("in", "out", "true", "false")


def wrong_parameters(node: ast.Block | ast.Net) -> Iterator[Diagnostic]:
    """What is wrong with the names of the parameters of a block or net."""
    seen: dict[str, ast.Parameter] = {}
    for parameter in node.parameters:
        name = parameter.name
        if name in seen:
            labels = (Label(seen[name].span, "first here"),)
            message = f"`{node.name}` has two parameters `{name}`"
            yield Diagnostic("declared-twice", message, parameter.span, labels=labels)
        elif name in RESERVED:
            yield Diagnostic("reserved-value", f"`{name}` cannot be a parameter", parameter.span)
        seen[name] = parameter
