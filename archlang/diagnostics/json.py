"""Diagnostics for programs: records that `json.dumps` takes as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archlang.diagnostics.diagnostic import Diagnostic, Label
from archlang.source import Span


def records(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """A dictionary for each diagnostic.

    Lines and columns count from 1, `start` and `end` are characters from 0, and an end is past the last character.
    """
    return [_record(d) for d in diagnostics]


def _record(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "text": diagnostic.text,
        "labels": [_label(label) for label in diagnostic.labels],
        "help": diagnostic.help,
        "fix": diagnostic.fix,
        "notes": list(diagnostic.notes),
        "trace": [_label(call) for call in diagnostic.trace],
    }


def _label(label: Label) -> dict[str, Any]:
    return {**_place(label.span), "text": label.text}


def _place(span: Span) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "start": span.start,
        "end": span.end,
    }
