"""What enters the network: `input 3x224x224`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.map2d import describe
from archlang.ops.op import Op, Shape, ShapeError, option
from archlang.record import record


@record
class Input(Op):
    """The tensor a network is given. A statement makes it, not a call."""

    word: ClassVar[str] = "input"
    family: ClassVar[str] = "input"
    arity: ClassVar[int | None] = 0

    size: Shape = option(doc="channels, height and width of one image, or its features", kind="any")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The shape it was declared with; only height and width may be symbols."""
        if not isinstance(self.size[0], int):
            help_ = "write how many there are, as in `input 3xHxW`"
            raise ShapeError(
                "symbolic", f"the input's channels must be a number, not {describe(self.size)}", help=help_
            )
        return self.size
