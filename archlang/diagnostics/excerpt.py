"""Lines of source with carets under them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from archlang.record import record
from archlang.source import Source, Span

TAB = 4
WIDTH = 100  # columns of source shown; a longer line is cut around its marks
_BEFORE = 24  # columns kept before the first mark of a line that is cut
_HIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    """`text` with its control characters, bidi overrides and the like written as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c == "\n" else _cell(c) for c in text)


def _cell(char: str) -> str:
    """What is printed for one character of source."""
    if char == "\t":
        return " " * TAB
    if unicodedata.category(char) in _HIDDEN:
        return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{{{ord(char):x}}}"
    return char


def _columns(cell: str) -> int:
    """How many columns of a terminal `cell` takes."""
    if len(cell) != 1 or cell.isascii():
        return len(cell)
    if unicodedata.combining(cell):
        return 0
    return 2 if unicodedata.east_asian_width(cell) in "WF" else 1


@record
class Mark:
    """A place to underline, and the words for it; `main` is the diagnostic's own span."""

    span: Span
    text: str
    main: bool


@record
class _Stroke:
    """A mark on one line of the screen: columns from 0, `end` past the last caret."""

    start: int
    end: int
    text: str
    main: bool


@record
class Row:
    """One line of an excerpt: its number for the gutter, its text, and what kind of text that is.

    `kind` is "source", "carets" or "gap"; `main` says that a row of carets
    belongs to the diagnostic's own span alone.
    """

    number: int | None
    text: str
    kind: str
    main: bool = False


def rows(source: Source, marks: Iterable[Mark]) -> Iterator[Row]:
    """The lines of `source` that `marks` stand on, each with its carets and words under it."""
    by_line: dict[int, list[Mark]] = {}
    for mark in marks:
        by_line.setdefault(mark.span.line, []).append(mark)
    previous = None
    for number in sorted(by_line):
        if previous is not None and number > previous + 1:
            yield Row(None, "...", "gap")
        previous = number
        yield from _line(source, number, by_line[number])


def _line(source: Source, number: int, marks: list[Mark]) -> Iterator[Row]:
    begin, text = source.starts[number - 1], source.line(number)
    waiting = sorted(marks, key=lambda m: (m.span.start, m.span.end))
    while waiting:
        first, last = _window(text, waiting[0].span.start - begin)
        here = [m for m in waiting if m.span.start - begin <= last]
        waiting = waiting[len(here) :]
        cells = [_cell(c) for c in text[first:last]]
        edges = [0]
        for cell in cells:
            edges.append(edges[-1] + _columns(cell))
        lead = "…" if first else ""
        shown = lead + "".join(cells) + ("…" if last < len(text) else "")
        yield Row(number, shown.rstrip(), "source")
        yield from _carets([_stroke(m, begin + first, edges, len(lead)) for m in here])


def _window(text: str, at: int) -> tuple[int, int]:
    """The slice of `text` to show for the mark at offset `at`: all of it, if it fits."""
    if len(text) <= WIDTH and sum(_columns(_cell(c)) for c in text) <= WIDTH:
        return 0, len(text)
    first, used = min(at, len(text)), 0
    while first > 0 and used < _BEFORE:  # a letter that cannot be shown takes several columns
        first -= 1
        used += max(1, _columns(_cell(text[first])))
    last, used = first, 0
    while last < len(text) and used < WIDTH:
        used += max(1, _columns(_cell(text[last])))
        last += 1
    return first, last


def _stroke(mark: Mark, begin: int, edges: list[int], lead: int) -> _Stroke:
    top = len(edges) - 1
    start = edges[min(mark.span.start - begin, top)]
    end = edges[max(0, min(mark.span.end - begin, top))]
    return _Stroke(lead + start, lead + max(end, start + 1), mark.text, mark.main)


def _carets(strokes: list[_Stroke]) -> Iterator[Row]:
    """The carets, the words of the last stroke beside them, and those of the others below."""
    canvas = [" "] * max(s.end for s in strokes)
    for stroke in strokes:
        canvas[stroke.start : stroke.end] = "^" * (stroke.end - stroke.start)
    words = [s for s in strokes if s.text]
    beside = words[-1] if words and words[-1].end == len(canvas) else None
    line = "".join(canvas) + (f" {beside.text}" if beside else "")
    yield Row(None, line, "carets", all(s.main for s in strokes))
    hanging = [s for s in words if s is not beside]
    while hanging:
        stroke = hanging.pop()
        through = sorted({s.start for s in hanging if s.start < stroke.start})
        bars = "".join(_bars(through))
        yield Row(None, bars.ljust(stroke.start) + stroke.text, "carets", stroke.main)


def _bars(columns: list[int]) -> Iterator[str]:
    at = 0
    for column in columns:
        yield " " * (column - at) + "|"
        at = column + 1
