"""Statements of the source, and their lines."""

from __future__ import annotations

from collections.abc import Iterable

from archlang.emit.printer import lines
from archlang.record import record


@record
class Block:
    """`if condition:` or `for ...:`, and what stands under it; `orelse` under its `else`."""

    condition: str
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()


Statement = str | Block


def printed(statements: Iterable[Statement], indent: int) -> list[str]:
    """Statements as lines, formatted."""
    out: list[str] = []
    pad = " " * indent
    for statement in statements:
        if isinstance(statement, str):
            out += lines(statement, indent)
            continue
        head = statement.condition if statement.condition.startswith("for ") else f"if {statement.condition}"
        out += lines(f"{head}:", indent)
        out += printed(statement.body, indent + 4)
        if statement.orelse:
            out.append(f"{pad}else:")
            out += printed(statement.orelse, indent + 4)
    return out


def size(one: Statement) -> int:
    """How many lines a statement takes, were none of them too long."""
    if isinstance(one, str):
        return 1
    return 1 + sum(map(size, one.body)) + (1 + sum(map(size, one.orelse)) if one.orelse else 0)
