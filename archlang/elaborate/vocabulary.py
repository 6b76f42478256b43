"""Numbers of words told from measurements: an `embed` reads an input, and nothing else reads that input."""

from __future__ import annotations

from archlang.diagnostics import Label as Mark
from archlang.elaborate.work import Where, Work
from archlang.ir.graph import Node
from archlang.ir.scope import Kind


def told_apart(work: Work, where: Where) -> None:
    """Report each layer that reads measurements as words, or words as measurements."""
    readers = {node.inputs[0]: node for node in reversed(work.nodes) if node.op.vocabulary is not None}
    if not readers:
        return
    made = {node.id: node for node in work.nodes}
    inputs = frozenset(work.input_ids)
    for node in work.nodes:
        if node.op.vocabulary is not None and node.inputs[0] not in inputs:
            _no_words(work, node, made.get(node.inputs[0]), where)
        elif node.op.vocabulary is None:
            ports = node.inputs[:1] if node.op.sized_by else node.inputs
            mixed = next((id_ for id_ in ports if id_ in inputs and id_ in readers), None)
            if mixed is not None:
                _words(work, node, readers[mixed], made[mixed], where)


def _no_words(work: Work, node: Node, source: Node | None, where: Where) -> None:
    what = f"what `{source.path}` leaves" if source is not None else "what another layer leaves"
    message = f"`{node.op.word}` needs the numbers of words, and this is {what}"
    help_ = "words come from an input of their own: `input words 20`, then `from words: ...`"
    work.error("words", message, node.span, _at(node, where), help=help_)


def _words(work: Work, node: Node, reader: Node, source: Node, where: Where) -> None:
    message = f"`{source.name}` holds the numbers of words, and `{node.op.word}` reads them as measurements"
    labels = (Mark(reader.span, "words, as this reads them"),)
    work.error("words", message, node.span, _at(node, where), labels=labels)


def _at(node: Node, where: Where) -> Where:
    """The place of a node: the calls that led to it, the innermost first."""
    calls = [scope for scope in node.scope.chain() if scope.kind in (Kind.BLOCK, Kind.TRUNK)]
    return where.but(trace=tuple(Mark(scope.span) for scope in calls))
