"""From text to the typed tree, with every mistake of its form in one run."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from archlang.diagnostics import Diagnostic
from archlang.resting import resting
from archlang.source import Source, Span
from archlang.syntax import ast, parse_tables
from archlang.syntax.build import Builder
from archlang.syntax.limits import MAX_ERRORS, MAX_NAME, MAX_NESTING, MAX_SOURCE, MAX_STRING
from archlang.syntax.parse_recover import Reader, TooDeep
from archlang.syntax.scan import Scan, scan
from archlang.syntax.scan_marks import MATTER

if TYPE_CHECKING:
    from archlang.syntax.mistake import Mistake

Parsed = tuple[ast.Program, list[Diagnostic]]
"""A text's program, and what its grammar has against it."""

_LONG = re.compile(rf"(?<!\w)\d*[^\W\d]\w{{{MAX_NAME}}}|\"[^\"\n]{{{MAX_STRING + 1}}}")
_LONG_NAME = re.compile(rf"(?<!\w)\d*[^\W\d]\w{{{MAX_NAME},}}")
_one_at_a_time = Lock()  # the parser calls one builder, whatever text it reads


def parse(source: Source) -> Parsed:
    """The program of `source`, and what its grammar has against it, in the order of the text.

    The program holds every statement that could be understood; `broken` in it
    says where the others are. Never raises, whatever the text.
    """
    if len(source.text) > MAX_SOURCE:
        return _nothing(source), [_too_long(source)]
    if long := _long_words(source):
        return _nothing(source), long
    found = scan(source)
    if found.hopeless:
        return _nothing(source), found.diagnostics
    with _one_at_a_time:
        return _read(source, found)


@cache
def _parser() -> tuple[parse_tables.Tables, Builder]:
    builder = Builder()
    return parse_tables.load(builder), builder


def _read(source: Source, found: Scan) -> Parsed:
    tables, builder = _parser()
    builder.begin(source)
    report = _Report(source, found)
    reader = Reader(tables, found.text, source.text, found.missing, report)
    program = _program(reader, report)
    made = [d for d in builder.diagnostics if d.code != "table-row" or d.span.start < report.unclosed]
    diagnostics = [*report.diagnostics, *made]
    spans = [*_trimmed(source, [*found.broken, *found.unclosed, *reader.broken]), *builder.broken]
    builder.begin(Source("", ""))
    if program is None:
        program = _nothing(source)
        spans = list(program.broken)
    diagnostics.sort(key=lambda d: (d.span.start, d.span.end))
    spans.sort(key=lambda s: (s.start, s.end))
    return replace(program, broken=tuple(spans)), diagnostics


def _program(reader: Reader, report: _Report) -> ast.Program | None:
    """What `reader` reads, with the garbage collector at rest: nothing that is made here is garbage."""
    try:
        with resting():
            return reader.read()
    except TooDeep as error:
        span = Span(report.source, error.at - 1, error.at)
        words = f"more than {MAX_NESTING} `else if`s inside one another"
        report.diagnostics.append(Diagnostic("too-deep", words, span, help="a list and an index say the same: `n[k]`"))
        return None


class _Report:
    """Collects what the parser stumbles on, but for what follows from a bracket or string told of already."""

    def __init__(self, source: Source, found: Scan) -> None:
        self.source = source
        self.diagnostics = list(found.diagnostics)
        self.known = sorted({d.span.line for d in found.diagnostics})
        self.lost = sorted(found.broken)
        self.unclosed = min((start for start, _ in found.unclosed), default=len(source.text))
        self.last = -1
        self.told: set[tuple[str, int, int]] = set()
        self.row = Diagnostic("missing-comma", "", Span(source, 0, 0))  # that of the last row of a table

    def __call__(self, mistake: Mistake) -> bool:
        """Note one mistake; False when there have been enough."""
        if not self._follows(mistake):
            from archlang.syntax.explain import explain  # a text without mistakes needs none of it

            diagnostic = explain(self.source, mistake)
            place = diagnostic.code, diagnostic.span.start, diagnostic.span.end
            if not (mistake.row and self._goes_on(diagnostic)) and place not in self.told:  # of a line as a whole
                self.told.add(place)
                self.diagnostics.append(diagnostic)
        return len(self.diagnostics) < MAX_ERRORS

    def _goes_on(self, diagnostic: Diagnostic) -> bool:
        """Whether the row above has the same mistake: a table is pasted whole."""
        above, self.row = self.row, diagnostic
        return above.message == diagnostic.message and above.span.line == diagnostic.span.line - 1

    def _follows(self, mistake: Mistake) -> bool:
        again, self.last = mistake.at == self.last, mistake.at
        if again or (mistake.row and mistake.at > self.unclosed):
            return True
        first = self.source.position(mistake.statement)[0]
        last = self.source.position(mistake.at)[0]
        if bisect_right(self.known, last) > bisect_right(self.known, first - 1):
            return True
        return any(start <= mistake.at <= end for start, end in self.lost)


def _trimmed(source: Source, spans: list[tuple[int, int]]) -> list[Span]:
    """The spans without the spaces around them; those of spaces only left out."""
    found: list[Span] = []
    for start, end in spans:
        text = source.text[start:end]
        if text.strip():
            left = len(text) - len(text.lstrip())
            found.append(Span(source, start + left, start + len(text.rstrip())))
    return found


def _nothing(source: Source) -> ast.Program:
    whole = Span(source, 0, len(source.text))
    return ast.Program(ast.Body((), whole), whole, (whole,))


def _long_words(source: Source) -> list[Diagnostic]:
    """What is said of names and strings that are too long to be any."""
    if _LONG.search(source.text) is None:
        return []
    found: list[Diagnostic] = []
    read_to = 0
    for match in MATTER.finditer(source.text):
        found += _long_names(source, read_to, match.start())
        read_to = match.end()
        size = match.end() - match.start() - 2
        if match.lastgroup == "string" and size > MAX_STRING:
            span = Span(source, match.start(), match.end())
            found.append(
                Diagnostic("too-long", f"this string has {size:,} characters; at most {MAX_STRING:,} are read", span)
            )
    found += _long_names(source, read_to, len(source.text))
    return found[:MAX_ERRORS]


def _long_names(source: Source, start: int, end: int) -> list[Diagnostic]:
    spans = [Span(source, *match.span()) for match in _LONG_NAME.finditer(source.text, start, end)]
    words = "this name has {:,} characters; at most " + f"{MAX_NAME:,} are read"
    return [Diagnostic("too-long", words.format(span.end - span.start), span) for span in spans]


def _too_long(source: Source) -> Diagnostic:
    size = len(source.text)
    return Diagnostic(
        "too-long",
        f"this text has {size:,} characters; at most {MAX_SOURCE:,} are read",
        Span(source, MAX_SOURCE, MAX_SOURCE),
        help="write what repeats once, with `x n` or a block",
    )
