"""Sequences: a map's positions in a row, (L, C), and what Vision Transformers do with them."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import Size
from archlang.ops.map2d import as_map, as_sequence, channels_of
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, call, option
from archlang.record import record


class Tokens(Op):
    """The positions of a map, row by row, as a sequence: (C, H, W) becomes (H * W, C).

    Features are a sequence of one element: (F,) becomes (1, F).
    """

    __slots__ = ()

    word: ClassVar[str] = "tokens"
    family: ClassVar[str] = "tokens"
    view: ClassVar[bool] = True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(H * W, C), or (1, F)."""
        if len(inputs[0]) == 1:
            return (1, channels_of(inputs[0], self.word))
        channels, height, width = as_map(inputs[0], self.word)
        return (height * width, channels)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x.flatten(2).transpose(1, 2)`, or `x.unsqueeze(1)`."""
        if len(inputs[0]) == 1:
            return Code("{x}.unsqueeze(1)")
        return Code("{x}.flatten(2).transpose(1, 2)")


class ClassToken(Op):
    """A learned element before the others, which gathers what the sequence says: (L, C) becomes (L + 1, C)."""

    __slots__ = ()

    word: ClassVar[str] = "classtoken"
    family: ClassVar[str] = "token"
    stateful: ClassVar[bool] = True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(L + 1, C)."""
        length, channels = as_sequence(inputs[0], self.word)
        return (length + 1, channels)

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """One tensor, (1, 1, C)."""
        return {"": (1, 1, as_sequence(inputs[0], self.word)[1])}

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Parameter(torch.zeros(1, 1, 768))`."""
        inner = call("torch.zeros", *self.tensors(inputs)[""])
        return Code(f"nn.Parameter({inner.text})", inner.values)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`torch.cat([token.expand(x.shape[0], -1, -1), x], 1)`."""
        return Code("torch.cat([{self}.expand({x}.shape[0], -1, -1), {x}], 1)")


class Positions(Op):
    """A learned vector added to each element of a sequence: where it is."""

    __slots__ = ()

    word: ClassVar[str] = "positions"
    family: ClassVar[str] = "positions"
    stateful: ClassVar[bool] = True
    pointwise: ClassVar[bool] = True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered, its length known."""
        length, _ = as_sequence(inputs[0], self.word)
        if not isinstance(length, int):
            message = f"`{self.word}` needs a sequence of known length, but what enters has {length} elements"
            raise ShapeError("symbolic", message, help="give the size with `--input`")
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """One tensor, (1, L, C)."""
        return {"": (1, *(size for size in inputs[0] if isinstance(size, int)))}

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Parameter(nn.init.normal_(torch.empty(1, 197, 768), std=0.02))`."""
        inner = call("torch.empty", *self.tensors(inputs)[""])
        return Code(f"nn.Parameter(nn.init.normal_({inner.text}, std=0.02))", inner.values)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x + self.positions1`."""
        return Code("{x} + {self}")


@record
class Attention(Op):
    """Self-attention (arXiv:1706.03762): each element becomes a mean of all, weighed by how they fit it.

    In `heads` shares of the channels, each by itself; `attention(12)`.
    """

    word: ClassVar[str] = "attention"
    family: ClassVar[str] = "attention"
    stateful: ClassVar[bool] = True
    counted: ClassVar[bool] = True

    heads: int = option(8, doc="shares of the channels that attend by themselves")

    @property
    def sees_all(self) -> bool:
        """Always."""
        return True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        _, channels = as_sequence(inputs[0], self.word)
        if channels % self.heads:
            message = f"`heads={self.heads}` does not divide the {channels} channels"
            raise ShapeError("groups", message, option="heads")
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Those of `nn.MultiheadAttention`: `in_proj_weight` (3 C, C), `out_proj.weight` (C, C), and their biases."""
        _, channels = as_sequence(inputs[0], self.word)
        return {
            "in_proj_weight": (3 * channels, channels),
            "in_proj_bias": (3 * channels,),
            "out_proj.weight": (channels, channels),
            "out_proj.bias": (channels,),
        }

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """4 C C for each element in, and C for each pair of elements in both products."""
        length, channels = as_sequence(inputs[0], self.word)
        return 4 * channels * channels * length + 2 * channels * length * length

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """What enters in another order, queries, keys, values, their mean, and a number for each element and head."""
        length, channels = as_sequence(inputs[0], self.word)
        return Saved(extra=4 * length * (5 * channels + self.heads))

    def saved_frozen(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """The same but for what enters: only the gradient of its weights asks for that."""
        length, channels = as_sequence(inputs[0], self.word)
        return Saved(extra=4 * length * (4 * channels + self.heads))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.MultiheadAttention(C, heads, batch_first=True)`."""
        _, channels = as_sequence(inputs[0], self.word)
        return call("nn.MultiheadAttention", channels, self.heads, batch_first=True)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`self.attention1(x, x, x, need_weights=False)[0]`."""
        return Code("{self}({x}, {x}, {x}, need_weights=False)[0]")


@record
class Pick(Op):
    """One element of a sequence, the first if not told: (L, C) becomes (C,)."""

    word: ClassVar[str] = "pick"
    family: ClassVar[str] = "pick"
    view: ClassVar[bool] = True

    index: int = option(0, doc="which element, from 0", least=0)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(C,)."""
        length, channels = as_sequence(inputs[0], self.word)
        if isinstance(length, int) and self.index >= length:
            message = f"there is no element {self.index}: the sequence has {length}, 0 to {length - 1}"
            raise ShapeError("channels", message, option="index")
        return (channels,)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x[:, 0]`."""
        return Code("{x}[:, {index}]", (("index", self.index),))
