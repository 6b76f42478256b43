"""What stands in front of a product: the batch norm and ReLU before a convolution, applied as its input is read.

    a = relu((x - mean) * gamma / sqrt(var + eps) + beta)

in the accumulator's type, then rounded to the product's, as the modules round it.
Between the layer that made x and the product nothing is written.
"""

# pyright: basic
from __future__ import annotations

from archlang.kernels.epilogue import finish, fold, rectified
from archlang.kernels.jit import jit, tl


@jit()
def prepared(
    x, channels, K: tl.constexpr, gamma, beta, mean, var,
    EPS: tl.constexpr, AFFINE: tl.constexpr, ACC: tl.constexpr,
):  # fmt: skip
    """The tile x [rows, channels], normalised and rectified, in the type that it has."""
    scale, shift = fold(channels, channels < K, mean, gamma, beta, mean, var, EPS, True, False, True, AFFINE, ACC)
    return rectified(finish(x.to(ACC), scale, shift, True, False)).to(x.dtype)
