"""Layers whose only state is one tensor: `posbias`, `scale`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.map2d import channels_of, show
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, call, option
from archlang.record import record


class PosBias(Op):
    """A learned bias of its own for each value of the map: AlphaGo's last layer."""

    __slots__ = ()

    word: ClassVar[str] = "posbias"
    family: ClassVar[str] = "posbias"
    stateful: ClassVar[bool] = True
    pointwise: ClassVar[bool] = True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered, every size known."""
        if not all(isinstance(size, int) for size in inputs[0]):
            message = f"`posbias` needs an input of known size, but what enters is {show(inputs[0])}"
            raise ShapeError("symbolic", message, help="give the size with `--input`")
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """One tensor, of the input's shape."""
        return {"": tuple(size for size in inputs[0] if isinstance(size, int))}

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Parameter(torch.zeros(1, 19, 19))`."""
        (shape,) = self.tensors(inputs).values()
        inner = call("torch.zeros", *shape)
        return Code(f"nn.Parameter({inner.text})", inner.values)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x + self.posbias1`."""
        return Code("{x} + {self}")


@record
class Scale(Op):
    """Each channel times a learned factor."""

    word: ClassVar[str] = "scale"
    aliases: ClassVar[tuple[str, ...]] = ("layerscale",)
    family: ClassVar[str] = "scale"
    stateful: ClassVar[bool] = True
    pointwise: ClassVar[bool] = True

    start: float = option(1.0, doc="the factor before training", kind="number")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        channels_of(inputs[0], self.word)
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """One tensor, (C, 1, 1) or (F,)."""
        return {"": (channels_of(inputs[0], self.word), *(1 for _ in inputs[0][1:]))}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input."""
        return Saved(inputs=(0,))

    def saved_frozen(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Nothing: only its own gradient asks for its input."""
        return Saved()

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Parameter(torch.ones(64, 1, 1))`."""
        (shape,) = self.tensors(inputs).values()
        inner = call("torch.ones", *shape) if self.start == 1 else call("torch.full", shape, float(self.start))
        return Code(f"nn.Parameter({inner.text})", inner.values)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x * self.scale1`."""
        return Code("{x} * {self}")
