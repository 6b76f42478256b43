"""Lines of source, broken where `ruff format` breaks them.

Everything else writes a statement as one line, however long. One that does not
fit is read back, and laid out.
"""

from __future__ import annotations

import ast
import re

from archlang.emit.broken import broken, head_of
from archlang.emit.layout import WIDTH, laid_out

_OPEN = "([{"
_CLOSE = ")]}"
_SLICE = re.compile(r"\[:, (\w[\w.]*):(\w[\w.]*)\]")
_HEADS = ("if ", "for ", "def ", "class ")


def lines(text: str, indent: int) -> list[str]:
    """One logical line, indented by `indent` spaces, as the lines it is printed on."""
    indent += len(text) - len(text.lstrip())
    text = _SLICE.sub(_spaced, text.strip())
    if indent + len(text) <= WIDTH:
        return [" " * indent + text]
    head = text.startswith(_HEADS)
    (statement,) = ast.parse(f"{text} pass" if head else text).body
    return laid_out(head_of(statement, text) if head else broken(statement, text, WIDTH - indent), indent)


def _spaced(match: re.Match[str]) -> str:
    """A slice, with spaces where it is of more than names and numbers."""
    return f"[:, {match[1]} : {match[2]}]" if "." in match[1] + match[2] else match[0]


def split(text: str, separator: str) -> list[str]:
    """The parts of `text` between separators that stand in no bracket and no string."""
    parts: list[str] = []
    depth, start = 0, 0
    for at, char in _code(text):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
        elif depth == 0 and char == separator:
            parts.append(text[start:at].strip())
            start = at + 1
    rest = text[start:].strip()
    return [*parts, rest] if rest else parts


def _code(text: str) -> list[tuple[int, str]]:
    """The characters outside of string literals, with their places."""
    found: list[tuple[int, str]] = []
    quote, escaped = "", False
    for at, char in enumerate(text):
        if quote:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        else:
            found.append((at, char))
    return found
