"""The product of a tile of rows with a tile of columns, as all kernels of 1x1 convolutions begin: x · wᵀ.

`tile` says which tile a program makes, `input_row` where its rows of x stand, and
`walked` walks over the input channels. The factor x may be what another batch norm
and ReLU make of it: `prologue.py`.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from archlang.kernels.jit import jit, tl
from archlang.kernels.prologue import fold_in, prepared


@jit()
def tile(M, N: tl.constexpr, GROUP: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr):
    """Which tile of rows, its rows and columns, and which of both there are.

    GROUP tiles of rows share the columns that are in cache, before the next columns come.
    """
    across: tl.constexpr = (N + COLS - 1) // COLS
    program = tl.program_id(0)
    first = program // (GROUP * across) * GROUP
    tall = tl.minimum(tl.cdiv(M, ROWS) - first, GROUP)
    down = first + program % (GROUP * across) % tall
    rows = down * ROWS + tl.arange(0, ROWS)
    cols = program % (GROUP * across) // tall * COLS + tl.arange(0, COLS)
    return down, rows, rows < M, cols, cols < N


@jit()
def input_row(row, H: tl.constexpr, W: tl.constexpr, OUT_H: tl.constexpr, OUT_W: tl.constexpr, STRIDE: tl.constexpr):
    """The row of x that row `row` of the result comes from, in 64 bits: a row's offset may pass 2^31."""
    if STRIDE == 1:
        return row.to(tl.int64)
    image = (row // (OUT_H * OUT_W)).to(tl.int64)
    return (image * H + (row // OUT_W) % OUT_H * STRIDE) * W + row % OUT_W * STRIDE


@jit()
def walked(
    xs, ws, inside, live, gamma_in, beta_in, mean_in, var_in,
    EPS_IN: tl.constexpr, K: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr, ACC: tl.constexpr,
    PRECISION: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """The product [ROWS, COLS], in ACC; xs point at the first channel of each row, ws at that of each column.

    With BEFORE the vectors are those of the batch norm in front, for the input channels.
    """
    ks = tl.arange(0, DEPTH)
    xs = xs[:, None] + ks[None, :]
    ws = ws[None, :] + ks[:, None]
    acc = tl.zeros((ROWS, COLS), ACC)
    for k in tl.range(0, K, DEPTH, num_stages=STAGES):
        a = tl.load(xs, mask=inside[:, None] & (ks < K - k)[None, :], other=0.0)
        if BEFORE:
            scale, shift = fold_in(k + ks, K, gamma_in, beta_in, mean_in, var_in, EPS_IN, AFFINE_IN, ACC)
            a = prepared(a, scale, shift, ACC)
        b = tl.load(ws, mask=(ks < K - k)[:, None] & live[None, :], other=0.0)
        acc = tl.dot(a, b, acc, input_precision=PRECISION, out_dtype=ACC)
        xs += DEPTH
        ws += DEPTH
    return acc
