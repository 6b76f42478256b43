"""The way back through batch norm, add and ReLU: two passes over dz, the mask and y, and a small step between.

The formula stands in `block_end.py`. The first pass adds up g and g (y - mean)
per channel, the step makes of them the line dy = s * g + u * (y - mean) + v, the second pass
walks along it. Between them nothing as large as y is kept.
"""

# pyright: basic
from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from archlang.kernels import dispatch
from archlang.kernels.activation import BITS, EVERYTHING, let_through
from archlang.kernels.dispatch import Configuration
from archlang.kernels.epilogue import finish, fold
from archlang.kernels.jit import cdiv, jit, language_type, power_of_two, tl
from archlang.kernels.mask import unpacked
from archlang.kernels.rows import empty, pitch, rowed, wide


class Norm(NamedTuple):
    """A batch norm with the statistics that it took: vectors [C]."""

    mean: Tensor
    var: Tensor
    gamma: Tensor | None
    beta: Tensor | None
    eps: float


def reference(
    dz: Tensor,
    mask: Tensor,
    y: Tensor,
    mean: Tensor,
    var: Tensor,
    gamma: Tensor | None,
    eps: float,
    relu: bool,
    batch: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """dy, dresidual, dgamma and dbeta on PyTorch's own operations."""
    dtype = wide(y)
    column = (1, -1, 1, 1)
    g = torch.where(unpacked(mask, y), dz, 0) if relu else dz
    r = torch.rsqrt(var.to(dtype) + eps)
    away = y.to(dtype) - mean.to(dtype).view(column)
    dbeta = g.sum((0, 2, 3), dtype=dtype)
    dgamma = (g.to(dtype) * away).sum((0, 2, 3)) * r
    s = r if gamma is None else r * gamma.to(dtype)
    dy = g.to(dtype)
    if batch:
        n = y.numel() // y.shape[1]
        dy = dy - (away * (r * dgamma / n).view(column) + (dbeta / n).view(column))
    return (dy * s.view(column)).to(y.dtype), g, dgamma, dbeta


# ---- the kernels -------------------------------------------------------------


@jit()
def passed(
    dz, mask, a, scale, shift, rows, cols, here,
    D: tl.constexpr, C: tl.constexpr, PASS: tl.constexpr, TYPE: tl.constexpr, ACC: tl.constexpr,
):  # fmt: skip
    """The gradient behind the activation; a is y, of which scale and shift make z again, rounded to TYPE as it was."""
    g = tl.load(dz + rows * D + cols[None, :], mask=here, other=0.0).to(ACC)
    if PASS == 1:
        bits = tl.load(mask + rows * (C // 8) + cols[None, :] // 8, mask=here, other=0).to(tl.int32)
        g = tl.where((bits >> (cols[None, :] % 8)) & 1 != 0, g, 0.0)
    if PASS >= 2:
        g = let_through(g, finish(a, scale, shift, True, False).to(TYPE).to(ACC), PASS - 1)
    return g


@jit("M", "SPAN")
def sums(
    dz, mask, y, mean, var, gamma, beta, dresidual, of_g, of_gy, M, SPAN,
    EPS: tl.constexpr, C: tl.constexpr, D: tl.constexpr, Y: tl.constexpr, AFFINE: tl.constexpr, PASS: tl.constexpr,
    RESIDUAL: tl.constexpr, ACC: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Program (p, c) adds up g and g (y - mean) over SPAN tiles of rows, into row p of the partial sums [P, C].

    Where asked for, it writes g: the gradient of the residual.
    """
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    live = cols < C
    centre = tl.load(mean + cols, mask=live, other=0.0).to(ACC)
    scale, shift = fold(cols, live, y, gamma, beta, mean, var, EPS, True, False, PASS >= 2, AFFINE, ACC)
    first = tl.zeros((COLS,), ACC)
    second = tl.zeros((COLS,), ACC)
    for tile in range(tl.program_id(0) * SPAN, (tl.program_id(0) + 1) * SPAN):
        rows = (tile * ROWS + tl.arange(0, ROWS)).to(tl.int64)[:, None]
        here = (rows < M) & live[None, :]
        a = tl.load(y + rows * Y + cols[None, :], mask=here, other=0.0).to(ACC)
        g = passed(dz, mask, a, scale, shift, rows, cols, here, D, C, PASS, y.dtype.element_ty, ACC)
        first += tl.sum(g, axis=0)
        second += tl.sum(g * (a - centre[None, :]), axis=0)
        if RESIDUAL:  # only now: before the sums it spills on sm_100
            tl.store(dresidual + rows * C + cols[None, :], g.to(dresidual.dtype.element_ty), mask=here)
    tl.store(of_g + tl.program_id(0) * C + cols, first, mask=live)
    tl.store(of_gy + tl.program_id(0) * C + cols, second, mask=live)


@jit("P", "M")
def settle(
    of_g, of_gy, mean, var, gamma, beta, dgamma, dbeta, line, P, M,
    EPS: tl.constexpr, C: tl.constexpr, AFFINE: tl.constexpr, BATCH: tl.constexpr, ACC: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Add up the P partial sums in their order; make dgamma, dbeta and the rows of `line` [5, C]."""
    cols = tl.program_id(0) * COLS + tl.arange(0, COLS)
    live = cols < C
    first = tl.zeros((COLS,), ACC)
    second = tl.zeros((COLS,), ACC)
    for p in range(0, P, ROWS):
        rows = p + tl.arange(0, ROWS)[:, None]
        here = (rows < P) & live[None, :]
        first += tl.sum(tl.load(of_g + rows * C + cols[None, :], mask=here, other=0.0), axis=0)
        second += tl.sum(tl.load(of_gy + rows * C + cols[None, :], mask=here, other=0.0), axis=0)
    scale, shift = fold(cols, live, line, gamma, beta, mean, var, EPS, True, False, True, AFFINE, ACC)
    r = 1.0 / tl.sqrt(tl.load(var + cols, mask=live, other=1.0).to(ACC) + EPS)
    second = second * r
    u = tl.zeros((COLS,), ACC)
    v = tl.zeros((COLS,), ACC)
    if BATCH:
        u = -scale * r * second / M.to(ACC)
        v = -scale * first / M.to(ACC)
    tl.store(dgamma + cols, second, mask=live)
    tl.store(dbeta + cols, first, mask=live)
    tl.store(line + cols, scale, mask=live)
    tl.store(line + C + cols, u, mask=live)
    tl.store(line + 2 * C + cols, v, mask=live)
    tl.store(line + 3 * C + cols, shift, mask=live)
    tl.store(line + 4 * C + cols, tl.load(mean + cols, mask=live, other=0.0).to(ACC), mask=live)


@jit()
def points(line, cols, live, C: tl.constexpr):
    """The rows s, u, v, shift and mean of `line`, of the channels `cols`."""
    return (
        tl.load(line + cols, mask=live, other=0.0),
        tl.load(line + C + cols, mask=live, other=0.0),
        tl.load(line + 2 * C + cols, mask=live, other=0.0),
        tl.load(line + 3 * C + cols, mask=live, other=0.0),
        tl.load(line + 4 * C + cols, mask=live, other=0.0),
    )


@jit()
def along(g, a, s, u, v, mean, BATCH: tl.constexpr):
    """dy = s * g + u * (y - mean) + v."""
    d = g * s[None, :]
    if BATCH:
        d += (a - mean[None, :]) * u[None, :] + v[None, :]
    return d


@jit("M")
def backward(
    dz, mask, y, line, dy, dresidual, M,
    C: tl.constexpr, D: tl.constexpr, Y: tl.constexpr, PASS: tl.constexpr, BATCH: tl.constexpr,
    RESIDUAL: tl.constexpr, ACC: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """dy and, where asked for, dresidual, of rows p and channels c; D and Y are the pitches of dz and y."""
    rows = (tl.program_id(0) * ROWS + tl.arange(0, ROWS)).to(tl.int64)[:, None]
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    live = cols < C
    here = (rows < M) & live[None, :]
    s, u, v, shift, mean = points(line, cols, live, C)
    a = tl.zeros((ROWS, COLS), ACC)
    if BATCH or PASS >= 2:
        a = tl.load(y + rows * Y + cols[None, :], mask=here, other=0.0).to(ACC)
    g = passed(dz, mask, a, s, shift, rows, cols, here, D, C, PASS, y.dtype.element_ty, ACC)
    out = rows * C + cols[None, :]
    if RESIDUAL:
        tl.store(dresidual + out, g.to(dresidual.dtype.element_ty), mask=here)
    tl.store(dy + out, along(g, a, s, u, v, mean, BATCH).to(dy.dtype.element_ty), mask=here)


# ---- the launch --------------------------------------------------------------

_WALKS = 512  # programs that add up: near four on each of an H200's multiprocessors
_ELEMENTS = (4096, 2048, 1024)


def configurations(c: int) -> list[Configuration]:
    """Three sizes of tile, as many rows as make them up; none of them takes shared memory to speak of."""
    cols = min(256, max(8, power_of_two(c)))
    return [Configuration("pointwise", size // cols, cols, 1, 4, 1) for size in _ELEMENTS]


def of_sums(c: int) -> list[Configuration]:
    """Those of `sums`: the largest spills with Triton 3.6; of eight channels all but this one do on some device."""
    return [Configuration("pointwise", 256, 8, 1, 8, 1)] if c <= 8 else configurations(c)[1:]


def add_up(choice: Configuration, dz: Tensor, mask: Tensor, y: Tensor, norm: Norm, passing: int,
           dr: Tensor | None = None) -> Tensor:  # fmt: skip
    """The partial sums [2, P, C] of g and of g (y - mean); g is written into `dr` where there is one."""
    n, c, h, w = y.shape
    mean, var, gamma, beta, eps = norm
    tiles = cdiv(n * h * w, choice.rows)
    span = cdiv(tiles, _WALKS)
    partial = y.new_empty((2, cdiv(tiles, span), c), dtype=wide(y))
    sums[(partial.shape[1], cdiv(c, choice.cols))](
        dz, mask, y, mean, var, y if gamma is None else gamma, y if beta is None else beta, y if dr is None else dr,
        partial[0], partial[1], n * h * w, span,
        EPS=eps, C=c, D=pitch(dz), Y=pitch(y), AFFINE=gamma is not None, PASS=passing, RESIDUAL=dr is not None,
        ACC=language_type(y.dtype), ROWS=choice.rows, COLS=choice.cols, num_warps=choice.warps,
    )  # fmt: skip
    return partial


def lay(partial: Tensor, norm: Norm, batch: bool, m: int) -> tuple[Tensor, Tensor, Tensor]:
    """From the partial sums over m rows: dgamma and dbeta [C], and the line [5, C]: s, u, v, shift and mean."""
    _, p, c = partial.shape
    mean, var, gamma, beta, eps = norm
    dgamma, dbeta, line = partial.new_empty(c), partial.new_empty(c), partial.new_empty((5, c))
    settle[(cdiv(c, 16),)](
        partial[0], partial[1], mean, var, var if gamma is None else gamma, var if beta is None else beta,
        dgamma, dbeta, line, p, m,
        EPS=eps, C=c, AFFINE=gamma is not None, BATCH=batch, ACC=language_type(partial.dtype),
        ROWS=128, COLS=16, num_warps=4,
    )  # fmt: skip
    return dgamma, dbeta, line


def carry(choice: Configuration, dz: Tensor, mask: Tensor, y: Tensor, line: Tensor, dy: Tensor,
          dr: Tensor | None, passing: int, batch: bool) -> None:  # fmt: skip
    """Write dy and, where there is one, dresidual."""
    n, c, h, w = y.shape
    backward[(cdiv(n * h * w, choice.rows), cdiv(c, choice.cols))](
        dz, mask, y, line, dy, dy if dr is None else dr, n * h * w,
        C=c, D=pitch(dz), Y=pitch(y), PASS=passing, BATCH=batch, RESIDUAL=dr is not None,
        ACC=language_type(y.dtype), ROWS=choice.rows, COLS=choice.cols, num_warps=choice.warps,
    )  # fmt: skip


def summed(dz: Tensor, mask: Tensor, y: Tensor, norm: Norm, passing: int, dr: Tensor | None = None) -> Tensor:
    """`add_up` with the size of tile that is fastest here; dz and y have pitches."""

    def run(choice: Configuration) -> Tensor:
        return add_up(choice, dz, mask, y, norm, passing, dr)

    c = y.shape[1]
    shape = (c, dispatch.rounded(y.numel() // c), passing, dr is not None)
    return run(dispatch.pick("bn_sums", shape, y, of_sums(c), run))


def carried(dz: Tensor, mask: Tensor, y: Tensor, line: Tensor, passing: int, batch: bool,
            dr: Tensor | None = None) -> Tensor:  # fmt: skip
    """dy, by `carry` with the size of tile that is fastest here; dz and y have pitches."""
    c, dy = y.shape[1], empty(*y.shape, like=y)

    def run(choice: Configuration) -> None:
        carry(choice, dz, mask, y, line, dy, dr, passing, batch)

    shape = (c, dispatch.rounded(y.numel() // c), passing, batch, dr is not None)
    run(dispatch.pick("bn_backward", shape, y, configurations(c), run))
    return dy


# ---- for PyTorch -------------------------------------------------------------


@torch.library.custom_op("archlang::bn_backward", mutates_args=())
def bn_backward(
    dz: Tensor,
    mask: Tensor,
    y: Tensor,
    mean: Tensor,
    var: Tensor,
    gamma: Tensor | None,
    eps: float,
    relu: bool,
    batch: bool,
    residual: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """dy, dresidual (empty unless `residual`), dgamma and dbeta; the last two in fp32 or fp64."""
    n, c, h, w = y.shape
    dr = empty(n if residual else 0, c, h, w, like=y)
    if not dispatch.takes(y, c) or not y.numel():
        of_y, g, dgamma, dbeta = reference(dz, mask, y, mean, var, gamma, eps, relu, batch)
        dr.copy_(g if residual else dr)
        return empty(n, c, h, w, like=y).copy_(of_y), dr, dgamma, dbeta
    a, d, norm, passing = rowed(y), rowed(dz), Norm(mean, var, gamma, gamma, eps), BITS if relu else EVERYTHING
    dgamma, dbeta, line = lay(summed(d, mask, a, norm, passing), norm, batch, n * h * w)
    return carried(d, mask, a, line, passing, batch, dr if residual else None), dr, dgamma, dbeta


@bn_backward.register_fake
def _(dz, mask, y, mean, var, gamma, eps, relu, batch, residual):
    n, c, h, w = y.shape
    vectors = (y.new_empty(c, dtype=wide(y)) for _ in range(2))
    return empty(n, c, h, w, like=y), empty(n if residual else 0, c, h, w, like=y), *vectors
