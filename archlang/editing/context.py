"""What is being typed: read from the text before the cursor alone, since such a text seldom parses."""

from __future__ import annotations

import re
from enum import StrEnum

from archlang.record import record

_FARTHEST = 4000  # characters that one statement is looked for in
_LONGEST = 400  # characters of one layer with what belongs to it
_SKIPPED = re.compile(r'"[^"\n]*"|#[^\n]*')
_WORD = re.compile(r"(?:[A-Za-z_][\w.×]*)?\Z")
_FILE = re.compile(r'\bimport\s+"(?P<typed>[^"\n]*)\Z')
_NAMES = re.compile(r'\bimport\s+"(?P<file>[^"\n]*)"\s*:\s*(?:[\w,\s]*,\s*)?(?P<typed>\w*)\Z')
_GUARD = re.compile(r"@(?:[\w.\-]*, *)*(?P<typed>[\w.\-]*)\Z")
_UPTO = re.compile(r"\bto\s+(?P<typed>[\w.]*)\Z")
_DASH = re.compile(r"(?P<head>[A-Za-z_][\w.]*)-(?P<typed>[\w.\-]*)\Z")
_DROP = re.compile(r"\bno\s+(?:\w+\s*,\s*)*(?P<typed>\w*)\Z")
_HEAD = re.compile(r"(?:\A|:)\s*(?:stage\s+)?(?P<head>[A-Za-z_][\w.]*)[^:]*\Z")
_LABEL = re.compile(r"(?:^|[;:{\s])(?:from|taps|output|freeze|lr|decay|init)\s(?:[\w.\s,]*[\s,.])?(?P<typed>[\w.]*)\Z")
_SETTING = re.compile(r"(?:^|[;:{\s])init\s[^=\n]*=\s*(?P<typed>\w*)\Z")
_EXPECT = re.compile(r"(?:^|[;:{\s])expect\s+(?P<typed>[\w.]*)\Z")
_VALUE = re.compile(r"(?:\b(?:when|if|in|x|and|or|not)\s+|[=+*/%<>]\s*|\blet\s+\w+\s*=[^;]*?)(?P<typed>[\w.]*)\Z")
_OPTION = re.compile(r"(?P<name>\w+)\s*=\s*(?P<typed>[\w.]*)\Z")
_CALLEE = re.compile(
    r"(?P<head>[A-Za-z_][\w.×]*|\d+[x×]\d+,\w*)(?:-(?:\w+|\([^()]*\)))?(?:/(?:[\w.]+|\([^()]*\)))?\s*\Z"
)
_GIVEN = re.compile(r"(?:^|[(,])\s*(\w+)\s*=(?!=)")
_DECLARES = re.compile(r"\bextern\s[^{}\n]*\Z")
_NEW = re.compile(r"\b(?:as|let|for|net|block|extern|aux|variant|input|paper)\s+\(?(?P<typed>[\w.]*)\Z")


class Wanted(StrEnum):
    """What could be typed at a place."""

    NOTHING = "nothing"
    FILE = "file"
    IMPORTED = "imported"
    VARIANT = "variant"
    UPTO = "upto"
    DASH = "dash"
    DROP = "drop"
    LABEL = "label"
    INITIALIZER = "initializer"
    SUBJECT = "subject"
    OPTION = "option"
    OPTION_VALUE = "option value"
    VALUE = "value"
    ITEM = "item"
    MODIFIER = "modifier"
    STATEMENT = "statement"
    FACT = "fact"


@record
class Context:
    """What is wanted at a place, and the part of it that is typed already.

    `head` is the layer, block, net or file that it belongs to, `option` the option a value is for, `given` the options
    that stand there already, `positional` how many arguments without a name do.
    """

    wanted: Wanted
    typed: str
    head: str = ""
    option: str = ""
    given: frozenset[str] = frozenset()
    positional: int = 0


_PATTERNS = (
    (_GUARD, Wanted.VARIANT),
    (_SETTING, Wanted.INITIALIZER),
    (_EXPECT, Wanted.SUBJECT),
    (_LABEL, Wanted.LABEL),
    (_UPTO, Wanted.UPTO),
    (_DROP, Wanted.DROP),
    (_NEW, Wanted.NOTHING),
    (_DASH, Wanted.DASH),
    (_VALUE, Wanted.VALUE),
)


def context(text: str, offset: int) -> Context:
    """What is wanted at `offset` of `text`."""
    begin = max(0, offset - _FARTHEST)
    before = text[begin:offset]
    line = before[before.rfind("\n") + 1 :]
    if match := _FILE.search(line):
        return Context(Wanted.FILE, match["typed"])
    bare = _SKIPPED.sub(lambda m: '"' + " " * (len(m[0]) - 2) + '"' if m[0][0] == '"' else "#" + m[0][1:], line)
    if "#" in _SKIPPED.sub(lambda m: m[0][0], line) or bare.count('"') % 2:
        return Context(Wanted.NOTHING, "")
    if match := _NAMES.search(line):
        return Context(Wanted.IMPORTED, match["typed"], match["file"])
    statement = _SKIPPED.sub(lambda m: " " * len(m[0]), before)
    inner = _innermost(statement)
    if inner is not None and statement[inner] == "(":
        return _argument(statement, inner)
    opener = statement[inner] if inner is not None else "{"
    if inner is not None and opener == "{" and _DECLARES.search(statement, max(0, inner - _LONGEST), inner):
        fact = re.split(r"[;\n]", statement[inner + 1 :])[-1].strip()
        if fact == (_WORD.search(fact) or [""])[0]:
            return Context(Wanted.FACT, fact)
        return Context(Wanted.VALUE, (_WORD.search(statement) or [""])[0])
    return _plain(statement[0 if inner is None else inner + 1 :], opener)


def _plain(tail: str, opener: str) -> Context:
    """What is wanted where no `(` is open; `tail` is what stands after the innermost bracket, `opener`."""
    piece = re.split(r"[;|\n]", tail)[-1][-_LONGEST:]
    for pattern, wanted in _PATTERNS:
        if match := pattern.search(piece):
            head = match if wanted is Wanted.DASH else _HEAD.search(piece)
            typed = match["typed"].rpartition("..")[2] if wanted is Wanted.VARIANT else match["typed"]
            return Context(wanted, typed, head["head"] if head else "")
    typed = (_WORD.search(piece) or [""])[0]
    rest = piece[: len(piece) - len(typed)].rstrip()
    if not rest:
        return Context(Wanted.ITEM if opener == "[" else Wanted.STATEMENT, typed)
    if rest.endswith(":") or rest.split()[-1] in {"stage", "means"}:
        return Context(Wanted.ITEM, typed)
    return Context(Wanted.MODIFIER if piece[len(rest) : len(rest) + 1].isspace() else Wanted.NOTHING, typed)


def _argument(statement: str, opener: int) -> Context:
    """What is wanted inside the `(` at `opener`."""
    inside = statement[opener + 1 :]
    callee = _CALLEE.search(statement, max(0, opener - _LONGEST), opener)
    typed = (_WORD.search(inside) or [""])[0]
    head = callee["head"] if callee else ""
    given = frozenset(_GIVEN.findall("(" + inside))
    arguments = _arguments(inside)
    last = arguments[-1]
    if callee is None or head in {"and", "or", "not", "when", "x"}:
        return Context(Wanted.VALUE, typed)
    if head == "as":
        return Context(Wanted.NOTHING, "")
    if match := _OPTION.match(last.strip()) if "=" in last else None:
        return Context(Wanted.OPTION_VALUE, match["typed"], head, match["name"], given)
    if last.strip() != typed:
        return Context(Wanted.VALUE, typed)
    positional = sum("=" not in each for each in arguments[:-1])
    return Context(Wanted.OPTION, typed, head, given=given, positional=positional)


def _arguments(inside: str) -> list[str]:
    """The arguments so far, the last one being typed."""
    parts, depth = [""], 0
    for char in inside:
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _innermost(statement: str) -> int | None:
    """Where the innermost bracket is that is open at the end: a `(` of an earlier line only where that goes on."""
    depth = 0
    for at in range(len(statement) - 1, -1, -1):
        char = statement[at]
        if char in ")]}":
            depth += 1
        elif char in "([{":
            if depth == 0 and (char != "(" or _goes_on(statement[at:])):
                return at
            depth = max(depth - 1, 0)
    return None


def _goes_on(inside: str) -> bool:
    return all(line.rstrip().endswith((",", "(")) for line in inside.split("\n")[:-1])
