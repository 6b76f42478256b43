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
from archlang.kernels.rows import wide

Vectors = tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None, Tensor | None]
"""bias, gamma, beta, mean and var, each [channels] or missing; mean and var are missing together."""


def scale_of(gamma: Tensor | None, var: Tensor | None, eps: float) -> Tensor | None:
    """The scale [channels] in plain PyTorch, fp32 or fp64; None stands for ones."""
    if var is None:
        return None
    scale = torch.rsqrt(var.to(wide(var)) + eps)
    return scale if gamma is None else scale * gamma


@jit()
def fold(
    cols, live, bias, gamma, beta, mean, var, eps, biased,
    BIAS: tl.constexpr, NORM: tl.constexpr, AFFINE: tl.constexpr, ACC: tl.constexpr,
):  # fmt: skip
    """The scale and shift of the channels `cols`; pointers whose flag is off are not looked at.

    `biased` says once more whether there is a bias, where that is only known as the kernel runs.
    """
    scale = tl.full(cols.shape, 1.0, ACC)
    shift = tl.zeros(cols.shape, ACC)
    if BIAS:
        shift = tl.load(bias + cols, mask=live & biased, other=0.0).to(ACC)
    if NORM:
        scale = 1.0 / tl.sqrt(tl.load(var + cols, mask=live, other=1.0).to(ACC) + eps)
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
