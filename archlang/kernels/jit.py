"""Triton where it is installed; where it is not, the files below still import and PyTorch does the work."""

# pyright: basic
from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch

try:
    import triton
    import triton.language as tl
except ImportError:  # not published for this system, or not wanted
    triton = tl = None

INTERPRETED = triton is not None and os.environ.get("TRITON_INTERPRET", "0").lower() in ("1", "true", "on")
"""Whether the kernels run in Triton's interpreter: read once, because `triton.jit` reads it when it decorates."""


def jit(*fixed: str) -> Callable[[Callable[..., Any]], Any]:
    """`triton.jit`, with the arguments named `fixed` kept out of specialisation; without Triton, nothing."""
    if triton is None:
        return lambda function: function
    return triton.jit(do_not_specialize=list(fixed))


def language_type(dtype: torch.dtype) -> Any:
    """Triton's name for the type that sums of `dtype` are kept in: fp64 for fp64, fp32 for all others."""
    language: Any = tl
    return language.float64 if dtype == torch.float64 else language.float32


def cdiv(a: int, b: int) -> int:
    """`a / b`, rounded up."""
    return -(-a // b)


def power_of_two(n: int) -> int:
    """The least power of two that is not below `n`."""
    return 1 << (n - 1).bit_length()
