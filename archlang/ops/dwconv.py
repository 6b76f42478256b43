"""Depthwise convolution: `dwconv3/2`, `dwconv3(mult=2)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.conv import Conv
from archlang.ops.dim import Size
from archlang.ops.map2d import as_map
from archlang.ops.op import Code, Op, Pair, Saved, Shape, ShapeError, Window, option
from archlang.record import record


@record
class DepthwiseConv(Op):
    """A convolution in which each input channel has filters of its own.

    (C, H, W) becomes (C * mult, H', W'), sizes as for `conv`. A width may stand
    after the dash instead of `mult`; it must be a multiple of C.
    """

    word: ClassVar[str] = "dwconv"
    family: ClassVar[str] = "conv"
    width: ClassVar[str | None] = "out"
    kernel_option: ClassVar[str | None] = "k"
    stride_option: ClassVar[str | None] = "stride"
    stateful: ClassVar[bool] = True
    counted: ClassVar[bool] = True

    out: int | None = option(None, doc="output channels, a multiple of the input's")
    k: Pair = option((3, 3), doc="kernel height and width", kind="pair")
    stride: Pair = option((1, 1), doc="stride", kind="pair")
    pad: Pair | None = option(None, doc="rows and columns of zeros on each side", kind="pair", least=0)
    mult: int = option(1, doc="filters for each input channel")
    dilation: Pair = option((1, 1), doc="steps between the kernel's taps", kind="pair")
    bias: bool = option(True, doc="whether a bias is added", kind="bool")

    @property
    def padding(self) -> Pair:
        """The zeros on each side, default worked out: height, width."""
        return self._any_conv.padding

    @property
    def window(self) -> Window:
        """Its kernel's window."""
        return self._any_conv.window

    @property
    def _any_conv(self) -> Conv:
        """A convolution with its kernel, whatever the channels."""
        return Conv(1, self.k, self.stride, self.pad, 1, self.dilation)

    def conv(self, inputs: tuple[Shape, ...]) -> Conv:
        """The grouped convolution that it is on these inputs."""
        channels, _, _ = as_map(inputs[0], self.word)
        out = channels * self.mult if self.out is None else self.out
        if out % channels:
            raise ShapeError(
                "groups", f"`dwconv` cannot make {out} channels of {channels}: not a multiple", option="out"
            )
        if self.mult != 1 and out != channels * self.mult:
            message = f"`mult={self.mult}` makes {channels * self.mult} channels of {channels}, not {out}"
            raise ShapeError("groups", message, option="mult")
        return Conv(out, self.k, self.stride, self.pad, channels, self.dilation, self.bias)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C * mult, H', W')."""
        return self.conv(inputs).shape(inputs)

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight` (C * mult, 1, k, k) and, if it has one, `bias` (C * mult,)."""
        return self.conv(inputs).tensors(inputs)

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """k k for each output value."""
        return self.conv(inputs).macs(inputs, output)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input; the weights are parameters."""
        return Saved(inputs=(0,))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Conv2d(..., groups=C)`."""
        return self.conv(inputs).module(inputs)
