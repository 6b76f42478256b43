"""The gradient of a 1x1 convolution's weights, with the batch norms on both sides of it.

    dw = dyᵀ · a        dy = s * g + u * (y - mean) + v        a = relu(bn(x)), or x

Both factors are made as they are read: dy of g and y (`bn_backward.py`), a of x
(`prologue.py`). Of each pixel it reads 2 Cout and Cin values and writes none.

The rows are split between programs, each of which writes a partial product; they
are added in one order, so two runs give the same bits.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from torch import Tensor

from archlang.kernels.bn_backward import along, passed, points
from archlang.kernels.dgrad import configurations as tiles_of
from archlang.kernels.dispatch import Configuration
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.machine import multiprocessors, precision
from archlang.kernels.product import input_row
from archlang.kernels.prologue import Before, constants, fold_in, pointers, prepared
from archlang.kernels.rows import pitch, wide


@jit("M", "SPAN")
def wgrad(
    g, y, line, x, gamma_in, beta_in, mean_in, var_in, parts, M, SPAN,
    EPS_IN: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr, PASS: tl.constexpr,
    K: tl.constexpr, N: tl.constexpr, G: tl.constexpr, Y: tl.constexpr, X: tl.constexpr,
    H: tl.constexpr, W: tl.constexpr, OUT_H: tl.constexpr, OUT_W: tl.constexpr, STRIDE: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """Program (o, c, p) makes one tile of part p of dw [N, K], over SPAN tiles of DEPTH pixels."""
    outs = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    there = outs < N
    live = cols < K
    s, u, v, shift, mean = points(line, outs, there, N)
    if BEFORE:
        scale_in, shift_in = fold_in(cols, K, gamma_in, beta_in, mean_in, var_in, EPS_IN, AFFINE_IN, ACC)
    acc = tl.zeros((ROWS, COLS), ACC)
    first = tl.program_id(2) * SPAN
    for step in tl.range(first, min(first + SPAN, tl.cdiv(M, DEPTH)), num_stages=STAGES):
        rows = step * DEPTH + tl.arange(0, DEPTH)
        inside = rows < M
        source = rows.to(tl.int64)[:, None]
        here = inside[:, None] & there[None, :]
        b = tl.load(y + source * Y + outs[None, :], mask=here, other=0.0).to(ACC)
        d = passed(g, g, b, s, shift, source, outs, here, G, N, PASS, y.dtype.element_ty, ACC)
        d = tl.where(here, along(d, b, s, u, v, mean, True), 0.0).to(x.dtype.element_ty)
        taken = input_row(rows, H, W, OUT_H, OUT_W, STRIDE)[:, None]
        a = tl.load(x + taken * X + cols[None, :], mask=inside[:, None] & live[None, :], other=0.0)
        if BEFORE:
            a = prepared(a, scale_in, shift_in, ACC)
        acc = tl.dot(tl.trans(d), a, acc, input_precision=PRECISION, out_dtype=ACC)
    place = tl.program_id(2).to(tl.int64) * N * K + outs[:, None] * K + cols[None, :]
    tl.store(parts + place, acc, mask=there[:, None] & live[None, :])


# ---- the launch --------------------------------------------------------------


def configurations(itemsize: int, shared: int) -> list[Configuration]:
    """The tiles of `dgrad`, of output channels by input channels by pixels."""
    return tiles_of(itemsize, shared, "wgrad")


def launch(choice: Configuration, g: Tensor, y: Tensor, line: Tensor, x: Tensor, before: Before | None,
           stride: int, passing: int) -> Tensor:  # fmt: skip
    """dw [Cout, Cin] in fp32 or fp64."""
    n, cout, out_h, out_w = y.shape
    cin, m = x.shape[1], n * out_h * out_w
    down, across, steps = cdiv(cout, choice.rows), cdiv(cin, choice.cols), cdiv(m, choice.depth)
    span = cdiv(steps, max(1, 4 * multiprocessors(y.device) // (down * across)))
    parts = y.new_empty((cdiv(steps, span), cout, cin), dtype=wide(y))
    wgrad[(down, across, len(parts))](
        g, y, line, x, *pointers(before, x), parts, m, span,
        **constants(before), PASS=passing, K=cin, N=cout, G=pitch(g), Y=pitch(y), X=pitch(x),
        H=x.shape[2], W=x.shape[3], OUT_H=out_h, OUT_W=out_w, STRIDE=stride,
        ACC=language_type(y.dtype), PRECISION=precision(y.dtype),
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip
    return parts[0] if len(parts) == 1 else parts.sum(0)
