"""Train-only heads: `aux loss1(weight=0.3) { ... }`."""

from __future__ import annotations

from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.place import claim, tag
from archlang.elaborate.read import read
from archlang.elaborate.values import UNKNOWN, describe
from archlang.elaborate.work import FAILED, HeadDraft, Where, Work
from archlang.ir.scope import Kind, Scope
from archlang.syntax import ast


def aux(work: Work, statement: ast.Aux, cur: int, where: Where) -> None:
    """Place a head on `cur`; the main line goes on from there. In a net used as a layer it is left out."""
    if work.trunks:
        return
    if not _directly_in_net(where.scope):
        work.error("aux-in-block", "`aux` belongs to a net, and this is a block", statement.span, where)
        return
    weight = _weight(work, statement, where)
    first = len(work.nodes)
    placed = [s for s in statement.body.statements if not isinstance(s, ast.Let)]
    if len(placed) == 1 and isinstance(placed[0], ast.Place) and _is_block_call(placed[0].item, where):
        scope = Scope(Kind.AUX, statement.name.name, where.scope, statement.span, path=where.scope.path)
        env = Env(where.env)
        out = work.item(work, placed[0].item, cur, where.but(scope=scope, env=env), label=statement.name)
    else:
        name = claim(work, statement.name, where)
        level = where.level.within(name)
        label = statement.name.name
        scope = Scope(Kind.AUX, label, where.scope, statement.span, name, level.path, label=label)
        env = Env(where.env)
        out = work.body(work, statement.body, cur, where.but(scope=scope, env=env, level=level, copy=""))
        tag(work, statement.name, where, out, first)
    if out != FAILED:
        work.heads.append(HeadDraft(statement.name.name, weight, out, first, len(work.nodes), scope))


def _directly_in_net(scope: Scope) -> bool:
    owner = next(s for s in scope.chain() if s.binding is not None)
    return owner.kind is Kind.NET


def _is_block_call(it: ast.Item, where: Where) -> bool:
    return isinstance(it.core, ast.Call) and not it.modifiers and where.env.block(it.core.name) is not None


def _weight(work: Work, statement: ast.Aux, where: Where) -> float:
    weight: object = 1.0
    for arg in statement.args:
        if arg.name != "weight":
            message = f"`aux` has no option `{arg.name or ' '.join(arg.span.text.split())}`"
            work.error("unknown-option", message, arg.span, where, help="write `(weight=0.3)`")
            continue
        try:
            weight = read(work, arg.value, where)
        except ValueProblem as problem:
            work.problem(problem, where)
            continue
        if weight is UNKNOWN:
            weight = 1.0
        elif isinstance(weight, bool) or not isinstance(weight, int | float):
            work.error("option", f"`weight` is a number, and this is {describe(weight)}", arg.span, where)
            weight = 1.0
    return float(weight)  # type: ignore[arg-type]
