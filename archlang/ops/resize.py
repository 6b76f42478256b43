"""A map of another size: `upsample(2)`, `resize(skip)`, `pad(1)`."""

from __future__ import annotations

from typing import Any, ClassVar

from archlang.ops.map2d import as_map, one_or_two
from archlang.ops.op import Code, Op, Pair, Shape, ShapeError, Window, X, call, option
from archlang.record import record


@record
class Upsample(Op):
    """The map enlarged `scale` times, each value repeated or, with `mode="bilinear"`, mixed with its neighbours."""

    word: ClassVar[str] = "upsample"
    family: ClassVar[str] = "upsample"

    scale: Pair = option((2, 2), doc="how many times larger", kind="pair")
    mode: str = option("nearest", doc="how new values are made", kind="string", choices=("nearest", "bilinear"))
    align: bool = option(False, doc="whether the corners of both maps coincide (bilinear)", kind="bool")

    @property
    def window(self) -> Window:
        """As the transposed convolution that does the same: one value of the smaller map, or two by two."""
        if self.mode == "nearest":
            rows, columns = ((n - 1, 0) for n in self.scale)
            return Window(self.scale, padding=(rows, columns), scale=self.scale)
        height, width = (2 * n - n % 2 for n in self.scale)
        rows, columns = ((k - 1 - n // 2, n // 2) for k, n in zip((height, width), self.scale, strict=True))
        return Window((height, width), padding=(rows, columns), scale=self.scale)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C, H * scale, W * scale)."""
        channels, height, width = as_map(inputs[0], self.word)
        return (channels, height * self.scale[0], width * self.scale[1])

    def _arguments(self) -> dict[str, Any]:
        more: dict[str, Any] = {"scale_factor": one_or_two(self.scale)}
        if self.mode != "nearest":
            more |= {"mode": self.mode, "align_corners": self.align}
        return more

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Upsample(scale_factor=2)`."""
        return call("nn.Upsample", **self._arguments())

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.interpolate(x, scale_factor=2)`."""
        return call("F.interpolate", X, **self._arguments())


@record
class Resize(Op):
    """The first map at the size of the second: `resize(skip)`. Each value is the nearest one, or a mixture of four."""

    word: ClassVar[str] = "resize"
    family: ClassVar[str] = "upsample"
    arity: ClassVar[int | None] = 2
    sized_by: ClassVar[bool] = True

    mode: str = option("nearest", doc="how new values are made", kind="string", choices=("nearest", "bilinear"))
    align: bool = option(False, doc="whether the corners of both maps coincide (bilinear)", kind="bool")

    @property
    def mixes(self) -> int:
        """Two neighbours along each axis, or the nearest one."""
        return 2 if self.mode == "bilinear" else 1

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C of the first, H and W of the second)."""
        channels, _, _ = as_map(inputs[0], self.word)
        _, height, width = as_map(inputs[1], self.word)
        return (channels, height, width)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.interpolate(x, size=y.shape[2:])`, so that the module takes any image."""
        if self.mode == "nearest":
            return Code("F.interpolate({x0}, size={x1}.shape[2:])")
        values = (("mode", self.mode), ("align", self.align))
        return Code("F.interpolate({x0}, size={x1}.shape[2:], mode={mode}, align_corners={align})", values)


@record
class ZeroPad(Op):
    """Zeros around the map: `pad(1)`, `pad([1, 2])` (rows, columns), `pad([0, 1, 0, 1])` (top, bottom, left, right)."""

    word: ClassVar[str] = "pad"
    family: ClassVar[str] = "pad"

    size: Any = option(doc="rows and columns of zeros: one, two or four numbers", kind="any")

    @property
    def sides(self) -> tuple[Pair, Pair]:
        """((top, bottom), (left, right))."""
        given = (self.size,) if isinstance(self.size, int) else tuple(self.size) if _is_list(self.size) else ()
        if not given or any(type(n) is not int or n < 0 for n in given):
            given = ()
        match given:
            case (n,):
                return (n, n), (n, n)
            case (rows, columns):
                return (rows, rows), (columns, columns)
            case (top, bottom, left, right):
                return (top, bottom), (left, right)
            case _:
                message = "`pad` takes one, two or four whole numbers: `pad(1)`, `pad([1, 2])`, `pad([0, 1, 0, 1])`"
                raise ShapeError("padding", message, option="size")

    @property
    def window(self) -> Window:
        """One value."""
        return Window((1, 1), padding=self.sides)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C, top + H + bottom, left + W + right)."""
        channels, height, width = as_map(inputs[0], self.word)
        (top, bottom), (left, right) = self.sides
        return (channels, height + top + bottom, width + left + right)

    def _padding(self) -> int | tuple[int, ...]:
        (top, bottom), (left, right) = self.sides
        return top if top == bottom == left == right else (left, right, top, bottom)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.ZeroPad2d(1)`."""
        return call("nn.ZeroPad2d", self._padding())

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.pad(x, (1, 1, 1, 1))`."""
        (top, bottom), (left, right) = self.sides
        return call("F.pad", X, (left, right, top, bottom))


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple))
