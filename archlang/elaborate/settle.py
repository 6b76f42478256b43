"""What is settled when the net is complete: outputs, taps, settings, expectations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.read import did_you_mean, find_label, label_names, label_node, read
from archlang.elaborate.settings import Draft, setting
from archlang.elaborate.shapes_text import check_claim
from archlang.elaborate.values import UNKNOWN, describe
from archlang.elaborate.variants import holds
from archlang.elaborate.work import FAILED, Where, Work
from archlang.ir.network import SUBJECTS, Expectation, Head, Result
from archlang.ir.scope import Kind
from archlang.syntax import ast


@dataclass(slots=True)
class Settled:
    """What the net's last lines come to."""

    outputs: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    taps: dict[str, int] = field(default_factory=dict[str, int])
    expectations: list[Expectation] = field(default_factory=list[Expectation])
    draft: Draft = field(default_factory=Draft)
    paper: str | None = None


def settle(work: Work, *, claims: bool) -> Settled:
    """Go through the statements that waited for the whole net. `claims` says whether its `expect` lines apply."""
    settled = Settled()
    for pending in work.pending:
        statement, where = pending.statement, pending.where
        trunk = where.scope.kind is Kind.TRUNK
        match statement:
            case ast.Output() if not trunk:
                settled.outputs += _named(work, statement.names, where)
            case ast.Taps() if not trunk:
                settled.taps |= dict(_named(work, statement.names, where))
            case ast.Freeze() | ast.Setting():
                setting(work, statement, pending, settled.draft)
            case ast.Paper() if not trunk:
                if statement.guard is None or holds(work, statement.guard, where) is True:
                    settled.paper = statement.text
            case ast.ExpectSize() if not trunk:
                _expect_size(work, statement, where, claims=claims)
            case ast.Expect() if claims and not trunk:
                _expect(work, statement, where, settled)
            case _:
                pass
    return settled


def _named(work: Work, names: Iterable[ast.Word], where: Where) -> list[tuple[str, int]]:
    found = [(word.name, label_node(work, word, where)) for word in names]
    return [(name, id_) for name, id_ in found if id_ != FAILED]


def _expect(work: Work, line: ast.Expect, where: Where, settled: Settled) -> None:
    if line.guard is not None and holds(work, line.guard, where) is not True:
        return
    at, _, subject = line.subject.name.rpartition(".")
    if subject not in SUBJECTS:
        known = ", ".join(f"`{s}`" for s in SUBJECTS)
        help_ = did_you_mean(subject, list(SUBJECTS)) or f"there are {known}, and `label.params` and its like"
        work.error("expect-subject", f"nothing is called `{subject}` here", line.subject.span, where, help=help_)
        return
    nodes = None
    if at:
        tag = find_label(work, at, where)
        if tag is None:
            help_ = did_you_mean(at, label_names(work, where))
            work.error("unknown-label", f"there is no label `{at}`", line.subject.span, where, help=help_)
            return
        nodes = frozenset(range(tag.first, tag.end))
    try:
        value, digits = _number(work, line.value, where)
        but, but_digits = _number(work, line.but, where) if line.but is not None else (None, None)
    except ValueProblem as problem:
        work.problem(problem, where)
        return
    if value is UNKNOWN or but is UNKNOWN:
        return
    settled.expectations.append(
        Expectation(subject, at, nodes, line.op, value, digits, but, but_digits, line.reason, line)
    )


def _expect_size(work: Work, line: ast.ExpectSize, where: Where, *, claims: bool) -> None:
    """Hold `expect layer4 => 512x7x7` against the label's output, like the same claim on the layer itself."""
    if line.guard is not None and holds(work, line.guard, where) is not True:
        return
    tag = find_label(work, line.label.name, where)
    if tag is None and line.label.name.rpartition(".")[2] in SUBJECTS:
        message = f"`{line.label.name}` is a number, and `=>` claims an output size"
        help_ = f"write `expect {line.label.name} == ...`"
        work.error("expect-subject", message, line.claim.span, where, help=help_)
        return
    node = label_node(work, line.label, where)
    if tag is not None and node != FAILED:
        work.claimed.update(range(tag.first, tag.end))
        if claims:
            check_claim(work, line.claim, node, where)


def _number(work: Work, expr: ast.Expr, where: Where) -> tuple[Any, str | None]:
    value = read(work, expr, where)
    if value is not UNKNOWN and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueProblem("operand", f"this must be a number, and is {describe(value)}", expr.span)
    return value, expr.digits if isinstance(expr, ast.Number) else None


def results(work: Work, settled: Settled, out: int) -> tuple[Result, ...]:
    """The outputs: those an `output` line names, else what the last statement left."""
    named = settled.outputs or [(_output_name(work, out), out)]
    return tuple(_read_off(work, name, id_) for name, id_ in named)


def _output_name(work: Work, out: int) -> str:
    node = work.nodes[out]
    if node.op.word == "softmax" and node.inputs:
        node = work.nodes[node.inputs[0]]
    return node.label or "logits"


def _read_off(work: Work, name: str, id_: int) -> Result:
    """A final softmax is the reading; what it reads are the logits."""
    node = work.nodes[id_]
    if node.op.word == "softmax":
        return Result(name, node.inputs[0], id_)
    return Result(name, id_, None)


def heads(work: Work) -> tuple[Head, ...]:
    """The train-only heads, their readings set apart."""
    drafts = [(draft, _read_off(work, draft.name, draft.node)) for draft in work.heads]
    return tuple(Head(d.name, d.weight, r.output, r.reading, d.scope) for d, r in drafts)
