"""Transposed convolution: `deconv4-21/2`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.compare import surely_less
from archlang.ops.dim import Size
from archlang.ops.map2d import as_map, not_default, one_or_two
from archlang.ops.op import Code, Op, Pair, Saved, Shape, ShapeError, Window, call, option
from archlang.record import record


@record
class Deconv(Op):
    """A 2-D transposed convolution, which enlarges the map by its stride.

    (C, H, W) becomes (out, H', W') with H' = (H - 1) stride - 2 pad + dilation (k - 1) + out_pad + 1.
    """

    word: ClassVar[str] = "deconv"
    aliases: ClassVar[tuple[str, ...]] = ("convtranspose", "upconv")
    family: ClassVar[str] = "deconv"
    width: ClassVar[str | None] = "out"
    kernel_option: ClassVar[str | None] = "k"
    stride_option: ClassVar[str | None] = "stride"
    stateful: ClassVar[bool] = True
    counted: ClassVar[bool] = True

    out: int = option(doc="output channels")
    k: Pair = option(doc="kernel height and width", kind="pair")
    stride: Pair = option((1, 1), doc="by how much it enlarges the map", kind="pair")
    pad: Pair = option((0, 0), doc="rows and columns taken off each side of the output", kind="pair", least=0)
    out_pad: Pair = option((0, 0), doc="rows and columns added at the end of the output", kind="pair", least=0)
    groups: int = option(1, doc="groups of channels that do not see each other")
    dilation: Pair = option((1, 1), doc="steps between the kernel's taps", kind="pair")
    bias: bool = option(True, doc="whether a bias is added", kind="bool")

    @property
    def window(self) -> Window:
        """Its kernel's window, on a map that is `scale` times larger."""
        sides = [
            (d * (k - 1) - p, d * (k - 1) - p + o)
            for k, p, o, d in zip(self.k, self.pad, self.out_pad, self.dilation, strict=True)
        ]
        return Window(self.k, (1, 1), (sides[0], sides[1]), self.dilation, self.stride)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(out, H', W')."""
        channels, *sizes = as_map(inputs[0], self.word)
        for number, what in ((channels, "input channels"), (self.out, "output channels")):
            if number % self.groups:
                raise ShapeError(
                    "groups", f"`groups={self.groups}` does not divide the {number} {what}", option="groups"
                )
        for more, stride, dilation in zip(self.out_pad, self.stride, self.dilation, strict=True):
            if more >= max(stride, dilation):
                message = f"`out_pad={more}` must be smaller than the stride or the dilation"
                raise ShapeError("padding", message, option="out_pad")
        large = [self._along(size, axis) for axis, size in enumerate(sizes)]
        if any(surely_less(size, 1) for size in large):
            message = f"`deconv` leaves nothing of {sizes[0]}x{sizes[1]}: its padding takes it all"
            raise ShapeError("empty-output", message, option="pad")
        return (self.out, *large)

    def _along(self, size: Size, axis: int) -> Size:
        reach = self.dilation[axis] * (self.k[axis] - 1) + self.out_pad[axis] + 1
        return (size - 1) * self.stride[axis] + reach - 2 * self.pad[axis]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight` (C, out / groups, k, k) and, if it has one, `bias` (out,)."""
        channels, _, _ = as_map(inputs[0], self.word)
        weight = (channels, self.out // self.groups, *self.k)
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """k k out / groups for each input value."""
        channels, height, width = inputs[0]
        return self.k[0] * self.k[1] * (self.out // self.groups) * channels * height * width

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input; the weights are parameters."""
        return Saved(inputs=(0,))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.ConvTranspose2d(...)`, defaults left out."""
        more = not_default(
            stride=(self.stride, (1, 1)),
            padding=(self.pad, (0, 0)),
            output_padding=(self.out_pad, (0, 0)),
            groups=(self.groups, 1),
            bias=(self.bias, True),
            dilation=(self.dilation, (1, 1)),
        )
        return call("nn.ConvTranspose2d", inputs[0][0], self.out, one_or_two(self.k), **more)
