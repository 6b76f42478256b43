"""How a part with kernels is held against the modules and against fp64: on a GPU, and in the interpreter."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from parts import Part, Residual
from torch import Tensor, nn
from trial_runs import outputs

from archlang.kernels import dispatch
from archlang.kernels.dispatch import Configuration

LIMITS = {torch.float32: 1e-5, torch.float16: 2e-3, torch.bfloat16: 1.6e-2}
"""The most that a result may be off, of the largest there is."""


@dataclass(frozen=True)
class Place:
    """Where and how large: the device, the first channels, the images and their size."""

    device: str
    channels: int
    images: int
    size: int

    def given(self, dtype: torch.dtype, seed: int = 0) -> Tensor:
        torch.manual_seed(seed)
        x = torch.randn(self.images, self.channels, self.size, self.size)
        return x.to(self.device, dtype).to(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Results:
    """What a part has computed, the gradients of it all, and what it remembers."""

    outputs: list[Tensor]
    gradients: list[Tensor]
    buffers: list[Tensor]


def made(kind: type[Part], place: Place, dtype: torch.dtype, state: Callable[[nn.Module], nn.Module]) -> Part:
    """The part on its device; batch norms are of fp32 and far from what they begin as."""
    torch.manual_seed(1)
    part = kind(place.channels).to(place.device, dtype).to(memory_format=torch.channels_last)
    for norm in part.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.float()
            for tensor in (norm.weight, norm.bias, norm.running_mean):
                nn.init.normal_(tensor)
            nn.init.uniform_(norm.running_var, 0.5, 2)
    return state(part)


def without(part: nn.Module) -> nn.Module:
    """The same without kernels."""
    plain = copy.deepcopy(part)
    plain.kernels = False
    return plain


def ran(part: nn.Module, x: Tensor, *, gradients: bool) -> Results:
    x = x.clone(memory_format=torch.preserve_format).requires_grad_(gradients)
    with torch.set_grad_enabled(gradients):
        outputs = part(x)
    if not gradients:
        return Results(list(outputs), [], [])
    for z in outputs:
        z.backward(torch.linspace(-1, 1, z.numel(), device=z.device).view(z.shape).to(z.dtype), retain_graph=True)
    return Results(list(outputs), [x.grad, *(p.grad for p in part.parameters())], list(part.buffers()))


def off(found: Tensor, exact: Tensor) -> float:
    """The largest error, of the largest value."""
    return ((found.double() - exact.double()).abs().max() / exact.double().abs().max().clamp_min(1e-30)).item()


def check_against_fp64(
    kind: type[Part], place: Place, dtype: torch.dtype, state: Callable[[nn.Module], nn.Module], *, gradients: bool
) -> None:
    """Results are at most twice as far off as PyTorch's own, and under the limit of their type."""
    part, x = made(kind, place, dtype, state), place.given(dtype)
    plain, exact = without(part), without(part).double()
    ours, theirs, true = (ran(m, x.to(t), gradients=gradients) for m, t in (
        (part, dtype), (plain, dtype), (exact, torch.float64)))  # fmt: skip
    least = 2 * torch.finfo(dtype).eps
    for mine, other, one in zip(ours.outputs, theirs.outputs, true.outputs, strict=True):
        assert mine.dtype == other.dtype
        assert off(mine, one) <= LIMITS[dtype]
        assert off(mine, one) <= max(2 * off(other, one), least)
    for mine, other, one in zip(ours.gradients, theirs.gradients, true.gradients, strict=True):
        assert off(mine, one) <= max(2 * off(other, one), LIMITS[dtype])
    for mine, one in zip(ours.buffers, true.buffers, strict=True):
        assert off(mine, one) <= LIMITS[dtype]


def offered(
    kind: type[Part], place: Place, dtype: torch.dtype, state: Callable[[nn.Module], nn.Module], *, gradients: bool
) -> list[Configuration]:
    """What the dispatch may choose from for a part, PyTorch's path left out."""
    found: list[Configuration] = []
    real = dispatch.choose

    def watched(kernel, shape, like, choices, *args, **options):
        found.extend(choice for choice in choices if choice not in found)
        return real(kernel, shape, like, choices, *args, **options)

    dispatch.choose = watched
    try:
        ran(made(kind, place, dtype, state), place.given(dtype), gradients=gradients)
    finally:
        dispatch.choose = real
    return found


def check_each_configuration(
    kind: type[Part], place: Place, dtype: torch.dtype, state: Callable[[nn.Module], nn.Module], *, gradients: bool
) -> list[Configuration]:
    """As `check_against_fp64`, with one configuration after the other forced: those that were."""
    every = offered(kind, place, dtype, state, gradients=gradients)
    for choice in every:
        with dispatch.using(choice):
            check_against_fp64(kind, place, dtype, state, gradients=gradients)
    return every


def check_two_runs(kind: type[Part], place: Place, dtype: torch.dtype) -> None:
    """The same bits twice, forth and back."""
    part, x = made(kind, place, dtype, nn.Module.train), place.given(dtype)
    first, second = (ran(m, x, gradients=True) for m in (part, copy.deepcopy(part)))
    for name in ("outputs", "gradients", "buffers"):
        for a, b in zip(getattr(first, name), getattr(second, name), strict=True):
            assert torch.equal(a, b)


def losses(place: Place, steps: int, seed: int, *, kernels: bool) -> list[float]:
    """Of a small residual network that learns which corner of an image is bright."""
    torch.manual_seed(seed)
    network = Residual(place.channels).to(place.device).to(memory_format=torch.channels_last).train()
    network.kernels = kernels
    optimiser = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)
    drawn = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(steps):
        x, wanted = corners(place, drawn)
        loss = nn.functional.cross_entropy(network(x), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        found.append(loss.item())
    return found


def corners(place: Place, drawn: torch.Generator) -> tuple[Tensor, Tensor]:
    """Noise [N, 3, size, size] with one bright corner, and which of the four it is."""
    x = torch.randn(place.images, 3, place.size, place.size, generator=drawn)
    wanted = torch.randint(4, (place.images,), generator=drawn)
    half = place.size // 2
    for image, corner in zip(x, wanted.tolist(), strict=True):
        image[:, corner // 2 * half :, corner % 2 * half :][:, :half, :half] += 1
    return x.to(place.device).to(memory_format=torch.channels_last), wanted.to(place.device)


def check_network(plain: nn.Module, fused: nn.Module, given: list[Tensor]) -> None:
    """A network with kernels computes and learns what it does without: fp32, from the same parameters."""
    fused.load_state_dict(plain.state_dict())
    plain, fused = (m.to(memory_format=torch.channels_last) for m in (plain, fused))
    given = [x.to(memory_format=torch.channels_last) if x.ndim == 4 else x for x in given]
    exact = copy.deepcopy(plain).double().eval()
    with torch.no_grad():
        ours, theirs = (outputs(m.eval()(*given)) for m in (fused, plain))
        true = outputs(exact(*(x.double() for x in given)))
    limit = LIMITS[torch.float32]
    for mine, other, one in zip(ours, theirs, true, strict=True):
        assert off(mine, one) <= max(2 * off(other, one), limit)
    for m, inputs in ((plain, given), (fused, given), (exact, [x.double() for x in given])):
        torch.manual_seed(0)
        sum(one.square().mean() for one in outputs(m.train()(*inputs))).backward()
    learned = (m.named_parameters() for m in (fused, plain, exact))
    for (name, mine), (_, other), (_, one) in zip(*learned, strict=True):
        assert (mine.grad is None) == (other.grad is None), name
        assert mine.grad is None or off(mine.grad, one.grad) <= max(4 * off(other.grad, one.grad), 1e-3), name
    for (name, mine), (_, other) in zip(fused.named_buffers(), plain.named_buffers(), strict=True):
        assert off(mine, other) <= 10 * limit, name
