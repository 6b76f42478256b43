"""The mean and variance of each channel, without sums that cancel and without atomics.

Each program walks over its tiles and keeps n, the mean and M2 = Σ (y - mean)² of
what it has seen; a tile joins by

    d = mean_b - mean_a      mean = mean_a + d * n_b / n      M2 = M2_a + M2_b + d² * n_a * n_b / n

and a small kernel joins the programs' partial results, in one order, so two runs
give the same bits. The variance is the biased one, M2 / n.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from archlang.kernels import dispatch
from archlang.kernels.bn_backward import configurations
from archlang.kernels.dispatch import Configuration
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.rows import pitch, rowed, wide


class Statistics(NamedTuple):
    """The mean and biased variance of each channel, [C], in fp32 or fp64."""

    mean: Tensor
    var: Tensor


def reference(y: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and biased variance [C] of y [N, C, H, W] on PyTorch's own operations, in fp32 or fp64."""
    var, mean = torch.var_mean(y.to(wide(y)), (0, 2, 3), correction=0)
    return mean, var


# ---- the kernels -------------------------------------------------------------


@jit()
def spread(a, here, n, ACC: tl.constexpr):
    """The mean and M2 of each column of a tile, of its `n` rows that are inside."""
    mean = tl.sum(tl.where(here, a, 0.0), axis=0) / n
    away = tl.where(here, a - mean[None, :], 0.0)
    return mean, tl.sum(away * away, axis=0)


@jit("M", "SPAN")
def partial(
    y, means, m2s, M, SPAN,
    C: tl.constexpr, Y: tl.constexpr, ACC: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Program (p, c) looks at SPAN tiles of rows and writes row p of means and m2s [P, C]; Y is the pitch of y."""
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    live = cols < C
    mean = tl.zeros((COLS,), ACC)
    m2 = tl.zeros((COLS,), ACC)
    seen = tl.zeros((COLS,), ACC)
    first = tl.program_id(0) * SPAN
    for tile in range(first, min(first + SPAN, tl.cdiv(M, ROWS))):
        rows = tile * ROWS + tl.arange(0, ROWS)[:, None]
        here = (rows < M) & live[None, :]
        a = tl.load(y + rows.to(tl.int64) * Y + cols[None, :], mask=here, other=0.0).to(ACC)
        n = tl.minimum(M - tile * ROWS, ROWS).to(ACC)
        of_tile, m2_of_tile = spread(a, here, n, ACC)
        away = of_tile - mean
        mean += away * (n / (seen + n))
        m2 += m2_of_tile + away * away * (seen * n / (seen + n))
        seen += n
    tl.store(means + tl.program_id(0) * C + cols, mean, mask=live)
    tl.store(m2s + tl.program_id(0) * C + cols, m2, mask=live)


@jit("P", "M", "EACH")
def merge(
    means, m2s, mean, var, P, M, EACH,
    C: tl.constexpr, ACC: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Join P partial results, each of EACH rows and the last of what is left of M: mean and var [C]."""
    cols = tl.program_id(0) * COLS + tl.arange(0, COLS)
    live = cols < C
    total = tl.zeros((COLS,), ACC)
    for p in range(0, P, ROWS):
        rows = p + tl.arange(0, ROWS)[:, None]
        n = tl.minimum(M - rows * EACH, EACH).to(ACC)
        total += tl.sum(
            tl.load(means + rows * C + cols[None, :], mask=(rows < P) & live[None, :], other=0.0) * n, axis=0
        )
    total = total / M.to(ACC)
    m2 = tl.zeros((COLS,), ACC)
    for p in range(0, P, ROWS):
        rows = p + tl.arange(0, ROWS)[:, None]
        here = (rows < P) & live[None, :]
        n = tl.minimum(M - rows * EACH, EACH).to(ACC)
        away = tl.load(means + rows * C + cols[None, :], mask=here, other=0.0) - total[None, :]
        own = tl.load(m2s + rows * C + cols[None, :], mask=here, other=0.0)
        m2 += tl.sum(tl.where(here, own + away * away * n, 0.0), axis=0)
    tl.store(mean + cols, total, mask=live)
    tl.store(var + cols, m2 / M.to(ACC), mask=live)


# ---- the launch --------------------------------------------------------------

_WALKS = 512  # programs that look: near four on each of an H200's multiprocessors


def look(choice: Configuration, y: Tensor) -> tuple[Tensor, int]:
    """The partial means and M2s [2, P, C], and the rows that each is of."""
    n, c, h, w = y.shape
    tiles = cdiv(n * h * w, choice.rows)
    span = cdiv(tiles, _WALKS)
    parts = y.new_empty((2, cdiv(tiles, span), c), dtype=wide(y))
    partial[(parts.shape[1], cdiv(c, choice.cols))](
        y, parts[0], parts[1], n * h * w, span,
        C=c, Y=pitch(y), ACC=language_type(y.dtype), ROWS=choice.rows, COLS=choice.cols, num_warps=choice.warps,
    )  # fmt: skip
    return parts, span * choice.rows


def joined(parts: Tensor, each: int, m: int) -> tuple[Tensor, Tensor]:
    """Mean and biased variance [C] from the partial results of `each` rows, m rows in all."""
    _, p, c = parts.shape
    mean, var = parts.new_empty(c), parts.new_empty(c)
    merge[(cdiv(c, 16),)](
        parts[0], parts[1], mean, var, p, m, each,
        C=c, ACC=language_type(parts.dtype), ROWS=128, COLS=16, num_warps=4,
    )  # fmt: skip
    return mean, var


# ---- for PyTorch -------------------------------------------------------------


def measured(y: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and biased variance [C] of y, by the kernels where they take it."""
    n, c, h, w = y.shape
    if not dispatch.takes(y, c) or not y.numel():
        return reference(y)
    a = rowed(y)
    shape = (c, dispatch.rounded(n * h * w))
    parts, each = look(dispatch.pick("statistics", shape, y, configurations(c), lambda choice: look(choice, a)), a)
    return joined(parts, each, n * h * w)


@torch.library.custom_op("archlang::batch_statistics", mutates_args=())
def batch_statistics(y: Tensor) -> tuple[Tensor, Tensor]:
    """As `reference`. It has no gradient: that of `bn_apply` goes through the statistics, so give it `y.detach()`."""
    return measured(y)


@batch_statistics.register_fake
def _(y):
    return y.new_empty(y.shape[1], dtype=wide(y)), y.new_empty(y.shape[1], dtype=wide(y))
