"""What a reader sees of a scene: each repeat folded or unfolded, each frame open or closed, labels on the tensors."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archlang.draw.flow import Flows
from archlang.draw.scene import CLOSED, Box, Closed, Column, Fork, Frame, Item, Repeat, Row, Scene, boxes, items_of

UNFOLDED = "copies"
"""The kind of the frame around the copies of an unfolded repeat."""


@dataclass(frozen=True, slots=True)
class State:
    """What is not as it stands at first: the repeats that are `unfolded` and the frames that are `closed`, by name."""

    unfolded: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


def shown(scene: Scene, state: State | None = None) -> Scene:
    """The scene in a state, ready to be laid out.

    An unfolded repeat is a frame around its copies; a closed frame is a box that takes and gives what the frame does.
    """
    state = state or State()
    body = Column(tuple(_chosen(item, state) for item in scene.body.items))
    flows = Flows(body, scene.results)
    closed = Column(tuple(_closed(item, state, flows) for item in body.items))
    return labelled(replace(scene, body=closed))


def labelled(scene: Scene) -> Scene:
    """The scene with what is written on each tensor: inside a folded repeat, the range over its copies."""
    flows = Flows(scene.body, scene.results)
    leaving = _leaving(scene.body, flows)
    texts = {
        key: label if key in leaving else inner
        for box in boxes(scene.body)
        for key, (label, inner) in zip(box.gives, box.labels, strict=True)
    }
    return replace(scene, labels=texts)


def _leaving(part: Column, flows: Flows) -> set[int]:
    """The tensors that leave something folded: of the last copy alone."""
    folded = (item for item in items_of(part) if isinstance(item, Box | Frame) and item.times > 1)
    return {key for item in folded for key in flows.of(item).gives}


def _chosen(item: Item, state: State) -> Item:
    """The item with each repeat in it as the state has it."""
    match item:
        case Box():
            return item
        case Frame():
            return replace(item, body=Column(tuple(_chosen(inner, state) for inner in item.body.items)))
        case Fork():
            columns = (Column(tuple(_chosen(inner, state) for inner in column.items)) for column in item.columns)
            return replace(item, columns=tuple(columns))
        case Repeat() if item.name in state.unfolded:
            copies = Column(tuple(_chosen(inner, state) for copy in item.copies for inner in copy))
            return Frame(item.name, unfolded_title(item), UNFOLDED, copies)
        case Repeat():
            return _chosen(item.folded, state)


def _closed(item: Item, state: State, flows: Flows) -> Item:
    """The item with a box for each frame that is closed."""
    match item:
        case Frame() if item.name in state.closed:
            return _box(item, flows)
        case Frame():
            return replace(item, body=_closed_column(item.body, state, flows))
        case Fork():
            return replace(item, columns=tuple(_closed_column(column, state, flows) for column in item.columns))
        case _:
            return item


def _closed_column(column: Column, state: State, flows: Flows) -> Column:
    return Column(tuple(_closed(item, state, flows) for item in column.items))


def _box(frame: Frame, flows: Flows) -> Box:
    flow = flows.of(frame)
    leaving = _leaving(frame.body, flows)
    pairs = {key: pair for box in boxes(frame) for key, pair in zip(box.gives, box.labels, strict=True)}
    title, sort = titles(frame)
    key = flow.gives[-1] if flow.gives else list(pairs)[-1]
    return Box(
        key,
        (Row(key, title, CLOSED),),
        0,
        flow.takes,
        note=sort,
        tip=frame.tip,
        times=frame.times,
        dashed=frame.dashed,
        labels=tuple((pairs[k][0], pairs[k][0] if k in leaving else pairs[k][1]) for k in flow.gives),
        closed=Closed(frame.name, flow.gives, frame.aside and not flow.gives),
    )


def unfolded_title(repeat: Repeat) -> str:
    """What the frame around the copies of an unfolded repeat is called."""
    return f"{len(repeat.copies)} copies"


def titles(frame: Frame) -> tuple[str, str]:
    """What a closed frame is called, and under that what it is a call of: `i4a`, `inception`."""
    return (frame.title, frame.sort) if frame.title else (frame.sort or frame.kind, "")
