"""A 1x1 convolution and the batch norm, residual and ReLU behind it, in training: one operator, both ways.

    y = relu(bn_in(x)) · wᵀ + bias, or x · wᵀ + bias        z = act(bn(y) + residual)

Forth: the product leaves the statistics of y (`training.py`), then one pass makes z (`block_end.py`).

Back, of what was kept (x, y and, with a residual, one bit of each z):

    dz, bits or y ──▶ Σ g, Σ g (y - mean), and g where it is the residual's gradient
                  ──▶ dgamma, dbeta, and a line (s, u, v) per channel
    g, y, w, x    ──▶ dgrad: dx, or g_in with Σ g_in and Σ g_in (x - mean_in)
    g, y, x       ──▶ wgrad: dw
    g_in, x       ──▶ dx, along the line of the batch norm in front

dy is never stored, and neither is what the product read. Each of the two products is
timed against PyTorch's, for which dy is made first; what is fastest together runs.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from archlang.kernels import bn_backward, dispatch
from archlang.kernels.activation import BITS, CLIPS, EVERYTHING, NONE, gradient, remade
from archlang.kernels.block_end import normalised, prepared_apart
from archlang.kernels.bn_backward import Norm
from archlang.kernels.conv1x1_op import products
from archlang.kernels.mask import packed
from archlang.kernels.prologue import Before, before_of
from archlang.kernels.rows import empty, rowed, wide
from archlang.kernels.schema import BEFORE, operator
from archlang.kernels.streaming import shape_of
from archlang.kernels.training import measured_product
from archlang.kernels.way_back import Factors, both_products


@operator("conv1x1_block", "Tensor x", "Tensor w", "Tensor? bias, Tensor? gamma, Tensor? beta", "Tensor? residual",
          "int stride", "float eps", "int act", "bool keep", BEFORE,
          returns="(Tensor, Tensor, Tensor, Tensor, Tensor)")  # fmt: skip
def conv1x1_block(
    x: Tensor, w: Tensor, bias: Tensor | None, gamma: Tensor | None, beta: Tensor | None, residual: Tensor | None,
    stride: int, eps: float, act: int, keep: bool, *before: Any,
) -> tuple[Tensor, ...]:  # fmt: skip
    """z, y, its mean and biased variance, and the mask: empty unless there are a residual and an `act`, and `keep`."""
    y, mean, var = measured_product(x, w, bias, stride, before_of(*before))
    bits = keep and residual is not None
    z, mask = normalised(y, mean, var, gamma, beta, residual, eps, act, bits)
    return z, y, mean, var, mask


@conv1x1_block.register_fake
def _(x, w, bias, gamma, beta, residual, stride, eps, act, keep, *_: Any):
    n, c, h, width = shape_of(x, w, stride)
    bits = (n, h, width, c // 8) if keep and act and residual is not None else (0,)
    z, y = (empty(n, c, h, width, like=x) for _ in range(2))
    mean, var = (x.new_empty(c, dtype=wide(x)) for _ in range(2))
    return z, y, mean, var, x.new_empty(bits, dtype=torch.uint8)


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    x, w, bias, gamma, beta, residual, ctx.stride, ctx.eps, ctx.act, keep, *before = inputs
    _, y, mean, var, mask = output
    if residual is not None and ctx.act not in (NONE, *CLIPS):
        raise RuntimeError("conv1x1_block with a residual has a gradient with ReLU, ReLU6 or nothing behind it")
    if not keep:
        raise RuntimeError("conv1x1_block was asked to keep nothing for a gradient that is wanted now")
    ctx.mark_non_differentiable(*output[1:])
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(mask, y, mean, var, gamma, beta, x, w, *before[:4])
    ctx.rest_in, ctx.residual = before[4:], residual is not None
    ctx.bias = None if bias is None else bias.dtype


def _gradients(ctx: Any, dz: Tensor | None, *rest: Tensor | None) -> tuple[Any, ...]:
    skip = rest[4] if len(rest) > 4 else None
    if dz is None:
        return skip, *(None,) * 15
    mask, y, mean, var, gamma, beta, x, w, *before = ctx.saved_tensors
    need = ctx.needs_input_grad
    wants_x = any((need[0], need[12], need[13]))
    found = conv1x1_block_backward(
        dz, mask, y, mean, var, gamma, beta, x, w, *before, ctx.stride, ctx.eps, ctx.act,
        ctx.residual, *ctx.rest_in, wants_x, need[1], skip,
    )  # fmt: skip
    dx, dw, dr, *of_vectors = found
    dgamma, dbeta, dgamma_in, dbeta_in = (
        grad.to(t.dtype) if wanted and t is not None else None
        for grad, t, wanted in zip(of_vectors, (gamma, beta, *before[2:]), (*need[3:5], *need[12:14]), strict=True)
    )
    db = mean.new_zeros(len(mean), dtype=ctx.bias) if need[2] else None  # what the batch norm takes away again
    dx, dw, dr = (t if wanted else None for t, wanted in ((dx, need[0]), (dw, need[1]), (dr, need[5])))
    return dx, dw, db, dgamma, dbeta, dr, *(None,) * 6, dgamma_in, dbeta_in, None, None


conv1x1_block.register_autograd(_gradients, setup_context=_save)


class Forked(torch.autograd.Function):
    """`conv1x1_block`, and x itself for a second reader, whose gradient comes back to the same place."""

    @staticmethod
    def forward(x: Tensor, *rest: Any) -> tuple[Tensor, ...]:
        """The results of `conv1x1_block`, and x."""
        return *conv1x1_block(x, *rest), x.view_as(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        """Keep what `conv1x1_block` keeps."""
        _save(ctx, inputs, output[:5])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Any, ...]:
        """The gradients of `conv1x1_block`, with that of the second reader in x's."""
        return _gradients(ctx, *grads)


# ---- the way back ------------------------------------------------------------


@torch.library.custom_op("archlang::conv1x1_block_backward", mutates_args=())
def conv1x1_block_backward(
    dz: Tensor,
    mask: Tensor,
    y: Tensor,
    mean: Tensor,
    var: Tensor,
    gamma: Tensor | None,
    beta: Tensor | None,
    x: Tensor,
    w: Tensor,
    mean_in: Tensor | None,
    var_in: Tensor | None,
    gamma_in: Tensor | None,
    beta_in: Tensor | None,
    stride: int,
    eps: float,
    act: int,
    residual: bool,
    eps_in: float,
    batch_in: bool,
    wants_x: bool,
    wants_w: bool,
    skip: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """dx, dw, dresidual, dgamma, dbeta, dgamma_in and dbeta_in; empty are those that there are not, or nobody wants.

    `skip` is what x has of a gradient by another way: it is in dx too.
    """
    before = before_of(mean_in, var_in, gamma_in, beta_in, eps_in, batch_in)
    norm = Norm(mean, var, gamma, beta, eps)
    n, c, h, width = y.shape
    dr = empty(n if residual else 0, c, h, width, like=y)
    if not dispatch.takes(y, *w.shape[:2]) or not y.numel():
        return _on_pytorch(dz, mask, y, norm, x, w, before, stride, act, residual, wants_x, wants_w, skip)
    d, passing = rowed(dz), EVERYTHING if act == NONE else BITS if residual else remade(act)
    partial = bn_backward.summed(d, mask, y, norm, passing, dr if residual else None)
    dgamma, dbeta, line = bn_backward.lay(partial, norm, True, y.numel() // c)
    g, passing = (dr, EVERYTHING) if residual else (d, passing)
    factors = Factors(
        g, y, line, rowed(x), w.contiguous(), before, stride, passing, None if skip is None else rowed(skip)
    )
    dx, dw, dgamma_in, dbeta_in = both_products(factors, wants_x, wants_w)
    return dx, dw, dr, dgamma, dbeta, dgamma_in, dbeta_in


@conv1x1_block_backward.register_fake
def _(dz, mask, y, mean, var, gamma, beta, x, w, mean_in, var_in, gamma_in, beta_in, stride, eps, act, residual,
      eps_in, batch_in, wants_x, wants_w, skip):  # fmt: skip
    n, c, h, width = y.shape
    k = x.shape[1] if mean_in is not None and wants_x else 0
    vectors = [y.new_empty(size, dtype=wide(y)) for size in (c, c, k, k)]
    dx = empty(x.shape[0] if wants_x else 0, *x.shape[1:], like=x)
    return dx, w.new_empty(w.shape if wants_w else (0,)), empty(n if residual else 0, c, h, width, like=y), *vectors


def _on_pytorch(
    dz: Tensor, mask: Tensor, y: Tensor, norm: Norm, x: Tensor, w: Tensor, before: Before | None, stride: int,
    act: int, residual: bool, wants_x: bool, wants_w: bool, skip: Tensor | None,
) -> Any:  # fmt: skip
    """The same without kernels, step by step."""
    n, c, h, width = y.shape
    if act and not residual:
        dz = gradient(dz, normalised(y, *norm[:4], None, norm.eps, NONE, False)[0], act)
    masked = act != NONE and residual
    dy, g, dgamma, dbeta = bn_backward.reference(dz, mask, y, *norm[:3], norm.eps, masked, True)
    a = prepared_apart(x, before)
    da, dw = products(dy, a, w, w, stride, wants_x, wants_w)
    of_before = [y.new_empty(0, dtype=wide(y)) for _ in range(2)]
    if wants_x and before is not None:
        da, _, *of_before = bn_backward.reference(da, packed(a), x, *before[:3], before.eps, True, before.batch)
    dx = empty(len(x) if wants_x else 0, *x.shape[1:], like=x)
    if wants_x:
        dx.copy_(da if skip is None else da + skip)
    dr = empty(n if residual else 0, c, h, width, like=y)
    dr.copy_(g if residual else dr)
    return dx, dw if wants_w else w.new_empty(0), dr, dgamma, dbeta, *of_before
