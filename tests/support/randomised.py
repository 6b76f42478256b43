"""Numbers for a module of which none is special, and what a step of training does to its statistics."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def randomise(module: nn.Module, seed: int = 0) -> None:
    """Fill every parameter and running statistic, so that an initialisation hides no mistake.

    Weights are scaled by what they sum over, so that activations neither vanish nor blow up.
    """
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            tensor.copy_(_numbers(name.rpartition(".")[2], tensor, noise))


def _numbers(name: str, like: Tensor, noise: torch.Generator) -> Tensor:
    if name == "num_batches_tracked":
        return torch.tensor(3)
    drawn = torch.randn(like.shape, generator=noise)
    if name == "running_var" or (name == "weight" and like.ndim == 1):
        return 1 + 0.2 * drawn.clamp(-2, 2)
    if name.endswith("weight"):
        return drawn * (2 / prod(like.shape[1:])) ** 0.5
    return 0.1 * drawn if name in ("bias", "running_mean") else 0.3 * drawn


def settle(module: nn.Module, before: dict[str, Tensor], seed: int = 1) -> None:
    """Give each batch norm nearly the statistics of the batch that it has just seen in training.

    `before` is the `state_dict` of before that batch: a statistic moves from there towards the batch's by the
    layer's momentum. They are not quite the batch's, so that a forward by the wrong ones would differ.
    """
    noise = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for path, part in module.named_modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.momentum:
                old = [before[f"{path}.{name}"] for name in STATISTICS[:2]]
                mean, var = (
                    was + (now - was) / part.momentum
                    for was, now in zip(old, (part.running_mean, part.running_var), strict=True)
                )
                drawn = torch.randn((2, *mean.shape), generator=noise).clamp(-2, 2)
                part.running_var.copy_(var.clamp_min(1e-3) * (1 + 0.2 * drawn[0]))
                part.running_mean.copy_(mean + 0.2 * drawn[1] * part.running_var.sqrt())
