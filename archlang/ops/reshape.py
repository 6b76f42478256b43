"""The same numbers in another shape, or in the same: `flatten`, `identity`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import count
from archlang.ops.op import Code, Op, Shape, X, call


class Flatten(Op):
    """All numbers of an image in one row: (C, H, W) becomes (C * H * W,)."""

    __slots__ = ()

    word: ClassVar[str] = "flatten"
    family: ClassVar[str] = "flatten"
    view: ClassVar[bool] = True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C * H * W,)."""
        return (count(inputs[0]),)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Flatten()`."""
        return call("nn.Flatten")

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`torch.flatten(x, 1)`."""
        return call("torch.flatten", X, 1)


class Identity(Op):
    """What enters leaves."""

    __slots__ = ()

    word: ClassVar[str] = "identity"
    family: ClassVar[str] = "identity"
    pointwise: ClassVar[bool] = True
    view: ClassVar[bool] = True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        return inputs[0]

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Identity()`."""
        return call("nn.Identity")

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """The tensor itself."""
        return Code("{x}")
