"""The step from inputs to an output, with the limits that no network needs to pass."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from math import prod
from typing import Any, cast

from archlang.ops.dim import Dim
from archlang.ops.op import Op, Shape, ShapeError

LARGEST_SIZE = 10**9
"""The most channels, features, rows or columns."""
LARGEST_TENSOR = 10**12
"""The most numbers in one tensor."""
LARGEST_WINDOW = 65_536
"""The most rows or columns of a kernel, a stride, a padding or a dilation: PyTorch breaks down over far larger ones."""


def checked_shape(op: Op, inputs: tuple[Shape, ...]) -> Shape:
    """The output's shape; `ShapeError` if the inputs do not fit, in number or shape, or a limit is passed."""
    _right_number(op, len(inputs))
    _right_window(op)
    shape = op.shape(inputs) if op.package is None else _of_package(op, inputs)
    _within(shape, f"`{op.word}` would make")
    if op.stateful:
        for tensor in op.tensors(inputs).values():
            _within(tensor, f"`{op.word}` would have a weight of")
    return shape


def _of_package(op: Op, inputs: tuple[Shape, ...]) -> Shape:
    """The output's shape, with all that is asked of an op later tried: a mistake of a package's is told as one."""
    try:
        shape: Any = op.shape(inputs)
        op.tensors(inputs)
        op.buffers(inputs)
        op.macs(inputs, shape)
        op.saved(inputs, shape)
        op.module(inputs)
        op.apply(inputs)
    except ShapeError:
        raise
    except Exception as error:
        message = f"`{op.word}` of the package `{op.package}` fails here: {type(error).__name__}: {error}"
        raise ShapeError("broken-package", message, help="this is for whoever made that package") from error
    good = isinstance(shape, tuple) and all(isinstance(size, int | Dim) for size in cast("tuple[Any, ...]", shape))
    if not good or not 1 <= len(cast("Shape", shape)) <= 3:
        message = f"`{op.word}` of the package `{op.package}` leaves {shape!r}, which is no shape"
        raise ShapeError("broken-package", message, help="this is for whoever made that package")
    return cast("Shape", shape)


def _right_number(op: Op, number: int) -> None:
    if op.arity is None and number < 2:
        raise ShapeError("merge-arity", f"`{op.word}` joins two tensors or more, but gets {number}")
    if op.arity is not None and number != op.arity:
        raise ShapeError("merge-arity", f"`{op.word}` reads {op.arity} tensor{'s'[: op.arity != 1]}, but gets {number}")


_WINDOW = {"k": "a kernel", "stride": "a stride", "pad": "a padding", "dilation": "a dilation"}


def _right_window(op: Op) -> None:
    for name in _pairs(type(op)):
        value = getattr(op, name)
        if value is not None and max(value) > LARGEST_WINDOW:
            message = (
                f"`{op.word}` has {_WINDOW.get(name, name)} of {max(value)}, and windows end at {LARGEST_WINDOW:,}"
            )
            raise ShapeError("limit", message, option=name)
    window = op.window
    padding = max(map(max, window.padding)) if window is not None else 0
    if padding > LARGEST_WINDOW:
        raise ShapeError("limit", f"`{op.word}` would pad by {padding}, and windows end at {LARGEST_WINDOW:,}")


@lru_cache(256)  # kinds that files declare come and go while somebody types
def _pairs(kind: type[Op]) -> tuple[str, ...]:
    """The options of a kind that are sizes along both axes."""
    return tuple(one.name for one in fields(kind) if one.metadata["kind"] == "pair")


def _within(shape: Shape, words: str) -> None:
    known = [size for size in shape if isinstance(size, int)]
    if any(size > LARGEST_SIZE for size in known):
        raise ShapeError("limit", f"{words} {_by(shape)}, and sizes end at {LARGEST_SIZE:,}")
    if prod(known) > LARGEST_TENSOR:
        raise ShapeError("limit", f"{words} {_by(shape)}, and tensors end at {LARGEST_TENSOR:,} numbers")


def _by(shape: Shape) -> str:
    return "x".join(str(size) for size in shape)
