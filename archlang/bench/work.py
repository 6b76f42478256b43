"""The work that a network is measured at: inference of a batch, or a step of training, on random data.

Every candidate does it with a copy of the same weights, on the same tensors.
"""

# pyright: basic
from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_Norm = nn.modules.batchnorm._BatchNorm  # noqa: SLF001 - what all batch norms are

TYPES = {"fp32": torch.float32, "tf32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
ALLOWED = {"fp32": 1e-5, "tf32": 2e-3, "fp16": 2e-3, "bf16": 1.6e-2}
"""How far from the reference, as a part of its size, is right in any case, by type."""

_RATE = 1e-3  # of learning: the steps that are timed should not lead to infinities


@contextmanager
def arithmetic(dtype: str) -> Generator[None, None, None]:
    """Products of fp32 as `dtype` has them: `tf32` by tensor cores, all else exactly.

    cuDNN times its convolutions and takes the fastest, for all ways alike.
    """
    places: tuple[Any, ...] = (torch.backends.cuda.matmul, torch.backends.cudnn)
    before, timed = [place.allow_tf32 for place in places], torch.backends.cudnn.benchmark
    for place in places:
        place.allow_tf32 = dtype == "tf32"
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = timed
        for place, value in zip(places, before, strict=True):
            place.allow_tf32 = value


@contextmanager
def without_dropout() -> Generator[None, None, None]:
    """Dropout passes everything on: what is random cannot be compared."""
    names = ("dropout", "dropout1d", "dropout2d", "dropout3d")
    before = {name: getattr(F, name) for name in names}
    for name in names:
        setattr(F, name, _passed_on)
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(F, name, function)


def _passed_on(x: Tensor, *_: object, **__: object) -> Tensor:
    return x


def settled(module: nn.Module, images: Tensor) -> nn.Module:
    """`module` with the running statistics that `images` have in it, so that the numbers of a deep one stay small."""
    norms = [m for m in module.modules() if isinstance(m, _Norm)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad(), without_dropout():
        module.train()(images)
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
    return module


def cast(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """`module` in `dtype`, but for the norms' vectors and statistics, which stay in fp32."""
    for part in module.modules():
        if not isinstance(part, _Norm):
            for name, tensor in part.named_parameters(recurse=False):
                setattr(part, name, nn.Parameter(tensor.detach().to(dtype)))
    return module


def tensors(output: Any) -> list[Tensor]:
    """The tensors of a forward's result: one, or a tuple of them."""
    return [output] if isinstance(output, Tensor) else [t for one in output for t in tensors(one)]


def channels_last(module: nn.Module) -> nn.Module:
    """`module` with its weights as convolutions on channels_last maps want them."""
    to: Any = module.to
    return to(memory_format=torch.channels_last)


def _two(images: Tensor) -> tuple[Tensor, Tensor]:
    return images.clone(), torch.randn_like(images)


class Inference:
    """A forward pass without gradients of `images` [N, C, H, W], channels_last, in the type asked for."""

    compared = ("output",)

    def __init__(self, module: nn.Module, images: Tensor, dtype: str) -> None:
        self._module, self.images, self._type = module.eval(), images.to(TYPES[dtype]), TYPES[dtype]
        self._batches = _two(self.images)
        self._wanted: list[Tensor] | None = None

    def task(self, made: nn.Module, wrap: Callable[[nn.Module], Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
        """What runs `made` once, wrapped, and what gives its results after a run."""
        own = channels_last(cast(load(made, self._module).eval(), self._type))
        called = wrap(own)
        held: list[Any] = [None]

        def run() -> None:
            with torch.no_grad():
                held[0] = called(self.images)

        return run, lambda: {"output": tensors(held[0])}

    def show(self, batch: int) -> None:
        """Put batch 0 or 1 where the candidates look for their images."""
        self.images.copy_(self._batches[batch])

    def reset(self, made: nn.Module) -> None:
        """Nothing: a forward pass changes nothing."""

    def reference(self) -> dict[str, list[Tensor]]:
        """The results in fp64, of batch 1."""
        if self._wanted is None:
            exact = copy.deepcopy(self._module).double()
            with torch.no_grad():
                self._wanted = tensors(exact(self._batches[1].double()))
        return {"output": self._wanted}


class Training:
    """A step of SGD on random labels: forward, loss, backward, update; under autocast where the type is narrow.

    `exact` is the type of the step that all are compared with.
    """

    compared = ("loss", "gradients", "statistics")

    def __init__(self, module: nn.Module, images: Tensor, dtype: str, exact: torch.dtype = torch.float64) -> None:
        self._module, self.images, self._type, self._exact = module.train(), images, TYPES[dtype], exact
        self._batches = _two(images)
        self._labels: dict[tuple[int, ...], Tensor] = {}
        self._momenta: dict[int, torch.optim.SGD] = {}
        self._wanted: dict[str, list[Tensor]] | None = None

    def task(self, made: nn.Module, wrap: Callable[[nn.Module], Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
        """What runs a step of `made`, wrapped, and what gives its loss, gradients and statistics after one."""
        own = channels_last(load(made, self._module).train())
        called, held = wrap(own), [torch.zeros(())]
        sgd = torch.optim.SGD(own.parameters(), _RATE, momentum=0.9, fused=self.images.device.type == "cuda")
        self._momenta[id(own)] = sgd

        def run() -> None:
            sgd.zero_grad(set_to_none=True)
            with self._autocast():
                loss = self._loss(called(self.images))
            loss.backward()
            sgd.step()
            held[0] = loss.detach()

        return run, lambda: self._results(own, held[0])

    def _autocast(self) -> Any:
        if self._type == torch.float32:
            return nullcontext()
        return torch.autocast(self.images.device.type, dtype=self._type, cache_enabled=False)

    def _loss(self, output: Any) -> Tensor:
        scores = [one if one.dtype == torch.float64 else one.float() for one in tensors(output)]
        return torch.stack([self._loss_of(one) for one in scores]).sum()

    def _loss_of(self, scores: Tensor) -> Tensor:
        if scores.dim() != 2:
            return scores.square().mean()
        shape = tuple(scores.shape)
        if shape not in self._labels:
            self._labels[shape] = torch.randint(shape[1], shape[:1], device=scores.device)
        return F.cross_entropy(scores, self._labels[shape])

    def _results(self, own: nn.Module, loss: Tensor) -> dict[str, list[Tensor]]:
        grads = [p.grad for p in own.parameters() if p.grad is not None]
        return {
            "loss": [loss.clone()],
            "gradients": [grad.clone() for grad in grads],
            "statistics": [b.clone() for b in own.buffers() if b.is_floating_point()],
        }

    def show(self, batch: int) -> None:
        """Put batch 0 or 1 where the candidates look for their images."""
        self.images.copy_(self._batches[batch])

    def reset(self, made: nn.Module) -> None:
        """The weights and statistics that all began with, and no momentum."""
        load(made, self._module)
        for state in self._momenta[id(made)].state.values():
            state["momentum_buffer"].zero_()

    def reference(self) -> dict[str, list[Tensor]]:
        """The results in `exact`, of batch 1."""
        if self._wanted is None:
            exact = copy.deepcopy(self._module).train().to(self._exact)
            loss = self._loss(exact(self._batches[1].to(self._exact)))
            loss.backward()
            self._wanted = self._results(exact, loss.detach())
        return self._wanted


Work = Inference | Training


@torch.no_grad()
def load(made: nn.Module, source: nn.Module) -> nn.Module:
    """Copy the parameters and buffers of `source` into `made`, in place."""
    own = made.state_dict()
    for key, tensor in source.state_dict().items():
        own[key].copy_(tensor)
    return made


def distance(found: Sequence[Tensor], wanted: Sequence[Tensor]) -> float:
    """How far `found` is from `wanted`, all tensors as one, as a part of the size of `wanted`; NaN for what is none."""
    if [t.shape for t in found] != [t.shape for t in wanted]:
        return float("nan")
    away = sum(float((a.double() - b.double()).square().sum()) for a, b in zip(found, wanted, strict=True))
    size = sum(float(b.double().square().sum()) for b in wanted)
    return (away / size) ** 0.5 if size else away**0.5
