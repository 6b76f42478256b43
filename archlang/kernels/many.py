"""The parallel 1x1 convolutions of an inception, fire or dense block as one product with several results.

    z_i = relu((x · w_iᵀ) * scale_i + shift_i)        for up to four w_i

x is read once from memory, not once for each; tiles of columns are routed to the
result they belong to, which may be a slice of the block's concatenation. Scale
and shift are worked out in the kernel (`epilogue.py`); weights and vectors stay where they are.

The operators take what each convolution has of bias, gamma, beta, mean and var as
one list, `vectors`, and in `given` five words for each convolution, which say what is there.

Gradients: as in `conv1x1_op.py`, with all results side by side in the products.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from archlang.kernels import dispatch
from archlang.kernels.conv1x1_op import epilogue_gradients, products, scaled
from archlang.kernels.dispatch import TORCH, Choice, Configuration
from archlang.kernels.epilogue import Vectors, finish, fold, rectified
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.machine import fitting, precision
from archlang.kernels.product import walked
from archlang.kernels.rows import empty, pitch, wide
from archlang.kernels.schema import operator
from archlang.kernels.statistics import spread
from archlang.kernels.streaming import reference as one
from archlang.kernels.streaming import walking

MOST = 4
"""The most convolutions that go into one product."""


def reference(
    x: Tensor, weights: Sequence[Tensor], vectors: Sequence[Tensor], given: Sequence[bool], eps: Sequence[float],
    relu: bool,
) -> list[Tensor]:  # fmt: skip
    """What the kernel computes, on PyTorch's own operations: x [N, Cin, H, W] -> each [N, Cout_i, H, W]."""
    each = zip(weights, of_each(vectors, given), eps, strict=True)
    return [one(x, w, *found, None, 1, e, relu) for w, found, e in each]


def of_each(vectors: Sequence[Tensor], given: Sequence[bool]) -> list[Vectors]:
    """Bias, gamma, beta, mean and var of each convolution."""
    rest = iter(vectors)
    found = [next(rest) if there else None for there in given]
    return [(found[i], found[i + 1], found[i + 2], found[i + 3], found[i + 4]) for i in range(0, len(found), 5)]


def alike(vectors: Sequence[Tensor], given: Sequence[bool]) -> bool:
    """Whether one kernel does all: batch norms after all or none, and each kind of vector of one type."""
    columns = list(zip(*of_each(vectors, given), strict=True))
    types = [{t.dtype for t in column if t is not None} for column in columns]
    missing = [sum(t is None for t in column) for column in columns[1:]]
    return all(len(found) < 2 for found in types) and all(n in (0, len(columns[0])) for n in missing)


# ---- the kernel --------------------------------------------------------------


@jit()
def one_of(tile, END0: tl.constexpr, END1: tl.constexpr, END2: tl.constexpr, a, b, c, d):
    """What belongs to the result that `tile` is of."""
    return tl.where(tile < END0, a, tl.where(tile < END1, b, tl.where(tile < END2, c, d)))


@jit("M")
def routed(
    x, w0, w1, w2, w3, bias0, bias1, bias2, bias3, gamma0, gamma1, gamma2, gamma3, beta0, beta1, beta2, beta3,
    mean0, mean1, mean2, mean3, var0, var1, var2, var3, z0, z1, z2, z3, means, m2s, M,
    EPS0: tl.constexpr, EPS1: tl.constexpr, EPS2: tl.constexpr, EPS3: tl.constexpr,
    BIAS0: tl.constexpr, BIAS1: tl.constexpr, BIAS2: tl.constexpr, BIAS3: tl.constexpr,
    K: tl.constexpr, X: tl.constexpr, N0: tl.constexpr, N1: tl.constexpr, N2: tl.constexpr, N3: tl.constexpr,
    Z0: tl.constexpr, Z1: tl.constexpr, Z2: tl.constexpr, Z3: tl.constexpr,
    NORM: tl.constexpr, AFFINE: tl.constexpr, RELU: tl.constexpr, STATISTICS: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """A tile a program; all tiles of the same rows of x run together, so that x comes from cache after the first.

    With STATISTICS tile p of the rows writes row p of means and m2s, the results side by side.
    """
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
    cols = (tile - one_of(tile, end0, end1, end2, 0, end0, end1, end2)) * COLS + tl.arange(0, COLS)
    inside = rows < M
    live = cols < tl.multiple_of(n, 8)
    out = rows.to(tl.int64)
    acc = walked(
        x + out * X, w + cols * K, inside, live,
        x, x, x, x, 0.0, K, False, False, ACC, PRECISION, ROWS, COLS, DEPTH, STAGES,
    )  # fmt: skip
    biased: tl.constexpr = BIAS0 or BIAS1 or BIAS2 or BIAS3
    scale, shift = fold(
        cols, live,
        one_of(tile, end0, end1, end2, bias0, bias1, bias2, bias3),
        one_of(tile, end0, end1, end2, gamma0, gamma1, gamma2, gamma3),
        one_of(tile, end0, end1, end2, beta0, beta1, beta2, beta3),
        one_of(tile, end0, end1, end2, mean0, mean1, mean2, mean3),
        one_of(tile, end0, end1, end2, var0, var1, var2, var3),
        one_of(tile, end0, end1, end2, EPS0, EPS1, EPS2, EPS3),
        one_of(tile, end0, end1, end2, BIAS0, BIAS1, BIAS2, BIAS3),
        biased, NORM, AFFINE, ACC,
    )  # fmt: skip
    acc = finish(acc, scale, shift, NORM, biased)
    if RELU:
        acc = rectified(acc)
    stored = acc.to(x.dtype.element_ty)
    here = inside[:, None] & live[None, :]
    tl.store(z + out[:, None] * step + cols[None, :], stored, mask=here)
    if STATISTICS:
        down = tl.program_id(0) // end3
        mean, m2 = spread(stored.to(ACC), here, tl.minimum(M - down * ROWS, ROWS).to(ACC), ACC)
        column = down * (N0 + N1 + N2 + N3) + one_of(tile, end0, end1, end2, 0, N0, N0 + N1, N0 + N1 + N2) + cols
        tl.store(means + column, mean, mask=live)
        tl.store(m2s + column, m2, mask=live)


# ---- the launch --------------------------------------------------------------


def configurations(k: int, widths: Sequence[int], itemsize: int, shared: int) -> list[Configuration]:
    """Those of a 1x1 convolution as wide as the widest."""
    return walking(k, max(widths), itemsize, shared)


def launch(choice: Configuration, x: Tensor, weights: Sequence[Tensor], each: Sequence[Vectors], eps: Sequence[float],
           outs: Sequence[Tensor], relu: bool, parts: Tensor | None = None) -> None:  # fmt: skip
    """Run `choice` into `outs`; x and they have pitches.

    The partial means and M2s [2, P, all columns] of `choice.rows` rows each go into `parts`, where it is given.
    """
    n, k, h, w = x.shape
    numbers, pointers = {}, []
    for i in range(MOST):
        here = i < len(outs)
        numbers[f"N{i}"] = outs[i].shape[1] if here else 0
        numbers[f"Z{i}"] = pitch(outs[i]) if here else 0
        numbers[f"EPS{i}"] = eps[i] if here else 0.0
        numbers[f"BIAS{i}"] = here and each[i][0] is not None
    for column in zip(*each, strict=True):
        there = next((t for t in column if t is not None), x)  # stands where nothing is, and is not looked at
        pointers += _full([there if t is None else t for t in column], there)
    across = sum(cdiv(z.shape[1], choice.cols) for z in outs)
    routed[(cdiv(n * h * w, choice.rows) * across,)](
        x, *_full(weights, x), *pointers, *_full(outs, x), *((x, x) if parts is None else parts), n * h * w,
        **numbers, K=k, X=pitch(x), NORM=each[0][3] is not None, AFFINE=each[0][1] is not None, RELU=relu,
        STATISTICS=parts is not None, ACC=language_type(x.dtype), PRECISION=precision(x.dtype),
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip


def _full(tensors: Sequence[Tensor], fill: Tensor) -> list[Tensor]:
    return [*tensors, *[fill] * (MOST - len(tensors))]


def write(outs: Sequence[Tensor], x: Tensor, weights: Sequence[Tensor], vectors: Sequence[Tensor],
          given: Sequence[bool], eps: Sequence[float], relu: bool) -> None:  # fmt: skip
    """Fill `outs` by whatever is fastest for these shapes here."""
    whole, each = [w.contiguous() for w in weights], of_each(vectors, given)

    def run(choice: Choice) -> Sequence[Tensor]:
        if choice is not None:
            launch(choice, x, whole, each, eps, outs, relu)
            return outs
        for out, z in zip(outs, reference(x, weights, vectors, given, eps, relu), strict=True):
            out.copy_(z)
        return outs

    widths = [w.shape[0] for w in weights]
    rowed = pitch(x) is not None and all((pitch(z) or 1) % 8 == 0 and z.dtype == x.dtype for z in outs)
    takes = rowed and 0 < len(outs) <= MOST and x.numel() > 0 and alike(vectors, given)
    if not takes or not dispatch.takes(x, x.shape[1], *widths):
        run(TORCH)
        return
    found = configurations(x.shape[1], widths, x.element_size(), fitting(x.device))
    rows = dispatch.rounded(x.numel() // x.shape[1])
    shape = (x.shape[1], *widths, rows, given[3], precision(x.dtype))
    run(dispatch.choose("conv1x1_many", shape, x, found, run))


# ---- for PyTorch -------------------------------------------------------------


_GIVEN = ("Tensor x", "Tensor[] weights", "Tensor[] vectors", "bool[] given", "float[] eps", "bool relu")


@operator("conv1x1_many", *_GIVEN, returns="Tensor[]")
def conv1x1_many(x: Tensor, weights: Sequence[Tensor], *rest: Any) -> list[Tensor]:
    """As `reference`, with channels_last results."""
    outs = results(x, weights)
    write(outs, x, weights, *rest)
    return outs


def results(x: Tensor, weights: Sequence[Tensor]) -> list[Tensor]:
    """Unwritten channels_last tensors, one for each of the weights."""
    return [empty(x.shape[0], w.shape[0], x.shape[2], x.shape[3], like=x) for w in weights]


@conv1x1_many.register_fake
def _(x, weights, vectors, given, eps, relu):
    return results(x, weights)


def _save(ctx: Any, inputs: tuple[Any, ...], output: list[Tensor]) -> None:
    x, weights, vectors, ctx.given, ctx.eps, ctx.relu = inputs
    ctx.count = len(weights)
    ctx.save_for_backward(x, *weights, *(output if ctx.relu else ()), *vectors)


def _gradients(ctx: Any, dzs: list[Tensor]) -> tuple[Any, ...]:
    x, *rest = ctx.saved_tensors
    weights, rest = rest[: ctx.count], rest[ctx.count :]
    zs, vectors = (rest[: ctx.count], rest[ctx.count :]) if ctx.relu else ((), rest)
    gs = [torch.where(z > 0, dz, 0) for z, dz in zip(zs, dzs, strict=True)] if ctx.relu else dzs
    each = of_each(vectors, ctx.given)
    across = [scaled(*one) for one in zip(weights, each, ctx.eps, strict=True)]
    dx, raw = products(torch.cat(gs, 1), x, torch.cat(across), torch.cat(weights), 1, ctx.needs_input_grad[0], True)
    dws, of_vectors = [], []
    parts = raw.split([w.shape[0] for w in weights])
    for g, part, w, own, eps in zip(gs, parts, weights, each, ctx.eps, strict=True):
        total = g.sum((0, 2, 3), dtype=wide(g))
        dw, *found = epilogue_gradients(part, total, w, own, eps, (True,) * 4)
        dws.append(dw.to(w.dtype))
        wanted = zip((*found, None, None), own, strict=True)
        of_vectors += [None if grad is None else grad.to(t.dtype) for grad, t in wanted if t is not None]
    return dx, dws, of_vectors, None, None, None


conv1x1_many.register_autograd(_gradients, setup_context=_save)


@operator("conv1x1_many_into", *_GIVEN, returns="()", writes="outs", written="Tensor(a!)[]")
def conv1x1_many_into(outs: Sequence[Tensor], x: Tensor, weights: Sequence[Tensor], *rest: Any) -> None:
    """As `conv1x1_many`, into `outs`, such as slices of a concatenation's channels. It has no gradient."""
    write(outs, x, weights, *rest)


@conv1x1_many_into.register_fake
def _(outs, x, weights, vectors, given, eps, relu):
    return None
