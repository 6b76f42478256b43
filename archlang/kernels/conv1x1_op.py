"""The streaming 1x1 convolution as operators of PyTorch, with gradients.

Gradients, with g = dz where the ReLU (or ReLU6) let z pass, and G = gᵀ·x:

    dx = g · (w * scale)      dw = scale * G      dresidual = g      dbeta = Σ g      dbias = scale * Σ g
    dgamma = (Σ_k w * G + (bias - mean) * Σ g) / sqrt(var + eps)

The products of the way back are PyTorch's own.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from archlang.kernels.activation import CLIPS, NONE, passes
from archlang.kernels.block_end import again, prepared_apart, through
from archlang.kernels.epilogue import Vectors, scale_of
from archlang.kernels.prologue import before_of
from archlang.kernels.rows import empty, pitch, wide
from archlang.kernels.schema import BEFORE, VECTORS, operator
from archlang.kernels.streaming import made, reference, shape_of

_GIVEN = ("Tensor x", "Tensor w", VECTORS, "Tensor? residual", "int stride", "float eps", "int act", BEFORE)


@operator("conv1x1", *_GIVEN)
def conv1x1(x: Tensor, w: Tensor, *rest: Any) -> Tensor:
    """As `reference`, with a channels_last result; mean_in to batch_in are `Before`, the batch norm in front."""
    *vectors, residual, stride, eps, act = rest[:9]
    return made(None, x, w, tuple(vectors), residual, stride, eps, act, before_of(*rest[9:]))


@conv1x1.register_fake
def _(x, w, bias, gamma, beta, mean, var, residual, stride, *_: Any):
    return empty(*shape_of(x, w, stride), like=x)


def _save(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, w, bias, gamma, beta, mean, var, residual, ctx.stride, ctx.eps, ctx.act, *before = inputs
    if ctx.act not in (NONE, *CLIPS):
        raise RuntimeError("conv1x1 has a gradient with ReLU, ReLU6 or nothing behind it")
    ctx.rest_in = before[4:]
    ctx.save_for_backward(x, w, bias, gamma, mean, var, output if ctx.act else None, *before[:4])
    ctx.types = [None if t is None else t.dtype for t in (bias, gamma, beta, residual)]


def _gradients(ctx: Any, dz: Tensor) -> tuple[Any, ...]:
    x, w, bias, gamma, mean, var, z, *vectors_in = ctx.saved_tensors
    before = before_of(*vectors_in, *ctx.rest_in)
    a, mask = again(x, before)
    g = dz if z is None else torch.where(passes(z, ctx.act), dz, 0)
    vectors = (bias, gamma, None, mean, var)
    need = ctx.needs_input_grad
    wants_x = any((need[0], need[13], need[14]))
    da, raw = products(g, a, scaled(w, vectors, ctx.eps), w, ctx.stride, wants_x, need[1] or need[3])
    dx, *of_before = through(da, mask, x, before)
    total = g.sum((0, 2, 3), dtype=wide(g)) if any(need[2:5]) else None
    of_epilogue = epilogue_gradients(raw, total, w, vectors, ctx.eps, need[1:5])
    kinds = zip((*of_epilogue, g), (w.dtype, *ctx.types), (*need[1:5], need[7]), strict=True)
    dw, db, dg, dbeta, dr = (t.to(kind) if wanted else None for t, kind, wanted in kinds)
    return dx, dw, db, dg, dbeta, None, None, dr, None, None, None, None, None, *of_before, None, None


def scaled(w: Tensor, vectors: Vectors, eps: float) -> Tensor:
    """The weights as the way back to x sees them: w * scale."""
    scale = scale_of(vectors[1], vectors[4], eps)
    return w if scale is None else (w * scale.view(-1, 1, 1, 1)).to(w.dtype)


def epilogue_gradients(
    raw: Any, total: Any, w: Tensor, vectors: Vectors, eps: float, need: Sequence[bool]
) -> tuple[Any, Any, Any, Any]:
    """The gradients of w, bias, gamma and beta, those that `need` asks for; raw is gᵀ·x, total Σ g."""
    bias, gamma, _, mean, var = vectors
    scale = scale_of(gamma, var, eps)
    if scale is None or mean is None or var is None:
        return raw, total, None, None
    dw = raw * scale.view(-1, 1, 1, 1) if need[0] else None
    dgamma: Any = None
    if need[2]:
        offset = -mean if bias is None else bias - mean
        r = torch.rsqrt(var.to(total.dtype) + eps)
        dgamma = ((w.to(total.dtype) * raw).sum((1, 2, 3)) + offset * total) * r
    return dw, total * scale if need[1] else None, dgamma, total


def products(g: Tensor, x: Tensor, across: Tensor, w: Tensor, stride: int, dx: bool, dw: bool) -> tuple[Any, Any]:
    """The gradients of x, by the weights `across`, and of w, by PyTorch's own products."""
    back = torch.ops.aten.convolution_backward
    rest = ([stride, stride], [0, 0], [1, 1], False, [0, 0], 1)
    of_x = back(g, x, across, None, *rest, [True, False, False])[0] if dx else None
    of_w = back(g, x, w, None, *rest, [False, True, False])[1] if dw else None
    return of_x, of_w


conv1x1.register_autograd(_gradients, setup_context=_save)


@operator("conv1x1_into", *_GIVEN, returns="()", writes="out")
def conv1x1_into(out: Tensor, x: Tensor, w: Tensor, *rest: Any) -> None:
    """As `conv1x1`, into `out`: a slice of a concatenation's channels, for one. It has no gradient."""
    bias, gamma, beta, mean, var, residual, stride, eps, act = rest[:9]
    before = before_of(*rest[9:])
    if pitch(out) is None or out.dtype != x.dtype:
        out.copy_(reference(prepared_apart(x, before), w, bias, gamma, beta, mean, var, residual, stride, eps, act))
    else:
        made(out, x, w, (bias, gamma, beta, mean, var), residual, stride, eps, act, before)


@conv1x1_into.register_fake
def _(out, *_: Any):
    return None
