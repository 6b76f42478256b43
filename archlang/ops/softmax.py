"""Softmax: `softmax`, `logsoftmax`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.op import Code, Op, Saved, Shape, X, call


class Softmax(Op):
    """Probabilities over the features; a Cx1x1 map is flattened to C, a larger one has them over the channels.

    Each element of a sequence has its own, over its channels.
    """

    __slots__ = ()

    word: ClassVar[str] = "softmax"
    family: ClassVar[str] = "softmax"
    layer: ClassVar[str] = "nn.Softmax"
    function: ClassVar[str] = "F.softmax"

    def flattens(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether what enters is Cx1x1."""
        return len(inputs[0]) > 2 and all(size == 1 for size in inputs[0][1:])

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C,) of Cx1x1, else as it entered."""
        return inputs[0][:1] if self.flattens(inputs) else inputs[0]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its output."""
        return Saved(output=True)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Softmax(1)`, after the flattening; of a sequence `nn.Softmax(2)`."""
        return call(self.layer, _axis(inputs[0]))

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.softmax(x, 1)`, after the flattening; of a sequence `F.softmax(x, 2)`."""
        return call(self.function, X, _axis(inputs[0]))


class LogSoftmax(Softmax):
    """The logarithm of `softmax`."""

    __slots__ = ()

    word: ClassVar[str] = "logsoftmax"
    family: ClassVar[str] = "softmax"
    layer: ClassVar[str] = "nn.LogSoftmax"
    function: ClassVar[str] = "F.log_softmax"


def _axis(shape: Shape) -> int:
    """Where the classes are in a batch: the last axis of a sequence, else the first after the images."""
    return 2 if len(shape) == 2 else 1
