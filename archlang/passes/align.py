"""Two networks layer by layer: which layer of one is which of the other.

Both are taken as trees of stages, heads, blocks and branches. The parts of two
matched scopes are aligned in their order, so that what layers have in common
weighs most, then what is inside them. A repeat's copies are parts like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind, Scope
from archlang.ops.op import Op
from archlang.record import entity

_PARTS = frozenset({Kind.STAGE, Kind.BLOCK, Kind.AUX, Kind.BRANCH, Kind.SHORTCUT})
_DEEPEST = 32
_MOST_CELLS = 1_000_000
"""Of one table of scores; larger ones are aligned by what is equal alone."""

_EQUAL, _ALIKE, _HEAVY, _NAMED = 8, 2, 3, 4
"""What a match is worth: of equal layers, of those of a family, times that for weights; of equal names."""


@dataclass(slots=True)
class Part:
    """A scope and what it holds in order; `kinds` counts its layers by op, `form` is equal for equal parts."""

    scope: Scope | None
    children: list[Piece] = field(default_factory=list["Piece"])
    kinds: Counter[Op] = field(default_factory=Counter[Op])
    form: int = -1


Piece = Part | Node


@entity
class Match:
    """A piece of one network and what it is in the other; None where it has no counterpart.

    `inner` matches what two parts hold; it is empty for layers and for a piece that stands alone.
    """

    left: Piece | None
    right: Piece | None
    inner: tuple[Match, ...] = ()


def align(left: Network, right: Network) -> Match:
    """The match of two whole networks."""
    forms: dict[object, int] = {}
    one, other = _tree(left, forms), _tree(right, forms)
    return Match(one, other, _Aligner(forms).children(one, other))


def nodes_of(piece: Piece | None) -> Iterator[Node]:
    """The layers of a piece, in order."""
    if isinstance(piece, Node):
        yield piece
    elif piece is not None:
        for child in piece.children:
            yield from nodes_of(child)


def partners(match: Match) -> Iterator[tuple[Node | None, Node | None]]:
    """Every layer of both networks once: with its counterpart, or with None."""
    if match.inner:
        for inner in match.inner:
            yield from partners(inner)
    elif isinstance(match.left, Node) and isinstance(match.right, Node):
        yield match.left, match.right
    else:
        yield from ((node, None) for node in nodes_of(match.left))
        yield from ((None, node) for node in nodes_of(match.right))


# ---- trees -------------------------------------------------------------------


def _tree(network: Network, forms: dict[object, int]) -> Part:
    root = Part(None)
    known: dict[int, Part] = {}
    for node in network.graph:
        part = root
        part.kinds[node.op] += 1
        chain = [scope for scope in node.scope.chain() if scope.kind in _PARTS]
        for scope in reversed(chain[-_DEEPEST:]):
            inner = known.get(id(scope))
            if inner is None:
                inner = known[id(scope)] = Part(scope)
                part.children.append(inner)
            part = inner
            part.kinds[node.op] += 1
        part.children.append(node)
    _form(root, forms)
    return root


def _form(piece: Piece, forms: dict[object, int]) -> int:
    """A number that equal pieces share."""
    if isinstance(piece, Node):
        return forms.setdefault(piece.op, len(forms))
    inside = tuple(_form(child, forms) for child in piece.children)
    kind = piece.scope.kind if piece.scope else None
    piece.form = forms.setdefault((kind, inside), len(forms))
    return piece.form


# ---- scores ------------------------------------------------------------------


def _weight(op: Op) -> int:
    return _HEAVY if op.counted else 1


def _layers_score(one: Op, other: Op) -> int:
    """0 for layers of different families."""
    if one == other:
        return _EQUAL * _weight(one)
    if one.family != other.family:
        return 0
    if type(one) is not type(other):
        return _weight(one)
    names = [option.name for option in fields(one)]
    same = sum(getattr(one, name) == getattr(other, name) for name in names)
    return _weight(one) * (_ALIKE + (_EQUAL - _ALIKE - 1) * same // max(1, len(names)))


def _parts_score(one: Part, other: Part) -> int:
    """About what matching their layers would be worth; 0 for parts of different kinds, or with nothing in common."""
    if one.scope is None or other.scope is None or one.scope.kind is not other.scope.kind:
        return 0
    shared = one.kinds & other.kinds
    score = sum(_EQUAL * _weight(op) * count for op, count in shared.items())
    left, right = _families(one.kinds - shared), _families(other.kinds - shared)
    score += sum(_ALIKE * count for count in (left & right).values())
    if not score:
        return 0
    return score + _NAMED * (one.scope.label == other.scope.label) + (one.scope.title == other.scope.title)


def _families(kinds: Counter[Op]) -> Counter[str]:
    found: Counter[str] = Counter()
    for op, count in kinds.items():
        found[op.family] += count
    return found


# ---- alignment ---------------------------------------------------------------


class _Aligner:
    def __init__(self, forms: dict[object, int]) -> None:
        self._forms = forms
        self._scores: dict[tuple[int, int], int] = {}

    def children(self, one: Part, other: Part) -> tuple[Match, ...]:
        """What two parts hold, matched. Where one has no parts, the other's are opened if more matches then."""
        left, right = one.children, other.children
        found, score = self._sequences(left, right)
        bare = [not any(isinstance(child, Part) for child in side) for side in (left, right)]
        if bare[0] != bare[1]:
            opened, more = self._sequences(
                left if bare[0] else list(nodes_of(one)), right if bare[1] else list(nodes_of(other))
            )
            if more > score:
                return opened
        return found

    def _sequences(self, left: Sequence[Piece], right: Sequence[Piece]) -> tuple[tuple[Match, ...], int]:
        ahead = _common(self._forms_of(left), self._forms_of(right))
        behind = _common(self._forms_of(left[ahead:])[::-1], self._forms_of(right[ahead:])[::-1])
        ends = len(left) - behind, len(right) - behind
        pairs = [(i, i) for i in range(ahead)]
        pairs += [(ahead + i, ahead + j) for i, j in self._middle(left[ahead : ends[0]], right[ahead : ends[1]])]
        pairs += [(ends[0] + i, ends[1] + i) for i in range(behind)]
        score = sum(self._score(left[i], right[j]) for i, j in pairs)
        return tuple(self._woven(left, right, pairs)), score

    def _woven(self, left: Sequence[Piece], right: Sequence[Piece], pairs: list[tuple[int, int]]) -> Iterator[Match]:
        i = j = 0
        for a, b in [*pairs, (len(left), len(right))]:
            yield from self._between(left[i:a], right[j:b])
            if a < len(left):
                yield self._pair(left[a], right[b])
            i, j = a + 1, b + 1

    def _between(self, ones: Sequence[Piece], others: Sequence[Piece]) -> Iterator[Match]:
        """What has no counterpart; parts are opened where layers outside any part do for most of what they hold."""
        if ones and others and any(isinstance(piece, Part) for piece in (*ones, *others)):
            left, right = ([node for piece in side for node in nodes_of(piece)] for side in (ones, others))
            opened, _ = self._sequences(left, right)
            if 2 * sum(match.left is not None and match.right is not None for match in opened) >= max(
                len(left), len(right)
            ):
                yield from opened
                return
        yield from (Match(piece, None) for piece in ones)
        yield from (Match(None, piece) for piece in others)

    def _pair(self, one: Piece, other: Piece) -> Match:
        if isinstance(one, Part) and isinstance(other, Part):
            return Match(one, other, self.children(one, other))
        return Match(one, other)

    def _middle(self, left: Sequence[Piece], right: Sequence[Piece]) -> list[tuple[int, int]]:
        """The pairs that are worth most together, the earliest of those that are worth as much."""
        if not left or not right:
            return []
        if len(left) * len(right) > _MOST_CELLS:
            return self._equal_runs(left, right)
        scores = [[self._score(one, other) for other in right] for one in left]
        best = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
        for i in range(len(left) - 1, -1, -1):
            row, below, here = best[i], best[i + 1], scores[i]
            for j in range(len(right) - 1, -1, -1):
                skip = max(below[j], row[j + 1])
                row[j] = max(skip, here[j] + below[j + 1]) if here[j] else skip
        pairs: list[tuple[int, int]] = []
        i = j = 0
        while i < len(left) and j < len(right):
            if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
                pairs.append((i, j))
                i, j = i + 1, j + 1
            elif best[i][j] == best[i + 1][j]:
                i += 1
            else:
                j += 1
        return pairs

    def _equal_runs(self, left: Sequence[Piece], right: Sequence[Piece]) -> list[tuple[int, int]]:
        from difflib import SequenceMatcher

        found = SequenceMatcher(None, self._forms_of(left), self._forms_of(right), autojunk=True).get_matching_blocks()
        return [(run.a + i, run.b + i) for run in found for i in range(run.size)]

    def _forms_of(self, pieces: Sequence[Piece]) -> list[int]:
        return [_form(piece, self._forms) if isinstance(piece, Node) else piece.form for piece in pieces]

    def _score(self, one: Piece, other: Piece) -> int:
        if isinstance(one, Part) and isinstance(other, Part):
            key = id(one), id(other)
            if key not in self._scores:
                self._scores[key] = _parts_score(one, other)
            return self._scores[key]
        if isinstance(one, Node) and isinstance(other, Node):
            named = _NAMED * (one.label is not None and one.label == other.label)
            score = _layers_score(one.op, other.op)
            return score + named if score else 0
        return 0


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    """How many at the beginning are equal."""
    for i, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return i
    return min(len(left), len(right))
