"""What stands in front of a product: the batch norm and ReLU before a convolution, applied as its input is read.

    a = relu((x - mean) * gamma / sqrt(var + eps) + beta)

in the accumulator's type, then rounded to the product's, as the modules round it.
Between the layer that made x and the product nothing is written.
"""

# pyright: basic
from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn

from archlang.kernels.epilogue import finish, fold, rectified
from archlang.kernels.jit import jit, tl


class Before(NamedTuple):
    """The batch norm before a convolution: its vectors [Cin], and whether mean and var are those of its input."""

    mean: Tensor
    var: Tensor
    gamma: Tensor | None
    beta: Tensor | None
    eps: float
    batch: bool


NOTHING = (None, None, None, None, 0.0, False)
"""What an operator is given in the place of a `Before`."""


def before_of(mean: Tensor | None, var: Tensor | None, *rest: Any) -> Before | None:
    """What the arguments of an operator say; without statistics there is no batch norm."""
    return None if mean is None or var is None else Before(mean, var, *rest)


def running(bn: nn.BatchNorm2d) -> Before:
    """A batch norm that normalises by its running statistics."""
    return Before(bn.running_mean, bn.running_var, bn.weight, bn.bias, bn.eps, False)  # pyright: ignore[reportArgumentType]


def pointers(before: Before | None, x: Tensor) -> tuple[Tensor, ...]:
    """gamma, beta, mean and var for a launch; x stands where nothing is, and is not looked at."""
    found = (None,) * 4 if before is None else (before.gamma, before.beta, before.mean, before.var)
    return tuple(x if t is None else t for t in found)


def constants(before: Before | None) -> dict[str, Any]:
    """What a launch says of it."""
    if before is None:
        return {"BEFORE": False, "AFFINE_IN": False, "EPS_IN": 0.0}
    return {"BEFORE": True, "AFFINE_IN": before.gamma is not None, "EPS_IN": before.eps}


@jit()
def prepared(x, scale, shift, ACC: tl.constexpr):
    """The tile x [rows, channels], normalised and rectified, in the type that it has."""
    return rectified(finish(x.to(ACC), scale, shift, True, False)).to(x.dtype)


@jit()
def fold_in(
    channels, K: tl.constexpr, gamma, beta, mean, var, EPS: tl.constexpr, AFFINE: tl.constexpr, ACC: tl.constexpr
):
    """The scale and shift of the input channels `channels`."""
    return fold(channels, channels < K, mean, gamma, beta, mean, var, EPS, True, False, True, AFFINE, ACC)
