"""Concatenation of channels without a copy, in inference: each branch writes into its slice of one tensor.

    slices = K.slices(x, 64, 128, 32)
    a, r = K.conv1x1_many(x, [self.a, self.r], relu=True, outs=[slices[0], None])
    b = K.conv_relu(r, self.b, out=slices[1])
    c = self.c(x)
    x = K.concat([a, b, c], slices)

`concat` copies what is not in its place already, here c; `torch.cat` copies all.
Where a gradient may be wanted, or kernels do not run, there are no slices: each is
None, and `concat` is `torch.cat`.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from archlang.kernels import dispatch
from archlang.kernels.modules import cast
from archlang.kernels.rows import empty


class Slices:
    """The channels of one channels_last tensor, cut in parts, or as many times None."""

    def __init__(self, whole: Tensor | None, widths: Sequence[int]) -> None:
        self.whole = whole
        self.parts: list[Tensor | None] = [None] * len(widths)
        if whole is not None:
            self.parts = list(whole.split(list(widths), 1))

    def __getitem__(self, place: int) -> Tensor | None:
        """Part `place`, a view [N, width, H, W], or None where there are no slices."""
        return self.parts[place]


def slices(x: Tensor, *widths: int) -> Slices:
    """Places for branches of x [N, C, H, W] that keep its size: of one tensor [N, Σ widths, H, W], unwritten.

    There are none (each is None) where gradients are recorded, on devices where no
    kernel runs, and for widths that do not divide by 8.
    """
    a = cast(x)
    if torch.is_grad_enabled() or not dispatch.takes(a, *widths):
        return Slices(None, widths)
    return Slices(empty(a.shape[0], sum(widths), a.shape[2], a.shape[3], like=a), widths)


def concat(parts: Sequence[Tensor], slices: Slices) -> Tensor:
    """`torch.cat(parts, 1)`: [N, Σ C, H, W], where a part that is in its slice already is not copied.

    Fewer parts than slices are the first of them: the result is then a view of their
    channels, and the other slices may be written later, as a dense block does.
    """
    whole, places = slices.whole, slices.parts[: len(parts)]
    if whole is None or not all(_fills(part, place) for part, place in zip(parts, places, strict=True)):
        return torch.cat(list(parts), 1)
    for part, place in zip(parts, places, strict=True):
        if place is not None and part is not place:
            place.copy_(part)
    return whole if len(places) == len(slices.parts) else whole[:, : sum(part.shape[1] for part in parts)]


def _fills(part: Tensor, place: Tensor | None) -> bool:
    return place is not None and part.shape == place.shape and part.dtype == place.dtype
