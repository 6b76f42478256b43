"""What one elaboration carries along: the nodes placed, their shapes, the labels, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Protocol, overload

from archlang.diagnostics import Diagnostic, Label, Severity
from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.level import Level
from archlang.elaborate.report import Report
from archlang.ir.graph import Node
from archlang.ir.most import CHECK, Most
from archlang.ir.scope import Scope
from archlang.ops import ALL
from archlang.ops.op import Op, Shape, Window
from archlang.record import record
from archlang.source import Span
from archlang.syntax import ast

FAILED = -1
"""The id of a tensor whose making failed: whatever reads it fails in silence."""

MOST_LETTERS = 100_000_000
"""Characters of all layers' names together, with those of all that they stand in."""
FAMILIES = frozenset(kind.family for kind in ALL)
MOST_KINDS = 20_000
"""The most different calls (another block, other arguments, another shape) that a network of many layers may make."""
SPARE_STEPS = 20_000
STEPS_A_LAYER = 20
"""Items and statements that may be gone through: so many, and so many more for each layer placed."""
DEEPEST_CALL = 64
LONGEST_TRACE = 8
"""Calls that an error names, innermost first."""


class Stop(Exception):
    """A limit was reached: the rest of this net is not looked at."""


class Enough(Stop):
    """So many errors that no more are looked for."""


class Reached(Exception):
    """`to pool5`: the label at which a net used as a layer ends was placed."""

    def __init__(self, node: int) -> None:
        super().__init__()
        self.node = node


@record
class Tag:
    """What a name stands for: the tensor, the ids of the nodes that made it (from `first` up to `end`), where."""

    node: int
    first: int
    end: int
    span: Span


@record
class Given:
    """A value and where it was written."""

    value: Any
    span: Span
    expr: ast.Expr | None = None


@record
class Use:
    """A word of the table in use: the call that a person wrote, read where they wrote it."""

    name: str
    core: ast.Call | ast.Wrap
    where: Where
    how: How
    drops: frozenset[str] = frozenset()


@record
class How:
    """What an item's modifiers ask of its core."""

    label: ast.Word | None = None
    parts: ast.AsParts | None = None
    drops: tuple[ast.Word, ...] = ()
    bare: ast.Bare | None = None
    upto: ast.Upto | None = None
    stride: Given | None = None
    extra: tuple[int, ...] = ()

    def asked(self) -> Iterator[tuple[str, Span]]:
        """The modifiers that only a layer's word, or a net, can heed, as typed, with their places."""
        if self.drops:
            yield "no", self.drops[0].span
        for word, modifier in (("bare", self.bare), ("to", self.upto), ("as (...)", self.parts)):
            if modifier is not None:
                yield word, modifier.span


PLAIN = How()


@record
class Where:
    """The place in the text and in the network that an item is read at.

    `plain` are the words that are their layer here, being what a word stands
    for. `use` is the innermost word in use. `names` are names waiting for the next
    stateful parts (`as (conv1, bn1)`). `copy` is the number that labels get in
    an unlabelled repeat. `body_is_seq` says that the body is one `seq[..]`, which
    then is no level of its own. `depth` counts the calls around it.
    """

    env: Env
    scope: Scope
    level: Level
    plain: frozenset[str] = frozenset()
    use: Use | None = None
    names: list[ast.Word] | None = None
    trace: tuple[Label, ...] = ()
    copy: str = ""
    prelude: bool = False
    body_is_seq: bool = False
    depth: int = 0

    def but(self, **changes: Any) -> Where:
        """The same place with something changed: `dataclasses.replace` takes five times as long, on every item."""
        place = Where(*_parts(self))
        for name, value in changes.items():
            setattr(place, name, value)
        return place


_parts: Callable[[Where], tuple[Any, ...]] = attrgetter(*[part.name for part in fields(Where)])


@dataclass(slots=True)
class Pending:
    """A statement that is settled when the net is complete: settings, expectations, taps, outputs."""

    statement: ast.Statement
    where: Where
    first: int = 0
    end: int | None = None


@dataclass(slots=True)
class Trunk:
    """A net used as a layer, while its statements are placed: where it ends, and its first node's id."""

    level: Level
    upto: str | None
    first: int


@dataclass(slots=True)
class HeadDraft:
    """A train-only head as placed: its last tensor and its nodes."""

    name: str
    weight: float
    node: int
    first: int
    end: int
    scope: Scope


class Run(Protocol):
    """Places the statements of a body after `cur`; only where nothing has entered it may leave nothing."""

    @overload
    def __call__(self, work: Work, tree: ast.Body, cur: int, where: Where) -> int: ...
    @overload
    def __call__(self, work: Work, tree: ast.Body, cur: int | None, where: Where) -> int | None: ...


@dataclass(slots=True)
class Work:
    """The state of one elaboration. `item`, `core` and `body` are how its parts call back into the whole.

    `sources` are the items by the nodes they made (from, up to), for `again`.
    `script` says that the net is a whole file, `assumed` that its input was not said.
    `sized` holds the output's shape and the window of each kind of layer placed so far.
    `adrift` says that a net which could not be placed may have brought labels,
    `unnumbered` that lines which could not be read may have held layers, named by their turn;
    `spare` counts the labels that were told to be missing or taken, and `excused`
    are names that may be what they were meant to be; `twice` are the paths of labels that were given twice.
    `calls` holds what was placed by calls that others may equal (see `same_calls`), of `kept` layers.
    `gaps` are the lines that could not be read and may have held layers, where what is placed up to them is wanted.
    `values` counts those of lists that were made or gone through.
    `most` is how many layers there may be for what the network is read for.
    `memory` is set while a network is only counted, and `count` starts that (see `sizing`).
    """

    report: Report
    item: Callable[..., int]
    core: Callable[..., int]
    body: Run
    inputs: list[Shape]
    most: Most = CHECK
    nodes: list[Node] = field(default_factory=list[Node])
    shapes: dict[int, Shape] = field(default_factory=dict[int, Shape])
    sized: dict[tuple[Op, tuple[Shape, ...]], tuple[Shape, Window | None]] = field(
        default_factory=dict[tuple[Op, tuple[Shape, ...]], tuple[Shape, Window | None]]
    )
    strides: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])
    labels: dict[str, Tag] = field(default_factory=dict[str, Tag])
    sources: dict[tuple[int, int], tuple[ast.Item, Where]] = field(
        default_factory=dict[tuple[int, int], tuple[ast.Item, Where]]
    )
    pending: list[Pending] = field(default_factory=list[Pending])
    heads: list[HeadDraft] = field(default_factory=list[HeadDraft])
    input_ids: list[int] = field(default_factory=list[int])
    weights: list[tuple[str, Scope]] = field(default_factory=list[tuple[str, Scope]])
    trunks: list[Trunk] = field(default_factory=list[Trunk])
    sharing: list[int] | None = None
    failed: bool = False
    calls: dict[Any, Any] = field(default_factory=dict[Any, Any])
    kept: int = 0
    memory: Any = None
    count: Callable[[], Any] | None = None
    counted: bool = False
    steps: int = 0
    letters: int = 0
    values: int = 0
    claims: bool = True
    clashed: list[Scope] = field(default_factory=list[Scope])
    claimed: set[int] = field(default_factory=set[int])
    sizes: dict[Span, bool] = field(default_factory=dict[Span, bool])
    tree: ast.Body | None = None
    script: bool = False
    assumed: bool = False
    adrift: bool = False
    unnumbered: bool = False
    spare: int = 0
    excused: set[str] = field(default_factory=set[str])
    twice: set[str] = field(default_factory=set[str])
    gaps: tuple[Span, ...] = ()

    def shape(self, node: int) -> Shape | None:
        """The shape of a tensor; None if it is unknown."""
        return self.shapes.get(node)

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        where: Where,
        *,
        help: str | None = None,
        text: str = "",
        labels: tuple[Label, ...] = (),
    ) -> int:
        """Report an error; returns `FAILED`, which is what becomes of the tensor."""
        self.failed = True
        if code == "unknown-label" and self.excuses(span.text):
            return FAILED
        trace = where.trace[:LONGEST_TRACE]
        self.report.add(Diagnostic(code, message, span, text, labels, help, trace=trace))
        if self.report.full:
            raise Enough
        return FAILED

    def excuses(self, typed: str) -> bool:
        """Whether a name that nothing is called follows from a mistake that was told already."""
        name = typed.partition(".")[0]
        if not self.adrift and name not in self.excused and len(self.excused) < self.spare:
            self.excused.add(name)
        parts = typed.split(".")
        turn = self.unnumbered and (parts[0].rstrip("0123456789") in FAMILIES or any(map(str.isdigit, parts[1:])))
        return self.adrift or turn or name in self.excused

    def problem(self, problem: ValueProblem, where: Where) -> int:
        """Report what an expression raised."""
        return self.error(problem.code, str(problem), problem.span, where, help=problem.help)

    def warn(self, code: str, message: str, span: Span, where: Where, *, help: str | None = None) -> None:
        """Report what is legal and probably wrong."""
        self.report.add(Diagnostic(code, message, span, help=help, trace=where.trace, severity=Severity.WARNING))

    def note(self, code: str, message: str, span: Span) -> None:
        """Say something worth knowing."""
        self.report.add(Diagnostic(code, message, span, severity=Severity.NOTE))
