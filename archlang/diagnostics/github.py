"""Diagnostics as commands of a GitHub workflow, which shows them beside the lines of a pull request."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from archlang.diagnostics.diagnostic import Diagnostic, Severity
from archlang.diagnostics.relative import below
from archlang.source import Source

_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def commands(found: Iterable[Diagnostic]) -> list[str]:
    """A line for each diagnostic; columns count from 1, and the end is past the last character."""
    return [_command(each) for each in found]


def _command(diagnostic: Diagnostic) -> str:
    properties = {**_place(diagnostic), "title": diagnostic.code}
    shown = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTIES)}" for name, value in properties.items())
    return f"::{_KINDS[diagnostic.severity]} {shown}::{_escaped(diagnostic.words, _IN_MESSAGES)}"


def _place(diagnostic: Diagnostic) -> dict[str, str | int]:
    """File, line and columns; no columns where several lines are concerned, which GitHub does not take."""
    span = diagnostic.span
    if span.source.path is None:
        return {}
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    place: dict[str, str | int] = {"file": _file(span.source), "line": line, "endLine": end_line}
    return place if end_line > line else {**place, "col": column, "endColumn": end_column}


def _file(source: Source) -> str:
    """The file as GitHub finds it: relative to the checkout, whose place the runner says, or to the current folder."""
    path = below(source, Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()))
    return path.as_posix() if path else source.name


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(char, char) for char in text)
