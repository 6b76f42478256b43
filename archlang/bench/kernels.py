"""Each kernel on the shapes of networks, against what the device can do and against PyTorch's own layers."""

# pyright: basic
from __future__ import annotations

import copy
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from archlang.bench import machine
from archlang.bench.captured import Replays
from archlang.bench.ceilings import ceilings
from archlang.bench.clock import clock
from archlang.bench.harness import Candidate, Outcome, Plan, Ready, Tell, compare
from archlang.bench.pieces import Piece, Plain, by_kernel, inputs, piece
from archlang.bench.result import Measured, Measurements, Times
from archlang.bench.work import ALLOWED, TYPES, arithmetic, cast, channels_last, distance
from archlang.model import Model
from archlang.passes.fuse import fusions
from archlang.passes.steps import Setting, Work
from archlang.passes.with_kernels import forth

_ROTATED = 512 << 20  # bytes of inputs that a piece walks through, so that no cache holds what it reads
_MOST = 8  # sets of inputs

WAYS = ("eager", "compile", "kernel")


def pieces(models: Sequence[Model], setting: Setting) -> dict[Piece, tuple[int, int, int]]:
    """The different pieces of networks: how many there are of each, its operations and its bytes."""
    many: Counter[Piece] = Counter()
    asked: dict[Piece, tuple[int, int]] = {}
    for model in models:
        work = Work(model.network, setting)
        for group in fusions(model.network).apart():
            made = piece(model.network, group) if set(group.nodes) & set(work.steps) else None
            if made is not None:
                many[made] += 1
                launches = list(forth(work, group))
                asked[made] = sum(one.operations for one in launches), sum(one.bytes for one in launches)
    return {made: (count, *asked[made]) for made, count in many.items()}


def measure(models: Sequence[Model], images: int, dtype: str, times: Times, tell: Tell) -> Measurements:
    """The ceilings of the GPU at hand, then each piece of the networks; a piece that no time is left for is told."""
    setting, device, began = Setting(images, dtype), machine.at_hand(), time.monotonic()
    with arithmetic(dtype):
        tell("ceilings: copy, product, cache")
        most = ceilings(dtype)
        asked = pieces(models, setting)
        found: list[Measured] = []
        for at, (made, (count, operations, moved)) in enumerate(asked.items(), 1):
            tell(f"{at} of {len(asked)}: {made.kernel}, {made}")
            left = times.within - (time.monotonic() - began)
            plan = Plan(times.measure / len(asked), times.limit, {"output": ALLOWED[dtype]}, "eager", left)
            outcomes, sets = against(made, setting, device, plan)
            least = most.floor(operations, moved)
            found.append(Measured(made.kernel, str(made), count, least, sets, outcomes))
    names = tuple(model.name if model.variant is None else f"{model.name}@{model.variant}" for model in models)
    return Measurements(machine.facts(device), names, images, dtype, most, tuple(found))


def against(made: Piece, setting: Setting, device: torch.device, plan: Plan) -> tuple[tuple[Outcome, ...], int]:
    """One piece by each of the ways, and how many sets of inputs one of their runs walks through."""
    torch.manual_seed(0)
    kind = TYPES[setting.dtype]
    plain = channels_last(cast(Plain(made).to(device).eval(), kind))
    size = sum(tensor.numel() * kind.itemsize for tensor in inputs(made, 1, kind, device)) * setting.images
    sets = [inputs(made, setting.images, kind, device) for _ in range(min(_MOST, 1 + _ROTATED // size))]
    with torch.no_grad():
        wanted = copy.deepcopy(plain).double()(*(tensor.double() for tensor in sets[-1]))

    def prepare(wrap: Callable[[nn.Module], Callable[..., list[Tensor]]]) -> Callable[[], Ready]:
        return lambda: _ready(wrap(plain), sets, wanted, device)

    compiled: Any = torch.compile
    ways: dict[str, Any] = {
        "eager": lambda one: one,
        "compile": lambda one: compiled(one, dynamic=False),
        "kernel": by_kernel,
    }
    candidates = [Candidate(name, prepare(ways[name]), ours=name == "kernel") for name in WAYS]
    return tuple(compare(candidates, clock(device), plan, _silent)), len(sets)


def _silent(*_: str) -> None:
    """Pieces are many: which one it is has been said."""


def _ready(
    run: Callable[..., list[Tensor]], sets: Sequence[list[Tensor]], wanted: Sequence[Tensor], device: torch.device
) -> Ready:
    """All sets of inputs in a row, as one capture; the last one's results are compared."""
    held: list[list[Tensor]] = [[]]

    def all_sets() -> None:
        with torch.no_grad():
            for one in sets:
                held[0] = run(*one)

    made = Replays(device).capture(all_sets)
    made.run()
    return Ready(made.run, {"output": distance(held[0], wanted)}, made.first, made.peak)
