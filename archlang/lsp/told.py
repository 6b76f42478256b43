"""Diagnostics as a client shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache

from archlang import resources
from archlang.diagnostics import Diagnostic, Label, Severity
from archlang.editing.look import Look
from archlang.lsp.asked import Asked
from archlang.lsp.places import Record
from archlang.source import Span
from archlang.syntax import ast

_SEVERITY = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTE: 3}
_UNNECESSARY = 1
_LONG = 60


def told(asked: Asked, diagnostics: Iterable[Diagnostic]) -> list[Record]:
    """Each as a record; one about a file that this one imports stands where this one calls or imports it."""
    return [_record(asked, each) for each in diagnostics]


def _record(asked: Asked, diagnostic: Diagnostic) -> Record:
    span = diagnostic.span
    labels = [Label(each.span, each.text or each.span.text) for each in diagnostic.labels]
    labels += [Label(call.span, f"in the call `{_short(call.text or call.span.text)}`") for call in diagnostic.trace]
    message = diagnostic.message
    if span.source is not asked.source:
        labels.insert(0, Label(span, diagnostic.message))
        message = f"{span.source.name}, line {span.line}: {message}"
        span = _here(asked, diagnostic)
    elif diagnostic.text:
        message += f" ({diagnostic.text})"
    lines = [message, *([f"help: {diagnostic.help}"] if diagnostic.help else [])]
    lines += [f"note: {note}" for note in diagnostic.notes]
    related = [{"location": at, "message": each.text} for each in labels if (at := asked.location(each.span))]
    if related and not asked.client.related:
        lines += [f"{each.span.source.name}:{each.span.line}: {each.text}" for each in labels]
    record: Record = {
        "range": asked.places.range(span),
        "severity": _SEVERITY[diagnostic.severity],
        "code": diagnostic.code,
        "source": "archlang",
        "message": "\n".join(lines),
    }
    page = _page(diagnostic.code)
    if page is not None:
        record["codeDescription"] = {"href": page}
    if related and asked.client.related:
        record["relatedInformation"] = related
    if diagnostic.code.startswith("unused-"):
        record["tags"] = [_UNNECESSARY]
    return record


@cache
def _page(code: str) -> str | None:
    """The address of the page about a code."""
    with suppress(FileNotFoundError):
        page = resources.errors() / f"{code}.md"
        return page.resolve().as_uri() if page.is_file() else None
    return None


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


def _here(asked: Asked, diagnostic: Diagnostic) -> Span:
    """The place of this text that leads to what is wrong in another: a call, an import, else its beginning."""
    calls = (call.span for call in diagnostic.trace if call.span.source is asked.source)
    return next(calls, None) or _import(asked, diagnostic.span) or Span(asked.source, 0, 0)


def _import(asked: Asked, span: Span) -> Span | None:
    """The import that brings along the file of a span, itself or by what it imports."""
    statements = list(_imports(Look(asked.source)))
    named = (each for each in statements if each.path == span.source.name)
    found = next(named, statements[0] if statements else None)
    return found.path_span if found is not None else None


def _imports(look: Look) -> Iterator[ast.Import]:
    return (each for each in look.module.program.body.statements if isinstance(each, ast.Import))
