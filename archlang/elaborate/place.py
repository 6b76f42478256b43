"""Placing one node: its name, its shape, its label, and the limits on how many there may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.evaluate import LARGEST
from archlang.elaborate.level import is_taken
from archlang.elaborate.sizing import fits
from archlang.elaborate.work import (
    FAILED,
    MOST_LETTERS,
    SPARE_STEPS,
    STEPS_A_LAYER,
    Stop,
    Tag,
    Where,
    Work,
)
from archlang.ir.graph import Node
from archlang.ir.scope import Kind
from archlang.ops.limits import checked_shape
from archlang.ops.op import Op, Shape, ShapeError, Window
from archlang.source import Span
from archlang.syntax import ast

LEGAL = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
QUOTED = re.compile(r"(?:[A-Za-z_][\w-]*|\d+)\Z", re.ASCII)
"""What a label between quotes may be: one that only a key of the `state_dict` says."""


def tag(work: Work, label: ast.Word, where: Where, node: int, first: int) -> None:
    """Let a label stand for a tensor and the nodes placed since `first`.

    In a copy of a repeat it stands for this copy's, and, until the next copy, plain for the last one's.
    """
    mark(work, label.name + where.copy, where, Tag(node, first, len(work.nodes), label.span))
    if where.copy:
        mark(work, label.name, where, Tag(node, first, len(work.nodes), label.span))


def mark(work: Work, name: str, where: Where, meant: Tag) -> None:
    """Enter a name of this level, but for one that was given twice, which may mean either."""
    if (path := where.level.join(name)) not in work.twice:
        work.labels[path] = meant


def claim(work: Work, word: ast.Word, where: Where) -> str:
    """The name that a label gets: legal, free in its level, and no attribute of `nn.Module`."""
    name = word.name + where.copy
    if not (QUOTED if word.span.text.startswith('"') else LEGAL).match(word.name):
        message = "a label is letters, digits and underscores, and begins with a letter"
        work.error("label-name", message, word.span, where)
        return re.sub(r"\W", "_", f"x{name}", flags=re.ASCII)
    if where.level.numbered and word.name.isdigit():
        message = f"`{word.name}` cannot be a label here: what stands here is numbered already"
        work.error("label-name", message, word.span, where, help="leave the label out, or begin it with a letter")
        return f"x{name}"
    if is_taken(name):
        free = f"{name.lstrip('_') or 'x'}_"  # what begins with `_` is a class's own business in Python
        message = f"`{name}` already means something in a PyTorch module; it becomes `{free}`"
        work.warn("reserved-name", message, word.span, where, help="choose another name")
        name = free
    earlier = work.labels.get(where.level.join(name))
    if earlier is not None:
        labels = (Mark(earlier.span, _why_taken(name, earlier)),)
        help_ = "give this one another name"
        trunk = next((scope for scope in where.scope.chain() if scope.kind is Kind.TRUNK), None)
        if trunk is not None:
            if any(trunk is other for other in work.clashed):
                return name  # one label settles all the names of the net
            work.clashed.append(trunk)
            help_ = "give the net that is used as a layer a label: `... as trunk`"
        work.spare += 1
        message = f"the name `{name}` is taken in this body"
        work.error("duplicate-label", message, word.span, where, labels=labels, help=help_)
        mark(work, name, where, Tag(FAILED, earlier.first, earlier.end, earlier.span))
        work.twice.add(where.level.join(name))
        name = _free(work, name, where)  # so that what is named below it is not taken as well
    return name


def _free(work: Work, name: str, where: Where) -> str:
    return next(free for i in count(2) if where.level.join(free := f"{name}__{i}") not in work.labels)


def _why_taken(name: str, earlier: Tag) -> str:
    typed = earlier.span.text.strip('"')
    if typed == name or (typed.isidentifier() and name.startswith(typed)):
        return "first here"
    return f"by its turn this is `{name}`"


def auto_name(work: Work, family: str, where: Where) -> str:
    """The next free name of that family in the level."""
    name = where.level.next(family)
    while where.level.join(name) in work.labels:
        name = where.level.next(family)
    return name


def place(
    work: Work,
    op: Op,
    inputs: tuple[int, ...],
    where: Where,
    span: Span,
    *,
    label: ast.Word | None = None,
    exprs: Mapping[str, ast.Expr] | None = None,
    ports: tuple[Span, ...] = (),
    at: Mapping[str, Span] | None = None,
) -> int:
    """Add one layer that reads `inputs`; returns its id, `FAILED` if an input is, or its shape cannot be.

    `ports` are the spans to point at when an input does not fit, `at` those of
    the options.
    """
    if where.names and op.stateful:
        label = where.names.pop(0)
    turn = where.level.next(op.family) if label is not None or where.level.numbered else None
    if label is not None:
        name = claim(work, label, where)
    else:
        name = turn if turn is not None else auto_name(work, op.family, where)
    if len(work.nodes) >= work.most.layers or not fits(work):
        too_many(work, span, where)
    id_ = len(work.nodes)
    path = where.level.join(name)
    work.letters += len(path)
    if work.letters > MOST_LETTERS:
        message = f"up to here, the names of layers have more than {MOST_LETTERS:,} characters"
        work.error("too-long", message, span, where)
        raise Stop
    shapes = tuple([work.shapes[i] for i in inputs if i in work.shapes])
    node = id_
    if len(shapes) < len(inputs):
        node = FAILED
    else:
        try:
            shape, window = _sized(work, op, shapes)
            stride = _within(stride_after(work, window, inputs))
        except ShapeError as error:
            node = _complain(work, error, where, span, ports, at or {})
        else:
            work.shapes[id_] = shape
            work.strides.append(stride)
            shares = None
            if work.sharing:
                shares = work.sharing.pop(0)
            labelled = None if label is None else label.name
            work.nodes.append(Node(id_, op, inputs, name, path, where.scope, span, labelled, shares, exprs or {}))
    meant = Tag(node, id_, len(work.nodes), label.span if label else span)
    work.labels[path] = meant
    if label is not None and where.copy:
        work.labels[where.level.join(label.name)] = meant
    return node


def step(work: Work, span: Span, where: Where) -> None:
    """Count one item or statement gone through, and stop where far too many of them place nothing."""
    work.steps += 1
    if work.steps <= SPARE_STEPS + STEPS_A_LAYER * len(work.nodes):
        return
    if not work.failed:
        message = f"this goes through more than {SPARE_STEPS:,} lines, and hardly a layer comes of it"
        work.error("too-many-steps", message, span, where, help="check the counts of the repeats around it")
    raise Stop


def too_many(work: Work, span: Span, where: Where) -> None:
    """Report that the network is too large, and stop."""
    work.error("too-many-layers", work.most.message(), span, where, help=work.most.help)
    raise Stop


def _sized(work: Work, op: Op, shapes: tuple[Shape, ...]) -> tuple[Shape, Window | None]:
    """The output's shape and the layer's window, once for all layers that are equal; raises `ShapeError`."""
    known = work.sized.get((op, shapes))
    if known is None:
        known = work.sized[op, shapes] = (checked_shape(op, shapes), op.window)
    return known


def stride_after(work: Work, window: Window | None, inputs: tuple[int, ...]) -> tuple[Any, Any]:
    """By how much the network's input has shrunk, rows and columns, after a layer with that window."""
    if not inputs:
        return (1, 1)
    before = work.strides[inputs[0]]
    if window is None or (window.stride == (1, 1) and window.scale == (1, 1)):
        return before
    rows, columns = (b * s for b, s in zip(before, window.stride, strict=True))
    if window.scale == (1, 1):
        return rows, columns
    from fractions import Fraction  # few networks enlarge a map

    down, right = window.scale
    return rows if down == 1 else Fraction(rows, down), columns if right == 1 else Fraction(columns, right)


def _within(stride: tuple[Any, Any]) -> tuple[Any, Any]:
    """The same: strides multiply, and a number that grows with every layer would fill the memory."""
    if all(size * LARGEST >= 1 and size <= LARGEST for size in stride):
        return stride
    message = f"up to here, strides and scales multiply to more than {LARGEST:,}, the most there may be"
    raise ShapeError("integer-size", message)


def _complain(
    work: Work, error: ShapeError, where: Where, span: Span, ports: tuple[Span, ...], at: Mapping[str, Span]
) -> int:
    named = sorted(port for port in error.ports if port < len(ports))
    if named and len(ports) > 1:
        *others, main = named
        labels = tuple(Mark(ports[port], error.ports[port]) for port in others)
        text = error.ports[main]
        return work.error(error.code, error.message, ports[main], where, help=error.help, text=text, labels=labels)
    if error.option is not None and error.option in at:
        inside = at[error.option]
        span = inside if inside.source is span.source else span
    labels = () if error.rule is None else (Mark(error.rule, "what it says"),)
    return work.error(error.code, error.message, span, where, help=error.help, labels=labels)
