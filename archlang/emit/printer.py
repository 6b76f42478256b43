"""Lines of source, broken where `ruff format` breaks them.

Everything else writes a statement as one line, however long. A line that does
not fit is split at its last bracket: its contents on a line of their own if
they fit there, else an item a line, each split in turn.
"""

from __future__ import annotations

WIDTH = 88

_OPEN = "([{"
_CLOSE = ")]}"


def lines(text: str, indent: int) -> list[str]:
    """One logical line, indented by `indent` spaces, as the lines it is printed on."""
    return _broken(text, indent, "")


def fits(text: str, indent: int) -> bool:
    """Whether it stands on one line."""
    return indent + len(text) <= WIDTH


def _broken(text: str, indent: int, comma: str) -> list[str]:
    pad = " " * indent
    whole = f"{pad}{text}{comma}"
    bracket = None if len(whole) <= WIDTH else last_bracket(text)
    if bracket is None:
        return [whole]
    start, end = bracket
    inside, rest = text[start + 1 : end], text[end:]
    inner = f"{pad}    {inside}"
    head = f"{pad}{text[: start + 1]}"
    if len(inner) <= WIDTH and (_is_call(text, start) or len(split(inside, ",")) == 1):
        return [head, inner, f"{pad}{rest}{comma}"]
    items = split(inside, ",")
    clauses = _clauses(inside) if len(items) == 1 or " for " in items[0] else [inside]
    if len(clauses) > 1:
        body = [line for clause in clauses for line in _broken(clause, indent + 4, "")]
    else:
        body = [line for item in items for line in _broken(item, indent + 4, ",")]
    return [head, *body, f"{pad}{rest}{comma}"]


def _is_call(text: str, start: int) -> bool:
    """Whether the bracket belongs to a call or a subscript; those of a list or tuple have an item a line."""
    return start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_)]")


def last_bracket(text: str) -> tuple[int, int] | None:
    """Where the last bracket at the top of `text` that holds something opens and closes."""
    found = None
    depth, start = 0, 0
    for at, char in _code(text):
        if char in _OPEN:
            if depth == 0:
                start = at
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            if depth == 0 and at > start + 1:
                found = (start, at)
    return found


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


def _clauses(inside: str) -> list[str]:
    """A comprehension's parts: what it makes, then a `for` each."""
    parts: list[str] = []
    depth, start = 0, 0
    for at, char in _code(inside):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
        elif depth == 0 and inside.startswith(" for ", at):
            parts.append(inside[start:at])
            start = at + 1
    return [*parts, inside[start:]]


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
