"""The differences of two networks, stage by stage: a line for each thing that was added, removed or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import groupby

from archlang.ir.graph import Node
from archlang.ir.scope import Kind
from archlang.ops.map2d import show
from archlang.ops.notation import short_form, value_text
from archlang.ops.op import Op
from archlang.passes.align import Match, Part, Piece, nodes_of, partners
from archlang.passes.cost import Cost, total
from archlang.passes.difference import Change, Difference, less
from archlang.record import record

_SHOWN = 5
"""Layers of a run that are named; the rest is counted."""

Pair = tuple[Node | None, Node | None]


@record
class Line:
    """One difference. `left` and `right` are the paths of the layers it speaks of, `cost` is right less left."""

    change: Change
    text: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    cost: Cost


@record
class Section:
    """The differences of one stage, block or head; `name` is "" for layers that no part holds.

    `counts` says how many blocks of each name it has: (`bottleneck`, 6, 23), where that differs.
    """

    name: str
    counts: tuple[tuple[str, int, int], ...]
    lines: tuple[Line, ...]

    @property
    def cost(self) -> Cost:
        """The sum of its lines."""
        return total(line.cost for line in self.lines)


def sections(found: Difference) -> tuple[Section, ...]:
    """The parts of two networks that differ, in order."""
    made: list[Section] = []
    names = _names(found.match.inner)
    for name, run in groupby(zip(names, found.match.inner, strict=True), key=lambda pair: pair[0]):
        matches = [match for _, match in run]
        lines = tuple(_lines(found, matches))
        if lines:
            made.append(Section(name, _counts(matches), lines))
    return tuple(made)


def _names(matches: Sequence[Match]) -> list[str]:
    """What each piece at the top is called; stages without a name are numbered."""
    names: list[str] = []
    stages = 0
    for match in matches:
        scopes = [piece.scope for piece in (match.right, match.left) if isinstance(piece, Part) and piece.scope]
        stages += bool(scopes) and scopes[0].kind is Kind.STAGE
        said = [*(scope.label for scope in scopes), *(scope.title for scope in scopes)]
        names.append(next(filter(None, said), f"stage {stages}") if scopes else "")
    return names


def _counts(matches: Sequence[Match]) -> tuple[tuple[str, int, int], ...]:
    left = Counter(title for match in matches for title in _blocks(match.left))
    right = Counter(title for match in matches for title in _blocks(match.right))
    return tuple((title, left[title], right[title]) for title in {**left, **right} if left[title] != right[title])


def _blocks(piece: Piece | None) -> list[str]:
    """The names of the blocks that a stage holds directly."""
    if not isinstance(piece, Part) or piece.scope is None or piece.scope.kind is not Kind.STAGE:
        return []
    scopes = [child.scope for child in piece.children if isinstance(child, Part) and child.scope is not None]
    return [scope.title for scope in scopes if scope.kind is Kind.BLOCK]


# ---- lines -------------------------------------------------------------------


def _lines(found: Difference, matches: Iterable[Match]) -> Iterator[Line]:
    """Differences that read alike are one line; layers on other sizes alone come last, all together."""
    alike: dict[tuple[Change, str], list[Pair]] = {}
    resized: list[Pair] = []
    for change, text, pairs in _said(found, matches):
        if change is Change.RESIZED:
            resized += pairs
        else:
            alike.setdefault((change, text), []).extend(pairs)
    for (change, text), pairs in alike.items():
        yield _line(found, change, _times(change, text, pairs), pairs)
    if resized:
        many = f"{len(resized)} layer{'s' * (len(resized) != 1)} as before, on other sizes"
        yield _line(found, Change.RESIZED, many, resized)


def _times(change: Change, text: str, pairs: Sequence[Pair]) -> str:
    times = len(pairs) if change in (Change.CHANGED, Change.REWIRED) else 1
    return f"{times} x {text}" if times > 1 else text


def _line(found: Difference, change: Change, text: str, pairs: Sequence[Pair]) -> Line:
    left = tuple(one.path for one, _ in pairs if one is not None)
    right = tuple(other.path for _, other in pairs if other is not None)
    return Line(change, text, left, right, total(found.cost(one, other) for one, other in pairs))


def _said(found: Difference, matches: Iterable[Match]) -> Iterator[tuple[Change, str, list[Pair]]]:
    """Each difference in words, with the layers it speaks of."""
    for side, run in groupby(_leaves(matches), key=_side):
        together = list(run)
        if side is None:
            for match in together:
                yield from _changed(found, match)
            continue
        pieces = [piece for match in together for piece in (match.left, match.right) if piece is not None]
        pairs = [pair for match in together for pair in partners(match)]
        yield side, _run_text(pieces), pairs


def _leaves(matches: Iterable[Match]) -> Iterator[Match]:
    for match in matches:
        if match.inner:
            yield from _leaves(match.inner)
        else:
            yield match


def _side(match: Match) -> Change | None:
    if match.left is not None and match.right is not None:
        return None
    return Change.ADDED if match.left is None else Change.REMOVED


def _changed(found: Difference, match: Match) -> Iterator[tuple[Change, str, list[Pair]]]:
    one, other = match.left, match.right
    if not isinstance(one, Node) or not isinstance(other, Node):
        return
    change = found.before[one.id]
    if change is Change.SAME:
        return
    if one.op.arity == 0:
        text = f"input {show(found.left.shapes[one.id])} -> {show(found.right.shapes[other.id])}"
        yield Change.CHANGED, text, [(one, other)]
    elif change is Change.REWIRED:
        yield change, f"{short_form(other.op)} reads other layers", [(one, other)]
    else:
        yield change, _options(one, other), [(one, other)]


def _options(one: Node, other: Node) -> str:
    """`conv3-64 -> conv3-128 (out 64 -> 128)`."""
    before, after = short_form(one.op), short_form(other.op)
    text = before if before == after else f"{before} -> {after}"
    said = ", ".join(_differing(one.op, other.op)) if type(one.op) is type(other.op) else ""
    if one.op == other.op:
        said = "in training alone, or no more"
    return f"{text} ({said})" if said else text


def _differing(one: Op, other: Op) -> Iterator[str]:
    for option in fields(one):
        before, after = getattr(one, option.name), getattr(other, option.name)
        if before != after:
            yield f"{option.name} {_set_to(before)} -> {_set_to(after)}"


def _set_to(value: object) -> str:
    return "unset" if value is None else value_text(value)


def _run_text(pieces: Sequence[Piece]) -> str:
    """`17 x bottleneck`, `conv3-512, relu`: what stands together, alike things counted."""
    words: list[str] = []
    for word, run in groupby(_word(piece) for piece in pieces):
        many = len(list(run))
        words.append(word if many == 1 else f"{many} x {word}")
    more = len(words) - _SHOWN
    return ", ".join(words if more < 2 else [*words[:_SHOWN], f"and {more} more"])


def _word(piece: Piece) -> str:
    if isinstance(piece, Node):
        return short_form(piece.op)
    scope = piece.scope
    if scope is not None and scope.kind not in (Kind.BRANCH, Kind.SHORTCUT) and (scope.title or scope.label):
        return scope.title or scope.label or ""
    what = scope.kind.value if scope is not None else "part"
    return f"{what} of {_run_text(list(nodes_of(piece)))}"


def whole(found: Difference) -> tuple[Cost, Cost, Cost]:
    """The costs of both networks, and right less left."""
    left, right = total(found.left_costs.values()), total(found.right_costs.values())
    return left, right, less(right, left)
