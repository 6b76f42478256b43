"""Dropout of values, of channels and of whole branches: `dropout(0.5)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import count
from archlang.ops.map2d import as_map
from archlang.ops.op import Code, Op, Saved, Shape, Slot, X, call, option
from archlang.record import record


@record
class Dropout(Op):
    """In training each value is zero with probability p and the rest are enlarged; else nothing happens."""

    word: ClassVar[str] = "dropout"
    family: ClassVar[str] = "dropout"
    pointwise: ClassVar[bool] = True
    can_overwrite: ClassVar[bool] = True
    idle_in_eval: ClassVar[bool] = True

    p: float = option(0.5, doc="the probability of a zero", kind="number", least=0, most=1)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        return inputs[0]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """The factors, one for each value."""
        return Saved(extra=4 * count(output) if self.p else 0)

    def module(self, inputs: tuple[Shape, ...]) -> Code | None:
        """`nn.Dropout(0.5)`."""
        return call("nn.Dropout", self.p)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.dropout(x, 0.5, training)`."""
        return call("F.dropout", X, self.p, Slot("training"))


class Dropout2d(Dropout):
    """As `dropout`, of whole channels."""

    __slots__ = ()

    word: ClassVar[str] = "dropout2d"

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        as_map(inputs[0], self.word)
        return inputs[0]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """The factors, one for each channel."""
        return Saved(extra=4 * output[0] if self.p else 0)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Dropout2d(0.5)`."""
        return call("nn.Dropout2d", self.p)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.dropout2d(x, 0.5, training)`."""
        return call("F.dropout2d", X, self.p, Slot("training"))


class DropPath(Dropout):
    """Stochastic depth (arXiv:1603.09382): as `dropout`, of all that enters, image by image.

    At the end of a residual branch it leaves the branch out for some of the images.
    """

    __slots__ = ()

    word: ClassVar[str] = "droppath"
    aliases: ClassVar[tuple[str, ...]] = ("stochasticdepth",)
    can_overwrite: ClassVar[bool] = False

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """One factor."""
        return Saved(extra=4 if self.p else 0)

    def module(self, inputs: tuple[Shape, ...]) -> None:
        """PyTorch has none."""

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.dropout3d(x.unsqueeze(1), 0.2, training).squeeze(1)`: an image is the only channel."""
        function = f"F.dropout{len(inputs[0])}d"
        return Code(f"{function}({{x}}.unsqueeze(1), {{p}}, {{training}}).squeeze(1)", (("p", self.p),))
