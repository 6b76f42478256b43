"""Text with places where a line may break, laid out as `ruff format` does.

The method is Wadler's ("A prettier printer", 1998), with what ruff adds to it:
parentheses that are there only where their content breaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 88
STEP = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A place to break; `flat` is what stands there otherwise."""

    flat: str = ""


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that is there only where the group around it breaks."""

    text: str


@dataclass(frozen=True, slots=True)
class Indent:
    """Parts that stand one step to the right, where the group around them breaks."""

    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts on one line if they fit, else with a break at each of their own places."""

    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Expandable:
    """A bracket that does not keep what it stands in off one line: it may break by itself."""

    inner: Doc


@dataclass(frozen=True, slots=True)
class Either:
    """`plain` if it fits, its brackets broken; else `wrapped`."""

    plain: Doc
    wrapped: Doc


@dataclass(frozen=True, slots=True)
class BestFit:
    """`plain` if it fits, its brackets broken; else `inside`, in parentheses, if that fits; else `loose`."""

    plain: Doc
    inside: Doc
    loose: Doc


Doc = str | Line | IfBroken | Indent | Group | Expandable | Either | BestFit | tuple["Doc", ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """A part still to print, or to measure: `whole` if every line of it must fit, and not the first alone."""

    doc: Doc
    indent: int
    broken: bool
    whole: bool = False
    opened: bool = False

    def like(self, doc: Doc, *, step: int = 0) -> _Item:
        return _Item(doc, self.indent + step, self.broken, self.whole, self.opened)


class _Page:
    def __init__(self, doc: Doc, indent: int) -> None:
        self.rows = [" " * indent]
        self.left = [_Item(doc, indent, broken=True)]
        self.measured = False

    def write(self) -> list[str]:
        while self.left:
            self._print(self.left.pop())
        return self.rows

    def _print(self, item: _Item) -> None:
        match item.doc:
            case str():
                self.rows[-1] += item.doc
            case Line():
                if item.broken:
                    self.rows[-1] = self.rows[-1].rstrip()
                    self.rows.append(" " * item.indent)
                    self.measured = False
                else:
                    self.rows[-1] += item.doc.flat
            case IfBroken():
                self.rows[-1] += item.doc.text if item.broken else ""
            case Group():
                self._group(item, item.doc)
            case Expandable():
                self.measured = False
                self.left.append(item.like(item.doc.inner))
            case Either():
                plain = _Item(item.doc.plain, item.indent, broken=False)
                self.measured = self._fits(plain)
                self.left.append(plain if self.measured else _Item(item.doc.wrapped, item.indent, broken=True))
            case BestFit():
                self._best(item, item.doc)
            case _:
                self.left += reversed(_unfolded(item))

    def _group(self, item: _Item, group: Group) -> None:
        flat = _Item(group.parts, item.indent, broken=False)
        if item.broken or not self.measured:
            self.measured = self._fits(flat)
        self.left.append(flat if self.measured else _Item(group.parts, item.indent, broken=True))

    def _best(self, item: _Item, doc: BestFit) -> None:
        plain = _Item(doc.plain, item.indent, broken=False)
        self.measured = self._fits(plain)
        wrapped = ("(", Indent((Line(), doc.inside)), Line(), ")")
        if self.measured:
            self.left.append(plain)
        elif self._fits(_Item(wrapped, item.indent, broken=True, whole=True)):
            self.left.append(_Item(wrapped, item.indent, broken=True))
        else:
            self.left.append(_Item(doc.loose, item.indent, broken=True))

    def _fits(self, first: _Item) -> bool:
        """Whether it stands on this line, with what follows up to where a line may break."""
        column, rest, todo, below = len(self.rows[-1]), len(self.left), [first], False
        while todo or rest:
            if todo:
                item = todo.pop()
            else:
                rest -= 1
                item = self.left[rest]
            match item.doc:
                case str():
                    column += len(item.doc)
                    below = below and item.opened
                case Line():
                    if item.broken and not item.whole:
                        return True
                    below = below or (item.opened and item.broken)
                    column = item.indent if item.broken else column + len(item.doc.flat)
                case IfBroken():
                    column += len(item.doc.text) if item.broken else 0
                case Group():
                    todo.append(item.like(item.doc.parts))
                case Expandable():
                    todo.append(_Item(item.doc.inner, item.indent, broken=True, whole=True, opened=True))
                case Either() | BestFit():
                    todo.append(item.like(item.doc.plain))
                case _:
                    todo += reversed(_unfolded(item))
            if column > WIDTH and not below:
                return False
        return True


def _unfolded(item: _Item) -> list[_Item]:
    if isinstance(item.doc, Indent):
        return [item.like(part, step=STEP if item.broken else 0) for part in item.doc.parts]
    assert isinstance(item.doc, tuple)  # noqa: S101 - what is left
    return [item.like(part) for part in item.doc]


def laid_out(doc: Doc, indent: int) -> list[str]:
    """The lines of `doc`, the first indented by `indent` spaces."""
    return _Page(doc, indent).write()


def bracket(start: str, inside: Sequence[Doc], end: str) -> Group:
    """Brackets around something, which stands on lines of its own where it does not fit."""
    return Group((start, Indent((Line(), *inside)), Line(), end))


def optional(inside: Doc) -> Group:
    """Parentheses that are there only where what they hold breaks."""
    return Group((IfBroken("("), Indent((Line(), inside)), Line(), IfBroken(")")))


def listed(items: Sequence[Doc]) -> tuple[Doc, ...]:
    """Items with commas between; several that break stand one a line, with a comma after the last too."""
    parts: list[Doc] = []
    for item in items:
        parts += [",", Line(" "), item] if parts else [item]
    return (*parts, IfBroken(",")) if len(items) > 1 else tuple(parts)
