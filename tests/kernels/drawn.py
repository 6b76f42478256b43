"""Tensors to compute with: drawn at random, and laid out as the kernels like them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def rows(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """A channels_last tensor [N, C, H, W]."""
    return torch.randn(shape).to(dtype).to(memory_format=torch.channels_last)


def vectors(n: int, dtype: torch.dtype, missing: Sequence[int] = ()) -> tuple[Tensor | None, ...]:
    """Bias, gamma, beta, mean and var [n] of a product of `dtype`, but for those whose places are missing."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    found = [torch.randn(n, dtype=wide) for _ in range(4)] + [torch.rand(n, dtype=wide) + 0.5]
    return tuple(None if i in missing else v for i, v in enumerate(found))
