"""Trees of programs, compared by what was written, wherever it stands."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from archlang.source import Source, Span
from archlang.syntax.parse import parse


def bare(part: Any) -> Any:
    """A part of a tree without its places."""
    if isinstance(part, tuple):
        return tuple(bare(each) for each in part)
    if not is_dataclass(part):
        return part
    values = ((field.name, getattr(part, field.name)) for field in fields(part))
    return type(part).__name__, *((name, bare(value)) for name, value in values if not isinstance(value, Span))


def tree(text: str) -> Any:
    """The tree of `text` without places; None if the grammar has anything against it."""
    program, diagnostics = parse(Source("text.arch", text))
    return None if diagnostics else bare(program)
