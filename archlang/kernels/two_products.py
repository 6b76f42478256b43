"""The end of a block whose shortcut is projected: two 1x1 convolutions, added up before anything is written.

    z = relu((h · wᵀ) * scale + shift + (x · vᵀ) * scale_v + shift_v)

h is what the block has made, normalised as it is read where a batch norm and ReLU
stand before w; x is what came into it, and v the projection, of stride 1 or 2. The
shortcut is neither written nor read: 2 Cout values a pixel less than two kernels
take, of which the second adds the residual.

For inference. `pieces` are these two kernels, and one of the choices.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from archlang.kernels import dispatch, streaming
from archlang.kernels.block_end import prepared_apart
from archlang.kernels.dispatch import TORCH, Choice, Configuration
from archlang.kernels.epilogue import Vectors, finish, fold, rectified
from archlang.kernels.jit import cdiv, jit, language_type, power_of_two, tl
from archlang.kernels.machine import fitting, precision
from archlang.kernels.product import input_row, tile, walked
from archlang.kernels.prologue import Before, before_of, constants, pointers
from archlang.kernels.rows import empty, pitch, rowed
from archlang.kernels.schema import BEFORE, VECTORS, VECTORS_V, operator

PIECES = Configuration("pieces", 0, 0, 0, 0, 0)
"""The choice that stands for the streaming kernel, twice."""


def reference(h: Tensor, w: Tensor, vectors: Vectors, x: Tensor, v: Tensor, vectors_v: Vectors, stride: int,
              eps: float, eps_v: float, relu: bool) -> Tensor:  # fmt: skip
    """What the kernel computes of h as it is given, on PyTorch's own operations.

    h [N, C, H, W], w [Cout, C, 1, 1], x [N, Cin, stride·H, stride·W], v [Cout, Cin, 1, 1] -> [N, Cout, H, W].
    """
    shortcut = streaming.reference(x, v, *vectors_v, None, stride, eps_v)
    return streaming.reference(h, w, *vectors, shortcut, 1, eps, relu)


# ---- the kernel --------------------------------------------------------------


@jit("M")
def joined(
    h, w, bias, gamma, beta, mean, var, x, v, bias_v, gamma_v, beta_v, mean_v, var_v,
    gamma_in, beta_in, mean_in, var_in, z, M,
    EPS: tl.constexpr, EPS_V: tl.constexpr, EPS_IN: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr,
    C: tl.constexpr, K: tl.constexpr, N: tl.constexpr,
    A: tl.constexpr, X: tl.constexpr, Z: tl.constexpr,
    H: tl.constexpr, W: tl.constexpr, OUT_H: tl.constexpr, OUT_W: tl.constexpr, STRIDE: tl.constexpr,
    BIAS: tl.constexpr, NORM: tl.constexpr, AFFINE: tl.constexpr,
    BIAS_V: tl.constexpr, NORM_V: tl.constexpr, AFFINE_V: tl.constexpr, RELU: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr, GROUP: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """One tile a program, as `product.tile` places them; A, X and Z are the pitches of h, x and z."""
    _, rows, inside, cols, live = tile(M, N, GROUP, ROWS, COLS)
    acc = walked(
        x + input_row(rows, H, W, OUT_H, OUT_W, STRIDE) * X, v + cols * K, inside, live, x, x, x, x,
        0.0, K, False, False, ACC, PRECISION, ROWS, COLS, DEPTH, STAGES,
    )  # fmt: skip
    scale, shift = fold(cols, live, bias_v, gamma_v, beta_v, mean_v, var_v, EPS_V, True, BIAS_V, NORM_V, AFFINE_V, ACC)
    shortcut = finish(acc, scale, shift, NORM_V, BIAS_V)
    out = rows.to(tl.int64)
    acc = walked(
        h + out * A, w + cols * C, inside, live, gamma_in, beta_in, mean_in, var_in,
        EPS_IN, C, BEFORE, AFFINE_IN, ACC, PRECISION, ROWS, COLS, DEPTH, STAGES,
    )  # fmt: skip
    scale, shift = fold(cols, live, bias, gamma, beta, mean, var, EPS, True, BIAS, NORM, AFFINE, ACC)
    acc = finish(acc, scale, shift, NORM, BIAS) + shortcut
    if RELU:
        acc = rectified(acc)
    place = z + out[:, None] * Z + cols[None, :]
    tl.store(place, acc.to(z.dtype.element_ty), mask=inside[:, None] & live[None, :])


# ---- the launch --------------------------------------------------------------

_SIZES = ((64, 64, 64, 8, 3), (128, 64, 32, 8, 3), (128, 32, 64, 4, 3))
_SIZES_WIDE = ((64, 64, 32, 8, 3), (128, 32, 32, 8, 3))
"""Rows, columns, depth, warps and stages, with half the sums of `tiled`: there are two of them. Wide: 4 and 8 bytes.

On sm_100 64 by 64 with four warps spill, and in fp32 128 by 64.
"""

_PREPARED = ((64, 32, 64, 4, 2), (64, 32, 32, 4, 3))
_PREPARED_WIDE = ((64, 64, 16, 8, 3),)
"""With a batch norm before: larger ones spill on gfx942 or sm_100."""


def configurations(n: int, itemsize: int, shared: int, before: bool = False) -> list[Configuration]:
    """At most three for n output channels, those that fit `shared` bytes, the likely best first."""
    sizes = (_SIZES, _PREPARED) if itemsize == 2 else (_SIZES_WIDE, _PREPARED_WIDE)
    found = [Configuration("tiled", *size) for size in sizes[before] if size[1] <= max(64, power_of_two(n))]
    return [one for one in found if streaming.footprint(one, itemsize, residual=False) <= shared]


def launch(choice: Configuration, h: Tensor, w: Tensor, vectors: Vectors, x: Tensor, v: Tensor, vectors_v: Vectors,
           z: Tensor, stride: int, eps: float, eps_v: float, relu: bool, before: Before | None) -> None:  # fmt: skip
    """Run `choice` into z; h, x and z have pitches."""
    n, cols, out_h, out_w = z.shape
    m = n * out_h * out_w
    joined[(cdiv(m, choice.rows) * cdiv(cols, choice.cols),)](
        h, w, *(h if t is None else t for t in vectors), x, v, *(h if t is None else t for t in vectors_v),
        *pointers(before, h), z, m,
        EPS=eps, EPS_V=eps_v, C=h.shape[1], K=x.shape[1], N=cols, A=pitch(h), X=pitch(x), Z=pitch(z),
        H=x.shape[2], W=x.shape[3], OUT_H=out_h, OUT_W=out_w, STRIDE=stride,
        BIAS=vectors[0] is not None, NORM=vectors[3] is not None, AFFINE=vectors[1] is not None,
        BIAS_V=vectors_v[0] is not None, NORM_V=vectors_v[3] is not None, AFFINE_V=vectors_v[1] is not None,
        **constants(before), RELU=relu, ACC=language_type(h.dtype), PRECISION=precision(h.dtype), GROUP=8,
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip


def made(h: Tensor, w: Tensor, vectors: Vectors, x: Tensor, v: Tensor, vectors_v: Vectors, stride: int, eps: float,
         eps_v: float, relu: bool, before: Before | None = None) -> Tensor:  # fmt: skip
    """`reference` of h behind `before` by whatever is fastest for these shapes here, channels_last."""

    def run(choice: Choice) -> Tensor:
        if choice is None:
            z = reference(prepared_apart(h, before), w, vectors, x, v, vectors_v, stride, eps, eps_v, relu)
            return z.contiguous(memory_format=torch.channels_last)
        if choice == PIECES:
            shortcut = streaming.made(None, x, v, vectors_v, None, stride, eps_v, False)
            return streaming.made(None, h, w, vectors, shortcut, 1, eps, relu, before)
        z = empty(*streaming.shape_of(h, w, 1), like=h)
        launch(choice, rowed(h), w.contiguous(), vectors, rowed(x), v.contiguous(), vectors_v, z, stride, eps, eps_v,
               relu, before)  # fmt: skip
        return z

    c, k, n = h.shape[1], x.shape[1], w.shape[0]
    if not h.numel() or not dispatch.takes(h, c, k, n):
        return run(TORCH)
    found = [*configurations(n, h.element_size(), fitting(h.device), before is not None), PIECES]
    rows = dispatch.rounded(h.numel() // c)
    kind = (vectors[3] is not None, vectors_v[3] is not None, before is not None, precision(h.dtype))
    key = (c, k, n, rows, stride, *kind)
    return run(dispatch.choose("conv1x1_two", key, h, found, run))


# ---- for PyTorch -------------------------------------------------------------


@operator("conv1x1_two", "Tensor h", "Tensor w", VECTORS, "Tensor x", "Tensor v", VECTORS_V,
          "int stride", "float eps", "float eps_v", "bool relu", BEFORE)  # fmt: skip
def conv1x1_two(h: Tensor, w: Tensor, *rest: Any) -> Tensor:
    """As `reference`, of h behind the batch norm `_in`, with a channels_last result. It has no gradient."""
    vectors, x, v, vectors_v = rest[:5], rest[5], rest[6], rest[7:12]
    stride, eps, eps_v, relu = rest[12:16]
    return made(h, w, vectors, x, v, vectors_v, stride, eps, eps_v, relu, before_of(*rest[16:]))


@conv1x1_two.register_fake
def _(h, w, *_: Any):
    return empty(*streaming.shape_of(h, w, 1), like=h)
