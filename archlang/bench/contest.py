"""A network against PyTorch's own ways of running it: the same weights, the same batch, each as a CUDA graph."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from archlang.bench import machine
from archlang.bench.captured import Replays
from archlang.bench.clock import clock
from archlang.bench.compiling import compiling
from archlang.bench.harness import Candidate, Plan, Ready, Tell, compare
from archlang.bench.result import Contest, Times
from archlang.bench.ways import OURS
from archlang.bench.work import ALLOWED, Inference, Training, Work, arithmetic, distance, settled, without_dropout
from archlang.model import Model
from archlang.passes.devices import Device, known_as
from archlang.passes.fuse import fusions
from archlang.passes.memory import memory
from archlang.passes.roofline import total
from archlang.passes.steps import Setting, known
from archlang.passes.steps import Work as Layers
from archlang.passes.with_kernels import with_kernels

_TUNED = {"max_autotune": True, "coordinate_descent_tuning": True}
_FROZEN = {**_TUNED, "freezing": True, "triton.enable_persistent_tma_matmul": True}
_ATEN = {**_TUNED, "max_autotune_conv_backends": "ATEN"}

_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "compile": {},
    "max-autotune": _TUNED,
    "frozen": _FROZEN,
    "aten": _ATEN,
    "kernels+compile": {},
}

_SETTLING = 16  # images that the running statistics are made of


def has_gpu() -> bool:
    """Whether there is a GPU to measure on."""
    return machine.at_hand().type == "cuda"


def contest(model: Model, setting: Setting, names: Sequence[str], times: Times, tell: Tell) -> Contest:
    """Measure `model` in a setting by the ways `names`, of `BASELINES` and `OURS`; eager is always among them."""
    device = machine.at_hand()
    shape = [known(size) for size in model.shapes[model.network.inputs[0]]]
    order = ["eager", *(name for name in names if name in OURS), *(name for name in names if name not in OURS)]
    order = list(dict.fromkeys(order))  # should time run out, it is a baseline's
    torch.manual_seed(0)
    with arithmetic(setting.dtype), without_dropout(), compiling():
        images = torch.randn(setting.images, *shape, device=device).to(memory_format=torch.channels_last)
        plain = settled(model.build().to(device), images[:_SETTLING])
        work = _work(model, plain, images, setting)
        found = compare(
            _candidates(model, work, order, device),
            clock(device),
            Plan(
                times.measure, times.limit, dict.fromkeys(work.compared, ALLOWED[setting.dtype]), "eager", times.within
            ),
            tell,
        )
    listed = known_as(machine.title(device))
    return Contest(
        model.name if model.variant is None else f"{model.name}@{model.variant}",
        "x".join(map(str, shape)),
        setting,
        machine.facts(device),
        tuple(sorted(found, key=lambda one: one.ours)),
        roofline(model, setting, listed) if listed is not None else None,
        listed,
        tuple(_notes(device, setting)),
    )


def _work(model: Model, plain: nn.Module, images: torch.Tensor, setting: Setting) -> Work:
    """What is measured; a step of training is compared with one in fp64 where that has room, else in fp32."""
    if not setting.training:
        return Inference(plain, images, setting.dtype)
    kept = 2 * known(memory(model.network, setting.images).saved)
    roomy = images.device.type != "cuda" or 1.5 * kept < torch.cuda.mem_get_info()[0]
    return Training(plain, images, setting.dtype, torch.float64 if roomy else torch.float32)


def roofline(model: Model, setting: Setting, device: Device) -> float | None:
    """The least seconds of the network with its fusions run as kernels; None where the device lacks the type."""
    if setting.dtype not in device.peak:
        return None
    launches = with_kernels(Layers(model.network, setting), fusions(model.network))
    return total(device, setting.dtype, launches).floor


def _notes(device: torch.device, setting: Setting) -> list[str]:
    found = []
    if device.type != "cuda":
        found.append("there is no GPU here: kernels run on PyTorch's own operations, and nothing is said of any GPU")
    if setting.training:
        found.append("a step is forward, loss, backward and an update by SGD with momentum; dropout is left out")
    return found


def _candidates(model: Model, work: Work, names: Sequence[str], device: torch.device) -> list[Candidate]:
    replays = Replays(device)

    def prepare(name: str) -> Callable[[], Ready]:
        def made() -> Ready:
            module = model.build(kernels=name in OURS)
            return _ready(work, module.to(device), _OPTIONS.get(name), replays)

        return made

    return [Candidate(name, prepare(name), ours=name in OURS) for name in names]


def _ready(work: Work, module: nn.Module, options: Mapping[str, Any] | None, replays: Replays) -> Ready:
    """Run it, capture it, and compare what a replay gives on images that it has not met."""

    def wrap(own: nn.Module) -> Any:
        return own if options is None else torch.compile(own, options=dict(options) or None, dynamic=False)

    run, results = work.task(module, wrap)
    work.show(0)
    made = replays.capture(run)
    work.reset(module)
    work.show(1)
    made.run()
    found, wanted = results(), work.reference()
    errors = {what: distance(found[what], wanted[what]) for what in work.compared}
    return Ready(made.run, errors, made.first, made.peak)
