"""What stands behind a product while it is still in registers: scale, shift, residual, ReLU.

The scale and shift are those of a bias and a batch norm with given statistics,

    scale = gamma / sqrt(var + eps)        shift = (bias - mean) * scale + beta

worked out from the modules' own parameters for the channels at hand, so that
nothing is packed, kept or launched beforehand.
"""

# pyright: basic
from __future__ import annotations

import torch
from torch import Tensor

from archlang.kernels.jit import jit, tl

Vectors = tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None, Tensor | None]
"""bias, gamma, beta, mean and var, each [channels] or missing; mean and var are missing together."""


def scale_and_shift(
    channels: int,
    bias: Tensor | None,
    gamma: Tensor | None,
    beta: Tensor | None,
    mean: Tensor | None,
    var: Tensor | None,
    eps: float,
) -> tuple[Tensor | None, Tensor | None]:
    """The two vectors [channels] in plain PyTorch, fp32 or fp64; None stands for ones, and for zeros."""
    given = [t for t in (bias, mean, gamma, beta) if t is not None]
    if not given:
        return None, None
    dtype = torch.float64 if given[0].dtype == torch.float64 else torch.float32
    shift = given[0].new_zeros(channels, dtype=dtype) if bias is None else bias.to(dtype)
    if mean is None or var is None:
        return None, shift
    scale = torch.rsqrt(var.to(dtype) + eps)
    if gamma is not None:
        scale = scale * gamma
    shift = (shift - mean) * scale
    return scale, shift if beta is None else shift + beta


@jit()
def fold(
    cols,
    live,
    bias,
    gamma,
    beta,
    mean,
    var,
    EPS: tl.constexpr,
    BIAS: tl.constexpr,
    NORM: tl.constexpr,
    AFFINE: tl.constexpr,
    ACC: tl.constexpr,
):
    """The scale and shift of the channels `cols`; pointers whose flag is off are not looked at."""
    scale = tl.full(cols.shape, 1.0, ACC)
    shift = tl.zeros(cols.shape, ACC)
    if BIAS:
        shift = tl.load(bias + cols, mask=live, other=0.0).to(ACC)
    if NORM:
        scale = 1.0 / tl.sqrt(tl.load(var + cols, mask=live, other=1.0).to(ACC) + EPS)
        if AFFINE:
            scale = scale * tl.load(gamma + cols, mask=live, other=0.0).to(ACC)
        shift = (shift - tl.load(mean + cols, mask=live, other=0.0).to(ACC)) * scale
        if AFFINE:
            shift = shift + tl.load(beta + cols, mask=live, other=0.0).to(ACC)
    return scale, shift


@jit()
def finish(acc, scale, shift, NORM: tl.constexpr, BIAS: tl.constexpr):
    """The product, scaled and shifted."""
    if NORM:
        acc = acc * scale[None, :]
    if NORM or BIAS:
        acc = acc + shift[None, :]
    return acc


@jit()
def rectified(z):
    """ReLU as PyTorch's: a NaN stays one."""
    return tl.where(z < 0.0, 0.0, z)
