"""Pooling to a given size, and of the whole map: `adaptiveavgpool(7)`, `gap`, `gmp`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import count
from archlang.ops.map2d import as_map, one_or_two
from archlang.ops.op import Code, Op, Pair, Saved, Shape, X, call, option
from archlang.record import record


@record
class _ToSize(Op):
    """What pooling to a given size shares."""

    family: ClassVar[str] = "pool"

    out: Pair = option(doc="output height and width", kind="pair")

    @property
    def sees_all(self) -> bool:
        """If it makes one value of the map."""
        return self.out == (1, 1)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C, *out)."""
        return (as_map(inputs[0], self.word)[0], *self.out)


class AdaptiveAvgPool(_ToSize):
    """The mean over as many windows as it takes to make a map of size `out`: `adaptiveavgpool(7)`."""

    __slots__ = ()

    word: ClassVar[str] = "adaptiveavgpool"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, of which a plain mean only needs the size."""
        return Saved() if self.out == (1, 1) else Saved(inputs=(0,))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.AdaptiveAvgPool2d(7)`."""
        return call("nn.AdaptiveAvgPool2d", one_or_two(self.out))

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.adaptive_avg_pool2d(x, 7)`."""
        return call("F.adaptive_avg_pool2d", X, one_or_two(self.out))


class AdaptiveMaxPool(_ToSize):
    """The largest value over as many windows as it takes to make a map of size `out`."""

    __slots__ = ()

    word: ClassVar[str] = "adaptivemaxpool"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, and where each largest value stood (8 bytes each)."""
        return Saved(inputs=(0,), extra=8 * count(output))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.AdaptiveMaxPool2d(7)`."""
        return call("nn.AdaptiveMaxPool2d", one_or_two(self.out))

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.adaptive_max_pool2d(x, 7)`."""
        return call("F.adaptive_max_pool2d", X, one_or_two(self.out))


class _Whole(Op):
    """What pooling of the whole map shares."""

    __slots__ = ()

    @property
    def sees_all(self) -> bool:
        """Always."""
        return True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C, 1, 1)."""
        return (as_map(inputs[0], self.word)[0], 1, 1)


class GlobalAvgPool(_Whole):
    """The mean of each channel: (C, H, W) becomes (C, 1, 1)."""

    __slots__ = ()

    word: ClassVar[str] = "gap"
    aliases: ClassVar[tuple[str, ...]] = ("globalavgpool",)
    family: ClassVar[str] = "gap"

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.AdaptiveAvgPool2d(1)`."""
        return call("nn.AdaptiveAvgPool2d", 1)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.adaptive_avg_pool2d(x, 1)`."""
        return call("F.adaptive_avg_pool2d", X, 1)


class GlobalMaxPool(_Whole):
    """The largest value of each channel: (C, H, W) becomes (C, 1, 1)."""

    __slots__ = ()

    word: ClassVar[str] = "gmp"
    aliases: ClassVar[tuple[str, ...]] = ("globalmaxpool",)
    family: ClassVar[str] = "gmp"

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, and where each largest value stood (8 bytes each)."""
        return Saved(inputs=(0,), extra=8 * count(output))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.AdaptiveMaxPool2d(1)`."""
        return call("nn.AdaptiveMaxPool2d", 1)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.adaptive_max_pool2d(x, 1)`."""
        return call("F.adaptive_max_pool2d", X, 1)
