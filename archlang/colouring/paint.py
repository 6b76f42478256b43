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
    blank = at
    while at < end:
        for rule, pattern in _compiled(using):
            match = pattern.match(text, at, end)
            if match is not None and match.end() > at:
                if blank < at:
                    yield blank, text[blank:at], Colour.SPACE
                yield from _matched(match, rule)
                at = blank = match.end()
                break
        else:
            at += 1
    if blank < end:
        yield blank, text[blank:end], Colour.SPACE


def _matched(match: re.Match[str], rule: Rule | Inside) -> Iterator[Piece]:
    if isinstance(rule, Inside):
        yield from _painted(match.string, match.start(), match.end(), rule.inside)
    elif len(rule.colours) == 1:
        yield match.start(), match[0], rule.colours[0]
    else:
        for group, colour in enumerate(rule.colours, 1):
            if match[group]:
                yield match.start(group), match[group], colour


@cache
def _compiled(using: tuple[Rule | Inside, ...]) -> list[tuple[Rule | Inside, re.Pattern[str]]]:
    return [(rule, re.compile(rule.pattern, re.ASCII)) for rule in using]
