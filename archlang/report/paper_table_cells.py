"""What a cell of a paper's table says of some layers: `conv3-64`, `[1x1, 64; 3x3, 64; 1x1, 256] x3`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from archlang.ir.graph import Node
from archlang.ir.scope import Kind, Scope
from archlang.ops.notation import kernel_text, set_options, short_form, value_text
from archlang.ops.op import Op
from archlang.record import record

UNROLLED = 4
"""Copies of one plain layer that are written out, as VGG's are; more of them take brackets."""
MOST = 24
"""Lines of a cell, and layers of a bracket; of what is longer, the rest is counted."""

LONG = 240
"""Letters of a block with branches that is called without numbers; a longer one is written by its name."""

GATE = "fc,"
"""Begins what a gate of fully connected layers is written as, the numbers of their features behind it."""

_GATE = re.compile("(?:1x1, |FC-)([0-9]+)")
_NESTED = frozenset({Kind.REPEAT, Kind.COPY, Kind.BLOCK, Kind.WRAP, Kind.BRANCH, Kind.SHORTCUT})
_QUIET = frozenset({"norm", "flatten", "identity", "dropout", "padc", "subsample", "slice", "pad", "crop", "input"})
_DEEPEST = 32


@record
class Entry:
    """A line of a cell: one layer, or several in brackets, `times` over. Bold is what the column before has not."""

    layers: tuple[str, ...]
    times: int = 1
    bracket: bool = False
    bold: bool = False
    bold_times: bool = False

    @property
    def body(self) -> str:
        """`conv3-64`, or `[3x3, 64; 3x3, 64]`."""
        return f"[{'; '.join(self.layers)}]" if self.bracket else "; ".join(self.layers)

    @property
    def multiplier(self) -> str:
        """`x3`, or nothing."""
        return f"x{self.times}" if self.times > 1 else ""

    @property
    def text(self) -> str:
        """All of it, without what is bold."""
        return f"{self.body} {self.multiplier}".rstrip()


Cell = tuple[Entry, ...]
_Placed = tuple[Node, tuple[Scope, ...]]


def plain(text: str) -> Cell:
    """A cell of one word; an empty text is an empty cell."""
    return (Entry((text,)),) if text else ()


def is_shown(op: Op) -> bool:
    """Whether a table has a line for it: no activation, norm or dropout, and nothing that only moves numbers."""
    return not (op.pointwise or op.family in _QUIET or op.told is not None)


def content(nodes: Sequence[Node], base: Scope | None) -> Cell:
    """What a cell says of the layers of a row, all of them under the scope `base`."""
    entries = list(_entries([(node, _path(node, base)) for node in nodes]))
    if len(entries) > MOST:
        return (*entries[:MOST], Entry((f"and {len(entries) - MOST} more",)))
    return tuple(entries)


def branches(nodes: Sequence[Node], base: Scope | None) -> bool:
    """Whether some layers stand side by side, which no bracket can show."""
    ways: dict[int, set[int]] = {}
    for node in nodes:
        path = _path(node, base)
        for outer, inner in pairwise(path):
            if inner.kind is Kind.BRANCH and is_shown(node.op):
                ways.setdefault(id(outer), set()).add(id(inner))
    return any(len(way) > 1 for way in ways.values())


def call_text(scope: Scope) -> str:
    """A block as it was called, with the values it has no defaults for: `fire(16, 64)`."""
    if scope.binding is None:
        return scope.title
    needed = [p.name for p in scope.binding.definition.parameters if p.default is None]
    values = [scope.binding.parameters.get(name) for name in needed]
    said = ", ".join(value_text(value) for value in values if isinstance(value, int | float | str))
    return f"{scope.title}({said})" if said else scope.title


def layer_text(node: Node) -> str:
    """`conv3-64`, `maxpool`, `soft-max` where somebody typed it so."""
    typed = node.span.text
    if typed.replace("-", "") == node.op.word:
        return typed
    also = ", ".join(_also(node.op))
    return f"{short_form(node.op)}({also})" if also else short_form(node.op)


def _path(node: Node, base: Scope | None) -> tuple[Scope, ...]:
    """The scopes between a row and a layer that a table tells apart, the outermost first."""
    found: list[Scope] = []
    for scope in node.scope.chain():
        if scope is base:
            break
        if scope.kind in _NESTED:
            found.append(scope)
    return tuple(found[::-1][:_DEEPEST])


def _parts(placed: Sequence[_Placed]) -> Iterator[tuple[Scope | None, list[_Placed]]]:
    """Runs of layers of one scope, each layer with what is left of its path; None for a layer that stands free."""
    for _, run in groupby(placed, key=lambda each: id(each[1][0]) if each[1] else -each[0].id - 1):
        found = list(run)
        path = found[0][1]
        yield (path[0], [(node, rest[1:]) for node, rest in found]) if path else (None, found)


def _entries(placed: Sequence[_Placed]) -> Iterator[Entry]:
    for scope, inner in _parts(placed):
        if scope is None:
            if is_shown(inner[0][0].op):
                yield Entry((layer_text(inner[0][0]),))
        elif scope.kind is Kind.REPEAT:
            yield from _repeated(inner)
        elif scope.kind is Kind.COPY:
            yield from _entries(inner)
        else:
            yield from _once(scope, inner)


def _once(scope: Scope, inner: Sequence[_Placed]) -> Iterator[Entry]:
    """A block or a construct with branches: its one layer, or what it holds in brackets."""
    texts = _scope_texts(scope, inner)
    shown = [node for node, _ in inner if is_shown(node.op)]
    repeats = [held for part, held in _parts(inner) if part is not None and part.kind is Kind.REPEAT]
    alone = len(repeats) == 1 and sum(is_shown(node.op) for node, _ in repeats[0]) == len(shown)
    if alone and texts != (call_text(scope),):
        yield from _repeated(repeats[0])
    elif len(texts) == 1 and len(shown) == 1 and scope.kind is Kind.BLOCK:
        yield Entry((layer_text(shown[0]),))
    elif texts:
        yield Entry(texts, bracket=_needs_bracket(texts))


def _repeated(inner: Sequence[_Placed]) -> Iterator[Entry]:
    copies = [part for _, part in _parts(inner)]
    if is_short([[node for node, _ in copy] for copy in copies]):
        for copy in copies:
            yield from _entries(copy)
        return
    for texts, times in _runs(copies):
        yield Entry(texts, times, bracket=_needs_bracket(texts))


def _needs_bracket(texts: tuple[str, ...]) -> bool:
    """Whether it is more than one call: several layers, or one as brackets have it, `3x3, 64`."""
    first = "".join(texts)[:1]
    return len(texts) > 1 or first.isdigit() or first == "["


def is_short(copies: Sequence[Sequence[Node]]) -> bool:
    """Whether a repeat is written out: few copies of one layer."""
    few = len(copies) <= UNROLLED
    return few and all(sum(is_shown(node.op) for node in copy) <= 1 for copy in copies)


def _runs(copies: Sequence[Sequence[_Placed]]) -> list[tuple[tuple[str, ...], int]]:
    """The copies that say the same, one after another, with how many there are."""
    found = [(texts, len(list(run))) for texts, run in groupby(copies, key=_chain)]
    return [(texts, times) for texts, times in found if texts]


def _chain(placed: Sequence[_Placed]) -> tuple[str, ...]:
    """The layers one after another as a bracket has them."""
    found: list[str] = []
    for scope, inner in _parts(placed):
        if scope is None:
            node = inner[0][0]
            found += [bracketed(node.op)] if is_shown(node.op) else []
        elif scope.kind is Kind.REPEAT:
            for texts, times in _runs([part for _, part in _parts(inner)]):
                found += texts if times == 1 else [f"[{'; '.join(texts)}] x{times}"]
        else:
            found += _scope_texts(scope, inner)
    return tuple(found) if len(found) <= MOST else (*found[:MOST], f"and {len(found) - MOST} more")


def _scope_texts(scope: Scope, inner: Sequence[_Placed]) -> tuple[str, ...]:
    if scope.kind is Kind.WRAP:
        return _wrapped(scope, inner)
    if scope.kind is Kind.SHORTCUT:
        return ()
    texts = _chain(inner)
    if scope.kind is Kind.BLOCK and branches([node for node, _ in inner], scope):
        called = call_text(scope)
        return (called,) if called != scope.title or sum(map(len, texts)) > LONG else texts
    return texts


def _wrapped(scope: Scope, inner: Sequence[_Placed]) -> tuple[str, ...]:
    """The one branch that has layers, or all of them side by side; what joins them and the shortcut are not written."""
    parts = [(part, _chain(held)) for part, held in _parts(inner) if part is not None]
    ways = [texts for part, texts in parts if part.kind is not Kind.SHORTCUT]
    if scope.title != "mul" and sum(map(bool, ways)) < 2:
        return next((texts for texts in ways if texts), ())
    widths = [_GATE.fullmatch(text) for texts in ways for text in texts[1:]]
    if scope.title == "mul" and sorted(texts[:1] for texts in ways) == [(), ("gap",)] and widths and all(widths):
        return (f"{GATE} [{', '.join(width[1] for width in widths if width)}]",)
    return (f"{scope.title}[{' | '.join('; '.join(texts) or 'identity' for texts in ways)}]",)


def bracketed(op: Op) -> str:
    """A layer in brackets: `3x3, 64`, as ResNet's table has it; a stride shows in the output size."""
    if op.family != "conv" or op.kernel_option is None:
        return short_form(op)
    kernel = kernel_text(getattr(op, op.kernel_option))
    kernel = kernel if "x" in kernel else f"{kernel}x{kernel}"
    width = getattr(op, op.width) if op.width else None
    words = [kernel if op.word == "conv" else f"{kernel} {op.word}", *([str(width)] if width is not None else [])]
    return ", ".join([*words, *_also(op)])


def _also(op: Op) -> list[str]:
    """What tells two layers of one kernel and width apart: `groups=2`, `dilation=2`."""
    return [f"{name}={value_text(value)}" for name, value in set_options(op) if name in ("groups", "dilation")]
