"""The end of a residual block: batch norm, add, ReLU, in one pass, with a mask of one bit for the way back.

    z = act((y - mean) * gamma / sqrt(var + eps) + beta + residual)

It reads y and the residual and writes z: three values an element where the three
operations of their own take seven. For the gradient it keeps y and one bit of
each z, not z: bit i of byte j of a row says whether channel 8j + i passed.

Gradients, with g = dz where the bit is set, r = 1 / sqrt(var + eps), over n pixels:

    dbeta = Σ g        dgamma = r * Σ g (y - mean)        dresidual = g        dy = s * g + u * (y - mean) + v
    s = gamma * r      u = -gamma * r² * dgamma / n       v = -gamma * r * dbeta / n

where mean and var are of this y (training); where they are given, u and v are 0.
The sums are of each tile, added in one order: two runs give the same bits.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from archlang.kernels import bn_backward, dispatch
from archlang.kernels.activation import CLIPS, NONE, RELU, activate, activated
from archlang.kernels.dispatch import Configuration
from archlang.kernels.epilogue import Vectors, finish, fold
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.mask import packed
from archlang.kernels.prologue import Before
from archlang.kernels.rows import empty, pitch, rowed


def reference(
    y: Tensor,
    mean: Tensor,
    var: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    residual: Tensor | None = None,
    eps: float = 1e-5,
    act: int = RELU,
) -> Tensor:
    """What the kernel computes, on PyTorch's own operations: y [N, C, H, W] -> z [N, C, H, W]."""
    z = F.batch_norm(y, mean, var, gamma, beta, eps=eps)
    if residual is not None:
        z = z + residual
    return activate(z, act)


# ---- the kernels -------------------------------------------------------------


@jit("M")
def forward(
    y, residual, bias, gamma, beta, mean, var, z, mask, M,
    EPS: tl.constexpr, C: tl.constexpr, Y: tl.constexpr, R: tl.constexpr, Z: tl.constexpr,
    BIAS: tl.constexpr, NORM: tl.constexpr, AFFINE: tl.constexpr,
    RESIDUAL: tl.constexpr, ACT: tl.constexpr, MASK: tl.constexpr, ACC: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Program (p, c) makes rows p and channels c of z, and their bits; Y, R and Z are the pitches."""
    rows = (tl.program_id(0) * ROWS + tl.arange(0, ROWS)).to(tl.int64)[:, None]
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    live = cols < C
    here = (rows < M) & live[None, :]
    a = tl.load(y + rows * Y + cols[None, :], mask=here, other=0.0).to(ACC)
    scale, shift = fold(cols, live, bias, gamma, beta, mean, var, EPS, True, BIAS, NORM, AFFINE, ACC)
    a = finish(a, scale, shift, NORM, BIAS)
    if RESIDUAL:
        a += tl.load(residual + rows * R + cols[None, :], mask=here, other=0.0).to(ACC)
    a = activated(a, ACT).to(z.dtype.element_ty)  # the bit is of what is stored: a value may round to nothing
    if MASK:
        passed = (a > 0.0) & (a < 6.0) if ACT == 2 else a > 0.0
        bits = tl.reshape(passed.to(tl.int32), (ROWS, COLS // 8, 8)) << tl.arange(0, 8)[None, None, :]
        groups = tl.program_id(1) * (COLS // 8) + tl.arange(0, COLS // 8)[None, :]
        packed = tl.sum(bits, axis=2).to(tl.uint8)
        tl.store(mask + rows * (C // 8) + groups, packed, mask=(rows < M) & (groups < C // 8))
    tl.store(z + rows * Z + cols[None, :], a, mask=here)


# ---- the launch --------------------------------------------------------------


def apply(choice: Configuration, y: Tensor, vectors: Vectors, residual: Tensor | None, eps: float,
          act: int, z: Tensor, mask: Tensor | None) -> None:  # fmt: skip
    """Run the forward kernel into z, which has a pitch, and the mask where there is one."""
    n, c, h, w = y.shape
    grid = (cdiv(n * h * w, choice.rows), cdiv(c, choice.cols))
    forward[grid](
        y, y if residual is None else residual, *(y if v is None else v for v in vectors),
        z, z if mask is None else mask, n * h * w,
        EPS=eps, C=c, Y=pitch(y), R=0 if residual is None else pitch(residual), Z=pitch(z),
        BIAS=vectors[0] is not None, NORM=vectors[3] is not None, AFFINE=vectors[1] is not None,
        RESIDUAL=residual is not None, ACT=int(act), MASK=mask is not None, ACC=language_type(y.dtype),
        ROWS=choice.rows, COLS=choice.cols, num_warps=choice.warps,
    )  # fmt: skip


def normalised(
    y: Tensor,
    mean: Tensor,
    var: Tensor,
    gamma: Tensor | None,
    beta: Tensor | None,
    residual: Tensor | None,
    eps: float,
    act: int,
    keep: bool,
) -> tuple[Tensor, Tensor]:
    """As `reference`, by the kernel where it takes y, and the mask where `keep` and `act` ask for it."""
    n, c, h, w = y.shape
    z, mask = empty(n, c, h, w, like=y), _mask(y, act and keep)
    if not dispatch.takes(y, c):
        z.copy_(reference(y, mean, var, gamma, beta, residual, eps, act))
        if mask.numel():
            mask.copy_(packed(z, act))
    elif z.numel():
        a, r = rowed(y), None if residual is None else rowed(residual)

        def run(choice: Configuration) -> None:
            apply(choice, a, (None, gamma, beta, mean, var), r, eps, act, z, mask if act and keep else None)

        shape = (c, dispatch.rounded(n * h * w), residual is not None, int(act), keep)
        run(dispatch.pick("bn_apply", shape, y, bn_backward.configurations(c), run))
    return z, mask


def prepared_apart(x: Tensor, before: Before | None) -> Tensor:
    """What `prologue.prepared` makes of x as it is read, in a pass of its own."""
    if before is None:
        return x
    return normalised(x, *before[:4], None, before.eps, RELU, False)[0]


# ---- for PyTorch -------------------------------------------------------------


@torch.library.custom_op("archlang::bn_apply", mutates_args=())
def bn_apply(
    y: Tensor,
    mean: Tensor,
    var: Tensor,
    gamma: Tensor | None,
    beta: Tensor | None,
    residual: Tensor | None,
    eps: float,
    act: int,
    batch: bool,
    keep: bool,
) -> tuple[Tensor, Tensor]:
    """As `reference`, and the mask [N, H, W, C/8], which is empty unless asked for by `keep` and there is an `act`.

    `batch` says that mean and var are those of y itself, which its gradient then passes through.
    """
    return normalised(y, mean, var, gamma, beta, residual, eps, act, keep)


def _mask(y: Tensor, kept: int) -> Tensor:
    n, c, h, w = y.shape
    return y.new_empty((n, h, w, c // 8) if kept else (0,), dtype=torch.uint8)


@bn_apply.register_fake
def _(y, mean, var, gamma, beta, residual, eps, act, batch, keep):
    return empty(*y.shape, like=y), _mask(y, act and keep)


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    y, mean, var, gamma, beta, residual, ctx.eps, ctx.act, ctx.batch, keep = inputs
    if ctx.act not in (NONE, *CLIPS):
        raise RuntimeError("bn_apply has a gradient with ReLU, ReLU6 or nothing behind it")
    if ctx.act and not keep:
        raise RuntimeError("bn_apply was asked to keep nothing for a gradient that is wanted now")
    ctx.mark_non_differentiable(output[1])
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(y, mean, var, gamma, output[1])
    ctx.types = [None if t is None else t.dtype for t in (gamma, beta, residual)]


def _gradients(ctx: Any, dz: Tensor | None, _: Tensor | None) -> tuple[Any, ...]:
    if dz is None:
        return (None,) * 10
    y, mean, var, gamma, mask = ctx.saved_tensors
    need = ctx.needs_input_grad
    found = bn_backward.bn_backward(dz, mask, y, mean, var, gamma, ctx.eps, ctx.act != NONE, ctx.batch, need[5])
    dy, dr, dgamma, dbeta = found
    of_gamma, of_beta, of_residual = (
        t.to(kind) if wanted else None
        for t, kind, wanted in zip((dgamma, dbeta, dr), ctx.types, need[3:6], strict=True)
    )
    return dy, None, None, of_gamma, of_beta, of_residual, None, None, None, None


bn_apply.register_autograd(_gradients, setup_context=_save)


# ---- the way back of a prologue ----------------------------------------------


def again(x: Tensor, before: Before | None) -> tuple[Tensor, Tensor | None]:
    """What the convolution read, made once more of x, and the mask of its ReLU."""
    if before is None:
        return x, None
    return bn_apply(x, *before[:4], None, before.eps, RELU, before.batch, True)


def through(da: Tensor | None, mask: Tensor | None, x: Tensor, before: Before | None) -> tuple[Any, Any, Any]:
    """From the gradient of what the convolution read: those of x, and of gamma and beta of the batch norm before."""
    if da is None or mask is None or before is None:
        return da, None, None
    gamma, beta = before.gamma, before.beta
    found = bn_backward.bn_backward(da, mask, x, before.mean, before.var, gamma, before.eps, True, before.batch, False)
    dx, _, dgamma, dbeta = found
    return dx, None if gamma is None else dgamma.to(gamma.dtype), None if beta is None else dbeta.to(beta.dtype)
