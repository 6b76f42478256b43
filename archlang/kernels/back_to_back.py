"""Two 1x1 convolutions, one after the other: what is between them is written where it is wanted, and read never.

    z = relu((h · wᵀ) * scale + shift + residual)        r = relu((z · vᵀ) * scale_v + shift_v)

Between two residual blocks, z is the end of one and r the reduction that the next
begins with; in a chain z stays on chip. A program keeps its rows of h, makes z a few
columns at a time, and multiplies them into the sums of r before it makes the next.
It holds all columns of r, so both weights come from cache for each tile of rows:
that pays for narrow blocks only.

h may be what a batch norm and ReLU in front make of it, once for each row, as it is read.

For inference. `pieces` are two streaming kernels, and one of the choices.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from archlang.kernels import dispatch, streaming
from archlang.kernels.block_end import prepared_apart
from archlang.kernels.dispatch import Choice, Configuration
from archlang.kernels.epilogue import Vectors, finish, fold, rectified
from archlang.kernels.jit import cdiv, jit, language_type, power_of_two, tl
from archlang.kernels.machine import fitting, precision
from archlang.kernels.prologue import Before, before_of, constants, fold_in, pointers, prepared
from archlang.kernels.rows import empty, pitch, rowed
from archlang.kernels.schema import BEFORE, VECTORS, VECTORS_V, operator
from archlang.kernels.two_products import PIECES

WIDEST = 256
"""The most channels that h and r may have: all of them are on chip at once."""


def reference(h: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None, v: Tensor, vectors_v: Vectors,
              eps: float, eps_v: float) -> tuple[Tensor, Tensor]:  # fmt: skip
    """What the kernel computes of h as it is given, on PyTorch's own operations.

    h [N, C, H, W], w [E, C, 1, 1], v [D, E, 1, 1] -> z [N, E, H, W] and r [N, D, H, W].
    """
    z = streaming.reference(h, w, *vectors, residual, 1, eps, True)
    return z, streaming.reference(z, v, *vectors_v, None, 1, eps_v, True)


# ---- the kernel --------------------------------------------------------------


@jit("M")
def chained(
    h, w, bias, gamma, beta, mean, var, residual, v, bias_v, gamma_v, beta_v, mean_v, var_v,
    gamma_in, beta_in, mean_in, var_in, z, r, M,
    EPS_IN: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr,
    EPS: tl.constexpr, EPS_V: tl.constexpr, C: tl.constexpr, E: tl.constexpr, D: tl.constexpr,
    A: tl.constexpr, R: tl.constexpr, BIAS: tl.constexpr, NORM: tl.constexpr, AFFINE: tl.constexpr,
    BIAS_V: tl.constexpr, NORM_V: tl.constexpr, AFFINE_V: tl.constexpr, RESIDUAL: tl.constexpr, KEEP: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, WIDE: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """Program p makes rows p of z, COLS columns at a time, and of r; A and R are the pitches of h and residual."""
    rows = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    inside = (rows < M)[:, None]
    place = rows.to(tl.int64)[:, None]
    ks = tl.arange(0, DEPTH)
    ends = tl.arange(0, WIDE)
    a = tl.load(h + place * A + ks[None, :], mask=inside & (ks < C)[None, :], other=0.0)
    if BEFORE:
        scale_in, shift_in = fold_in(ks, C, gamma_in, beta_in, mean_in, var_in, EPS_IN, AFFINE_IN, ACC)
        a = prepared(a, scale_in, shift_in, ACC)
    acc = tl.zeros((ROWS, WIDE), ACC)
    for e in tl.range(0, E, COLS, num_stages=STAGES):
        cols = e + tl.arange(0, COLS)
        live = cols < E
        b = tl.load(w + ks[:, None] + cols[None, :] * C, mask=(ks < C)[:, None] & live[None, :], other=0.0)
        y = tl.dot(a, b, input_precision=PRECISION, out_dtype=ACC)
        scale, shift = fold(cols, live, bias, gamma, beta, mean, var, EPS, True, BIAS, NORM, AFFINE, ACC)
        y = finish(y, scale, shift, NORM, BIAS)
        here = inside & live[None, :]
        if RESIDUAL:
            y += tl.load(residual + place * R + cols[None, :], mask=here, other=0.0).to(ACC)
        stored = rectified(y).to(h.dtype.element_ty)
        if KEEP:
            tl.store(z + place * E + cols[None, :], stored, mask=here)
        b = tl.load(v + cols[:, None] + ends[None, :] * E, mask=live[:, None] & (ends < D)[None, :], other=0.0)
        acc = tl.dot(stored, b, acc, input_precision=PRECISION, out_dtype=ACC)
    live = ends < D
    scale, shift = fold(ends, live, bias_v, gamma_v, beta_v, mean_v, var_v, EPS_V, True, BIAS_V, NORM_V, AFFINE_V, ACC)
    acc = rectified(finish(acc, scale, shift, NORM_V, BIAS_V))
    tl.store(r + place * D + ends[None, :], acc.to(r.dtype.element_ty), mask=inside & live[None, :])


# ---- the launch --------------------------------------------------------------

_SIZES = ((128, 64, 8, 2), (64, 64, 8, 2), (64, 64, 8, 4), (64, 32, 4, 2), (64, 32, 8, 2))
"""Rows, columns of z at a time, warps, stages; the last is for what four warps cannot hold."""
_HELD = {2: 88, 4: 48, 8: 88}  # sums of z and r that a thread may hold: with 96 it spills on sm_100
_PREPARED = 128 * 64  # values of h in a tile: more of them spill on sm_100


def configurations(c: int, d: int, itemsize: int, shared: int, before: bool = False) -> list[Configuration]:
    """At most four for c channels of h and d of r: those that fit `shared` bytes and the registers.

    With a batch norm `before`, h passes through registers: there are fewer rows of many channels.
    """
    if max(c, d) > WIDEST:
        return []
    depth = max(16, power_of_two(c))
    found = [Configuration("chained", rows, cols, depth, warps, stages) for rows, cols, warps, stages in _SIZES]
    found = [one for one in found if not before or one.rows * one.depth <= _PREPARED]
    fits = [one for one in found if held(one, d) <= _HELD[itemsize] and footprint(one, d, itemsize) <= shared]
    return fits[:-1] if any(one.warps == 4 for one in fits) else fits


def held(one: Configuration, d: int) -> int:
    """The sums of z and r that one thread keeps in registers."""
    return one.rows * (one.cols + wide_of(d)) // (32 * one.warps)


def wide_of(d: int) -> int:
    """The columns of r as the kernel sees them."""
    return max(16, power_of_two(d))


def footprint(one: Configuration, d: int, itemsize: int) -> int:
    """The bytes of shared memory that it asks for, never less than what the compiler takes."""
    ahead = one.stages * one.cols * (one.depth + wide_of(d) + one.rows)
    return (ahead + one.rows * (one.depth + one.cols)) * itemsize + 1024


def launch(choice: Configuration, h: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None, v: Tensor,
           vectors_v: Vectors, z: Tensor | None, r: Tensor, eps: float, eps_v: float,
           before: Before | None = None) -> None:  # fmt: skip
    """Run `choice` into r, and into z where there is one; h and the residual have pitches."""
    m, d = r.numel() // r.shape[1], r.shape[1]
    chained[(cdiv(m, choice.rows),)](
        h, w, *(h if t is None else t for t in vectors), h if residual is None else residual,
        v, *(h if t is None else t for t in vectors_v), *pointers(before, h), r if z is None else z, r, m,
        **constants(before),
        EPS=eps, EPS_V=eps_v, C=h.shape[1], E=w.shape[0], D=d, A=pitch(h), R=0 if residual is None else pitch(residual),
        BIAS=vectors[0] is not None, NORM=vectors[3] is not None, AFFINE=vectors[1] is not None,
        BIAS_V=vectors_v[0] is not None, NORM_V=vectors_v[3] is not None, AFFINE_V=vectors_v[1] is not None,
        RESIDUAL=residual is not None, KEEP=z is not None,
        ACC=language_type(h.dtype), PRECISION=precision(h.dtype),
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, WIDE=wide_of(d), STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip


def made(h: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None, v: Tensor, vectors_v: Vectors, eps: float,
         eps_v: float, keep: bool, before: Before | None = None) -> tuple[Tensor, Tensor]:  # fmt: skip
    """`reference` of h behind `before` by whatever is fastest for these shapes here; z is empty unless `keep`."""

    def run(choice: Choice) -> tuple[Tensor, Tensor]:
        if choice is None:
            z, r = reference(prepared_apart(h, before), w, vectors, residual, v, vectors_v, eps, eps_v)
            z, r = (t.contiguous(memory_format=torch.channels_last) for t in (z, r))
        elif choice == PIECES:
            z = streaming.made(None, h, w, vectors, residual, 1, eps, True, before)
            r = streaming.made(None, z, v, vectors_v, None, 1, eps_v, True)
        else:
            z, r = _results(h, w, v, keep)
            add = None if residual is None else rowed(residual)
            launch(choice, rowed(h), w.contiguous(), vectors, add, v.contiguous(), vectors_v, z if keep else None, r,
                   eps, eps_v, before)  # fmt: skip
        return z if keep else z[:0], r

    c, e, d = h.shape[1], w.shape[0], v.shape[0]
    if not h.numel() or not dispatch.takes(h, c, e, d):
        return run(None)
    found = [*configurations(c, d, h.element_size(), fitting(h.device), before is not None), PIECES]
    rows = dispatch.rounded(h.numel() // c)
    flags = (residual is not None, vectors[3] is not None, vectors_v[3] is not None, before is not None, keep)
    key = (c, e, d, rows, *flags, precision(h.dtype))
    return run(dispatch.choose("conv1x1_pair", key, h, found, run))


def _results(h: Tensor, w: Tensor, v: Tensor, keep: bool) -> tuple[Tensor, Tensor]:
    n, _, height, width = h.shape
    return empty(n if keep else 0, w.shape[0], height, width, like=h), empty(n, v.shape[0], height, width, like=h)


# ---- for PyTorch -------------------------------------------------------------


@operator("conv1x1_pair", "Tensor h", "Tensor w", VECTORS, "Tensor? residual", "Tensor v", VECTORS_V,
          "float eps", "float eps_v", "bool keep", BEFORE, returns="(Tensor, Tensor)")  # fmt: skip
def conv1x1_pair(h: Tensor, w: Tensor, *rest: Any) -> tuple[Tensor, Tensor]:
    """As `reference`, of h behind the batch norm `_in`, with channels_last results; z is of no images unless `keep`.

    It has no gradient.
    """
    vectors, residual, v, vectors_v = rest[:5], rest[5], rest[6], rest[7:12]
    eps, eps_v, keep = rest[12:15]
    return made(h, w, vectors, residual, v, vectors_v, eps, eps_v, keep, before_of(*rest[15:]))


@conv1x1_pair.register_fake
def _(h, w, bias, gamma, beta, mean, var, residual, v, *rest: Any):
    return _results(h, w, v, rest[7])  # `keep`
