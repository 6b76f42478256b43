"""Diagnostics as SARIF 2.1.0, the format in which tools that analyse code exchange what they found.

It is the OASIS standard of that name; sections of it are given as §3.27. What its readers ask for beyond the
standard: files named relative to the folder the command is run in, which is a repository's root (code scanning takes
no `originalUriBaseIds`), and every character that a URI may not hold as `%XX`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archlang.diagnostics.diagnostic import Diagnostic, Label
from archlang.diagnostics.explanations import Explanation, explanation
from archlang.diagnostics.relative import below
from archlang.record import record
from archlang.source import Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Mending = Callable[[Diagnostic], "Mend | None"]


@record
class Mend:
    """What mends a diagnostic: what to do in words, and texts to put in place of spans."""

    title: str
    edits: tuple[tuple[Span, str], ...]


def log(
    found: Iterable[Diagnostic],
    *,
    version: str,
    lost: Iterable[Diagnostic] = (),
    notes: Iterable[str] = (),
    mending: Mending = lambda _: None,
) -> dict[str, Any]:
    """A log of one run, which `json.dumps` takes as it is.

    `lost` is about names that led to no file, and `notes` about names taken for others: neither has a place in a text,
    so they are notifications of the run (§3.58). `mending` says what mends a diagnostic.
    """
    run = _Run(mending)
    results = [run.result(each) for each in found]
    notifications = [run.notification(each) for each in lost]
    invocation: dict[str, Any] = {"executionSuccessful": not notifications}
    notifications += [{"level": "note", "message": _message(each)} for each in notes]
    if notifications:
        invocation["toolConfigurationNotifications"] = notifications
    driver = {"name": "archlang", "version": version, "semanticVersion": version, "rules": run.rules}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [invocation],
                "columnKind": "utf16CodeUnits",
                "artifacts": run.artifacts,
                "results": results,
            }
        ],
    }


class _Run:
    """The rules and files that results refer to, each told once."""

    def __init__(self, mending: Mending) -> None:
        self.mending = mending
        self.rules: list[dict[str, Any]] = []
        self.artifacts: list[dict[str, Any]] = []
        self._rules: dict[str, int] = {}
        self._artifacts: dict[str, int] = {}

    def result(self, diagnostic: Diagnostic) -> dict[str, Any]:
        """One diagnostic (§3.27)."""
        result: dict[str, Any] = {
            "ruleId": diagnostic.code,
            "ruleIndex": self._rule(diagnostic),
            "level": str(diagnostic.severity),
            "message": _message(diagnostic.words),
            "locations": [self._location(Label(diagnostic.span, diagnostic.text))],
        }
        further = [*diagnostic.labels, *(Label(call.span, _call(call)) for call in diagnostic.trace)]
        if further:
            result["relatedLocations"] = [{"id": n, **self._location(each)} for n, each in enumerate(further, 1)]
        mend = self.mending(diagnostic)
        if mend is not None:
            result["fixes"] = [self._fix(mend)]
        return result

    def notification(self, diagnostic: Diagnostic) -> dict[str, Any]:
        """One diagnostic that is about what was asked for, and no file (§3.58)."""
        return {
            "associatedRule": {"id": diagnostic.code, "index": self._rule(diagnostic)},
            "level": str(diagnostic.severity),
            "message": _message(diagnostic.words),
        }

    def _rule(self, diagnostic: Diagnostic) -> int:
        code = diagnostic.code
        if code not in self._rules:
            self._rules[code] = len(self.rules)
            self.rules.append(_rule(explanation(code), str(diagnostic.severity)))
        return self._rules[code]

    def _artifact(self, source: Source) -> dict[str, Any]:
        uri = _uri(source)
        if uri not in self._artifacts:
            self._artifacts[uri] = len(self.artifacts)
            self.artifacts.append({"location": {"uri": uri}, "sourceLanguage": "archlang"})
        return {"uri": uri, "index": self._artifacts[uri]}

    def _location(self, label: Label) -> dict[str, Any]:
        place = {"artifactLocation": self._artifact(label.span.source), "region": _region(label.span)}
        message = {"message": _message(label.text)} if label.text else {}
        return {"physicalLocation": place, **message}

    def _fix(self, mend: Mend) -> dict[str, Any]:
        changes: dict[str, dict[str, Any]] = {}
        for span, text in mend.edits:
            where = self._artifact(span.source)
            change = changes.setdefault(where["uri"], {"artifactLocation": where, "replacements": []})
            replacement: dict[str, Any] = {"deletedRegion": _region(span)}
            if text:
                replacement["insertedContent"] = {"text": text}
            change["replacements"].append(replacement)
        return {"description": _message(mend.title), "artifactChanges": list(changes.values())}


def _rule(about: Explanation, level: str) -> dict[str, Any]:
    """A code, with its page as help (§3.49)."""
    return {
        "id": about.code,
        "shortDescription": {"text": about.meaning[0].upper() + about.meaning[1:]},
        "fullDescription": {"text": about.summary},
        "help": {"text": about.text, "markdown": about.markdown_alone},
        "defaultConfiguration": {"level": level},
    }


def _call(call: Label) -> str:
    return f"in the call here: {call.text}" if call.text else "in the call here"


def _message(text: str) -> dict[str, str]:
    """A message; braces are doubled (§3.11.5), for readers that take single ones for placeholders and then fail."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}


def _region(span: Span) -> dict[str, int]:
    """Lines and columns from 1, columns in code units of UTF-16, the end past the last."""
    line, column = _position(span.source, span.start)
    end_line, end_column = _position(span.source, span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _position(source: Source, offset: int) -> tuple[int, int]:
    line, column = source.position(offset)
    before = source.text[offset - column + 1 : offset]
    return line, column + sum(char > "\uffff" for char in before)


def _uri(source: Source) -> str:
    """Where a source is: relative to the current folder if it is below it."""
    if source.path is None:
        return quote(source.name)
    path = below(source, Path.cwd())
    return quote(os.fsencode(path.as_posix())) if path else source.path.resolve().as_uri()
