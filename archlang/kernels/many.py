"""The parallel 1x1 convolutions of an inception, fire or dense block as one product with several results.

    z_i = relu((x · w_iᵀ) * scale_i + shift_i)        for up to four w_i

x is read once from memory, not once for each; tiles of columns are routed to the
result they belong to, which may be a slice of the block's concatenation. Scale
and shift are [N_0 + N_1 + ...], one after the other; the weights stay where they are.

Gradients, with g the dz where z > 0, all results side by side, and G = gᵀ·x:

    dx = g · (w * scale)      dw = scale * G      dscale = Σ_k w * G      dshift = Σ g
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from archlang.kernels import dispatch
from archlang.kernels.conv1x1_op import products
from archlang.kernels.dispatch import TORCH, Choice, Configuration
from archlang.kernels.epilogue import rectified
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.machine import fitting, precision
from archlang.kernels.rows import empty, pitch, wide
from archlang.kernels.streaming import configurations as tiles_of

MOST = 4
"""The most convolutions that go into one product."""


def reference(
    x: Tensor, weights: Sequence[Tensor], scale: Tensor | None, shift: Tensor | None, relu: bool
) -> list[Tensor]:
    """What the kernel computes, on PyTorch's own operations: x [N, Cin, H, W] -> each [N, Cout_i, H, W]."""
    y = F.conv2d(x, torch.cat(list(weights)))
    if scale is not None:
        y = y * scale.view(-1, 1, 1)
    if shift is not None:
        y = y + shift.view(-1, 1, 1)
    y = (y.relu() if relu else y).to(x.dtype)
    return list(y.split([w.shape[0] for w in weights], 1))


# ---- the kernel --------------------------------------------------------------


@jit()
def one_of(tile, END0: tl.constexpr, END1: tl.constexpr, END2: tl.constexpr, a, b, c, d):
    """What belongs to the result that `tile` is of."""
    return tl.where(tile < END0, a, tl.where(tile < END1, b, tl.where(tile < END2, c, d)))


@jit("M")
def routed(
    x, w0, w1, w2, w3, scale, shift, z0, z1, z2, z3, M,
    K: tl.constexpr, X: tl.constexpr, N0: tl.constexpr, N1: tl.constexpr, N2: tl.constexpr, N3: tl.constexpr,
    Z0: tl.constexpr, Z1: tl.constexpr, Z2: tl.constexpr, Z3: tl.constexpr,
    SCALE: tl.constexpr, SHIFT: tl.constexpr, RELU: tl.constexpr, ACC: tl.constexpr, PRECISION: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """A tile a program; all tiles of the same rows of x run together, so that x comes from cache after the first."""
    end0: tl.constexpr = (N0 + COLS - 1) // COLS
    end1: tl.constexpr = end0 + (N1 + COLS - 1) // COLS
    end2: tl.constexpr = end1 + (N2 + COLS - 1) // COLS
    end3: tl.constexpr = end2 + (N3 + COLS - 1) // COLS
    rows = tl.program_id(0) // end3 * ROWS + tl.arange(0, ROWS)
    tile = tl.program_id(0) % end3
    w = one_of(tile, end0, end1, end2, w0, w1, w2, w3)
    z = one_of(tile, end0, end1, end2, z0, z1, z2, z3)
    n = one_of(tile, end0, end1, end2, N0, N1, N2, N3)
    step = tl.multiple_of(one_of(tile, end0, end1, end2, Z0, Z1, Z2, Z3), 8)
    before = one_of(tile, end0, end1, end2, 0, N0, N0 + N1, N0 + N1 + N2)
    cols = (tile - one_of(tile, end0, end1, end2, 0, end0, end1, end2)) * COLS + tl.arange(0, COLS)
    ks = tl.arange(0, DEPTH)
    inside = rows < M
    live = cols < tl.multiple_of(n, 8)
    out = rows.to(tl.int64)[:, None]
    xs = x + out * X + ks[None, :]
    ws = w + ks[:, None] + cols[None, :] * K
    acc = tl.zeros((ROWS, COLS), ACC)
    for k in tl.range(0, K, DEPTH, num_stages=STAGES):
        a = tl.load(xs, mask=inside[:, None] & (ks < K - k)[None, :], other=0.0)
        b = tl.load(ws, mask=(ks < K - k)[:, None] & live[None, :], other=0.0)
        acc = tl.dot(a, b, acc, input_precision=PRECISION, out_dtype=ACC)
        xs += DEPTH
        ws += DEPTH
    if SCALE:
        acc = acc * tl.load(scale + before + cols, mask=live, other=0.0).to(ACC)[None, :]
    if SHIFT:
        acc = acc + tl.load(shift + before + cols, mask=live, other=0.0).to(ACC)[None, :]
    if RELU:
        acc = rectified(acc)
    tl.store(z + out * step + cols[None, :], acc.to(x.dtype.element_ty), mask=inside[:, None] & live[None, :])


# ---- the launch --------------------------------------------------------------


def configurations(k: int, widths: Sequence[int], itemsize: int, shared: int) -> list[Configuration]:
    """The tiled configurations of a 1x1 convolution as wide as the widest: they have to walk over x's channels."""
    return [c for c in tiles_of(max(k, 257), max(widths), itemsize, shared, residual=False) if c.kind == "tiled"]


def launch(choice: Configuration, x: Tensor, weights: Sequence[Tensor], scale: Tensor | None, shift: Tensor | None,
           outs: Sequence[Tensor], relu: bool) -> None:  # fmt: skip
    """Run `choice` into `outs`; x and they have pitches."""
    n, k, h, w = x.shape
    missing = MOST - len(outs)
    widths = [z.shape[1] for z in outs] + [0] * missing
    pitches = [pitch(z) for z in outs] + [0] * missing
    across = sum(cdiv(width, choice.cols) for width in widths)
    routed[(cdiv(n * h * w, choice.rows) * across,)](
        x, *weights, *[x] * missing, x if scale is None else scale, x if shift is None else shift,
        *outs, *[x] * missing, n * h * w,
        K=k, X=pitch(x), N0=widths[0], N1=widths[1], N2=widths[2], N3=widths[3],
        Z0=pitches[0], Z1=pitches[1], Z2=pitches[2], Z3=pitches[3],
        SCALE=scale is not None, SHIFT=shift is not None, RELU=relu,
        ACC=language_type(x.dtype), PRECISION=precision(x.dtype),
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip


def write(outs: Sequence[Tensor], x: Tensor, weights: Sequence[Tensor], scale: Tensor | None, shift: Tensor | None,
          relu: bool) -> None:  # fmt: skip
    """Fill `outs` by whatever is fastest for these shapes here."""
    whole = [w.contiguous() for w in weights]

    def run(choice: Choice) -> None:
        if choice is not None:
            launch(choice, x, whole, scale, shift, outs, relu)
            return
        for out, z in zip(outs, reference(x, weights, scale, shift, relu), strict=True):
            out.copy_(z)

    widths = [w.shape[0] for w in weights]
    rowed = pitch(x) is not None and all((pitch(z) or 1) % 8 == 0 and z.dtype == x.dtype for z in outs)
    if not rowed or not 0 < len(outs) <= MOST or not x.numel() or not dispatch.takes(x, x.shape[1], *widths):
        run(TORCH)
        return
    found = configurations(x.shape[1], widths, x.element_size(), fitting(x.device))
    rows = dispatch.rounded(x.numel() // x.shape[1])
    shape = (x.shape[1], *widths, rows, scale is not None, precision(x.dtype))
    run(dispatch.choose("conv1x1_many", shape, x, found, run))


# ---- for PyTorch -------------------------------------------------------------


@torch.library.custom_op("archlang::conv1x1_many", mutates_args=())
def conv1x1_many(
    x: Tensor, weights: Sequence[Tensor], scale: Tensor | None, shift: Tensor | None, relu: bool
) -> list[Tensor]:
    """As `reference`, with channels_last results."""
    outs = _results(x, weights)
    write(outs, x, weights, scale, shift, relu)
    return outs


def _results(x: Tensor, weights: Sequence[Tensor]) -> list[Tensor]:
    return [empty(x.shape[0], w.shape[0], x.shape[2], x.shape[3], like=x) for w in weights]


@conv1x1_many.register_fake
def _(x, weights, scale, shift, relu):
    return _results(x, weights)


def _save(ctx: Any, inputs: tuple[Any, ...], output: list[Tensor]) -> None:
    x, weights, scale, shift, ctx.relu = inputs
    ctx.count = len(weights)
    ctx.types = [None if t is None else t.dtype for t in (scale, shift)]
    ctx.save_for_backward(x, scale, *weights, *(output if ctx.relu else ()))


def _gradients(ctx: Any, dzs: list[Tensor]) -> tuple[Any, ...]:
    x, scale, *rest = ctx.saved_tensors
    weights, zs = rest[: ctx.count], rest[ctx.count :]
    gs = [torch.where(z > 0, dz, 0) for z, dz in zip(zs, dzs, strict=True)] if ctx.relu else dzs
    g, w = torch.cat(gs, 1), torch.cat(weights)
    need = ctx.needs_input_grad
    column = None if scale is None else scale.view(-1, 1, 1, 1)
    scaled = w if column is None else (w * column).to(w.dtype)
    wants = need[1] if isinstance(need[1], bool) else any(need[1])
    dx, raw = products(g, x, scaled, w, 1, need[0], wants or need[2])
    dw = None
    if wants:
        whole = raw if column is None else (raw * column).to(w.dtype)
        dw = list(whole.split([part.shape[0] for part in weights]))
    of_scale = (w.to(wide(w)) * raw).sum((1, 2, 3)).to(ctx.types[0]) if need[2] else None
    of_shift = g.sum((0, 2, 3), dtype=wide(g)).to(ctx.types[1]) if need[3] else None
    return dx, dw, of_scale, of_shift, None


conv1x1_many.register_autograd(_gradients, setup_context=_save)


@torch.library.custom_op("archlang::conv1x1_many_into", mutates_args=("outs",))
def conv1x1_many_into(
    outs: Sequence[Tensor],
    x: Tensor,
    weights: Sequence[Tensor],
    scale: Tensor | None,
    shift: Tensor | None,
    relu: bool,
) -> None:
    """As `conv1x1_many`, into `outs`, such as slices of a concatenation's channels. It has no gradient."""
    write(outs, x, weights, scale, shift, relu)


@conv1x1_many_into.register_fake
def _(outs, x, weights, scale, shift, relu):
    return None
