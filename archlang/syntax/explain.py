"""What to say of a mistake: the words for it, the place to underline, and what to type.

The table is in four files: each entry looks at the text before and after the
place where the reader stopped. The first that fits speaks; what fits none is
told in general words, with what could have stood there.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from archlang.diagnostics import Diagnostic
from archlang.ops import BY_WORD
from archlang.source import Source, Span
from archlang.syntax.mistake import Mistake
from archlang.syntax.mistakes_beside_layers import BESIDE_LAYERS
from archlang.syntax.mistakes_of_brackets import BRACKETS
from archlang.syntax.mistakes_of_layers import LAYERS
from archlang.syntax.mistakes_of_statements import STATEMENTS
from archlang.syntax.slides import from_slides
from archlang.syntax.spoken import could_stand

KEYWORDS = (
    "net block extern import stage from aux if else for table input let means variant paper expect taps output freeze "
    "lr init decay concat add mul split seq res"
).split()
_FOREIGN = {
    "network": "net",
    "model": "net",
    "def": "block",
    "class": "block",
    "module": "block",
    "function": "block",
    "layer": "block",
    "elif": "else if",
    "elseif": "else if",
    "const": "let",
    "var": "let",
    "include": "import",
    "assert": "expect",
    "return": "output",
}

_SPACED = re.compile(r"[\w.]+(?:[ \t]*[,\s][ \t]*[\w.]+)+", re.ASCII)
_NO_COUNT = re.compile(r"[x×*]\s*(?:\Z|[;|=#/])")
_LONG = 60  # characters of the text that are repeated in a message


def explain(source: Source, mistake: Mistake) -> Diagnostic:
    """The diagnostic for `mistake`."""
    text = source.text
    begin = mistake.statement
    while begin < mistake.at and text[begin] in " \t\r\n":
        begin += 1
    before = text[begin : mistake.at]
    after = text[mistake.at : _line_end(text, mistake.at)]
    return (
        _row(source, mistake, before, after)
        or _slides(source, begin, before, after)
        or _word(source, begin, before, after)
        or _pattern(source, mistake, before, after)
        or _general(source, mistake, after)
    )


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _row(source: Source, mistake: Mistake, before: str, after: str) -> Diagnostic | None:
    """A row of a table, pasted with spaces between its values."""
    row = (before + after).partition("#")[0].rstrip()
    if not mistake.row or not _SPACED.fullmatch(row):
        return None
    start = mistake.at - len(before)
    help = f"write `{', '.join(row.replace(',', ' ').split())}`, and other rows likewise"
    span = Span(source, start, start + len(row))
    return Diagnostic("missing-comma", "the values of a row are separated by commas", span, help=help)


def _slides(source: Source, begin: int, before: str, after: str) -> Diagnostic | None:
    """`[(CONV-RELU)*N-POOL?]*M` is how lectures write it; say how it is written here."""
    line = before[before.rfind("\n") + 1 :] + after
    written = from_slides(line)
    if written is None:
        return None
    start = begin + len(before) - len(before[before.rfind("\n") + 1 :])
    span = Span(source, start, start + len(line.rstrip()))
    return Diagnostic(
        "slides-pattern", "lecture notes write it so; here `( )` hold numbers", span, help=f"write `{written}`"
    )


def _word(source: Source, begin: int, before: str, after: str) -> Diagnostic | None:
    """A statement whose first word is nearly a keyword, or a keyword elsewhere."""
    first = before.split(None, 1)
    if not first or not first[0].isidentifier():
        return None
    word = first[0]
    rest = (before + after)[len(word) :].lstrip()
    if (
        word in KEYWORDS
        or word in BY_WORD
        or not rest
        or not (rest[0].isalnum() or rest[0] in '_"{@')
        or _NO_COUNT.match(rest)
    ):
        return None
    meant = _FOREIGN.get(word.lower()) or _misspelt(word.lower())
    if meant is None or (len(first) > 1 and not (meant == "variant" and after[:1] in {":", ","})):
        return None
    span = Span(source, begin, begin + len(word))
    return Diagnostic("unknown-keyword", f"`{word}` begins no statement", span, help=f"did you mean `{meant}`?")


def _misspelt(word: str) -> str | None:
    """The keyword that `word` is nearly, or whose letters it has in another order."""
    close = get_close_matches(word, KEYWORDS, 1, 0.7)
    return close[0] if close else next((k for k in KEYWORDS if sorted(k) == sorted(word)), None)


def _pattern(source: Source, mistake: Mistake, before: str, after: str) -> Diagnostic | None:
    opener = source.text[mistake.bracket] if mistake.bracket is not None else ""
    for pattern in (*BRACKETS, *LAYERS, *BESIDE_LAYERS, *STATEMENTS):
        fit = pattern.fits(before, after, opener, mistake.accepted)
        if fit is not None:
            span = Span(source, mistake.at - fit.back, mistake.at + fit.ahead)
            groups = {name: _short(text) for name, text in fit.groups.items()}
            words = pattern.message.format_map(groups)
            return Diagnostic(pattern.code, words, span, help=pattern.help.format_map(groups))
    return None


def _general(source: Source, mistake: Mistake, after: str) -> Diagnostic:
    """What fits no pattern."""
    help = could_stand(mistake.accepted)
    if not after.strip() or after.lstrip().startswith("#"):
        return Diagnostic("incomplete", "the line ends too early", Span(source, mistake.at, mistake.at), help=help)
    end = max(mistake.at + 1, min(mistake.end, mistake.at + len(after.rstrip())))
    word = _short(source.text[mistake.at : end])
    return Diagnostic("unexpected", f"`{word}` cannot stand here", Span(source, mistake.at, end), help=help)


def _short(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
