"""What is made of whole sequences: `mean` of the elements, features `beside` each."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import Size
from archlang.ops.map2d import as_sequence, describe, show
from archlang.ops.op import Code, Op, Shape, ShapeError


class Mean(Op):
    """The mean of a sequence's elements: (L, C) becomes (C,)."""

    __slots__ = ()

    word: ClassVar[str] = "mean"
    family: ClassVar[str] = "mean"

    @property
    def sees_all(self) -> bool:
        """Always."""
        return True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C,)."""
        return (as_sequence(inputs[0], self.word)[1],)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x.mean(1)`."""
        return Code("{x}.mean(1)")


class Beside(Op):
    """The same features put beside each element of a sequence: (L, C) and (F,) become (L, C + F), `beside(image)`."""

    __slots__ = ()

    word: ClassVar[str] = "beside"
    family: ClassVar[str] = "beside"
    arity: ClassVar[int | None] = 2

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(L, C + F)."""
        length, channels = as_sequence(inputs[0], self.word)
        if len(inputs[1]) != 1:
            message = f"`{self.word}` puts features beside a sequence, not {describe(inputs[1])}"
            ports = {port: show(shape) for port, shape in enumerate(inputs)}
            raise ShapeError("branch-shapes", message, ports=ports, help="`flatten` makes features of a map")
        features: Size = inputs[1][0]
        return (length, channels + features)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`torch.cat([x, y.unsqueeze(1).expand(-1, x.shape[1], -1)], 2)`."""
        return Code("torch.cat([{x0}, {x1}.unsqueeze(1).expand(-1, {x0}.shape[1], -1)], 2)")
