"""The 1x1 convolution before a batch norm that trains: the statistics of its result, while that is still on chip.

    y = x · wᵀ + bias        mean = Σ y / n        var = Σ (y - mean)² / n

They are of y as it is stored, as PyTorch's are. Without this they are another read
of all of y. Each tile writes the mean and M2 of its rows; `statistics.merge` joins
them in one order, so two runs give the same bits.

Gradients: those of the convolution, by PyTorch's own products. The statistics have
none of their own: that of `bn_apply` goes through them.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from archlang.kernels import dispatch, statistics
from archlang.kernels.block_end import again, prepared_apart, through
from archlang.kernels.conv1x1_op import products
from archlang.kernels.dispatch import Choice, Configuration
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.machine import fitting, precision
from archlang.kernels.product import input_row, tile, walked
from archlang.kernels.prologue import Before, before_of, constants, pointers
from archlang.kernels.rows import empty, pitch, wide
from archlang.kernels.schema import BEFORE, operator
from archlang.kernels.statistics import spread
from archlang.kernels.streaming import shape_of
from archlang.kernels.streaming import walking as configurations


def reference(x: Tensor, w: Tensor, bias: Tensor | None, stride: int) -> tuple[Tensor, Tensor, Tensor]:
    """y [N, Cout, H, W], and its mean and biased variance [Cout], on PyTorch's own operations."""
    y = F.conv2d(x, w, None if bias is None else bias.to(w.dtype), stride)
    return y, *statistics.reference(y)


# ---- the kernel --------------------------------------------------------------


@jit("M")
def with_statistics(
    x, w, bias, gamma_in, beta_in, mean_in, var_in, y, means, m2s, M,
    EPS_IN: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr,
    K: tl.constexpr, N: tl.constexpr, X: tl.constexpr, H: tl.constexpr, W: tl.constexpr,
    OUT_H: tl.constexpr, OUT_W: tl.constexpr, STRIDE: tl.constexpr, BIAS: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr, GROUP: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """One tile a program, as `product.tile` places them; tile p of the rows writes row p of means and m2s."""
    down, rows, inside, cols, live = tile(M, N, GROUP, ROWS, COLS)
    acc = walked(
        x + input_row(rows, H, W, OUT_H, OUT_W, STRIDE) * X, w + cols * K, inside, live,
        gamma_in, beta_in, mean_in, var_in, EPS_IN, K, BEFORE, AFFINE_IN, ACC, PRECISION, ROWS, COLS, DEPTH, STAGES,
    )  # fmt: skip
    if BIAS:
        acc = acc + tl.load(bias + cols, mask=live, other=0.0).to(ACC)[None, :]
    stored = acc.to(y.dtype.element_ty)
    here = inside[:, None] & live[None, :]
    tl.store(y + rows.to(tl.int64)[:, None] * N + cols[None, :], stored, mask=here)
    mean, m2 = spread(stored.to(ACC), here, tl.minimum(M - down * ROWS, ROWS).to(ACC), ACC)
    tl.store(means + down * N + cols, mean, mask=live)
    tl.store(m2s + down * N + cols, m2, mask=live)


# ---- the launch --------------------------------------------------------------


def launch(choice: Configuration, x: Tensor, w: Tensor, bias: Tensor | None, y: Tensor, stride: int,
           before: Before | None = None) -> Tensor:  # fmt: skip
    """Run `choice` into y; the partial means and M2s [2, P, Cout], each of `choice.rows` rows."""
    n, cols, out_h, out_w = y.shape
    m, down = n * out_h * out_w, cdiv(n * out_h * out_w, choice.rows)
    parts = y.new_empty((2, down, cols), dtype=wide(y))
    with_statistics[(down * cdiv(cols, choice.cols),)](
        x, w, x if bias is None else bias, *pointers(before, x), y, parts[0], parts[1], m,
        **constants(before), K=x.shape[1], N=cols, X=pitch(x),
        H=x.shape[2], W=x.shape[3], OUT_H=out_h, OUT_W=out_w, STRIDE=stride,
        BIAS=bias is not None, ACC=language_type(x.dtype), PRECISION=precision(x.dtype), GROUP=8,
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip
    return parts


def measured_product(x: Tensor, w: Tensor, bias: Tensor | None, stride: int, before: Before | None
                     ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """As `reference`, with a channels_last y, by whatever is fastest for these shapes here."""
    n, _, h, width = shape_of(x, w, stride)
    whole, m = w.contiguous(), n * h * width

    def run(choice: Choice) -> tuple[Tensor, Tensor, Tensor]:
        if choice is None:
            y = F.conv2d(prepared_apart(x, before), w, None if bias is None else bias.to(w.dtype), stride)
            y = y.contiguous(memory_format=torch.channels_last)
            return y, *statistics.measured(y)
        y = empty(n, w.shape[0], h, width, like=x)
        return y, *statistics.joined(launch(choice, x, whole, bias, y, stride, before), choice.rows, m)

    if pitch(x) is None or not m or not dispatch.takes(x, x.shape[1], w.shape[0]):
        return run(None)
    found = configurations(x.shape[1], w.shape[0], x.element_size(), fitting(x.device), before is not None)
    kind = (bias is not None, before is not None, precision(x.dtype))
    shape = (x.shape[1], w.shape[0], dispatch.rounded(m), stride, *kind)
    return run(dispatch.choose("conv1x1_statistics", shape, x, found, run))


# ---- for PyTorch -------------------------------------------------------------


@operator("conv1x1_statistics", "Tensor x", "Tensor w", "Tensor? bias", "int stride", BEFORE,
          returns="(Tensor, Tensor, Tensor)")  # fmt: skip
def conv1x1_statistics(x: Tensor, w: Tensor, bias: Tensor | None, stride: int, *before: Any) -> tuple[Tensor, ...]:
    """As `reference`, with a channels_last y; mean_in to batch_in are `Before`, the batch norm in front."""
    return measured_product(x, w, bias, stride, before_of(*before))


@conv1x1_statistics.register_fake
def _(x, w, bias, stride, *_: Any):
    vectors = (x.new_empty(w.shape[0], dtype=wide(x)) for _ in range(2))
    return empty(*shape_of(x, w, stride), like=x), *vectors


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor, Tensor]) -> None:
    x, w, bias, ctx.stride, *before = inputs
    ctx.type = None if bias is None else bias.dtype
    ctx.mark_non_differentiable(*output[1:])
    ctx.set_materialize_grads(False)
    ctx.rest_in = before[4:]
    ctx.save_for_backward(x, w, *before[:4])


def _gradients(ctx: Any, dy: Tensor | None, *_: Tensor | None) -> tuple[Any, ...]:
    if dy is None:
        return (None,) * 10
    x, w, *vectors = ctx.saved_tensors
    need = ctx.needs_input_grad
    before = before_of(*vectors, *ctx.rest_in)
    a, mask = again(x, before)
    da, dw = products(dy, a, w, w, ctx.stride, any((need[0], need[6], need[7])), need[1])
    of_before = through(da, mask, x, before)
    db = dy.sum((0, 2, 3), dtype=wide(dy)).to(ctx.type) if need[2] else None
    return of_before[0], dw, db, None, None, None, *of_before[1:], None, None


conv1x1_statistics.register_autograd(_gradients, setup_context=_save)
