"""Each kernel on the shapes of networks, against what the device can do and against PyTorch's own layers."""

# pyright: basic
from __future__ import annotations

import copy
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from archlang.bench import machine
from archlang.bench.captured import Replays
from archlang.bench.ceilings import ceilings
from archlang.bench.clock import clock
from archlang.bench.compiling import compiling
from archlang.bench.harness import NO_TIME, Candidate, Outcome, Plan, Ready, Tell, compare, failed
from archlang.bench.pieces import Piece, Plain, by_kernel, inputs, piece
from archlang.bench.result import Ceilings, Measured, Measurements, Times
from archlang.bench.work import ALLOWED, TYPES, arithmetic, cast, channels_last, distance
from archlang.model import Model
from archlang.passes.fuse import fusions
from archlang.passes.fusion import Kernel
from archlang.passes.launches import Launch
from archlang.passes.steps import Setting, Work
from archlang.passes.with_kernels import forth
from archlang.passes.with_kernels_back import back, run_by_pytorch
from archlang.record import entity

_ROTATED = 512 << 20  # bytes of inputs that a piece walks through, so that no cache holds what it reads
_MOST = 8  # sets of inputs

WAYS = ("eager", "compile", "kernel")


@entity
class _Set:
    """What one run of a piece is given: its inputs, and in training a gradient for each of its results."""

    inputs: list[Tensor]
    gradients: list[Tensor]


def pieces(models: Sequence[Model], setting: Setting) -> dict[Piece, tuple[int, tuple[Launch, ...]]]:
    """The different pieces of networks: how many there are of each, and the launches of one.

    In training those whose kernel is for inference are left out.
    """
    many: Counter[Piece] = Counter()
    asked: dict[Piece, tuple[Launch, ...]] = {}
    for model in models:
        work = Work(model.network, setting)
        found = fusions(model.network)
        for group in found.apart() if setting.training else found.apart(Kernel.PAIR):
            if not set(group.nodes) & set(work.steps) or run_by_pytorch(work, group):
                continue
            made = piece(model.network, group)
            if made is not None:
                many[made] += 1
                launches = (*forth(work, group), *(back(work, group) if setting.training else ()))
                asked[made] = tuple(one for one in launches if one.name != "add gradients")
    return {made: (count, asked[made]) for made, count in many.items()}


def measure(
    models: Sequence[Model],
    setting: Setting,
    times: Times,
    tell: Tell,
    keep: Callable[[Measurements], object] | None = None,
) -> Measurements:
    """The ceilings of the GPU at hand, then each piece of the networks, those first that a network waits for longest.

    A piece that fails, or that no time is left for, is told, and the others go on, as
    long as the device does. After each piece `keep` is given what there is so far.
    """
    device, began = machine.at_hand(), time.monotonic()
    names = tuple(model.name if model.variant is None else f"{model.name}@{model.variant}" for model in models)
    allowed: dict[str, float] = dict.fromkeys(("output", "gradients"), ALLOWED[setting.dtype])
    with arithmetic(setting.dtype):
        tell("ceilings: copy, product, cache")
        most = ceilings(setting.dtype)
        asked = [(made, count, _least(most, launches)) for made, (count, launches) in pieces(models, setting).items()]
        asked.sort(key=lambda one: -one[1] * one[2])
        found = Measurements(machine.facts(device), names, setting, most, (), len(asked))
        for at, (made, count, least) in enumerate(asked, 1):
            tell(f"{at} of {len(asked)}: {made.kernel}, {made}")
            left = times.within - (time.monotonic() - began)
            plan = Plan(times.measure / len(asked), times.limit, allowed, "eager", left)
            outcomes, sets = _against(made, setting, device, plan)
            one = Measured(made.kernel, str(made), count, least, sets, outcomes)
            found = replace(found, pieces=(*found.pieces, one))
            if keep is not None:
                keep(found)
            if not machine.answers(device):
                tell("the device no longer answers this process: what is left is not measured")
                break
    return found


def _least(most: Ceilings, launches: Sequence[Launch]) -> float:
    return sum(most.floor(one.operations, one.bytes) for one in launches)


def _against(made: Piece, setting: Setting, device: torch.device, plan: Plan) -> tuple[tuple[Outcome, ...], int]:
    """As `against`; of a piece that cannot be made each way has failed."""
    if plan.within <= plan.seconds:
        return tuple(Outcome(name, name == "kernel", problem=NO_TIME) for name in WAYS), 1
    try:
        return against(made, setting, device, plan)
    except Exception as error:  # noqa: BLE001 - no memory left, a device that has gone: the rest is told all the same
        return tuple(Outcome(name, name == "kernel", problem=failed(error)) for name in WAYS), 1


def compile_ahead(models: Sequence[Model], setting: Setting, share: int, of: int) -> Iterator[str]:
    """Run every `of`-th piece from `share` on by its kernel once, so that Triton has compiled it; says which."""
    device = machine.at_hand()
    with arithmetic(setting.dtype):
        for made in list(pieces(models, setting))[share::of]:
            plain = Plain(made).to(device).train(setting.training)
            channels_last(cast(plain, TYPES[setting.dtype]))
            try:
                _results(by_kernel(plain), _set(made, plain, setting, device), list(plain.parameters()))
                yield f"{made.kernel}, {made}"
            except Exception as error:  # noqa: BLE001 - it is told where it is measured
                yield f"{made.kernel}, {made}: {failed(error)}"


def against(made: Piece, setting: Setting, device: torch.device, plan: Plan) -> tuple[tuple[Outcome, ...], int]:
    """One piece by each of the ways, and how many sets of inputs one of their runs walks through."""
    with compiling():
        return _compared(made, setting, device, plan)


def _compared(made: Piece, setting: Setting, device: torch.device, plan: Plan) -> tuple[tuple[Outcome, ...], int]:
    torch.manual_seed(0)
    kind = TYPES[setting.dtype]
    plain = Plain(made).to(device).train(setting.training)
    channels_last(cast(plain, kind))
    size = sum(tensor.numel() * kind.itemsize for tensor in inputs(made, 1, kind, device)) * setting.images
    sets = [_set(made, plain, setting, device) for _ in range(min(_MOST, 1 + _ROTATED // size))]
    exact = copy.deepcopy(plain).double()
    wanted = _results(exact, _doubled(sets[-1]), list(exact.parameters()))

    def prepare(wrap: Callable[[nn.Module], Callable[..., list[Tensor]]]) -> Callable[[], Ready]:
        return lambda: _ready(wrap(plain), plain, sets, wanted, device)

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


def _set(made: Piece, plain: Plain, setting: Setting, device: torch.device) -> _Set:
    given = inputs(made, setting.images, TYPES[setting.dtype], device)
    if not setting.training:
        return _Set(given, [])
    with torch.no_grad():
        results = plain(*given)
    return _Set([tensor.requires_grad_() for tensor in given], [torch.randn_like(result) for result in results])


def _doubled(one: _Set) -> _Set:
    given = [tensor.detach().double().requires_grad_(tensor.requires_grad) for tensor in one.inputs]
    return _Set(given, [gradient.double() for gradient in one.gradients])


def _results(run: Callable[..., list[Tensor]], one: _Set, parameters: Sequence[Tensor]) -> dict[str, Sequence[Tensor]]:
    """What a run makes of a set, and in training the gradients of its inputs and of the parameters."""
    if not one.gradients:
        with torch.no_grad():
            return {"output": run(*one.inputs)}
    found = run(*one.inputs)
    gradients = torch.autograd.grad(found, [*one.inputs, *parameters], one.gradients)
    return {"output": [result.detach() for result in found], "gradients": gradients}


def _ready(
    run: Callable[..., list[Tensor]],
    plain: Plain,
    sets: Sequence[_Set],
    wanted: Mapping[str, Sequence[Tensor]],
    device: torch.device,
) -> Ready:
    """All sets of inputs in a row, as one capture; the last one's results are compared."""
    held: dict[str, Sequence[Tensor]] = {}
    parameters = list(plain.parameters())

    def all_sets() -> None:
        for one in sets:
            held.update(_results(run, one, parameters))

    made = Replays(device).capture(all_sets)
    made.run()
    errors = {what: distance(held[what], tensors) for what, tensors in wanted.items()}
    return Ready(made.run, errors, made.first, made.peak)
