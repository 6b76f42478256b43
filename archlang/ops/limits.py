"""The step from inputs to an output, with the limits that no network needs to pass."""

from __future__ import annotations

from math import prod

from archlang.ops.op import Op, Shape, ShapeError

LARGEST_SIZE = 10**9
"""The most channels, features, rows or columns."""
LARGEST_TENSOR = 10**12
"""The most numbers in one tensor."""


def checked_shape(op: Op, inputs: tuple[Shape, ...]) -> Shape:
    """The output's shape; `ShapeError` if the inputs do not fit, in number or shape, or a limit is passed."""
    _right_number(op, len(inputs))
    shape = op.shape(inputs)
    _within(shape, f"`{op.word}` would make")
    if op.stateful:
        for tensor in op.tensors(inputs).values():
            _within(tensor, f"`{op.word}` would have a weight of")
    return shape


def _right_number(op: Op, number: int) -> None:
    if op.arity is None and number < 2:
        raise ShapeError("merge-arity", f"`{op.word}` joins two tensors or more, but gets {number}")
    if op.arity is not None and number != op.arity:
        raise ShapeError("merge-arity", f"`{op.word}` reads {op.arity} tensor{'s'[: op.arity != 1]}, but gets {number}")


def _within(shape: Shape, words: str) -> None:
    known = [size for size in shape if isinstance(size, int)]
    if any(size > LARGEST_SIZE for size in known):
        raise ShapeError("limit", f"{words} {_by(shape)}, and sizes end at {LARGEST_SIZE:,}")
    if prod(known) > LARGEST_TENSOR:
        raise ShapeError("limit", f"{words} {_by(shape)}, and tensors end at {LARGEST_TENSOR:,} numbers")


def _by(shape: Shape) -> str:
    return "x".join(str(size) for size in shape)
