"""`again(name)`: a layer or block once more, with its weights."""

from __future__ import annotations

from archlang.diagnostics import Label as Mark
from archlang.elaborate.place import claim, tag
from archlang.elaborate.read import find_label, label_node
from archlang.elaborate.shapes_text import show
from archlang.elaborate.sizing import once
from archlang.elaborate.work import FAILED, How, Where, Work
from archlang.ir.graph import Node
from archlang.ir.scope import Kind, Scope
from archlang.syntax import ast


def again(work: Work, core: ast.Call, cur: int, where: Where, how: How) -> int:
    """`again(name)`: the layer or block of that name once more, with its weights."""
    args = core.args or ()
    if len(args) != 1 or not isinstance(args[0].value, ast.Name):
        return work.error(
            "again", "`again` takes the name of a layer or block", core.span, where, help="write `again(conv1)`"
        )
    name = args[0].value
    tag_ = find_label(work, name.name, where)
    if tag_ is None:
        return label_node(work, ast.Word(name.name, name.span), where)
    if FAILED in (cur, tag_.node):
        return FAILED
    source = work.sources.get((tag_.first, tag_.end))
    if source is None:
        return work.error("again", f"`{name.name}` is no layer or block that can be used again", name.span, where)
    counted = ("again", id(source[0]), work.shape(cur))
    return once(work, counted, cur, lambda: _once_more(work, source, tag_.first, tag_.end, core, cur, where, how))


def _once_more(
    work: Work, source: tuple[ast.Item, Where], first: int, end: int, core: ast.Call, cur: int, where: Where, how: How
) -> int:
    it, made = source
    plain = ast.Item(
        it.core, tuple(m for m in it.modifiers if not isinstance(m, ast.As | ast.AsParts | ast.Claim)), it.span
    )
    own_name = claim(work, how.label, where) if how.label is not None else where.level.next("again")
    level = where.level.within(own_name)
    started = len(work.nodes)
    outer = work.sharing
    work.sharing = [node.id if node.shares is None else node.shares for node in work.nodes[first:end]]
    try:
        scope = Scope(
            Kind.GROUP, "again", where.scope, core.span, own_name, level.path, label=how.label and how.label.name
        )
        inner = made.but(level=level, scope=scope, trace=(Mark(core.span), *where.trace), names=None)
        out = work.item(work, plain, cur, inner)
    finally:
        work.sharing = outer
    word = ast.Word(own_name, how.label.span if how.label else core.span)
    tag(work, word, where.but(copy=""), out, started)
    if out == FAILED or work.memory is not None:
        return out
    for mine, theirs in zip(work.nodes[started:], work.nodes[first:end], strict=True):
        if _weights(work, mine) != _weights(work, theirs):
            entered, before = work.shapes[mine.inputs[0]], work.shapes[theirs.inputs[0]]
            message = f"the weights do not fit what enters here: {show(entered)}, where it was {show(before)}"
            return work.error("again-shape", message, core.span, where, labels=(Mark(theirs.span, "made here"),))
    return out


def _weights(work: Work, node: Node) -> dict[str, tuple[int, ...]]:
    return node.op.tensors(tuple(work.shapes[i] for i in node.inputs))
