"""The parts of a text that an editor can fold away."""

from __future__ import annotations

from collections.abc import Iterator

from archlang.editing.look import looked
from archlang.elaborate.uses import walk
from archlang.record import record
from archlang.source import Source, Span
from archlang.syntax import ast


@record
class Fold:
    """Several lines that can be one: `kind` is part, comment or imports."""

    span: Span
    kind: str


def folds(source: Source) -> list[Fold]:
    """What goes on for several lines: nets, blocks, stages, heads, brackets, comments, imports; in order of the text.

    Of parts that begin on one line the longest is told.
    """
    found = [*_parts(source), *_comments(source)]
    longest: dict[int, Fold] = {}
    for each in found:
        begun = longest.get(each.span.line)
        if begun is None or begun.span.end < each.span.end:
            longest[each.span.line] = each
    return [longest[line] for line in sorted(longest)]


def _parts(source: Source) -> Iterator[Fold]:
    program = looked(source).module.program
    for node in walk(program):
        for span in _spans(node):
            if _lines(span) > 1:
                yield Fold(span, "part")
    imports = [each.span for each in program.body.statements if isinstance(each, ast.Import)]
    if len(imports) > 1:
        yield Fold(imports[0].to(imports[-1]), "imports")


def _spans(node: object) -> Iterator[Span]:
    match node:
        case ast.If(then=then, orelse=orelse):
            yield node.span.to(then.span)
            if orelse is not None:
                yield orelse.span
        case ast.Extern(body_span=body) if body is not None:
            yield node.span.to(body)
        case ast.Table() | ast.Group() | ast.Wrap() | ast.Call():
            yield node.span
        case ast.Net() | ast.Block() | ast.Stage() | ast.Aux() | ast.From() | ast.For() | ast.Guarded():
            yield node.span.to(node.body.span)
        case _:
            pass


def _comments(source: Source) -> Iterator[Fold]:
    """Lines of nothing but comments, one after the other."""
    first: int | None = None
    for number in range(1, len(source.starts) + 2):
        here = number <= len(source.starts) and source.line(number).lstrip().startswith("#")
        if here and first is None:
            first = number
        elif not here and first is not None:
            last = number - 1
            if last > first:
                start = source.starts[first - 1]
                yield Fold(Span(source, start, source.starts[last - 1] + len(source.line(last))), "comment")
            first = None


def _lines(span: Span) -> int:
    return span.source.position(span.end)[0] - span.line + 1
