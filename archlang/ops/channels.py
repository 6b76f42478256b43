"""What only concerns channels: `padc` adds empty ones, `shuffle` reorders them, `maps` takes some."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from archlang.ops.map2d import as_map
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, X, call, option
from archlang.record import record


@record
class PadChannels(Op):
    """Channels of zeros added after the others, up to `out`: `padc(64)`, the shortcut without parameters."""

    word: ClassVar[str] = "padc"
    family: ClassVar[str] = "padc"

    out: int = option(doc="output channels")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(out, H, W)."""
        channels, height, width = as_map(inputs[0], self.word)
        if channels > self.out:
            message = f"`padc` adds channels: it cannot make {self.out} of {channels}"
            raise ShapeError("channels", message, option="out")
        return (self.out, height, width)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.ConstantPad3d(...)`, whose third dimension is the channels."""
        return call("nn.ConstantPad3d", self._padding(inputs), 0.0)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`F.pad(x, (0, 0, 0, 0, 0, 32))`."""
        return call("F.pad", X, self._padding(inputs))

    def _padding(self, inputs: tuple[Shape, ...]) -> tuple[int, ...]:
        return (0, 0, 0, 0, 0, self.out - as_map(inputs[0], self.word)[0])


@record
class Shuffle(Op):
    """Channels of `groups` groups dealt out in turn, one from each: `shuffle(3)`."""

    word: ClassVar[str] = "shuffle"
    family: ClassVar[str] = "shuffle"

    groups: int = option(doc="groups that are mixed", least=2)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        channels, _, _ = as_map(inputs[0], self.word)
        if channels % self.groups:
            message = f"`groups={self.groups}` does not divide the {channels} channels"
            raise ShapeError("groups", message, option="groups")
        return inputs[0]

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.ChannelShuffle(3)`."""
        return call("nn.ChannelShuffle", self.groups)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`torch.channel_shuffle(x, 3)`."""
        return call("torch.channel_shuffle", X, self.groups)


@record
class Maps(Op):
    """The channels with these numbers, from 0, in this order and as often as they are named: `maps([0, 1, 4])`.

    With a convolution in groups after it, each map sees those that a table says: LeNet-5's C3.
    """

    word: ClassVar[str] = "maps"
    family: ClassVar[str] = "maps"

    of: tuple[int, ...] = option(doc="the numbers of the channels, in brackets", kind="any")

    @property
    def told(self) -> str:
        """`0, 1, 2`; of many how many there are."""
        return (
            ", ".join(map(str, self._numbers())) if len(self._numbers()) <= _SHOWN else f"{len(self._numbers())} taken"
        )

    def _numbers(self) -> tuple[int, ...]:
        typed = cast("object", self.of)
        found = cast("tuple[Any, ...]", typed) if isinstance(typed, tuple) else ()
        if not found or not all(type(n) is int and n >= 0 for n in found):
            message = "`of` is a list of whole numbers from 0, as in `maps([0, 1, 4])`"
            raise ShapeError("channels", message, option="of")
        return found

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(as many as are named, H, W)."""
        channels, height, width = as_map(inputs[0], self.word)
        most = max(self._numbers())
        if most >= channels:
            message = f"there is no channel {most}: {channels} enter, 0 to {channels - 1}"
            raise ShapeError("channels", message, option="of")
        return (len(self._numbers()), height, width)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """The numbers, 8 bytes each."""
        return Saved(fixed=8 * len(self._numbers()))

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`x[:, [0, 1, 4]]`."""
        return Code(f"{{x}}[:, [{', '.join(map(str, self._numbers()))}]]")


_SHOWN = 6
