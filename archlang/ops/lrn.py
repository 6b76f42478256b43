"""Local response normalisation: `LRN`, `LRN(size=5, alpha=1e-4, beta=0.75, k=2)`, `LRN(size=3, within=true)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import count
from archlang.ops.map2d import as_map
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, Window, X, call, option
from archlang.record import record


@record
class LRN(Op):
    """Each value divided by (k + alpha / size * sum of squares over `size` neighbouring channels) ** beta.

    With `within=true` the squares are those of its own channel: alpha times their mean over `size` x `size` positions,
    where the zeros around the map count (Caffe's WITHIN_CHANNEL).
    """

    word: ClassVar[str] = "LRN"
    aliases: ClassVar[tuple[str, ...]] = ("lrn",)
    family: ClassVar[str] = "lrn"

    size: int = option(5, doc="channels it looks at, or rows and columns")
    alpha: float = option(1e-4, doc="weight of the squares, divided by `size`", kind="number")
    beta: float = option(0.75, doc="exponent", kind="number")
    k: float = option(1.0, doc="what is added to the squares", kind="number")
    within: bool = option(False, doc="whether it looks around in its own channel, not at others", kind="bool")

    @property
    def window(self) -> Window | None:
        """A square around the position, if it looks at its own channel."""
        if not self.within:
            return None
        around = (self.size // 2, self.size // 2)
        return Window((self.size, self.size), padding=(around, around))

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        as_map(inputs[0], self.word)
        if self.within and self.size % 2 == 0:
            message = f"a square of `size={self.size}` has no position in its middle"
            raise ShapeError("option", message, help=f"write `size={self.size + 1}`", option="size")
        return inputs[0]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, and the squares, the sums and their power."""
        channels, height, width = as_map(inputs[0], self.word)
        if self.within:
            return Saved(inputs=(0,), extra=4 * 3 * count(inputs[0]))
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

    def module(self, inputs: tuple[Shape, ...]) -> Code | None:
        """`nn.LocalResponseNorm(5, ...)`, defaults left out; PyTorch has none that looks at its own channel."""
        args, more = self._arguments()
        return None if self.within else call("nn.LocalResponseNorm", *args, **more)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.local_response_norm(x, 5, ...)`, or `x / (1.0 + 5e-05 * F.avg_pool2d(x * x, 3, 1, 1)) ** 0.75`."""
        args, more = self._arguments()
        if not self.within:
            return call("F.local_response_norm", X, *args, **more)
        mean = "F.avg_pool2d({x} * {x}, {size}, 1, {pad})"
        values = {"k": float(self.k), "alpha": self.alpha, "beta": self.beta, "size": self.size, "pad": self.size // 2}
        return Code(f"{{x}} / ({{k}} + {{alpha}} * {mean}) ** {{beta}}", tuple(values.items()))
