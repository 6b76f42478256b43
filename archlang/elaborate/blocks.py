"""Calls of blocks: parameters bound, a scope and a level opened, the body placed."""

from __future__ import annotations

from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.bind import bind_definition
from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.place import claim, tag, too_many
from archlang.elaborate.read import read
from archlang.elaborate.same_calls import as_before
from archlang.elaborate.sizing import fits, key, once
from archlang.elaborate.values import UNKNOWN, Label, Partial
from archlang.elaborate.work import DEEPEST_CALL, FAILED, Given, How, Stop, Where, Work
from archlang.elaborate.wraps import view_of
from archlang.ir.scope import Binding, Kind, Scope
from archlang.syntax import ast


def call_block(work: Work, partial: Partial, core: ast.Call, cur: int, where: Where, how: How) -> int:
    """Place one call of a block after `cur`."""
    definition = partial.definition
    block = definition.node
    too_deep(work, core, where)
    if core.dash is not None:
        message = f"`{block.name}` is a block, and a block takes its numbers in parentheses"
        help_ = f"write `{block.name}({core.dash.span.text})`"
        return work.error("block-call", message, core.dash.span, where, help=help_)
    _refuse(work, block.name, where, how)
    first = len(work.nodes)
    name = _call_name(work, block.name, where, how)
    is_seq = _is_seq(block.body)
    level = where.level.within(name, numbered=is_seq, boundary=True)
    env = Env(definition.env, words_from=where.env if definition.prelude else None)
    env.values["in"] = view_of(work.shape(cur))
    trace = (Mark(core.span), *where.trace)
    inside = Where(
        env, where.scope, level, trace=trace, body_is_seq=is_seq, depth=where.depth + 1, prelude=definition.prelude
    )
    bound = _bind(work, partial, core, where, inside, how)
    if bound is None:
        if how.label is not None:
            tag(work, ast.Word(how.label.name, how.label.span), where, FAILED, first)
        return FAILED
    if not fits(work):
        too_many(work, core.span, where)
    binding = Binding(
        block,
        bound,
        inputs=(work.shape(cur),),
        labels={key: value.node for key, value in bound.items() if isinstance(value, Label)},
    )
    env.binding = binding
    label = how.label.name if how.label is not None else None
    scope = Scope(Kind.BLOCK, block.name, where.scope, core.span, name, level.path, is_seq, label, binding)

    def run() -> int:
        return work.body(work, block.body, cur, inside.but(scope=scope))

    if work.memory is not None:
        out = once(work, key(definition, bound, work, cur), cur, run)
    else:
        out = as_before(work, definition, bound, cur, scope, inside.depth, run)
    word = ast.Word(name, how.label.span if how.label is not None else core.span)
    tag(work, word, where.but(copy=""), out, first)
    if how.label is not None and where.copy:
        tag(work, how.label, where.but(copy=""), out, first)
    return out


def too_deep(work: Work, core: ast.Call, where: Where) -> None:
    """Stop at calls within calls past the limit: a block that calls itself without end."""
    if where.depth >= DEEPEST_CALL:
        message = f"calls go {DEEPEST_CALL} deep here, the most there may be: does a block call itself without end?"
        short = where.but(trace=where.trace[:3])
        work.error("recursion", message, core.span, short)
        raise Stop


def _call_name(work: Work, name: str, where: Where, how: How) -> str:
    if how.label is not None:
        where.level.next(name)
        return claim(work, how.label, where)
    turn = where.level.next(name)
    while where.level.join(turn) in work.labels:
        turn = where.level.next(name)
    return turn


def _is_seq(body: ast.Body) -> bool:
    placed = [s for s in body.statements if not isinstance(s, ast.Let | ast.Means | ast.Block)]
    if len(placed) != 1 or not isinstance(placed[0], ast.Place):
        return False
    it = placed[0].item
    return isinstance(it.core, ast.Wrap) and it.core.name == "seq" and not it.modifiers


def _refuse(work: Work, name: str, where: Where, how: How) -> None:
    for word, span in how.asked():
        message = f"`{word}` is not for a block: `{name}` is one"
        work.error("modifier-on-block", message, span, where, help="write it on the layer inside the block")


def _bind(work: Work, partial: Partial, core: ast.Call, where: Where, inside: Where, how: How) -> dict[str, Any] | None:
    block = partial.definition.node
    preset: dict[str, Any] = {}
    stride = how.stride
    if core.stride is not None:
        if stride is not None:
            labels = (Mark(stride.span, "and here"),)
            work.error("stride-twice", "a stride is given here", core.stride.span, where, labels=labels)
        try:
            stride = Given(read(work, core.stride, where), core.stride.span, core.stride)
        except ValueProblem as problem:
            work.problem(problem, where)
            stride = Given(UNKNOWN, core.stride.span)
    if stride is not None:
        if not any(p.name == "stride" for p in block.parameters):
            message = f"`{block.name}` has no parameter `stride` for this to go to"
            labels = (Mark(partial.definition.span, "declared here"),)
            work.error("stride-nowhere", message, stride.span, where, labels=labels)
            return None
        preset["stride"] = stride.value
    return bind_definition(work, partial, core.args or (), where, inside, preset)
