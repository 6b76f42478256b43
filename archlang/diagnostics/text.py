"""Diagnostics for people: the message, the lines it is about, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archlang.diagnostics.diagnostic import Diagnostic, Label, Severity
from archlang.diagnostics.excerpt import Mark, Row, rows, visible
from archlang.source import Source

_BOLD, _RED, _YELLOW, _BLUE, _OFF = "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[0m"
_COLORS = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW, Severity.NOTE: _BLUE}
_LONG_CALL = 60

_Tint = Callable[[str, str], str]


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """`diagnostic` as several lines of text, without a newline at the end.

    The gutter is as wide as the largest line number; labels in other files get
    excerpts of their own, after that of the diagnostic's file.
    """
    tint = _tint if color else _plain
    marks = _marks(diagnostic)
    gutter = max(len(str(m.span.line)) for m in marks)
    lines = list(_head(diagnostic, tint))
    for index, source in enumerate(_sources(diagnostic, marks)):
        here = [m for m in marks if m.span.source is source]
        line, column = source.position(diagnostic.span.start if index == 0 else here[0].span.start)
        arrow = "-->" if index == 0 else ":::"
        lines.append(f"{' ' * (gutter + 1)}{tint(arrow, _BLUE)} {visible(source.name)}:{line}:{column}")
        lines.append(tint(f"{' ' * (gutter + 2)}|", _BLUE))
        lines += [_row(r, gutter, _COLORS[diagnostic.severity], tint) for r in rows(source, here)]
    for kind, text in _tail(diagnostic):
        first, *more = visible(text).split("\n")
        lead = f"{' ' * (gutter + 2)}{tint('=', _BLUE)} "
        lines.append(f"{lead}{tint(kind + ':', _BOLD)} {first}")
        lines += [" " * (gutter + 4 + len(kind) + 2) + m for m in more]
    return "\n".join(line.rstrip() for line in lines)


def _tint(text: str, color: str) -> str:
    return f"{color}{text}{_OFF}"


def _plain(text: str, _color: str) -> str:
    return text


def _head(diagnostic: Diagnostic, tint: _Tint) -> Iterator[str]:
    kind = f"{diagnostic.severity}[{diagnostic.code}]"
    yield f"{tint(kind, _COLORS[diagnostic.severity])}{tint(': ' + visible(diagnostic.message), _BOLD)}"


def _marks(diagnostic: Diagnostic) -> list[Mark]:
    """What to underline: the labels, and the span itself unless labels inside it say it all."""
    span = diagnostic.span
    labels = [Mark(label.span, visible(label.text), main=False) for label in diagnostic.labels]
    inside = any(m.span.source is span.source and span.start <= m.span.start and m.span.end <= span.end for m in labels)
    if inside and not diagnostic.text:
        return labels
    return [Mark(span, visible(diagnostic.text), main=True), *labels]


def _sources(diagnostic: Diagnostic, marks: list[Mark]) -> list[Source]:
    found = [diagnostic.span.source]
    for mark in marks:
        if not any(mark.span.source is s for s in found):
            found.append(mark.span.source)
    return found


def _row(row: Row, gutter: int, color: str, tint: _Tint) -> str:
    if row.kind == "gap":
        return tint(f" {row.text}", _BLUE)
    number = str(row.number) if row.number is not None else ""
    bar = tint(f" {number:>{gutter}} |", _BLUE)
    text = row.text if row.kind == "source" else tint(row.text, color if row.main else _BLUE)
    return f"{bar} {text}"


def _tail(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    if diagnostic.help:
        yield "help", diagnostic.help
    for note in diagnostic.notes:
        yield "note", note
    for call in diagnostic.trace:
        yield "note", _call(call, diagnostic.span.source)


def _call(call: Label, source: Source) -> str:
    words = call.text or f"`{_short(call.span.text)}`"
    where = f"line {call.span.line}" if call.span.source is source else f"{call.span.source.name}:{call.span.line}"
    return f"in the call at {where}: {words}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONG_CALL else text[: _LONG_CALL - 1] + "…"
