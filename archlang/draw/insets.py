"""Blocks that a network calls, each told once: what a call of it holds, in words that fit all of its calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from archlang.draw.flow import Flows
from archlang.draw.scene import CLOSED, Box, Column, Fork, Frame, Item, Row, Scene, boxes, items_of
from archlang.draw.shown import State, shown, titles

_BLOCK = "block"
_ENTERS = "input"


@dataclass(frozen=True, slots=True)
class Told:
    """A network without what its blocks hold, and each distinct block by itself."""

    trunk: Scene
    insets: tuple[Scene, ...]


def told_once(scene: Scene) -> Told:
    """Every call of a block as a box that names it, and every distinct block, in the order of its first call.

    Blocks are one if they hold the same layers wired the same way, whatever their channels and strides; those of one
    name that differ are told apart by a letter. A block of a single box stays where it is.
    """
    flows = Flows(scene.body, scene.results)
    calls = [frame for frame in _frames(scene.body) if sum(1 for _ in boxes(frame)) > 1]
    kinds: dict[Any, list[Frame]] = {}
    for frame in calls:
        kinds.setdefault(_signature(frame, flows), []).append(frame)
    names = _names(list(kinds.values()))
    called = {frame.name: name for name, frames in zip(names, kinds.values(), strict=True) for frame in frames}
    state = State(closed=frozenset(called))
    trunk = _renamed(shown(scene, state), called)
    insets = [
        _renamed(shown(_inset(name, frames, flows), state), called)
        for name, frames in zip(names, kinds.values(), strict=True)
    ]
    return Told(trunk, tuple(replace(inset, labels={}) for inset in insets))


def _frames(column: Column) -> list[Frame]:
    return [item for item in items_of(column) if isinstance(item, Frame) and item.kind == _BLOCK]


def _names(kinds: Sequence[Sequence[Frame]]) -> list[str]:
    """What each distinct block is called: `inception`, or `bottleneck a` where another has that name."""
    plain = [_plain(frames) for frames in kinds]
    seen: dict[str, int] = {}
    names: list[str] = []
    for name in plain:
        number = seen[name] = seen.get(name, 0) + 1
        mark = chr(ord("a") + number - 1) if number <= 26 else str(number)
        names.append(f"{name} {mark}" if plain.count(name) > 1 else name)
    return names


def _plain(frames: Sequence[Frame]) -> str:
    first = frames[0]
    return first.sort or (first.title if len(frames) == 1 else "") or titles(first)[0]


def _signature(frame: Frame, flows: Flows) -> Any:
    """What blocks that are one have in common: their name, their layers without numbers, their wires."""
    numbers = {key: index for index, key in enumerate(flows.of(frame).takes)}
    for box in boxes(frame):
        for key in box.gives:
            numbers[key] = len(numbers)
    return frame.sort or frame.title, _shape(frame.body, numbers)


def _shape(item: Item | Column, numbers: dict[int, int]) -> Any:
    match item:
        case Box():
            rows = tuple((_stem(row.text), row.family) for row in item.rows)
            return rows, item.main, tuple(numbers.get(key, -1) for key in item.reads), item.times
        case Frame():
            return item.sort or item.title, item.times, _shape(item.body, numbers)
        case Fork():
            return item.straight, tuple(_shape(column, numbers) for column in item.columns)
        case Column():
            return tuple(_shape(inner, numbers) for inner in item.items)
        case _:
            return None


def _stem(text: str) -> str:
    """A layer without its channels and its stride: `conv3` of `conv3-64/2`, `maxpool3` of `maxpool3/2`."""
    return text.split("(", maxsplit=1)[0].split("-", maxsplit=1)[0].split("/", maxsplit=1)[0]


def _inset(name: str, frames: Sequence[Frame], flows: Flows) -> Scene:
    """The first call's inside between what enters and what leaves it, in words for all calls."""
    first = frames[0]
    flow = flows.of(first)
    places = [list(boxes(frame)) for frame in frames]
    words = {box.key: _common([boxes_[index] for boxes_ in places]) for index, box in enumerate(places[0])}
    enters = [Box(key, (Row(key, _ENTERS, _ENTERS),), 0, (), labels=(("", ""),)) for key in flow.takes]
    body = Column((*enters, *(_worded(item, words) for item in first.body.items)))
    return Scene(name, "", body, {}, dict.fromkeys(flow.gives, ""))


def _common(alike: Sequence[Box]) -> tuple[tuple[str, ...], str]:
    """The rows and the note of boxes that stand at one place of a block's calls."""
    rows = tuple(
        texts[0] if len(set(texts)) == 1 else _stem(texts[0])
        for texts in zip(*(tuple(row.text for row in box.rows) for box in alike), strict=True)
    )
    notes = {box.note for box in alike}
    return rows, notes.pop() if len(notes) == 1 else ""


def _worded(item: Item, words: dict[int, tuple[tuple[str, ...], str]]) -> Item:
    match item:
        case Box():
            texts, note = words[item.key]
            rows = tuple(replace(row, text=text) for row, text in zip(item.rows, texts, strict=True))
            return replace(item, rows=rows, note=note)
        case Frame():
            return replace(item, body=Column(tuple(_worded(inner, words) for inner in item.body.items)))
        case Fork():
            columns = tuple(Column(tuple(_worded(inner, words) for inner in one.items)) for one in item.columns)
            return replace(item, columns=columns)
        case _:
            return item


def _renamed(scene: Scene, called: dict[str, str]) -> Scene:
    """The scene with every box that stands for a call bearing the block's name, and the call's own under it."""

    def item_of(item: Item) -> Item:
        match item:
            case Box() if item.closed is not None and item.closed.name in called:
                name = called[item.closed.name]
                own = item.rows[0].text
                note = own if item.note and not name.startswith(own) else ""
                return replace(item, rows=(Row(item.key, name, CLOSED),), note=note)
            case Frame():
                return replace(item, body=Column(tuple(map(item_of, item.body.items))))
            case Fork():
                columns = tuple(Column(tuple(map(item_of, one.items))) for one in item.columns)
                return replace(item, columns=columns)
            case _:
                return item

    return replace(scene, body=Column(tuple(map(item_of, scene.body.items))))
