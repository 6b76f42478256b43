"""Fully connected layer: `FC-4096`, `FC-384(each=true)`."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from archlang.ops.dim import Size, count
from archlang.ops.map2d import as_map, as_sequence, show
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, call, option
from archlang.record import record


@record
class FC(Op):
    """Every output sees every input: (F,) becomes (out,). A map is flattened first, if its size is known.

    Each element of a sequence is an input of its own, (L, C) becomes (L, out), and
    with `each` so is every position of a map, as in a 1x1 convolution: (C, H, W) becomes (out, H, W).
    """

    word: ClassVar[str] = "FC"
    aliases: ClassVar[tuple[str, ...]] = ("fc", "linear")
    family: ClassVar[str] = "fc"
    width: ClassVar[str | None] = "out"
    stateful: ClassVar[bool] = True
    counted: ClassVar[bool] = True

    out: int = option(doc="output features")
    bias: bool = option(True, doc="whether a bias is added", kind="bool")
    each: bool = option(False, doc="whether each position of a map is an input of its own", kind="bool")

    @property
    def sees_all(self) -> bool:
        """Unless it looks at each position alone."""
        return not self.each

    def flattens(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether what enters is still a map, and its positions are not apart."""
        return len(inputs[0]) > 2 and not self.each

    def features(self, inputs: tuple[Shape, ...]) -> int:
        """How many numbers enter; `ShapeError` if that is not known."""
        if len(inputs[0]) == 2:
            return as_sequence(inputs[0], self.word)[1]
        if self.each:
            return as_map(inputs[0], "FC(each=true)")[0]
        known = [size for size in inputs[0] if isinstance(size, int)]
        if len(known) == len(inputs[0]):
            return prod(known)
        help_ = "give the size with `--input`, or put `gap` before it"
        message = f"`FC` needs an input of known size, but what enters is {show(inputs[0])}"
        raise ShapeError("symbolic", message, help=help_)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(out,), (L, out), or (out, H, W)."""
        self.features(inputs)
        if len(inputs[0]) == 2:
            return (inputs[0][0], self.out)
        return (self.out, *inputs[0][1:]) if self.each else (self.out,)

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight` (out, F) and, if it has one, `bias` (out,)."""
        weight = (self.out, self.features(inputs))
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """Inputs times outputs, at each position."""
        return self.features(inputs) * count(output)

    def apply(self, inputs: tuple[Shape, ...]) -> Code | None:
        """With `each`, its weights as those of a 1x1 convolution, which copies nothing."""
        if not self.each or len(inputs[0]) == 2:
            return None
        bias = ', {self}.get_parameter("bias")' if self.bias else ""  # asked so, it is a tensor for a type checker too
        return Code('F.conv2d({x}, {self}.get_parameter("weight")[:, :, None, None]' + bias + ")")

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input; the weights are parameters."""
        return Saved(inputs=(0,))

    def saved_frozen(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Nothing: only the gradient of its weights asks for its input; of a 1x1 convolution, as `each` is, all do."""
        return self.saved(inputs, output) if self.each and len(inputs[0]) == 3 else Saved()

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Linear(F, out)`, after the flattening."""
        more = {} if self.bias else {"bias": False}
        return call("nn.Linear", self.features(inputs), self.out, **more)
