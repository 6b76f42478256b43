"""The way back through batch norm, add and ReLU: two passes over dz, the mask and y, and a small step between.

The formula stands in `block_end.py`. The first pass adds up g and g (y - mean)
per channel, the step makes of them the line dy = s * g + u * (y - mean) + v, the second pass
walks along it. Between them nothing as large as y is kept.
"""

# pyright: basic
from __future__ import annotations

import torch
from torch import Tensor

from archlang.kernels import dispatch
from archlang.kernels.dispatch import Configuration
from archlang.kernels.jit import cdiv, jit, language_type, power_of_two, tl
from archlang.kernels.rows import empty, pitch, rowed, wide


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


def packed(z: Tensor) -> Tensor:
    """The mask [N, H, W, C/8] of z [N, C, H, W]: bit i of byte j is whether channel 8j + i is above zero."""
    bits = (z > 0).permute(0, 2, 3, 1).unflatten(3, (-1, 8)).to(torch.uint8)
    return (bits << torch.arange(8, device=z.device, dtype=torch.uint8)).sum(4, dtype=torch.uint8)


def unpacked(mask: Tensor, like: Tensor) -> Tensor:
    """The bits of a mask, as bools in the shape of `like`."""
    bits = mask.unsqueeze(4) >> torch.arange(8, device=mask.device, dtype=torch.uint8) & 1
    return bits.bool().reshape(like.permute(0, 2, 3, 1).shape).permute(0, 3, 1, 2)


# ---- the kernels -------------------------------------------------------------


@jit()
def passed(dz, mask, rows, cols, here, D: tl.constexpr, C: tl.constexpr, RELU: tl.constexpr, ACC: tl.constexpr):
    """The gradient behind the ReLU: dz where its bit is set."""
    g = tl.load(dz + rows * D + cols[None, :], mask=here, other=0.0).to(ACC)
    if RELU:
        bits = tl.load(mask + rows * (C // 8) + cols[None, :] // 8, mask=here, other=0).to(tl.int32)
        g = tl.where((bits >> (cols[None, :] % 8)) & 1 != 0, g, 0.0)
    return g


@jit("M", "SPAN")
def sums(
    dz, mask, y, mean, of_g, of_gy, M, SPAN,
    C: tl.constexpr, D: tl.constexpr, Y: tl.constexpr, RELU: tl.constexpr, ACC: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Program (p, c) adds up g and g (y - mean) over SPAN tiles of rows, into row p of the partial sums [P, C]."""
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    live = cols < C
    centre = tl.load(mean + cols, mask=live, other=0.0).to(ACC)
    first = tl.zeros((COLS,), ACC)
    second = tl.zeros((COLS,), ACC)
    for tile in range(tl.program_id(0) * SPAN, (tl.program_id(0) + 1) * SPAN):
        rows = (tile * ROWS + tl.arange(0, ROWS)).to(tl.int64)[:, None]
        here = (rows < M) & live[None, :]
        g = passed(dz, mask, rows, cols, here, D, C, RELU, ACC)
        a = tl.load(y + rows * Y + cols[None, :], mask=here, other=0.0).to(ACC)
        first += tl.sum(g, axis=0)
        second += tl.sum(g * (a - centre[None, :]), axis=0)
    tl.store(of_g + tl.program_id(0) * C + cols, first, mask=live)
    tl.store(of_gy + tl.program_id(0) * C + cols, second, mask=live)


@jit("P", "M")
def settle(
    of_g, of_gy, var, gamma, dgamma, dbeta, line, P, M,
    EPS: tl.constexpr, C: tl.constexpr, AFFINE: tl.constexpr, ACC: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Add up the P partial sums in their order; make dgamma, dbeta and the rows s, u and v of `line` [3, C]."""
    cols = tl.program_id(0) * COLS + tl.arange(0, COLS)
    live = cols < C
    first = tl.zeros((COLS,), ACC)
    second = tl.zeros((COLS,), ACC)
    for p in range(0, P, ROWS):
        rows = p + tl.arange(0, ROWS)[:, None]
        here = (rows < P) & live[None, :]
        first += tl.sum(tl.load(of_g + rows * C + cols[None, :], mask=here, other=0.0), axis=0)
        second += tl.sum(tl.load(of_gy + rows * C + cols[None, :], mask=here, other=0.0), axis=0)
    r = 1.0 / tl.sqrt(tl.load(var + cols, mask=live, other=1.0).to(ACC) + EPS)
    s = r
    if AFFINE:
        s = r * tl.load(gamma + cols, mask=live, other=0.0).to(ACC)
    n = M.to(ACC)
    second = second * r
    u = -s * r * second / n
    v = -s * first / n
    tl.store(dgamma + cols, second, mask=live)
    tl.store(dbeta + cols, first, mask=live)
    tl.store(line + cols, s, mask=live)
    tl.store(line + C + cols, u, mask=live)
    tl.store(line + 2 * C + cols, v, mask=live)


@jit("M")
def backward(
    dz, mask, y, mean, line, dy, dresidual, M,
    C: tl.constexpr, D: tl.constexpr, Y: tl.constexpr, RELU: tl.constexpr, BATCH: tl.constexpr,
    RESIDUAL: tl.constexpr, ACC: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """dy and, where asked for, dresidual, of rows p and channels c; D and Y are the pitches of dz and y."""
    rows = (tl.program_id(0) * ROWS + tl.arange(0, ROWS)).to(tl.int64)[:, None]
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    live = cols < C
    here = (rows < M) & live[None, :]
    g = passed(dz, mask, rows, cols, here, D, C, RELU, ACC)
    out = rows * C + cols[None, :]
    if RESIDUAL:
        tl.store(dresidual + out, g.to(dresidual.dtype.element_ty), mask=here)
    d = g * tl.load(line + cols, mask=live, other=0.0)[None, :]
    if BATCH:
        a = tl.load(y + rows * Y + cols[None, :], mask=here, other=0.0).to(ACC)
        a -= tl.load(mean + cols, mask=live, other=0.0).to(ACC)[None, :]
        d += a * tl.load(line + C + cols, mask=live, other=0.0)[None, :]
        d += tl.load(line + 2 * C + cols, mask=live, other=0.0)[None, :]
    tl.store(dy + out, d.to(dy.dtype.element_ty), mask=here)


# ---- the launch --------------------------------------------------------------

_WALKS = 512  # programs that add up: near four on each of an H200's multiprocessors
_ELEMENTS = (4096, 2048, 1024)


def configurations(c: int) -> list[Configuration]:
    """Three sizes of tile, as many rows as make them up; none of them takes shared memory to speak of."""
    cols = min(256, max(8, power_of_two(c)))
    return [Configuration("pointwise", size // cols, cols, 1, 4, 1) for size in _ELEMENTS]


def add_up(choice: Configuration, dz: Tensor, mask: Tensor, y: Tensor, mean: Tensor, relu: bool) -> Tensor:
    """The partial sums [2, P, C] of g and of g (y - mean)."""
    n, c, h, w = y.shape
    tiles = cdiv(n * h * w, choice.rows)
    span = cdiv(tiles, _WALKS)
    partial = mean.new_empty((2, cdiv(tiles, span), c), dtype=wide(y))
    sums[(partial.shape[1], cdiv(c, choice.cols))](
        dz, mask, y, mean, partial[0], partial[1], n * h * w, span,
        C=c, D=pitch(dz), Y=pitch(y), RELU=relu, ACC=language_type(y.dtype),
        ROWS=choice.rows, COLS=choice.cols, num_warps=choice.warps,
    )  # fmt: skip
    return partial


def lay(partial: Tensor, var: Tensor, gamma: Tensor | None, eps: float, m: int) -> tuple[Tensor, Tensor]:
    """From the partial sums: dgamma and dbeta [2, C], and the line [3, C]."""
    _, p, c = partial.shape
    found, line = partial.new_empty((2, c)), partial.new_empty((3, c))
    settle[(cdiv(c, 16),)](
        partial[0], partial[1], var, var if gamma is None else gamma, found[0], found[1], line, p, m,
        EPS=eps, C=c, AFFINE=gamma is not None, ACC=language_type(partial.dtype), ROWS=128, COLS=16, num_warps=4,
    )  # fmt: skip
    return found, line


def carry(choice: Configuration, dz: Tensor, mask: Tensor, y: Tensor, mean: Tensor, line: Tensor, dy: Tensor,
          dr: Tensor | None, relu: bool, batch: bool) -> None:  # fmt: skip
    """Write dy and, where there is one, dresidual."""
    n, c, h, w = y.shape
    backward[(cdiv(n * h * w, choice.rows), cdiv(c, choice.cols))](
        dz, mask, y, mean, line, dy, dy if dr is None else dr, n * h * w,
        C=c, D=pitch(dz), Y=pitch(y), RELU=relu, BATCH=batch, RESIDUAL=dr is not None,
        ACC=language_type(y.dtype), ROWS=choice.rows, COLS=choice.cols, num_warps=choice.warps,
    )  # fmt: skip


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
    dy, dr = empty(n, c, h, w, like=y), empty(n if residual else 0, c, h, w, like=y)
    if not dispatch.takes(y, c) or not y.numel():
        of_y, g, dgamma, dbeta = reference(dz, mask, y, mean, var, gamma, eps, relu, batch)
        dy.copy_(of_y)
        dr.copy_(g if residual else dr)
        return dy, dr, dgamma, dbeta
    a, d = rowed(y), rowed(dz)
    shape = (c, dispatch.rounded(n * h * w), relu)
    found = configurations(c)

    def add(choice: Configuration) -> Tensor:
        return add_up(choice, d, mask, a, mean, relu)

    def walk(choice: Configuration) -> None:
        carry(choice, d, mask, a, mean, line, dy, dr if residual else None, relu, batch)

    partial = add(dispatch.pick("bn_sums", shape, y, found, add))
    of_vectors, line = lay(partial, var, gamma, eps, n * h * w)
    walk(dispatch.pick("bn_backward", (*shape, batch, residual), y, found, walk))
    return dy, dr, of_vectors[0].clone(), of_vectors[1].clone()


@bn_backward.register_fake
def _(dz, mask, y, mean, var, gamma, eps, relu, batch, residual):
    n, c, h, w = y.shape
    vectors = (y.new_empty(c, dtype=wide(y)) for _ in range(2))
    return empty(n, c, h, w, like=y), empty(n if residual else 0, c, h, w, like=y), *vectors
