"""The signs that the first look at a text goes by: brackets, strings, comments, and what is none of the language's."""

from __future__ import annotations

import re
from typing import NamedTuple

from archlang.source import Source

MATTER = re.compile(
    r"""
      (?P<string>"[^"\n]*")
    | (?P<unclosed>"[^\n]*)
    | (?P<skipped>\#[^\n]*|\\\r?\n)
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<newline>\n)
    | (?P<strange>'[^'"\n]*'
                 |\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}"\n]*\N{RIGHT DOUBLE QUOTATION MARK}
                 |\N{LEFT SINGLE QUOTATION MARK}[^\N{RIGHT SINGLE QUOTATION MARK}"\n]*\N{RIGHT SINGLE QUOTATION MARK}
                 |(?:[^\w\s.,:;|/*+\-=<>@!?%×()\[\]{}"\#\\]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f])+
                 |\\)
    """,
    re.VERBOSE | re.ASCII,
)
"""What matters to the first look; what it does not match is left to the grammar."""
PARTNER = {"(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{"}
"""The bracket that each goes with."""


class Open(NamedTuple):
    """A bracket that is open."""

    char: str
    at: int
    statement: int  # where the statement began that the bracket stands in


def outdented(source: Source, text: str) -> Open | None:
    """The first `{` whose `}` stands further left than its own line: the `}` of another, so its own is missing."""
    stack: list[Open] = []
    for match in MATTER.finditer(text):
        char, at = match.group(), match.start()
        if char == "{":
            stack.append(Open(char, at, at))
        elif char == "}" and stack:
            opener = stack.pop()
            line = source.position(at)[0]
            if source.line(line).lstrip().startswith("}") and _indent(source, at) < _indent(source, opener.at):
                return opener
    return None


def _indent(source: Source, at: int) -> int:
    line = source.line(source.position(at)[0])
    return len(line) - len(line.lstrip())
