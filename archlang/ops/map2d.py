"""The arithmetic of maps: channels, height, width, and what a window makes of them."""

from __future__ import annotations

import re

from archlang.ops.compare import surely_less
from archlang.ops.dim import Dim, Size, ceil_div, symbol
from archlang.ops.op import Pair, Shape, ShapeError, Window


def show(shape: Shape) -> str:
    """A shape as a person writes it: `64x112x112`, `4096`."""
    return "x".join(f"({size})" if isinstance(size, Dim) and " " in str(size) else str(size) for size in shape)


def typed_shape(text: str) -> Shape:
    """`3x512x512` as a shape; a capital letter is a symbol. Raises ValueError where the text is no size."""
    parts = re.split("[x×]", text)
    if not all((part.isdecimal() and 0 < int(part) <= 10**6) or re.fullmatch("[A-Z]", part) for part in parts):
        raise ValueError(f"an input's size is written like 3x224x224, not {text!r}")
    return tuple(int(part) if part.isdecimal() else symbol(part) for part in parts)


def describe(shape: Shape) -> str:
    """`4096 features` or `64x112x112`."""
    return f"{shape[0]} features" if len(shape) == 1 else show(shape)


def as_map(shape: Shape, word: str) -> tuple[int, Size, Size]:
    """(channels, height, width); `ShapeError` if `shape` is no map."""
    if len(shape) != 3:
        raise ShapeError("not-a-map", f"`{word}` needs a map, but what enters is {describe(shape)}")
    channels, height, width = shape
    if not isinstance(channels, int):
        raise ShapeError("symbolic", f"`{word}` needs to know its channels, but what enters is {show(shape)}")
    return channels, height, width


def as_sequence(shape: Shape, word: str) -> tuple[Size, int]:
    """(length, channels); `ShapeError` if `shape` is no sequence."""
    if len(shape) != 2:
        message = f"`{word}` needs a sequence, but what enters is {describe(shape)}"
        raise ShapeError("not-a-map", message, help="`tokens` makes a sequence of a map")
    length, channels = shape
    if not isinstance(channels, int):
        raise ShapeError("symbolic", f"`{word}` needs to know its channels, but what enters is {show(shape)}")
    return length, channels


def no_sequence(shape: Shape, word: str) -> None:
    """`ShapeError` if `shape` is a sequence: a layer of channels does not know which of its axes they are."""
    if len(shape) == 2:
        raise ShapeError("not-a-map", f"`{word}` needs a map or features, but what enters is a sequence, {show(shape)}")


def channels_of(shape: Shape, word: str) -> int:
    """The channels of a map, or the number of features; `ShapeError` if that is a symbol, or `shape` a sequence."""
    no_sequence(shape, word)
    size = shape[0]
    if isinstance(size, Dim):
        help_ = "bind the symbols with `--input`, or put `gap` before it"
        raise ShapeError("symbolic", f"`{word}` needs to know its features, but what enters is {size}", help=help_)
    return size


def not_default(**options: tuple[int | Pair, int | Pair]) -> dict[str, int | Pair]:
    """PyTorch's arguments by name, each given as (value, default): those that differ, pairs of equals as one number."""
    differ = {name: value for name, (value, default) in options.items() if value != default}
    return {name: one_or_two(value) if isinstance(value, tuple) else value for name, value in differ.items()}


def one_or_two(pair: Pair) -> int | Pair:
    """`3` for (3, 3): how PyTorch's arguments are written."""
    return pair[0] if pair[0] == pair[1] else pair


def conv_sizes(shape: Shape, window: Window, word: str) -> tuple[Size, Size]:
    """(height, width) of what a window that slides over the map makes of it, rounded down."""
    return _sizes(shape, window, word, ceil=False)


def pool_sizes(shape: Shape, window: Window, word: str, *, ceil: bool) -> tuple[Size, Size]:
    """As `conv_sizes`; with `ceil` a window may hang over the end, if it begins in the map or the padding before."""
    for axis, (kernel, (before, _)) in enumerate(zip(window.kernel, window.padding, strict=True)):
        if 2 * before > window.dilation[axis] * (kernel - 1) + 1:
            message = f"`{word}` pads {before}, more than half of its {_by(window.kernel)} kernel"
            raise ShapeError("padding", message, option="pad")
    return _sizes(shape, window, word, ceil=ceil)


def _sizes(shape: Shape, window: Window, word: str, *, ceil: bool) -> tuple[Size, Size]:
    _, height, width = as_map(shape, word)
    result = _along(height, window, 0, ceil=ceil), _along(width, window, 1, ceil=ceil)
    if surely_less(result[0], 1) or surely_less(result[1], 1):
        (top, _), (left, _) = window.padding
        padding = f"padding {top}" if top == left else f"padding {top},{left}"
        spread = "" if window.dilation == (1, 1) else f" with dilation {_by(window.dilation)}"
        kernel = f"{_by(window.kernel)} kernel{spread}"
        message = f"`{word}` leaves nothing of {height}x{width}: its {kernel} is larger, {padding} included"
        raise ShapeError("empty-output", message, help="a larger input, a smaller kernel, or padding")
    return result


def _along(size: Size, window: Window, axis: int, *, ceil: bool) -> Size:
    before, after = window.padding[axis]
    stride = window.stride[axis]
    room = before + after - window.dilation[axis] * (window.kernel[axis] - 1) - 1
    if not ceil:
        return (size + room) // stride + 1
    # The windows that fit, the last one hanging over; but none begins in the padding behind the map.
    return ceil_div(size + min(room + 1 + stride - 1, before), stride)


def _by(pair: Pair) -> str:
    return f"{pair[0]}x{pair[1]}"
