"""How far a statement with a bracket amiss reaches, and which of two readings of it has fewer brackets amiss."""

from __future__ import annotations

import re

from archlang.syntax.scan_marks import MATTER, PARTNER

STATEMENT = re.compile(
    r"[ \t]*(?:(?:stage|net|block|extern|let|aux|table|variant|expect|import|if|for|freeze|taps|paper)[ \t]+[\w\"]"
    r"|input[ \t]+\w*[ \t]*\d|from[ \t]+\w+[ \t]*[:,]|\w+[ \t]+means\b|stage[ \t]*\{)",
    re.ASCII,
)
"""A line that begins a statement for certain."""
_BRANCH = re.compile(r"[ \t]*\|")
_CONTINUES = re.compile(r"[ \t]*[|;,]")
_CARRIES = re.compile(r"\[|\b(?:add|concat|mul|res|seq)\b|^[ \t]*\|", re.MULTILINE)
BARE_JOIN = re.compile(
    r"\b(?:add|concat|mul|res|seq)(?=[ \t]+[A-Za-z\d])(?![ \t]+(?:(?:as|when|no|bare|to)\b|x[\d \t(]))"
)
"""A join whose layers follow it, and no `[`."""
_LEFT_OPEN = frozenset(",|;")
_FAR = 4_000  # characters that are looked at to weigh two readings
_NEAR = 80  # characters at the end of a line that are looked at


def amiss(text: str, opened: str, at: int) -> int:
    """How many brackets are amiss from `at` to the end of the statement, with those of `opened` open before it."""
    stack, wrong = list(opened), 0
    for match in MATTER.finditer(text, at, at + _FAR):
        kind, char = match.lastgroup, match.group()
        if char in "{}":
            break
        if kind == "newline":
            if STATEMENT.match(text, match.end()) or not (stack or _CONTINUES.match(text, match.end())):
                break
        elif kind == "open":
            stack.append(char)
        elif kind == "close":
            partner = PARTNER[char]
            if partner not in stack:
                wrong += 1
                continue
            while stack.pop() != partner:
                wrong += 1
    return wrong + len(stack)


def closes(text: str, opened: str, char: str, at: int) -> bool:
    """Whether `char` closes something rather than being one too many.

    `opened` are the brackets that it could close, the innermost last. Where the
    innermost goes with another sign, either that sign is missing, or this one
    is one too many: what leaves fewer brackets amiss further on is meant.
    """
    inner = opened.rfind(PARTNER[char])
    if inner < 0:
        return bool(opened) and amiss(text, opened[:-1], at + 1) < amiss(text, opened, at + 1)
    lost = len(opened) - inner - 1
    return not lost or lost + amiss(text, opened[:inner], at + 1) <= 1 + amiss(text, opened, at + 1)


def line_end(text: str, at: int) -> int:
    """Where the line of `at` ends."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def carried_to(text: str, statement: int, at: int) -> int:
    """Where the lines end that carry on from the statement that begins at `statement`, from the line of `at` on."""
    end = line_end(text, at)
    margin = _margin(text, statement)
    while end < len(text) and (
        _CONTINUES.match(text, end + 1)
        or text[max(at, end - _NEAR) : end].rstrip()[-1:] in _LEFT_OPEN
        or (margin is not None and (_margin(text, end + 1) or 0) > margin)
    ):
        end = line_end(text, end + 1)
    return end


def carried_from(text: str, begun: list[int], at: int) -> int:
    """Where the statement begins that the line at `at` carries on from; `begun` are the statements before it, in order.

    A line with `|` in front carries on, and one that is set further to the right than a line with a join above it.
    """
    margin = _margin(text, at)
    for start in reversed(begun):
        before = _margin(text, start)
        if _BRANCH.match(text, at):
            at, margin = start, before
        elif margin is None or before is None:
            break
        elif before < margin:
            if not _CARRIES.search(text, start, line_end(text, start)):
                break
            at, margin = start, before
    return at


def _margin(text: str, at: int) -> int | None:
    """How far the line that begins at `at` is set to the right; None where no line with something in it begins."""
    if at and text[at - 1] != "\n":
        return None
    line = text[at : line_end(text, at)]
    return len(line) - len(line.lstrip()) if line.strip() else None
