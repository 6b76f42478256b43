"""Layers, options, blocks and nets in words, as Markdown."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields
from itertools import dropwhile, takewhile
from typing import Any, cast

from archlang.editing.named import Named
from archlang.ops.op import Op, typed
from archlang.syntax import ast

_MARKUP = re.compile(r"[\\`*_\[\]<>]")
_TICKS = re.compile(r"`+")


def default_of(option: Field[Any]) -> str:
    """The default of an option as a file would say it."""
    value = option.default
    if value is None:
        return {"pad": "same", "stride": "k"}.get(option.name, "as it enters")
    if isinstance(value, tuple):
        pair = cast("tuple[Any, ...]", value)
        return str(pair[0]) if len(set(pair)) == 1 else str(list(pair))
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def about_option(option: Field[Any]) -> str:
    """What an option is."""
    return str(option.metadata["doc"])


def about_op(kind: type[Op]) -> str:
    """What a layer does, and its options with their defaults."""
    rows = [f"- `{_option(option)}`: {about_option(option)}" for option in fields(kind)]
    return "\n\n".join(filter(None, [prose(kind.__doc__ or ""), "\n".join(rows)]))


def prose(text: str) -> str:
    """A docstring as paragraphs, each a line."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).strip()


def _option(option: Field[Any]) -> str:
    return typed(option) if option.default is MISSING else f"{typed(option)}={default_of(option)}"


def signature(named: Named) -> str:
    """How something was declared, in a line: `block unit(w, stride=1)`."""
    node = named.node
    if named.kind == "label" and isinstance(node, ast.Net):
        return f"{named.name}, a layer of {node.name}"
    match node:
        case ast.Extern():
            return f"extern {node.name}{_parameters(node)} = {node.target.span.text}"
        case ast.Net() | ast.Block():
            return f"{named.kind} {node.name}{_parameters(node)}"
        case ast.Parameter(default=default):
            return f"{named.name}={default.span.text}" if default is not None else f"{named.name}, a parameter"
        case ast.Let() | ast.Means() | ast.Variant() | ast.Input():
            return " ".join(node.span.text.split())
        case ast.For():
            return f"for {named.name} in {node.values.span.text}"
        case ast.Table():
            return f"{named.name}, a column of the table"
        case ast.Item():
            return " ".join(node.core.span.text.split())
        case ast.Stage():
            return f"stage {named.name}"
        case ast.Aux():
            return f"aux {named.name}"
        case ast.Branch() | ast.Import():
            return " ".join(node.span.text.split())


def _parameters(node: ast.Net | ast.Block | ast.Extern) -> str:
    if not node.parameters:
        return ""
    return f"({', '.join(' '.join(each.span.text.split()) for each in node.parameters)})"


def plain(text: str) -> str:
    """A text of a file as Markdown: between backticks is code, all else is plain words, no link and no image."""
    return "\n".join(map(_plain_line, text.split("\n")))


def _plain_line(line: str) -> str:
    parts = [line] if "``" in line or line.count("`") % 2 else line.split("`")
    return "`".join(part if i % 2 else _MARKUP.sub(r"\\\g<0>", part) for i, part in enumerate(parts))


def code(text: str) -> str:
    """A text of a file as code, in Markdown."""
    fence = "`" * (1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}{text}{fence}" if len(fence) == 1 else f"{fence} {text} {fence}"


def comment_above(named: Named) -> str:
    """The comment on the lines above a declaration, or at the top of its file for the first one there."""
    source = named.span.source
    above = [source.line(number).strip() for number in range(1, named.span.line)]
    if all(not row or row.startswith("#") for row in above):
        above = list(dropwhile(lambda row: not row, reversed(above)))[::-1]
    rows = takewhile(lambda row: row.startswith("#"), reversed(above))
    return "\n".join(reversed([row.lstrip("#").strip() for row in rows]))
