"""How large a network becomes, without placing it: a second reading that remembers each kind of call.

Blocks that call blocks can double the network with every line. Once a network
has grown past `WORTH_COUNTING` layers, it is read a second time with memory:
a call with the same arguments on the same shape is counted, not repeated. So
a network past the limit is refused at once, not after placing a million layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from archlang.elaborate.env import Definition
from archlang.elaborate.evaluate import LARGEST
from archlang.elaborate.values import Label, Partial, View, is_list
from archlang.elaborate.work import FAILED, MOST_KINDS, Enough, Stop, Work
from archlang.ir.graph import Node
from archlang.ops.reshape import Identity

WORTH_COUNTING = 5_000

_Out = TypeVar("_Out", bound=int | None)


@dataclass(slots=True)
class Memory:
    """What counting knows: per kind of call the layers it adds, the shape it leaves and its stride."""

    calls: dict[Any, tuple[int, Any, tuple[Any, Any]]] = field(
        default_factory=dict[Any, tuple[int, Any, tuple[Any, Any]]]
    )
    extra: int = 0


def fits(work: Work) -> bool:
    """Whether the network, counted once it has grown enough, stays within the limit."""
    if len(work.nodes) < WORTH_COUNTING or work.counted or work.memory is not None or work.count is None:
        return True
    work.counted = True
    try:
        work.count()
    except Enough:
        return True
    except Stop:
        return False
    return True


def once(work: Work, call: Any, cur: int | None, run: Callable[[], _Out]) -> _Out | int:
    """What `run` places after `cur`; while counting, a call that was counted before is not gone through again."""
    if work.memory is None or cur is None or cur == FAILED:
        return run()
    known = _recall(work, call, cur)
    if known is not None:
        return known
    before = size(work)
    out = run()
    _remember(work, call, before, cur, out)
    return out


def key(definition: Definition[Any], bound: Mapping[str, Any], work: Work, cur: int | None, *more: Any) -> Any:
    """What decides the size of a call: what is called, its environment, its arguments, the shape that enters."""
    values = tuple((name, _frozen(value, work)) for name, value in bound.items())
    entered = None if cur is None else work.shape(cur)
    return (id(definition.node), definition.env, values, entered, *more)


def _frozen(value: Any, work: Work) -> Any:
    if is_list(value):
        return tuple(_frozen(part, work) for part in value)
    if isinstance(value, Partial):
        return (id(value.definition.node), tuple((k, _frozen(v, work)) for k, v in value.bound.items()))
    if isinstance(value, View):
        return tuple((name, _frozen(part, work)) for name, part in value.fields.items())
    if isinstance(value, Label):
        return ("label", work.shape(value.node))
    return value


def _recall(work: Work, call: Any, cur: int) -> int | None:
    """The tensor that a call counted before leaves: one node that stands for all of it."""
    known = work.memory.calls.get(call)
    if known is None:
        return None
    added, shape, stride = known
    work.memory.extra += added
    if len(work.nodes) + work.memory.extra > work.most.layers:
        raise Stop
    id_ = len(work.nodes)
    scope, span = work.nodes[cur].scope, work.nodes[cur].span
    work.nodes.append(Node(id_, Identity(), (cur,), "", "", scope, span))
    work.shapes[id_] = shape
    before = work.strides[cur]
    work.strides.append((_clamped(before[0] * stride[0]), _clamped(before[1] * stride[1])))
    return id_


def _clamped(stride: Any) -> Any:
    """The stride as far as one may be: what passes that is an error where it is placed."""
    return min(max(stride, 1 / LARGEST), LARGEST)


def _remember(work: Work, call: Any, before: int, cur: int, out: int | None) -> None:
    """Keep what a call came to, if it came to something."""
    if out is None or out not in work.shapes:
        return
    added = size(work) - before
    ratio = tuple(b / a for a, b in zip(work.strides[cur], work.strides[out], strict=True))
    work.memory.calls[call] = (added, work.shapes[out], ratio)
    if len(work.memory.calls) > MOST_KINDS:
        raise Stop


def size(work: Work) -> int:
    """Layers placed and counted so far."""
    return len(work.nodes) + (work.memory.extra if work.memory is not None else 0)
