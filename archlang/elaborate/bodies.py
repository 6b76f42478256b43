"""Bodies: statements in order, each moving the running tensor on."""

from __future__ import annotations

from typing import Any, overload

from archlang.diagnostics import Label as Mark
from archlang.elaborate.declare import declare
from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.heads import aux
from archlang.elaborate.kinds import kind_of
from archlang.elaborate.layers import held
from archlang.elaborate.partly import across
from archlang.elaborate.place import claim, place, step, tag, too_many
from archlang.elaborate.read import condition, label_node, read
from archlang.elaborate.shapes_text import sizes
from archlang.elaborate.trunks import ends_here, enter
from archlang.elaborate.values import UNKNOWN, Label, describe, is_list
from archlang.elaborate.variants import doubtful, holds
from archlang.elaborate.work import FAILED, Pending, Where, Work
from archlang.elaborate.wraps import view_of
from archlang.ir.scope import Kind, Scope
from archlang.ops.input import Input
from archlang.source import Span
from archlang.syntax import ast

DEFAULT_INPUT = (3, 224, 224)


@overload
def body(work: Work, tree: ast.Body, cur: int, where: Where) -> int: ...
@overload
def body(work: Work, tree: ast.Body, cur: int | None, where: Where) -> int | None: ...
def body(work: Work, tree: ast.Body, cur: int | None, where: Where) -> int | None:
    """Run the statements of a body after `cur`; returns the tensor the last one leaves."""
    declare(work, tree, where)
    read_to = tree.span.start
    for statement in tree.statements:
        step(work, statement.span, where)
        if work.gaps:
            cur = across(work, cur, Span(tree.span.source, read_to, statement.span.start))
            read_to = statement.span.end
        cur = _statement(work, statement, cur, where)
        if work.trunks:
            ends_here(work, where)
    return across(work, cur, Span(tree.span.source, read_to, tree.span.end)) if work.gaps else cur


def _statement(work: Work, statement: ast.Statement, cur: int | None, where: Where) -> int | None:
    match statement:
        case ast.Place():
            if cur is None and not _is_net(statement.item, where):
                cur = _default_input(work, statement, where)
            return work.item(work, statement.item, cur, where)
        case ast.Let():
            _let(work, statement, where)
        case ast.Input():
            return _input(work, statement, cur, where)
        case ast.Guarded():
            return _guarded(work, statement, cur, where)
        case ast.If():
            return _if(work, statement, cur, where)
        case ast.Taps() | ast.Output() | ast.Freeze() | ast.Setting() | ast.Paper():
            _later(work, statement, where)
        case ast.Expect() | ast.ExpectSize():
            _later(work, statement, where)
        case ast.Import() | ast.Block() | ast.Extern() | ast.Means() | ast.Variant() | ast.Net():
            pass
        case _:
            if cur is None:
                cur = _default_input(work, statement, where)
            return _nested(work, statement, cur, where)
    return cur


def _nested(work: Work, statement: ast.Stage | ast.From | ast.For | ast.Table | ast.Aux, cur: int, where: Where) -> int:
    match statement:
        case ast.Stage():
            return _stage(work, statement, cur, where)
        case ast.From():
            return _from(work, statement, where)
        case ast.For():
            return _for(work, statement, cur, where)
        case ast.Table():
            return _table(work, statement, cur, where)
        case ast.Aux():
            aux(work, statement, cur, where)
            return cur


def _is_net(it: ast.Item, where: Where) -> bool:
    return isinstance(it.core, ast.Call) and where.env.net(it.core.name) is not None


def _default_input(work: Work, statement: ast.Statement, where: Where) -> int:
    span = statement.span
    work.assumed = True
    if not work.inputs and not _says_input(work):
        work.note("default-input", "there is no `input` line, so the input is 3x224x224", span)
    shape = work.inputs[0] if work.inputs else DEFAULT_INPUT
    return _place_input(work, shape, ast.Word("data", span), where, span)


def _says_input(work: Work) -> bool:
    return work.tree is not None and any(isinstance(s, ast.Input) for s in work.tree.statements)


def _place_input(work: Work, shape: Any, name: ast.Word, where: Where, span: Any) -> int:
    id_ = place(work, Input(size=shape), (), where, span, label=name)
    if not work.input_ids:
        where.env.values["in"] = view_of(work.shape(id_))
    work.input_ids.append(id_)
    return id_


def _input(work: Work, statement: ast.Input, cur: int | None, where: Where) -> int | None:
    if _in_block(where):
        help_ = "leave it out: a block takes what enters it"
        work.error("input-in-block", "only a net has an `input` line", statement.span, where, help=help_)
        return cur
    if cur is not None and where.scope.kind is Kind.TRUNK:
        return enter(work, statement, cur, where)
    if work.assumed and cur == FAILED and work.failed:
        return cur  # what stands above is broken, and was perhaps meant to be no layer
    if work.assumed:
        message = "the `input` line comes before the layers"
        work.error("input-after-layers", message, statement.span, where, help="move it to the top")
        return cur
    if "?" in statement.shape.dims:
        help_ = "a letter names a size that is not known yet: `3xHxW`"
        return work.error("input-shape", "`?` is for sizes that are claimed", statement.shape.span, where, help=help_)
    index = len(work.input_ids)
    shape = work.inputs[index] if index < len(work.inputs) else sizes(statement.shape)
    name = statement.name or ast.Word("data", statement.span)
    id_ = _place_input(work, shape, name, where, statement.span)
    return id_ if cur is None else cur


def _in_block(where: Where) -> bool:
    return next(s.kind is Kind.BLOCK for s in where.scope.chain() if s.binding is not None)


def _later(work: Work, statement: Any, where: Where) -> None:
    if _in_block(where):
        word = statement.span.text.split(None, 1)[0]
        message = f"`{word}` lines belong to a net, and this is a block"
        work.error("net-only", message, statement.span, where, help="move it into the net that calls the block")
    else:
        work.pending.append(Pending(statement, where, len(work.nodes), None))


def _let(work: Work, statement: ast.Let, where: Where) -> None:
    name = statement.name.name
    values = where.env.values
    if "." in name or name in ("in", "out", "true", "false"):
        work.error("reserved-value", f"`{name}` cannot be given a value", statement.name.span, where)
        return
    if name in values:
        work.error("let-twice", f"`{name}` has a value in this body already", statement.name.span, where)
        return
    try:
        values[name] = read(work, statement.value, where, labels=True)
    except ValueProblem as problem:
        work.problem(problem, where)
        values[name] = UNKNOWN
    binding = where.env.binding
    if binding is not None:
        binding.lets[name] = (statement.value, values[name])


def _guarded(work: Work, statement: ast.Guarded, cur: int | None, where: Where) -> int | None:
    inside = holds(work, statement.guard, where)
    if inside is UNKNOWN:
        return doubtful(work, statement.body, cur, where)
    return body(work, statement.body, cur, where) if inside else cur


def _if(work: Work, statement: ast.If, cur: int | None, where: Where) -> int | None:
    try:
        holds_ = condition(work, statement.condition, where)
    except ValueProblem as problem:
        work.problem(problem, where)
        holds_ = UNKNOWN
    if holds_ is UNKNOWN:
        return doubtful(work, (statement.then, statement.orelse), cur, where)
    if holds_:
        return body(work, statement.then, cur, where)
    return body(work, statement.orelse, cur, where) if statement.orelse is not None else cur


def _stage(work: Work, statement: ast.Stage, cur: int, where: Where) -> int:
    word = statement.name
    env = Env(where.env)
    env.binding = where.env.binding
    if word is None:
        scope = Scope(Kind.STAGE, "", where.scope, statement.span, path=where.scope.path)
        return body(work, statement.body, cur, where.but(scope=scope, env=env))
    first = len(work.nodes)
    name = claim(work, word, where)
    where.level.next("stage")
    level = where.level.within(name, numbered=True)
    scope = Scope(Kind.STAGE, word.name, where.scope, statement.span, name, level.path, numbered=True, label=word.name)
    out = body(work, statement.body, cur, where.but(scope=scope, level=level, env=env, copy=""))
    tag(work, word, where, out, first)
    return out


def _from(work: Work, statement: ast.From, where: Where) -> int:
    ids = [_entering(work, word, where) for word in statement.labels]
    if len(ids) == 1:
        return body(work, statement.body, ids[0], where)
    first, *rest = statement.body.statements
    core = first.item.core if isinstance(first, ast.Place) else None
    kind = kind_of(core.name, where.env) if isinstance(core, ast.Call) else None
    if not isinstance(first, ast.Place) or kind is None or (kind.arity is not None and not kind.ports):
        message = f"{len(ids)} tensors enter here, so the line begins with what joins them"
        return work.error("from-merge", message, first.span, where, help="begin with `add`, `concat` or `mul`")
    cur = work.item(work, first.item, ids[0], where, extra=tuple(ids[1:]))
    return body(work, ast.Body(tuple(rest), statement.body.span), cur, where)


def _entering(work: Work, word: ast.Word, where: Where) -> int:
    """The tensor that a line begins with: a parameter's that holds a label, else a label's."""
    value = held(word.name, where)
    return value.node if isinstance(value, Label) else label_node(work, word, where)


def _for(work: Work, statement: ast.For, cur: int, where: Where) -> int:
    try:
        values = read(work, statement.values, where)
    except ValueProblem as problem:
        return work.problem(problem, where)
    if values is UNKNOWN:
        return FAILED
    if not is_list(values):
        message = f"`for` goes through a list, and this is {describe(values)}"
        help_ = "write `range(0, n)`"
        return work.error("for-list", message, statement.values.span, where, help=help_)
    outer = Scope(Kind.REPEAT, "for", where.scope, statement.span, path=where.scope.path)
    start = len(work.nodes)
    out = cur
    for i, value in enumerate(values):
        env = Env(where.env)
        env.values[statement.name.name] = value
        scope = Scope(Kind.COPY, "for", outer, statement.span, path=outer.path, copy=i, copies=len(values))
        place_ = where.but(env=env, scope=scope, copy=f"{where.copy}_{i + 1}")
        out = body(work, statement.body, out, place_)
        if out == FAILED:
            return out
        if i == 0 and start + (len(work.nodes) - start) * len(values) > work.most.layers:
            too_many(work, statement.span, where)
    return out


def _table(work: Work, statement: ast.Table, cur: int, where: Where) -> int:
    names = [word.name for word in statement.header]
    for row in statement.rows:
        env = Env(where.env)
        if len(row) != len(names):
            span = row[0].span.to(row[-1].span)
            message = f"this row has {len(row)} values, and the header {len(names)}"
            labels = (Mark(statement.header[0].span.to(statement.header[-1].span), "the header"),)
            work.error("table-row", message, span, where, labels=labels)
            return FAILED
        try:
            for name, expr in zip(names, row, strict=True):
                env.values[name] = read(work, expr, where)
        except ValueProblem as problem:
            return work.problem(problem, where)
        cur = work.item(work, statement.item, cur, where.but(env=env))
    return cur
