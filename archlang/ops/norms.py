"""Normalisations within one image: groups of channels, single channels, all of it, or each position."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import Size, count
from archlang.ops.map2d import as_map, as_sequence, channels_of, no_sequence
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, X, call, option
from archlang.record import record


@record
class GroupNorm(Op):
    """Groups of channels brought to mean 0 and variance 1 over the map: `groupnorm(32)`."""

    word: ClassVar[str] = "groupnorm"
    aliases: ClassVar[tuple[str, ...]] = ("gn",)
    family: ClassVar[str] = "norm"
    stateful: ClassVar[bool] = True

    groups: int = option(32, doc="groups that are normalised each by itself")
    eps: float = option(1e-5, doc="added to the variance", kind="number", least=0)
    affine: bool = option(True, doc="whether it learns a scale and a shift", kind="bool")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        channels = channels_of(inputs[0], self.word)
        if channels % self.groups:
            message = f"`groups={self.groups}` does not divide the {channels} channels"
            raise ShapeError("groups", message, option="groups")
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight` and `bias`, (C,) each."""
        channels = channels_of(inputs[0], self.word)
        return {"weight": (channels,), "bias": (channels,)} if self.affine else {}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, and mean and deviation of each group."""
        return Saved(inputs=(0,), extra=2 * 4 * self.groups)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.GroupNorm(groups, C)`."""
        more: dict[str, object] = {} if self.eps == 1e-5 else {"eps": self.eps}
        if not self.affine:
            more["affine"] = False
        return call("nn.GroupNorm", self.groups, channels_of(inputs[0], self.word), **more)


@record
class InstanceNorm(Op):
    """Each channel of each image brought to mean 0 and variance 1 over the map."""

    word: ClassVar[str] = "instancenorm"
    family: ClassVar[str] = "norm"
    stateful: ClassVar[bool] = True

    eps: float = option(1e-5, doc="added to the variance", kind="number", least=0)
    affine: bool = option(False, doc="whether it learns a scale and a shift", kind="bool")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered; a map of one value has no variance."""
        _, height, width = as_map(inputs[0], self.word)
        if height == width == 1:
            raise ShapeError("empty-output", "`instancenorm` of a 1x1 map leaves nothing: one value has no variance")
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """With `affine`, `weight` and `bias`, (C,) each."""
        channels = channels_of(inputs[0], self.word)
        return {"weight": (channels,), "bias": (channels,)} if self.affine else {}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, mean and deviation of each channel, and the repeated scale."""
        return Saved(inputs=(0,), extra=(3 if self.affine else 2) * 4 * inputs[0][0])

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.InstanceNorm2d(C)`."""
        more: dict[str, object] = {} if self.eps == 1e-5 else {"eps": self.eps}
        if self.affine:
            more["affine"] = True
        return call("nn.InstanceNorm2d", channels_of(inputs[0], self.word), **more)


@record
class LayerNorm(Op):
    """Each image brought to mean 0 and variance 1 over all its values, then scaled and shifted by channel.

    Each element of a sequence by itself; with `each`, every position of a map by
    itself, over its channels.
    """

    word: ClassVar[str] = "layernorm"
    aliases: ClassVar[tuple[str, ...]] = ("ln",)
    family: ClassVar[str] = "norm"
    stateful: ClassVar[bool] = True

    eps: float = option(1e-5, doc="added to the variance", kind="number", least=0)
    each: bool = option(False, doc="whether each position of a map is normalised by itself", kind="bool")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        if self.each and len(inputs[0]) != 2:
            as_map(inputs[0], "layernorm(each=true)")
        self._channels(inputs[0])
        return inputs[0]

    def _channels(self, shape: Shape) -> int:
        return as_sequence(shape, self.word)[1] if len(shape) == 2 else channels_of(shape, self.word)

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight` and `bias`, (C,) each."""
        channels = self._channels(inputs[0])
        return {"weight": (channels,), "bias": (channels,)}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, mean and deviation of all that it normalises by itself."""
        apart: Size = inputs[0][0] if len(inputs[0]) == 2 else count(inputs[0][1:]) if self.each else 1
        return Saved(inputs=(0,), extra=2 * 4 * apart)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.LayerNorm(F)` for features, for a map its equal `nn.GroupNorm(1, C)`; with `each` it holds the state."""
        more: dict[str, object] = {} if self.eps == 1e-5 else {"eps": self.eps}
        channels = self._channels(inputs[0])
        if len(inputs[0]) < 3 or self.each:
            return call("nn.LayerNorm", channels, **more)
        return call("nn.GroupNorm", 1, channels, **more)

    def apply(self, inputs: tuple[Shape, ...]) -> Code | None:
        """With `each`, the channels are last while its module runs."""
        if not self.each or len(inputs[0]) == 2:
            return None
        return Code("{self}({x}.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)")


class L2Norm(Op):
    """The channels at each position, or the features, divided by their Euclidean length."""

    __slots__ = ()

    word: ClassVar[str] = "l2norm"
    family: ClassVar[str] = "norm"

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        no_sequence(inputs[0], self.word)
        return inputs[0]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input and two lengths a position."""
        return Saved(inputs=(0,), extra=2 * 4 * count(inputs[0][1:]))

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.normalize(x)`."""
        return call("F.normalize", X)
