"""Batch norm, add and ReLU by the statistics of all ranks: `nn.SyncBatchNorm` in training, in a group of several.

Each rank measures its own y, or has that done in the epilogue of the 1x1 before;
then one gather of mean, var and n [2 C + 1] a rank, and all join them in one order:

    n = Σ n_i        mean = Σ n_i mean_i / n        var = Σ n_i (var_i + (mean_i - mean)²) / n

On the way back dgamma and dbeta of the own rank are what the parameters get, for
DDP to average, and their sums over the ranks are what goes through the statistics:

    dy = s * g + u * (y - mean) + v        u = -gamma * r² * Σ dgamma_i / n        v = -gamma * r * Σ dbeta_i / n

where s * g, dgamma and dbeta are those of given statistics, and u and v are one
more pass over y, by the kernel of the way forth.
"""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn

from archlang.kernels.activation import NONE
from archlang.kernels.block_end import bn_apply
from archlang.kernels.modules import track, wants_gradient
from archlang.kernels.rows import wide
from archlang.kernels.statistics import Statistics, batch_statistics


@torch.compiler.disable(recursive=True)
def normalised(
    y: Tensor, bn: nn.SyncBatchNorm | Any, residual: Tensor | None, act: int, found: Statistics | None = None
) -> Tensor:
    """`act(bn(y) + residual)`; `found` are the mean and variance of this rank's y where they are known already."""
    group = bn.process_group or distributed.group.WORLD
    own = found or (Statistics(*batch_statistics(y.detach())) if y.numel() else _none(y))
    together, n = joined(own, y.numel() // y.shape[1], group)
    track(bn, *together, n)
    c = y.shape[1]
    gamma = y.new_ones(c, dtype=wide(y)) if bn.weight is None else bn.weight
    beta = y.new_zeros(c, dtype=wide(y)) if bn.bias is None else bn.bias
    keep = wants_gradient(y, residual, bn.weight, bn.bias)
    y, gamma, beta = Together.apply(y, gamma, beta, *together, n, bn.eps, group)
    return bn_apply(y, *together, gamma, beta, residual, bn.eps, act, False, keep)[0]


def _none(y: Tensor) -> Statistics:
    """Those of a rank without images."""
    return Statistics(*(y.new_zeros(y.shape[1], dtype=wide(y)) for _ in range(2)))


def joined(own: Statistics, n: int, group: Any) -> tuple[Statistics, Tensor]:
    """The statistics of all ranks of `group`, each with `n` pixels of its own, and the pixels of all."""
    mine = torch.cat([*own, own.mean.new_full((1,), n)])
    everybody = [torch.empty_like(mine) for _ in range(distributed.get_world_size(group))]
    distributed.all_gather(everybody, mine, group)
    means, variances, counts = torch.stack(everybody).split([len(own.mean), len(own.mean), 1], 1)
    total = counts.sum()
    mean = (means * counts).sum(0) / total
    var = ((variances + (means - mean).square()) * counts).sum(0) / total
    return Statistics(mean, var), total


class Together(torch.autograd.Function):
    """y, gamma and beta as they are; on the way back what the statistics of all ranks add to the gradient of y."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor, n: Tensor, eps: float,
                group: Any) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """The first three."""
        ctx.save_for_backward(y, gamma, mean, var, n)
        ctx.eps, ctx.group = eps, group
        return y.view_as(y), gamma.view_as(gamma), beta.view_as(beta)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:
        """From those of given statistics: dy of this rank's y, dgamma and dbeta as they are."""
        dy, dgamma, dbeta = gradients
        if not ctx.needs_input_grad[0]:
            return None, dgamma, dbeta, None, None, None, None, None
        y, gamma, mean, var, n = ctx.saved_tensors
        sums = torch.stack([dgamma, dbeta]).to(mean.dtype)
        distributed.all_reduce(sums, group=ctx.group)
        r = torch.rsqrt(var + ctx.eps)
        u, v = -gamma * r * sums * torch.stack([r, torch.ones_like(r)]) / n
        dy = bn_apply(y, mean, torch.ones_like(var), u, v, dy, 0.0, NONE, False, False)[0]
        return dy, dgamma, dbeta, None, None, None, None, None
