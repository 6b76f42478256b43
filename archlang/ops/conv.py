"""Convolution: `conv3-64/2(pad=0, groups=2)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import Size
from archlang.ops.map2d import as_map, conv_sizes, not_default, one_or_two
from archlang.ops.op import Code, Op, Pair, Saved, Shape, ShapeError, Window, call, option
from archlang.record import record


@record
class Conv(Op):
    """A 2-D convolution.

    (C, H, W) becomes (out, H', W') with H' = floor((H + 2 pad - dilation (k - 1) - 1) / stride) + 1.
    An odd kernel pads `dilation * (k // 2)` unless told otherwise, so that at stride 1 the map keeps its size.
    """

    word: ClassVar[str] = "conv"
    family: ClassVar[str] = "conv"
    width: ClassVar[str | None] = "out"
    kernel_option: ClassVar[str | None] = "k"
    stride_option: ClassVar[str | None] = "stride"
    stateful: ClassVar[bool] = True
    counted: ClassVar[bool] = True

    out: int = option(doc="output channels")
    k: Pair = option(doc="kernel height and width", kind="pair")
    stride: Pair = option((1, 1), doc="stride", kind="pair")
    pad: Pair | None = option(None, doc="rows and columns of zeros on each side", kind="pair", least=0)
    groups: int = option(1, doc="groups of channels that do not see each other")
    dilation: Pair = option((1, 1), doc="steps between the kernel's taps", kind="pair")
    bias: bool = option(True, doc="whether a bias is added", kind="bool")

    @property
    def padding(self) -> Pair:
        """The zeros on each side, default worked out: height, width."""
        if self.pad is not None:
            return self.pad
        h, w = (d * (k // 2) if k % 2 else 0 for k, d in zip(self.k, self.dilation, strict=True))
        return h, w

    @property
    def window(self) -> Window:
        """Its kernel's window."""
        (top, left) = self.padding
        return Window(self.k, self.stride, ((top, top), (left, left)), self.dilation)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(out, H', W')."""
        channels, _, _ = as_map(inputs[0], self.word)
        for number, what in ((channels, "input channels"), (self.out, "output channels")):
            if number % self.groups:
                message = f"`groups={self.groups}` does not divide the {number} {what}"
                raise ShapeError("groups", message, option="groups")
        return (self.out, *conv_sizes(inputs[0], self.window, self.word))

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight` (out, C / groups, k, k) and, if it has one, `bias` (out,)."""
        weight = (self.out, as_map(inputs[0], self.word)[0] // self.groups, *self.k)
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """k k C / groups for each output value."""
        _, height, width = output
        return self.k[0] * self.k[1] * (inputs[0][0] // self.groups) * self.out * height * width

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input; the weights are parameters."""
        return Saved(inputs=(0,))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Conv2d(...)`, defaults left out."""
        more = not_default(
            stride=(self.stride, (1, 1)),
            padding=(self.padding, (0, 0)),
            dilation=(self.dilation, (1, 1)),
            groups=(self.groups, 1),
            bias=(self.bias, True),
        )
        return call("nn.Conv2d", inputs[0][0], self.out, one_or_two(self.k), **more)
