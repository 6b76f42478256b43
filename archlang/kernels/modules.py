"""Which modules a kernel stands for, and what it takes from them."""

# pyright: basic
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed, nn

from archlang.kernels import dispatch
from archlang.kernels.activation import NONE, RELU, Activation, activate, number
from archlang.kernels.epilogue import Vectors

Conv = nn.Conv2d | Any
"""A convolution, which may be an item of an `nn.Sequential`: a type checker knows it for an `nn.Module` only."""

Norm = nn.BatchNorm2d | Any
"""A batch norm, in the same way."""


def fits(x: Tensor, conv: nn.Conv2d, bn: nn.BatchNorm2d | None, residual: Tensor | None) -> bool:
    """Whether the kernel is these modules, and takes this tensor."""
    if x.dim() != 4 or not is_pointwise(conv) or not (bn is None or plain_norm(bn)):
        return False
    if x.shape[1] != conv.in_channels or not dispatch.takes(x, conv.in_channels, conv.out_channels):
        return False
    if torch.is_autocast_enabled(x.device.type) is False and conv.weight.dtype != x.dtype:
        return False
    step = conv.stride[0]
    shape = (x.shape[0], conv.out_channels, (x.shape[2] - 1) // step + 1, (x.shape[3] - 1) // step + 1)
    if bn is not None and (bn.num_features != shape[1] or (uses_batch(bn) and shape[0] * shape[2] * shape[3] <= 1)):
        return False
    return adds(x, residual, shape)


def prepares(x: Tensor, bn: nn.BatchNorm2d) -> bool:
    """Whether the kernel can apply this batch norm and a ReLU as it reads x [N, C, H, W], of the product's type."""
    alone = uses_batch(bn) and x.numel() <= x.shape[1]
    return plain_norm(bn) and bn.num_features == x.shape[1] and cast(x) is x and not alone


def is_pointwise(conv: nn.Module) -> bool:
    """Whether it is a 1x1 convolution of stride 1 or 2 and nothing more, without hooks that want to be called."""
    return (
        type(conv) is nn.Conv2d
        and not hooked(conv)
        and conv.kernel_size == (1, 1)
        and conv.stride in ((1, 1), (2, 2))
        and conv.padding in ((0, 0), "valid", "same")
        and conv.groups == 1
    )


def padding_of(conv: nn.Module) -> tuple[int, ...] | None:
    """The rows and columns of zeros around, of a convolution that is `nn.Conv2d` and no more; else None."""
    if type(conv) is not nn.Conv2d or hooked(conv) or conv.padding_mode != "zeros":
        return None
    if not isinstance(conv.padding, str):
        return conv.padding
    around = tuple(d * (k - 1) for d, k in zip(conv.dilation, conv.kernel_size, strict=True))
    if conv.padding == "valid" or not any(around):
        return 0, 0
    return None if any(size % 2 for size in around) else tuple(size // 2 for size in around)


def plain_norm(bn: nn.Module) -> bool:
    """Whether it is `nn.BatchNorm2d`, or does what that does: one that synchronises does where it need not."""
    kind = type(bn) is nn.BatchNorm2d or (type(bn) is nn.SyncBatchNorm and not synchronises(bn))
    return kind and not hooked(bn) and (bn.running_mean is None) == (bn.running_var is None)


def synchronises(bn: nn.Module) -> bool:
    """Whether it is `nn.SyncBatchNorm`, and other ranks have a part in its statistics now."""
    if type(bn) is not nn.SyncBatchNorm or not bn.training or hooked(bn):
        return False
    there = distributed.is_available() and distributed.is_initialized()
    return there and distributed.get_world_size(bn.process_group or distributed.group.WORLD) > 1


def hooked(module: nn.Module) -> bool:
    """Whether somebody wants to be called when it runs."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return any(getattr(module, name) for name in hooks)


def adds(x: Tensor, residual: Tensor | None, shape: tuple[int, ...]) -> bool:
    """Whether the residual is added without broadcasting or a change of type."""
    return residual is None or (tuple(residual.shape) == tuple(shape) and residual.dtype == x.dtype)


def cast(x: Tensor) -> Tensor:
    """x as autocast would have a convolution read it. The batch norm's vectors stay as they are."""
    kind = x.device.type
    if kind not in ("cpu", "cuda") or not torch.is_autocast_enabled(kind) or not x.is_floating_point():
        return x
    return x if x.dtype == torch.float64 else x.to(torch.get_autocast_dtype(kind))


def finished(y: Tensor, residual: Tensor | None, act: int) -> Tensor:
    """`act(y + residual)` on PyTorch's own operations."""
    if residual is not None:
        y = y + residual
    return activate(y, act)


def ending(relu: bool, activation: Activation | Any) -> int | None:
    """What a call ends in, by number: `activation`, or ReLU where `relu` asks for it and there is none.

    None is for what runs by itself behind the kernel: one that kernels do not have, or a module with hooks.
    """
    if activation is None:
        return RELU if relu else NONE
    return None if isinstance(activation, nn.Module) and hooked(activation) else number(activation)


def behind(z: Tensor, activation: Activation | Any, out: Tensor | None = None) -> Tensor:
    """What an activation that no kernel takes in makes of z, written to `out` where that is given."""
    return activation(z) if out is None else out.copy_(activation(z))


def parameters(*modules: nn.Module | None) -> list[Tensor]:
    """What they learn."""
    return [p for module in modules if module is not None for p in module.parameters()]


def wants_gradient(*tensors: Tensor | None) -> bool:
    """Whether a gradient goes back to one of them."""
    return torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)


def uses_batch(bn: nn.BatchNorm2d) -> bool:
    """Whether it normalises by the statistics of what it is given."""
    return bn.training or (bn.running_mean is None and bn.running_var is None)


def vectors(conv: nn.Conv2d, bn: nn.BatchNorm2d | None) -> Vectors:
    """What stands behind the product of the two."""
    if bn is None:
        return conv.bias, None, None, None, None
    return conv.bias, bn.weight, bn.bias, bn.running_mean, bn.running_var


@torch.no_grad()
def track(bn: Norm, mean: Tensor, var: Tensor, count: int | Tensor) -> None:
    """Move the running statistics as `nn.BatchNorm2d` does: towards the mean and the unbiased variance."""
    if not bn.training or not bn.track_running_stats or bn.running_mean is None or bn.running_var is None:
        return
    weight: Tensor | float = 0.0 if bn.momentum is None else bn.momentum
    if bn.num_batches_tracked is not None:
        bn.num_batches_tracked.add_(1)
        if bn.momentum is None:
            weight = (1.0 / bn.num_batches_tracked).to(bn.running_mean.dtype)
    bn.running_mean.lerp_(mean.to(bn.running_mean.dtype), weight)
    bn.running_var.lerp_((var * (count / (count - 1))).to(bn.running_var.dtype), weight)
