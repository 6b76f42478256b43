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
    keys of the tensors it takes, each once, in order of port; of those in `sizes`
    it takes the size alone. `times` counts the copies that it stands for.
    """

    key: int
    rows: tuple[Row, ...]
    main: int
    reads: tuple[int, ...]
    sizes: frozenset[int] = frozenset()
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

    `name` is unique in the scene; `title` stands at the left, `sort`, what it is
    a call of, at the right. `aside` puts it beside the layers that follow instead of between them.
    """

    name: str
    title: str
    kind: str
    body: Column
    sort: str = ""
    tip: str = ""
    times: int = 1
    dashed: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Fork:
    """Columns side by side. The one at index `straight` stands on the trunk's line; None centres them all.

    With `level` they begin at one height, else their middles are at one.
    """

    columns: tuple[Column, ...]
    straight: int | None = None
    level: bool = False


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
    results: Mapping[int, str] = field(default_factory=dict[int, str])


def items_of(part: Item | Column) -> Iterator[Item]:
    """The item itself and every item inside, the outer before the inner, in order."""
    if not isinstance(part, Column):
        yield part
    for inner in inside(part):
        yield from items_of(inner)


def inside(part: Item | Column) -> tuple[Item | Column, ...]:
    """What a part holds directly."""
    match part:
        case Box():
            return ()
        case Frame():
            return (part.body,)
        case Fork():
            return part.columns
        case Column():
            return part.items


def boxes(part: Item | Column) -> Iterator[Box]:
    """Every box, in order."""
    return (item for item in items_of(part) if isinstance(item, Box))
