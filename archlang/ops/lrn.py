"""Local response normalisation: `LRN`, `LRN(size=5, alpha=1e-4, beta=0.75, k=2)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.map2d import as_map
from archlang.ops.op import Code, Op, Saved, Shape, X, call, option
from archlang.record import record


@record
class LRN(Op):
    """Each value divided by (k + alpha / size * sum of squares over `size` neighbouring channels) ** beta."""

    word: ClassVar[str] = "LRN"
    aliases: ClassVar[tuple[str, ...]] = ("lrn",)
    family: ClassVar[str] = "lrn"

    size: int = option(5, doc="channels it looks at")
    alpha: float = option(1e-4, doc="weight of the squares, divided by `size`", kind="number")
    beta: float = option(0.75, doc="exponent", kind="number")
    k: float = option(1.0, doc="what is added to the squares", kind="number")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        as_map(inputs[0], self.word)
        return inputs[0]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, and the squares, the sums and their power."""
        channels, height, width = as_map(inputs[0], self.word)
        around = self.size // 2 + (self.size - 1) // 2
        return Saved(inputs=(0,), extra=4 * height * width * ((channels + around) + 2 * channels))

    def _arguments(self) -> tuple[tuple[object, ...], dict[str, object]]:
        more: dict[str, object] = {}
        if self.alpha != 1e-4:
            more["alpha"] = self.alpha
        if self.beta != 0.75:
            more["beta"] = self.beta
        if self.k != 1:
            more["k"] = float(self.k)
        return (self.size,), more

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.LocalResponseNorm(5, ...)`, defaults left out."""
        args, more = self._arguments()
        return call("nn.LocalResponseNorm", *args, **more)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.local_response_norm(x, 5, ...)`."""
        args, more = self._arguments()
        return call("F.local_response_norm", X, *args, **more)
