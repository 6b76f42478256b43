"""Batch normalisation: `bn`, `bn(eps=1e-3)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.map2d import channels_of
from archlang.ops.op import Code, Op, Saved, Shape, call, option
from archlang.record import record


@record
class BatchNorm(Op):
    """Each channel brought to mean 0 and variance 1 over the batch, then scaled and shifted."""

    word: ClassVar[str] = "bn"
    aliases: ClassVar[tuple[str, ...]] = ("batchnorm",)
    family: ClassVar[str] = "bn"
    stateful: ClassVar[bool] = True
    pointwise: ClassVar[bool] = True

    eps: float = option(1e-5, doc="added to the variance", kind="number", least=0)
    momentum: float = option(0.1, doc="share of the newest batch in the running statistics", kind="number", least=0)
    affine: bool = option(True, doc="whether it learns a scale and a shift", kind="bool")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        channels_of(inputs[0], self.word)
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight` and `bias`, (C,) each."""
        channels = channels_of(inputs[0], self.word)
        return {"weight": (channels,), "bias": (channels,)} if self.affine else {}

    def buffers(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`running_mean` and `running_var`, (C,) each, and `num_batches_tracked`, one number."""
        channels = channels_of(inputs[0], self.word)
        return {"running_mean": (channels,), "running_var": (channels,), "num_batches_tracked": ()}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input, and mean and deviation of the batch and of the past for each channel."""
        return Saved(inputs=(0,), fixed=4 * 4 * channels_of(inputs[0], self.word))

    def saved_frozen(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """In eval mode: its input, and mean and deviation of the past."""
        return Saved(inputs=(0,), fixed=2 * 4 * channels_of(inputs[0], self.word))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.BatchNorm2d(C)`, or `nn.BatchNorm1d(F)` after a fully connected layer."""
        more: dict[str, object] = {}
        if self.eps != 1e-5:
            more["eps"] = self.eps
        if self.momentum != 0.1:
            more["momentum"] = self.momentum
        if not self.affine:
            more["affine"] = False
        kind = "nn.BatchNorm1d" if len(inputs[0]) == 1 else "nn.BatchNorm2d"
        return call(kind, channels_of(inputs[0], self.word), **more)
