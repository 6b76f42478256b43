"""The activations that a kernel ends in, by number, on the way forth and back.

    ReLU: max(z, 0)                  ReLU6: min(max(z, 0), 6)
    SiLU: z / (1 + exp(-z))          hard swish: z * ReLU6(z + 3) / 6

A generated `forward` says which by the module that it runs, or by the function of
`torch.nn.functional`; what is none of these runs behind the kernel.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archlang.kernels.epilogue import rectified
from archlang.kernels.jit import jit, tl
from archlang.kernels.rows import wide

NONE, RELU, RELU6, SILU, HARDSWISH = range(5)

CLIPS = (RELU, RELU6)
"""Those whose gradient is that of z or nothing, so that one bit of each z is all that the way back asks for."""

EVERYTHING, BITS = 0, 1
"""What goes back through an activation: all (there was none), or what a mask says; or what `remade` says."""

Activation = nn.Module | Callable[[Tensor], Tensor]
"""A module such as `nn.ReLU6()`, or a function such as `F.relu6`."""

_FUNCTIONS: tuple[Any, ...] = (None, F.relu, F.relu6, F.silu, F.hardswish)
_MODULES = {nn.ReLU: RELU, nn.ReLU6: RELU6, nn.SiLU: SILU, nn.Hardswish: HARDSWISH}
_HIGHEST = 6.0


def number(activation: Activation | None) -> int | None:
    """Which one it is; None for one that no kernel has. `activation` None is `NONE`."""
    if isinstance(activation, nn.Module):
        return _MODULES.get(type(activation))
    return _FUNCTIONS.index(activation) if activation in _FUNCTIONS else None


def remade(act: int) -> int:
    """What goes back where z is made again for it: for each activation another number."""
    return act + 1


def activate(z: Tensor, act: int) -> Tensor:
    """What the kernels compute, on PyTorch's own operations."""
    return _FUNCTIONS[act](z) if act else z


def passes(z: Tensor, act: int) -> Tensor:
    """Where the gradient of what one of `CLIPS` has made, z, goes through."""
    return (z > 0) & (z < _HIGHEST) if act == RELU6 else z > 0


def gradient(dz: Tensor, z: Tensor, act: int) -> Tensor:
    """That of z, which the activation was given, on PyTorch's own operations."""
    if act in CLIPS:
        return torch.where(passes(z, act), dz, 0)
    a = z.to(wide(z))
    if act == SILU:
        slope = torch.sigmoid(a) * (1 + a * (1 - torch.sigmoid(a)))
    else:
        slope = torch.where(a < -3, 0, torch.where(a <= 3, a / 3 + 0.5, 1))
    return (dz.to(a.dtype) * slope).to(dz.dtype)


# ---- in the kernels ----------------------------------------------------------


@jit()
def logistic(z):
    """1 / (1 + exp(-z)), by an exponential that is never above 1."""
    e = tl.exp(-tl.abs(z))
    return tl.where(z < 0.0, e, 1.0) / (1.0 + e)


@jit()
def activated(z, ACT: tl.constexpr):
    """z [rows, channels], behind the activation; a NaN stays one."""
    if ACT == 1:
        z = rectified(z)
    if ACT == 2:
        z = tl.where(z > 6.0, 6.0, rectified(z))
    if ACT == 3:
        z = z * logistic(z)
    if ACT == 4:
        inner = z + 3.0
        z = z * tl.where(inner > 6.0, 6.0, rectified(inner)) / 6.0
    return z


@jit()
def let_through(g, z, ACT: tl.constexpr):
    """The gradient of z, where g is that of what the activation has made of it."""
    if ACT == 1:
        g = tl.where(z > 0.0, g, 0.0)
    if ACT == 2:
        g = tl.where((z > 0.0) & (z < 6.0), g, 0.0)
    if ACT == 3:
        share = logistic(z)
        g = g * share * (1.0 + z * (1.0 - share))
    if ACT == 4:
        g = tl.where(z < -3.0, 0.0, tl.where(z > 3.0, g, g * (z / 3.0 + 0.5)))
    return g
