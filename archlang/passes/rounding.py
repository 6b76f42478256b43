"""Where a window does not fit its map: rows left over by rounding down, windows that hang over by rounding up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archlang.ir.graph import Node
from archlang.ops.op import Shape
from archlang.record import record


@record
class Rounded:
    """A layer whose windows do not fit along one axis, 0 for rows and 1 for columns.

    `over` rows remain behind the last whole window, `lost` of them of the map
    and not of its padding, if sizes are rounded down; with `up` one more window
    begins there, and hangs over the end.
    """

    node: int
    axis: int
    over: int
    lost: int
    up: bool


def rounded_windows(nodes: Iterable[Node], shapes: Mapping[int, Shape]) -> Iterator[Rounded]:
    """The layers where rounding up and down part, in order; all sizes must be known."""
    for node in nodes:
        window = node.op.window
        if window is None or window.stride == (1, 1) or not node.inputs or "field" in node.op.unsaid:
            continue
        for axis in (0, 1):
            found = _along(node, shapes[node.inputs[0]], shapes[node.id], axis)
            if found is not None:
                yield found


def _along(node: Node, entering: Shape, leaving: Shape, axis: int) -> Rounded | None:
    window = node.op.window
    size, made = entering[1 + axis], leaving[1 + axis]
    if window is None or not isinstance(size, int) or not isinstance(made, int):
        return None
    before, after = window.padding[axis]
    span = window.dilation[axis] * (window.kernel[axis] - 1) + 1
    room = size + before + after - span
    over = room % window.stride[axis]
    if not over:
        return None
    up = made > room // window.stride[axis] + 1
    return Rounded(node.id, axis, over, 0 if up else max(0, over - after), up)
