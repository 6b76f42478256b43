# pyright: basic
"""The tokens of a text, each with the rules of the grammar that it stands in."""

from __future__ import annotations

from functools import cache

from lark import Token, Tree

from archlang.record import record
from archlang.syntax import parse_tables
from archlang.syntax.parse_recover import Reader


@record
class Placed:
    """A token: its terminal, its place in the text, the rule it is a part of, and the rule that one is a part of.

    Rules and terminals are called as the grammar calls them: the `/` of `conv3-64/2` stands in `stride`, in `dash`.
    """

    kind: str
    start: int
    end: int
    rule: str
    outer: str


def tokens(text: str) -> list[Placed]:
    """The tokens of `text`, those of newlines left out; `text` must be one that `parse` has nothing against."""
    reader = Reader(_tables(), text, text, 0, lambda _: False)
    tree = reader.read()
    found: list[Placed] = []
    waiting: list[tuple[Tree | Token, str, str]] = [(tree, "", "")]
    while waiting:
        part, rule, outer = waiting.pop()
        if isinstance(part, Tree):
            waiting.extend((child, str(part.data), rule) for child in reversed(part.children))
        elif part.type not in {"_NL", "$END"}:
            found.append(Placed(part.type, part.start_pos or 0, part.end_pos or 0, rule, outer))
    return found


@cache
def _tables() -> parse_tables.Tables:
    """The grammar's tables with nothing that builds: lark then makes plain trees."""
    return parse_tables.load(object())
