"""Receptive fields: how much of the input one output value can see."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.op import Window
from archlang.record import record

Number = int | Fraction
MAP = 3  # sizes of a map: channels, height, width
SEQUENCE = 2  # of a sequence: length, channels


@record
class Axis:
    """One axis: output position i sees the input from `low + i * stride` to `high + i * stride`, both included."""

    low: Number
    high: Number
    stride: Number

    @property
    def size(self) -> int:
        """How many rows or columns it spans; part of one is one."""
        return -int((self.low - self.high - 1) // 1)

    @property
    def offset(self) -> Number:
        """The middle of what the first position sees, negative if that is in the padding."""
        return _half(self.low + self.high)


@record
class Field:
    """What one output value sees of the input, by (height, width); `whole` if that is all of it.

    `size` in rows and columns of the input, padding included; `stride` how far
    two neighbours' fields are apart; `offset` the centre of the first one's.
    """

    rows: Axis
    columns: Axis
    input_size: tuple[Size, Size]
    whole: bool = False

    @property
    def size(self) -> tuple[Size, Size]:
        """Rows, columns."""
        return self.input_size if self.whole else (self.rows.size, self.columns.size)

    @property
    def stride(self) -> tuple[Number, Number]:
        """Rows, columns from one output value to the next."""
        return self.rows.stride, self.columns.stride

    @property
    def offset(self) -> tuple[Number, Number]:
        """The centre of the first output value's field: row, column."""
        return self.rows.offset, self.columns.offset


def fields(network: Network, source: int | None = None) -> dict[int, Field | None]:
    """The receptive field of each node by id; None for one that no map leads to, or behind one that is `unseen`.

    Where several inputs lead to a node its field holds what it sees of each; `source`, the id of an input,
    asks what it sees of that one alone.
    """
    found = _as_if_seen(network, source)
    for id_ in _hidden(network, found):
        found[id_] = None
    return found


def unseen(network: Network) -> frozenset[int]:
    """The nodes whose receptive field nobody knows: a layer that does not say its kernel leads there."""
    if not any("field" in node.op.unsaid for node in network.graph):
        return frozenset()
    return _hidden(network, _as_if_seen(network))


def _as_if_seen(network: Network, source: int | None = None) -> dict[int, Field | None]:
    """The field of each node, layers that do not say their kernel taken for ones that look at one place."""
    found: dict[int, Field | None] = {}
    for node in network.graph:
        other = source is not None and not node.inputs and node.id != source
        found[node.id] = None if other else _field(network, node, found)
    return found


def _hidden(network: Network, found: Mapping[int, Field | None]) -> frozenset[int]:
    hidden: set[int] = set()
    for node in network.graph:
        field = found[node.id]
        sources = node.inputs[:1] if node.op.sized_by else node.inputs
        if field is not None and not field.whole and ("field" in node.op.unsaid or not hidden.isdisjoint(sources)):
            hidden.add(node.id)
    return frozenset(hidden)


def _field(network: Network, node: Node, found: dict[int, Field | None]) -> Field | None:
    output = network.shapes[node.id]
    if not node.inputs:
        return Field(Axis(0, 0, 1), Axis(0, 0, 1), (output[1], output[2])) if len(output) == MAP else None
    sources = node.inputs[:1] if node.op.sized_by else node.inputs
    field = _union([f for f in (found[source] for source in sources) if f is not None])
    if field is None or field.whole:
        return field
    alone = node.op.word == "FC" and len(network.entering(node)[0]) == SEQUENCE  # an element of a sequence by itself
    if node.op.sees_all and not alone:
        return Field(field.rows, field.columns, field.input_size, whole=True)
    rows, columns = (_behind(network, node, axis, i) for i, axis in enumerate((field.rows, field.columns)))
    return Field(rows, columns, field.input_size)


def _behind(network: Network, node: Node, axis: Axis, number: int) -> Axis:
    """The field of a node's output along an axis, given that of its input."""
    window = node.op.window
    if window is not None:
        return _through(axis, window, number)
    inputs, output = network.entering(node), network.shapes[node.id]
    if node.op.mixes is not None:
        return _resized(axis, inputs[0][1 + number], output[1 + number], node.op.mixes)
    if node.op.sized_by:
        return _shifted(axis, node.op.corner(inputs)[number])
    if len(inputs[0]) == len(output) == MAP:
        return _evenly(axis, inputs[0][1 + number], output[1 + number])
    return axis


def _union(fields: list[Field]) -> Field | None:
    if len(fields) <= 1:
        return fields[0] if fields else None
    first = next((f for f in fields if f.whole), fields[0])
    if first.whole:
        return first
    rows = Axis(min(f.rows.low for f in fields), max(f.rows.high for f in fields), first.rows.stride)
    columns = Axis(min(f.columns.low for f in fields), max(f.columns.high for f in fields), first.columns.stride)
    return Field(rows, columns, first.input_size)


def _through(axis: Axis, window: Window, number: int) -> Axis:
    """The field behind a window, given that before it."""
    before = window.padding[number][0]
    reach = window.dilation[number] * (window.kernel[number] - 1)
    scale = window.scale[number]
    if scale == 1:
        low = axis.low - before * axis.stride
        high = axis.high + (reach - before) * axis.stride
        return Axis(low, high, axis.stride * window.stride[number])
    # Between the values of the smaller map there are scale - 1 zeros, so a window meets at most this many steps:
    span = axis.high - axis.low + axis.stride * (reach // scale)
    middle = Fraction(axis.low + axis.high) / 2 + axis.stride * Fraction(reach - 2 * before, 2 * scale)
    stride = _plain(Fraction(axis.stride * window.stride[number]) / scale)
    return Axis(_plain(middle - Fraction(span) / 2), _plain(middle + Fraction(span) / 2), stride)


def _evenly(axis: Axis, size: Size, parts: Size) -> Axis:
    """The field behind pooling to a given size, which divides the map into `parts` windows as equal as can be."""
    if not isinstance(size, int) or not isinstance(parts, int) or size == parts:
        return axis
    widest = max(-(-(i + 1) * size // parts) - i * size // parts for i in range(min(parts, size)))
    return Axis(axis.low, axis.high + (widest - 1) * axis.stride, _plain(Fraction(axis.stride * size) / parts))


def _resized(axis: Axis, before: Size, after: Size, mixes: int) -> Axis:
    """The field behind a map brought to another size, each value made of so many neighbours, as `_through` counts."""
    if not isinstance(before, int) or not isinstance(after, int) or before == after:
        return axis
    step = Fraction(before, after)
    span = axis.high - axis.low + (mixes - 1) * axis.stride
    nearest_of_more = mixes == 1 and step > 1  # which takes the first of those it passes over
    away = 0 if nearest_of_more else axis.stride * (step - 1) / 2
    middle = Fraction(axis.low + axis.high) / 2 + away
    return Axis(_plain(middle - Fraction(span) / 2), _plain(middle + Fraction(span) / 2), _plain(axis.stride * step))


def _shifted(axis: Axis, start: Size) -> Axis:
    """The field behind a crop."""
    if not isinstance(start, int) or start == 0:
        return axis
    return Axis(axis.low + start * axis.stride, axis.high + start * axis.stride, axis.stride)


def _half(number: Number) -> Number:
    if isinstance(number, int):
        return number // 2 if number % 2 == 0 else Fraction(number, 2)
    return _plain(number / 2)


def _plain(number: Fraction) -> Number:
    return number.numerator if number.denominator == 1 else number
