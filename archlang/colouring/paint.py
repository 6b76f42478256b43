"""A text in colours, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from archlang.colouring.rules import Colour, Inside, Rule, rules

Piece = tuple[int, str, Colour]
"""Where a piece begins, its text, and its colour."""


def painted(text: str) -> Iterator[Piece]:
    """The pieces of a text, one after the other, in which all of it stands; what no rule knows is space."""
    yield from _painted(text, 0, len(text), rules())


def _painted(text: str, at: int, end: int, using: tuple[Rule | Inside, ...]) -> Iterator[Piece]:
    by_name, pattern = _compiled(using)
    for match in pattern.finditer(text, at, end):
        if at < match.start():
            yield at, text[at : match.start()], Colour.SPACE
        yield from _matched(match, *by_name[match.lastgroup or ""])
        at = match.end()
    if at < end:
        yield at, text[at:end], Colour.SPACE


def _matched(match: re.Match[str], rule: Rule | Inside, pattern: re.Pattern[str]) -> Iterator[Piece]:
    if isinstance(rule, Inside):
        yield from _painted(match.string, match.start(), match.end(), rule.inside)
    elif len(rule.colours) == 1:
        yield match.start(), match[0], rule.colours[0]
    elif (parts := pattern.match(match.string, match.start())) is not None:
        for group, colour in enumerate(rule.colours, 1):
            if parts[group]:
                yield parts.start(group), parts[group], colour


@cache
def _compiled(
    using: tuple[Rule | Inside, ...],
) -> tuple[dict[str, tuple[Rule | Inside, re.Pattern[str]]], re.Pattern[str]]:
    """The rules by the names that groups can have, and all of them as one expression, the earlier ones first."""
    by_name = {f"rule{i}": (rule, re.compile(rule.pattern, re.ASCII)) for i, rule in enumerate(using)}
    whole = "|".join(f"(?P<{name}>{rule.pattern})" for name, (rule, _) in by_name.items())
    return by_name, re.compile(whole, re.ASCII)
