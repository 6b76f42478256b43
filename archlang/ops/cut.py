"""Parts of a tensor: `slice` (a share of the channels), `crop`, `subsample`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.compare import surely_less
from archlang.ops.dim import Size, ceil_div
from archlang.ops.map2d import as_map, channels_of, one_or_two, show
from archlang.ops.op import Code, Op, Pair, Shape, ShapeError, Window, call, option
from archlang.record import record


@record
class Slice(Op):
    """One of `parts` equal shares of the channels, counted from 0: what a branch of `split(parts)` reads."""

    word: ClassVar[str] = "slice"
    family: ClassVar[str] = "slice"
    view: ClassVar[bool] = True

    index: int = option(doc="which share, from 0", least=0)
    parts: int = option(doc="how many shares there are")

    @property
    def told(self) -> str:
        """`part 1 of 2`."""
        return f"part {self.index + 1} of {self.parts}"

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C / parts, H, W)."""
        channels = channels_of(inputs[0], self.word)
        if channels % self.parts:
            raise ShapeError("split", f"{channels} channels do not split into {self.parts} equal parts", option="parts")
        if self.index >= self.parts:
            message = f"there is no part {self.index}: {self.parts} parts are counted from 0"
            raise ShapeError("split", message, option="index")
        return (channels // self.parts, *inputs[0][1:])

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x[:, 48:96]`."""
        share = channels_of(inputs[0], self.word) // self.parts
        start, end = share * self.index, share * (self.index + 1)
        return Code("{x}[:, {start}:{end}]", (("start", start), ("end", end)))


@record
class Crop(Op):
    """A window of the first input, as large as the second: `crop(up2, offset=5)`; from its centre if not told."""

    word: ClassVar[str] = "crop"
    family: ClassVar[str] = "crop"
    arity: ClassVar[int | None] = 2
    sized_by: ClassVar[bool] = True
    view: ClassVar[bool] = True

    offset: Pair | str = option("center", doc="first row and column kept, or `center`", kind="any", choices=("center",))

    def corner(self, inputs: tuple[Shape, ...]) -> tuple[Size, Size]:
        """The first row and column that are kept."""
        if self.offset == "center":
            rows, columns = ((a - b) // 2 for a, b in zip(inputs[0][1:], inputs[1][1:], strict=True))
            return rows, columns
        pair = (self.offset, self.offset) if isinstance(self.offset, int) else self.offset
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2 and all(type(n) is int and n >= 0 for n in pair)):
            raise ShapeError("crop", "`offset` is a whole number, two as in `[5, 4]`, or `center`", option="offset")
        return pair[0], pair[1]

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C of the first, H and W of the second)."""
        channels, *sizes = as_map(inputs[0], self.word)
        _, *wanted = as_map(inputs[1], self.word)
        ports = {0: show(inputs[0]), 1: show(inputs[1])}
        if any(surely_less(size, want) for size, want in zip(sizes, wanted, strict=True)):
            raise ShapeError("crop", f"`crop` cannot cut {ports[1]} out of the smaller {ports[0]}", ports=ports)
        start = self.corner(inputs)
        if any(surely_less(size, at + want) for size, at, want in zip(sizes, start, wanted, strict=True)):
            at = one_or_two((start[0], start[1])) if isinstance(start[0], int) and isinstance(start[1], int) else start
            message = f"`crop` of {ports[1]} at offset {at} passes the end of {ports[0]}"
            raise ShapeError("crop", message, ports=ports, option="offset")
        return (channels, *wanted)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x[:, :, 5 : 5 + y.shape[2], 5 : 5 + y.shape[3]]`; the centre is worked out, so that it fits any image."""
        if self.offset != "center":
            top, left = self.corner(inputs)
            text = "{x0}[:, :, {top} : {top} + {x1}.shape[2], {left} : {left} + {x1}.shape[3]]"
            return Code(text, (("top", top), ("left", left)))
        rows = ".narrow(2, ({x0}.shape[2] - {x1}.shape[2]) // 2, {x1}.shape[2])"
        columns = ".narrow(3, ({x0}.shape[3] - {x1}.shape[3]) // 2, {x1}.shape[3])"
        return Code("{x0}" + rows + columns)


@record
class Subsample(Op):
    """Every `stride`-th row and column, from the first."""

    word: ClassVar[str] = "subsample"
    family: ClassVar[str] = "subsample"
    stride_option: ClassVar[str | None] = "stride"
    view: ClassVar[bool] = True

    stride: Pair = option(doc="steps from one row or column kept to the next", kind="pair")

    @property
    def window(self) -> Window:
        """One value, every `stride` steps."""
        return Window((1, 1), self.stride)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C, ceil(H / stride), ceil(W / stride))."""
        channels, height, width = as_map(inputs[0], self.word)
        return (channels, ceil_div(height, self.stride[0]), ceil_div(width, self.stride[1]))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """A pooling of single values, which does the same."""
        return call("nn.AvgPool2d", 1, stride=one_or_two(self.stride))

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x[:, :, ::2, ::2]`."""
        return Code("{x}[:, :, ::{rows}, ::{columns}]", (("rows", self.stride[0]), ("columns", self.stride[1])))
