"""What is to be drawn, before anything has a place: boxes in columns, forks and frames.

A tensor goes by the key of the box that makes it, and a box's key is the id of its last node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One layer inside a box: what is written, and the family that it goes by."""

    node: int
    text: str
    family: str


@dataclass(frozen=True, slots=True)
class Box:
    """A layer with its companions, in the order they run.

    `main` is the index of the row that names and colours the box. `reads` are the
    keys of the tensors it takes, each once, in order of port. `times` counts the
    copies that it stands for.
    """

    key: int
    rows: tuple[Row, ...]
    main: int
    reads: tuple[int, ...]
    note: str = ""
    tip: str = ""
    times: int = 1
    dashed: bool = False

    @property
    def family(self) -> str:
        """The family of its main layer."""
        return self.rows[self.main].family


@dataclass(frozen=True, slots=True)
class Frame:
    """A stage, a block call or a head: a titled border around a column.

    `aside` puts it beside the layers that follow instead of between them.
    """

    name: str
    title: str
    kind: str
    body: Column
    tip: str = ""
    times: int = 1
    dashed: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Fork:
    """Columns side by side. The one at index `straight` stands on the trunk's line; None centres them all."""

    columns: tuple[Column, ...]
    straight: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Things one under another, in an order of execution."""

    items: tuple[Item, ...]


Item = Box | Frame | Fork


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture.

    `labels` says what is written on each tensor, by key; `results` maps the keys
    of the outputs to their names ("" if the only one has none).
    """

    title: str
    subtitle: str
    body: Column
    labels: Mapping[int, str]
    results: Mapping[int, str] = field(default_factory=dict)


def boxes(item: Item | Column) -> Iterator[Box]:
    """Every box, in order."""
    match item:
        case Box():
            yield item
        case Frame():
            yield from boxes(item.body)
        case Fork():
            for column in item.columns:
                yield from boxes(column)
        case Column():
            for inner in item.items:
                yield from boxes(inner)


def frames(item: Item | Column) -> Iterator[Frame]:
    """Every frame, the outer before the inner."""
    match item:
        case Frame():
            yield item
            yield from frames(item.body)
        case Fork():
            for column in item.columns:
                yield from frames(column)
        case Column():
            for inner in item.items:
                yield from frames(inner)
