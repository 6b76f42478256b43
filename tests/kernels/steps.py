"""How tests hold a module with kernels against the same without."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def frozen(model: nn.Module) -> nn.Module:
    """It trains, but its batch norms do not."""
    for module in model.train().modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    return model


STATES = {"evaluation": nn.Module.eval, "training": nn.Module.train, "frozen": frozen}


def same(a: Tensor, b: Tensor, close: float = 2e-5) -> None:
    assert a.dtype == b.dtype
    assert (a.double() - b.double()).abs().max() <= close * max(1.0, b.abs().max().item())


def step(model: nn.Module, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The result, and the gradients of x and the parameters."""
    x = x.clone().requires_grad_()
    z = model(x)
    (z * torch.linspace(-1, 1, z.numel()).view(z.shape)).sum().backward()
    return z, [x.grad, *(p.grad for p in model.parameters())]


def scattered(model: nn.Module) -> nn.Module:
    """With batch norms that are far from what they begin as."""
    for norm in model.modules():
        if isinstance(norm, nn.BatchNorm2d):
            for tensor in (norm.weight, norm.bias, norm.running_mean):
                if tensor is not None:
                    nn.init.normal_(tensor)
            if norm.running_var is not None:
                nn.init.uniform_(norm.running_var, 0.5, 2)
    return model
