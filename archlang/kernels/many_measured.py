"""Parallel 1x1 convolutions before batch norms that train: their results, and the statistics of all, in one product.

    y_i = x · w_iᵀ + bias_i        mean_i = Σ y_i / n        var_i = Σ (y_i - mean_i)² / n

As in `training.py` each tile leaves the mean and M2 of what it has stored, the columns
of all results side by side, and `statistics.joined` joins them in one order.

Gradients: those of the convolutions, all results side by side in PyTorch's products.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from archlang.kernels import dispatch, statistics
from archlang.kernels.conv1x1_op import products
from archlang.kernels.dispatch import Choice
from archlang.kernels.machine import fitting, precision
from archlang.kernels.many import MOST, alike, configurations, launch, of_each, reference, results
from archlang.kernels.rows import pitch, wide


def made(x: Tensor, weights: Sequence[Tensor], biases: Sequence[Tensor], given: Sequence[bool]) -> list[Tensor]:
    """Each y_i, then mean and var of all [Σ Cout_i], by whatever is fastest for these shapes here."""
    whole, m = [w.contiguous() for w in weights], x.numel() // x.shape[1]
    words = [word for there in given for word in (there, False, False, False, False)]
    eps = [0.0] * len(weights)

    def run(choice: Choice) -> list[Tensor]:
        if choice is None:
            ys = reference(x, weights, biases, words, eps, False)
            ys = [y.contiguous(memory_format=torch.channels_last) for y in ys]
            each = zip(*(statistics.measured(y) for y in ys), strict=True)
            return [*ys, *(torch.cat(vectors) for vectors in each)]
        ys = results(x, weights)
        down = -(-m // choice.rows)
        parts = x.new_empty((2, down, sum(w.shape[0] for w in weights)), dtype=wide(x))
        launch(choice, x, whole, of_each(biases, words), eps, ys, False, parts)
        return [*ys, *statistics.joined(parts, choice.rows, m)]

    widths = [w.shape[0] for w in weights]
    takes = pitch(x) is not None and 0 < len(weights) <= MOST and m > 0 and alike(biases, words)
    if not takes or not dispatch.takes(x, x.shape[1], *widths):
        return run(None)
    found = configurations(x.shape[1], widths, x.element_size(), fitting(x.device))
    shape = (x.shape[1], *widths, dispatch.rounded(m), precision(x.dtype))
    return run(dispatch.choose("conv1x1_many_measured", shape, x, found, run))


@torch.library.custom_op("archlang::conv1x1_many_measured", mutates_args=())
def conv1x1_many_measured(
    x: Tensor, weights: Sequence[Tensor], biases: Sequence[Tensor], given: Sequence[bool]
) -> list[Tensor]:
    """As `made`; `given` says which of the convolutions have one of the biases."""
    return made(x, weights, biases, given)


@conv1x1_many_measured.register_fake
def _(x, weights, biases, given):
    vectors = (x.new_empty(sum(w.shape[0] for w in weights), dtype=wide(x)) for _ in range(2))
    return [*results(x, weights), *vectors]


def _save(ctx: Any, inputs: tuple[Any, ...], output: list[Tensor]) -> None:
    x, weights, biases, ctx.given = inputs
    ctx.types = [bias.dtype for bias in biases]
    ctx.mark_non_differentiable(*output[-2:])
    ctx.save_for_backward(x, *weights)


def _gradients(ctx: Any, found: list[Tensor]) -> tuple[Any, ...]:
    x, *weights = ctx.saved_tensors
    dys = found[:-2]
    w = torch.cat(weights)
    dx, dw = products(torch.cat(dys, 1), x, w, w, 1, ctx.needs_input_grad[0], True)
    of_biases = [dy for dy, there in zip(dys, ctx.given, strict=True) if there]
    dbs = [dy.sum((0, 2, 3), dtype=wide(dy)).to(kind) for dy, kind in zip(of_biases, ctx.types, strict=True)]
    return dx, list(dw.split([one.shape[0] for one in weights])), dbs, None


conv1x1_many_measured.register_autograd(_gradients, setup_context=_save)
