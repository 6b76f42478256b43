"""A network's own layers, each timed while the whole network runs: what one waits for, layer by layer.

Every call of PyTorch's in a forward is timed by itself. It belongs to the layer
whose module makes it; one that a forward makes itself, an addition, a function, to
the layers that stand in that statement of the emitted source.
"""

# pyright: basic
from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from statistics import median
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from archlang.bench import machine
from archlang.bench.clock import DeviceClock, HostClock, clock
from archlang.bench.harness import Tell
from archlang.bench.result import LayerTimes
from archlang.bench.work import Inference, arithmetic
from archlang.model import Model
from archlang.passes.steps import Setting, known
from archlang.report.emitted import Emitted

PASSES = 50
"""How often the network is run at most."""

_Spot = tuple[str, int]
"""A call: the path of the module whose code makes it, and the line of the emitted source, 0 in PyTorch's own."""


def by_layer(model: Model, setting: Setting, seconds: float, tell: Tell) -> LayerTimes:
    """Time the layers of `model` in inference, for about so many `seconds`; what is run in training alone has no time.

    A layer's time is the median of its times in all passes. Each call is waited for, so
    that the sum is more than a pass takes that runs without a stop.
    """
    device = machine.at_hand()
    shape = [known(size) for size in model.shapes[model.network.inputs[0]]]
    torch.manual_seed(0)
    with arithmetic(setting.dtype):
        plain = model.build().to(device)
        images = torch.randn(setting.images, *shape, device=device).to(memory_format=torch.channels_last)
        module = model.build().to(device)
        run, _ = Inference(plain, images, setting.dtype).task(module, lambda own: own)
        run()  # PyTorch chooses its convolutions
        watch = _Watch(module, sys.modules[type(module).__module__].__file__ or "", clock(device))
        found: list[dict[str, float]] = []
        tell("timing each layer")
        began = time.monotonic()
        while not found or (len(found) < PASSES and time.monotonic() - began < seconds):
            with watch:
                run()
            found.append(_shared(watch.taken(), _written(model)))
    names = [layer.name for layer in model.layers if any(layer.name in one for one in found)]
    return LayerTimes(
        model.name if model.variant is None else f"{model.name}@{model.variant}",
        "x".join(map(str, shape)),
        setting,
        machine.facts(device),
        len(found),
        {name: median(one.get(name, 0.0) for one in found) for name in names},
    )


class _Watch(TorchFunctionMode):
    """Times each call of PyTorch's that gives a tensor, while it is entered."""

    def __init__(self, module: nn.Module, file: str, clock: DeviceClock | HostClock) -> None:
        super().__init__()
        self._paths = {id(part): name for name, part in module.named_modules()}
        self._file, self._clock = file, clock
        self._taken: dict[_Spot, list[float]] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out the call, and take its time."""
        held: list[Any] = []
        seconds = self._clock.seconds(lambda: held.append(func(*args, **(kwargs or {}))), 1)
        if isinstance(held[0], Tensor | tuple | list):
            self._taken.setdefault(self._spot(sys._getframe(1)), []).append(seconds)  # noqa: SLF001 - who calls is asked
        return held[0]

    def _spot(self, frame: FrameType | None) -> _Spot:
        while frame is not None:
            path = self._paths.get(id(frame.f_locals.get("self")))
            if path is not None:
                return path, frame.f_lineno if frame.f_code.co_filename == self._file else 0
            frame = frame.f_back
        return "", 0

    def taken(self) -> dict[_Spot, list[float]]:
        """The seconds of the calls at each place, in order; they are forgotten here."""
        found, self._taken = self._taken, {}
        return found


def _written(model: Model) -> dict[int, list[str]]:
    """The layers that run at each line of the emitted source, in order: no identity, no softmax that it leaves out."""
    readings = {result.reading for result in model.network.results}
    found: dict[int, list[str]] = {}
    for id_, place in Emitted(model.code()).places(model.network).items():
        if id_ in readings or model.graph[id_].op.word == "identity":
            continue
        for line in range(place.line, place.end + 1):
            found.setdefault(line, []).append(model.graph[id_].path)
    return found


def _shared(taken: Mapping[_Spot, list[float]], written: Mapping[int, list[str]]) -> dict[str, float]:
    """The seconds of each layer. Those of one statement get each its own call, or equal parts of more calls."""
    names = {name for line in written.values() for name in line}
    modules = {path for path, _ in taken if path in names}
    found: dict[str, float] = {}
    for (path, line), seconds in taken.items():
        for name, share in _parts(path, line, seconds, names, modules, written):
            found[name] = found.get(name, 0.0) + share
    return found


def _parts(
    path: str, line: int, seconds: list[float], names: set[str], modules: set[str], written: Mapping[int, list[str]]
) -> Iterator[tuple[str, float]]:
    if path in names:
        yield path, sum(seconds)
        return
    inside = f"{path}." if path else ""
    all_here = [name for name in written.get(line, ()) if name.startswith(inside)]
    here = [name for name in all_here if name not in modules] or all_here
    if len(here) == len(seconds):
        yield from zip(here, seconds, strict=True)
    elif here:
        yield from ((name, sum(seconds) / len(here)) for name in here)
