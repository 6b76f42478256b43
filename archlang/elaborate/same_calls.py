"""Calls of a block that equal an earlier one: what that one placed is placed again, under the new name.

Deep networks are a few blocks, many times over. A call of the same block, in the
same surroundings, with the same arguments, on the same shape at the same stride,
can place nothing else; so only the first is read. It is read again wherever there
was something to say of it, and whenever something could tell the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from archlang.elaborate.env import Definition, Env
from archlang.elaborate.place import stride_after
from archlang.elaborate.sizing import WORTH_COUNTING
from archlang.elaborate.values import Label, Partial, Unknown, View, is_list
from archlang.elaborate.work import SPARE_STEPS, STEPS_A_LAYER, Tag, Work
from archlang.ir.graph import Node
from archlang.ir.scope import Binding, Scope
from archlang.ops.op import Shape, Window
from archlang.record import entity, record

LONGEST_LIST = 100
"""Of values in an argument, whose calls are compared."""
MOST_KEPT = 100_000
"""Layers, those of calls within calls counted at each, that are kept for calls to come."""


@record
class _State:
    """How far everything has got that a call may add to, and what it must leave alone."""

    nodes: int
    labels: int
    steps: int
    claimed: int
    others: tuple[int, ...]


@entity
class Placed:
    """What one call placed after `cur`: layers from the id `first` on with their shapes, and labels.

    `claimed` are the ids of those whose size a `=>` states; `steps` is what reading them took.
    """

    scope: Scope
    cur: int
    out: int
    first: int
    nodes: tuple[Node, ...]
    shapes: tuple[Shape, ...]
    windows: tuple[Window | None, ...]
    labels: tuple[tuple[str, Tag], ...]
    claimed: tuple[int, ...]
    steps: int


class _Differs(Exception):
    """Something in a call may differ in the next one, though both look alike."""


def as_before(
    work: Work,
    definition: Definition[Any],
    bound: Mapping[str, Any],
    cur: int,
    scope: Scope,
    depth: int,
    run: Callable[[], int],
) -> int:
    """The tensor that a call of a block leaves: by `run`, or as an equal call before it did."""
    call = _call(work, definition, bound, cur, depth)
    if call is None:
        return run()
    known = work.calls.get(call)
    if known is not None and _has_room(work, known):
        return _place_again(work, known, cur, scope)
    before = _state(work)
    out = run()
    if known is None and not work.failed and _state(work).others == before.others:
        with suppress(_Differs):
            work.calls[call] = _placed(work, before, cur, out, scope)
    return out


# ---- which calls are equal -------------------------------------------------------


def _call(work: Work, definition: Definition[Any], bound: Mapping[str, Any], cur: int, depth: int) -> Any:
    """What decides all that a call places; None where that is not known, or not worth knowing."""
    if work.failed or work.memory is not None or work.sharing is not None or work.report.again or definition.prelude:
        return None
    shape = work.shapes.get(cur)
    if shape is None:
        return None
    try:
        values = tuple([(name, _exactly(value)) for name, value in bound.items()])
    except _Differs:
        return None
    return definition, _seen(definition.env), values, shape, work.strides[cur], depth, bool(work.trunks)


def _exactly(value: Any) -> Any:
    """A value with its type, as `1`, `1.0` and `true` are equal; raises `_Differs` for one that stands for a tensor."""
    if is_list(value) and len(value) <= LONGEST_LIST:
        return tuple([_exactly(part) for part in value])
    if isinstance(value, Partial):
        inner = tuple([(name, _exactly(part)) for name, part in value.bound.items()])
        return value.definition, _seen(value.definition.env), inner
    if isinstance(value, Label | Unknown | View | list):
        raise _Differs
    return value.__class__, value


def _seen(env: Env) -> tuple[int, ...]:
    """How many values are bound around a block: none is ever bound anew, so as many are the same."""
    return tuple([len(around.values) for around in env.chain()])


def _has_room(work: Work, known: Placed) -> bool:
    """Whether no limit is reached within the call: one that is, is told of at the layer where it is."""
    after = len(work.nodes) + len(known.nodes)
    if work.steps + known.steps > SPARE_STEPS + STEPS_A_LAYER * len(work.nodes):
        return False
    return after < work.most.layers and (work.counted or after < WORTH_COUNTING)


# ---- what a call placed ----------------------------------------------------------


def _state(work: Work) -> _State:
    others = (work.report.complaints, len(work.heads), len(work.weights), len(work.pending), len(work.input_ids))
    return _State(len(work.nodes), len(work.labels), work.steps, len(work.claimed), others)


def _placed(work: Work, before: _State, cur: int, out: int, scope: Scope) -> Placed:
    """What was placed since `before`; raises `_Differs` if it has to do with anything but itself and `cur`."""
    first, end = before.nodes, len(work.nodes)
    work.kept += end - first
    if work.kept > MOST_KEPT:
        raise _Differs
    nodes = tuple(work.nodes[first:])
    labels = tuple(islice(reversed(work.labels.items()), len(work.labels) - before.labels))[::-1]
    own = {*range(first, end), cur}
    ids = {*(id_ for node in nodes for id_ in node.inputs), *(tag.node for _, tag in labels), out}
    if not ids <= own or any(node.shares is not None for node in nodes):
        raise _Differs
    _look_through(nodes, scope)
    claimed = tuple(sorted(work.claimed & own - {cur})) if len(work.claimed) > before.claimed else ()
    shapes = tuple([work.shapes[node.id] for node in nodes])
    windows = tuple([node.op.window for node in nodes])
    return Placed(scope, cur, out, first, nodes, shapes, windows, labels, claimed, work.steps - before.steps)


def _look_through(nodes: tuple[Node, ...], scope: Scope) -> None:
    """Raises `_Differs` where a call within the call was handed a tensor, whose id is of this one."""
    seen = {id(scope)}
    inner = [scope.binding]
    for node in nodes:
        for around in node.scope.chain():
            if id(around) in seen:
                break
            seen.add(id(around))
            inner.append(around.binding)
    for binding in inner:
        for value in () if binding is None else (*binding.parameters.values(), *[v for _, v in binding.lets.values()]):
            _exactly(value)


# ---- and once more ---------------------------------------------------------------


def _place_again(work: Work, known: Placed, cur: int, scope: Scope) -> int:
    by = len(work.nodes) - known.first
    moved = {known.cur: cur}
    moved.update((node.id, node.id + by) for node in known.nodes)
    skip = len(known.scope.path)
    scopes = {id(known.scope): scope}
    for node, shape, window in zip(known.nodes, known.shapes, known.windows, strict=True):
        around = scopes.get(id(node.scope)) or _scope(node.scope, scopes, scope.path, skip)
        inputs = tuple([moved[id_] for id_ in node.inputs])
        id_ = node.id + by
        path = scope.path + node.path[skip:]
        work.letters += len(path)
        work.shapes[id_] = shape
        work.strides.append(stride_after(work, window, inputs))
        work.nodes.append(Node(id_, node.op, inputs, node.name, path, around, node.span, node.label, None, node.exprs))
    for path, tag in known.labels:
        work.labels[scope.path + path[skip:]] = Tag(moved[tag.node], tag.first + by, tag.end + by, tag.span)
    if scope.binding is not None and known.scope.binding is not None:
        scope.binding.lets.update(known.scope.binding.lets)
    work.claimed.update(id_ + by for id_ in known.claimed)
    work.steps += known.steps
    return moved[known.out]


def _scope(old: Scope, scopes: dict[int, Scope], path: str, skip: int) -> Scope:
    """The like of a scope within the new call, made with those around it when it is first met."""
    found = scopes.get(id(old))
    if found is not None or old.parent is None:
        return found or old
    parent = _scope(old.parent, scopes, path, skip)
    scopes[id(old)] = new = Scope(
        old.kind,
        old.title,
        parent,
        old.span,
        old.level,
        path + old.path[skip:],
        old.numbered,
        old.label,
        _binding(old.binding),
        old.copy,
        old.copies,
    )
    return new


def _binding(old: Binding | None) -> Binding | None:
    return old and Binding(old.definition, old.parameters, old.lets, old.inputs, old.labels)
