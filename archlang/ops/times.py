"""Every value times a number that does not learn: `times(0.17)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.op import Code, Op, Shape, option
from archlang.record import record


@record
class Times(Op):
    """Every value times a number: what Inception-ResNet does to a branch before it is added."""

    word: ClassVar[str] = "times"
    family: ClassVar[str] = "times"
    pointwise: ClassVar[bool] = True

    by: float = option(doc="the factor", kind="number")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        return inputs[0]

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x * 0.17`."""
        return Code("{x} * {by}", (("by", self.by),))
