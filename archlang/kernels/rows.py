"""A channels_last tensor as the matrix that the kernels see: a row per pixel, a column per channel.

Rows stand `pitch` elements apart. A slice of a concatenation's channels is such a
matrix too: its pitch is the concatenation's channels.
"""

from __future__ import annotations

import torch
from torch import Tensor


def pitch(x: Tensor) -> int | None:
    """The elements between two rows of `x` [N, C, H, W], or None where no one pitch fits all rows."""
    n, c, h, w = x.shape
    if c > 1 and x.stride(1) != 1:
        return None
    found = next((step // span for size, step, span in _steps(x) if size > 1), c)
    fits = all(size == 1 or step == found * span for size, step, span in _steps(x))
    return found if fits and (found >= c or n * h * w == 1) else None


def _steps(x: Tensor) -> tuple[tuple[int, int, int], ...]:
    """For W, H and N: the size, the stride, and the rows that one step passes."""
    n, _, h, w = x.shape
    return (w, x.stride(3), 1), (h, x.stride(2), w), (n, x.stride(0), h * w)


def rowed(x: Tensor) -> Tensor:
    """`x` itself where its rows have a pitch, else a channels_last copy."""
    return x if pitch(x) is not None else x.contiguous(memory_format=torch.channels_last)


def empty(n: int, c: int, h: int, w: int, like: Tensor) -> Tensor:
    """An unwritten channels_last tensor [n, c, h, w] of the type and device of `like`.

    It is a view of no other, so that a layer after a kernel may work in place.
    """
    return torch.empty((n, c, h, w), dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


def wide(x: Tensor) -> torch.dtype:
    """The type of sums over x: fp64 for fp64, fp32 for all others."""
    return torch.promote_types(x.dtype, torch.float32)
