"""Which values a ReLU let pass, in one bit each: [N, H, W, C/8] for a tensor [N, C, H, W]."""

# pyright: basic
from __future__ import annotations

import torch
from torch import Tensor

from archlang.kernels.activation import RELU, passes


def packed(z: Tensor, act: int = RELU) -> Tensor:
    """The mask [N, H, W, C/8] of z [N, C, H, W]: bit i of byte j is whether channel 8j + i passed."""
    bits = passes(z, act).permute(0, 2, 3, 1).unflatten(3, (-1, 8)).to(torch.uint8)
    return (bits << torch.arange(8, device=z.device, dtype=torch.uint8)).sum(4, dtype=torch.uint8)


def unpacked(mask: Tensor, like: Tensor) -> Tensor:
    """The bits of a mask, as bools in the shape of `like`."""
    bits = mask.unsqueeze(4) >> torch.arange(8, device=mask.device, dtype=torch.uint8) & 1
    return bits.bool().reshape(like.permute(0, 2, 3, 1).shape).permute(0, 3, 1, 2)
