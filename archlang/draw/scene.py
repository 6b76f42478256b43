"""What is to be drawn, before anything has a place: boxes in columns, forks and frames.

A tensor goes by the key of the box that makes it, and a box's key is the id of its last node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CLOSED = "closed"
"""The family of a box that stands for a whole frame."""


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

    `labels` are what is written on each tensor it gives, and what is where that tensor stays inside a folded
    repeat. A box that stands for a `closed` frame may give several tensors, or none.
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
    labels: tuple[tuple[str, str], ...] = ()
    closed: Closed | None = None

    @property
    def family(self) -> str:
        """The family of its main layer."""
        return self.rows[self.main].family

    @property
    def gives(self) -> tuple[int, ...]:
        """The keys of the tensors that leave it."""
        return (self.key,) if self.closed is None else self.closed.gives


@dataclass(frozen=True, slots=True)
class Closed:
    """What a box takes over from the frame it stands for: its name, the tensors it gives, whether it stands aside."""

    name: str
    gives: tuple[int, ...]
    aside: bool


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


@dataclass(frozen=True, slots=True)
class Repeat:
    """Copies that are alike, for a reader to fold and unfold: `folded` stands for all of them.

    It has no place of its own in a picture: `archlang.draw.shown` puts one of its forms in.
    """

    name: str
    folded: Box | Frame
    copies: tuple[tuple[Item, ...], ...]


Item = Box | Frame | Fork | Repeat


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
        case Repeat():
            return (part.folded,)
        case Column():
            return part.items


def boxes(part: Item | Column) -> Iterator[Box]:
    """Every box, in order."""
    return (item for item in items_of(part) if isinstance(item, Box))
