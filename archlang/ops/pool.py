"""Pooling with a window: `maxpool`, `maxpool3/2(pad=1)`, `avgpool7`."""

from __future__ import annotations

from typing import Any, ClassVar

from archlang.ops.dim import count
from archlang.ops.map2d import not_default, one_or_two, pool_sizes
from archlang.ops.op import Code, Op, Pair, Saved, Shape, Window, X, call, option
from archlang.record import record


@record
class MaxPool(Op):
    """The largest value under each window, 2x2 unless told otherwise; a stride not given is the kernel."""

    word: ClassVar[str] = "maxpool"
    family: ClassVar[str] = "pool"
    kernel_option: ClassVar[str | None] = "k"
    stride_option: ClassVar[str | None] = "stride"

    k: Pair = option((2, 2), doc="window height and width", kind="pair")
    stride: Pair | None = option(None, doc="stride, that of the kernel if not given", kind="pair")
    pad: Pair = option((0, 0), doc="rows and columns added on each side", kind="pair", least=0)
    dilation: Pair = option((1, 1), doc="steps between the values compared", kind="pair")
    ceil: bool = option(False, doc="whether a last window may hang over the end", kind="bool")

    @property
    def window(self) -> Window:
        """What it looks at."""
        (top, left) = self.pad
        return Window(self.k, self.stride or self.k, ((top, top), (left, left)), self.dilation)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C, H', W')."""
        return (inputs[0][0], *pool_sizes(inputs[0], self.window, self.word, ceil=self.ceil))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, and where each largest value stood (8 bytes each)."""
        return Saved(inputs=(0,), extra=8 * count(output))

    def _arguments(self) -> tuple[Any, dict[str, Any]]:
        more = not_default(
            stride=(self.stride or self.k, self.k),
            padding=(self.pad, (0, 0)),
            dilation=(self.dilation, (1, 1)),
            ceil_mode=(self.ceil, False),
        )
        return one_or_two(self.k), more

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.MaxPool2d(3, stride=2)`."""
        k, more = self._arguments()
        return call("nn.MaxPool2d", k, **more)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.max_pool2d(x, 3, stride=2)`."""
        k, more = self._arguments()
        return call("F.max_pool2d", X, k, **more)


@record
class AvgPool(Op):
    """The mean under each window; zeros of the padding count, unless `include_pad=false`."""

    word: ClassVar[str] = "avgpool"
    family: ClassVar[str] = "pool"
    kernel_option: ClassVar[str | None] = "k"
    stride_option: ClassVar[str | None] = "stride"

    k: Pair = option((2, 2), doc="window height and width", kind="pair")
    stride: Pair | None = option(None, doc="stride, that of the kernel if not given", kind="pair")
    pad: Pair = option((0, 0), doc="rows and columns of zeros on each side", kind="pair", least=0)
    ceil: bool = option(False, doc="whether a last window may hang over the end", kind="bool")
    include_pad: bool = option(True, doc="whether the padding's zeros count in the mean", kind="bool")

    @property
    def window(self) -> Window:
        """What it looks at."""
        (top, left) = self.pad
        return Window(self.k, self.stride or self.k, ((top, top), (left, left)))

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C, H', W')."""
        return (inputs[0][0], *pool_sizes(inputs[0], self.window, self.word, ceil=self.ceil))

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input."""
        return Saved(inputs=(0,))

    def _arguments(self) -> tuple[Any, dict[str, Any]]:
        more = not_default(
            stride=(self.stride or self.k, self.k),
            padding=(self.pad, (0, 0)),
            ceil_mode=(self.ceil, False),
            count_include_pad=(self.include_pad, True),
        )
        return one_or_two(self.k), more

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.AvgPool2d(7)`."""
        k, more = self._arguments()
        return call("nn.AvgPool2d", k, **more)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.avg_pool2d(x, 7)`."""
        k, more = self._arguments()
        return call("F.avg_pool2d", X, k, **more)
