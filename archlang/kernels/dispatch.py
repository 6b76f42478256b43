"""Which of a kernel's configurations a shape runs with, or whether PyTorch's own path does.

The choice is made once for a shape class on a machine, by measuring all of them,
and kept in `$XDG_CACHE_HOME/archlang/kernels.json` (`~/.cache` without it).

`ARCHLANG_KERNELS` says how: `off` runs PyTorch's path everywhere, `on` (as
without it) measures what the machine has not measured yet, `tune` measures again
once in each process. CPU tensors run on the kernels in Triton's interpreter only
(`TRITON_INTERPRET=1`), and there without any measuring.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from archlang.kernels.jit import INTERPRETED, triton

_log = logging.getLogger("archlang.kernels")
_MODES = ("off", "on", "tune")
_TYPES = (torch.float32, torch.float16, torch.bfloat16)
_WIDE = 8  # channels come in eights: 16 bytes of the narrowest type
_RUNS = 10


@dataclass(frozen=True)
class Configuration:
    """How a kernel is cut: rows, columns and depth of a tile, warps, stages of prefetch, and what kind of kernel."""

    kind: str
    rows: int
    cols: int
    depth: int
    warps: int
    stages: int

    def __str__(self) -> str:
        if not self.rows:
            return self.kind
        return f"{self.kind} {self.rows}x{self.cols}x{self.depth} warps={self.warps} stages={self.stages}"


TORCH = None
"""The choice that stands for PyTorch's own path."""

Choice = Configuration | None


class Unfit(Exception):
    """What a choice raises that the device, or a library on it, does not do for these shapes."""


@dataclass
class Cost:
    """What choosing has cost this process so far."""

    seconds: float = 0.0
    shapes: int = 0


COST = Cost()


def mode() -> str:
    """What `ARCHLANG_KERNELS` says. Raises `ValueError` for a word it does not know."""
    word = os.environ.get("ARCHLANG_KERNELS", "on").lower() or "on"
    if word not in _MODES:
        raise ValueError(f"ARCHLANG_KERNELS={word}: it is one of {', '.join(_MODES)}")
    return word


def takes(x: Tensor, *channels: int) -> bool:
    """Whether a kernel may run on `x` [N, C, H, W], where all of `channels` are its columns or its results'."""
    here = INTERPRETED if x.device.type == "cpu" else triton is not None and x.device.type == "cuda"
    typed = x.dtype in _TYPES or (INTERPRETED and x.dtype == torch.float64)
    return here and typed and mode() != "off" and x.dim() == 4 and not any(c % _WIDE for c in channels)


_forced: list[Choice] = []


@contextmanager
def using(choice: Choice) -> Generator[None, None, None]:
    """Inside it every kernel that has `choice` among its configurations takes it; `TORCH` is taken by all."""
    _forced.append(choice)
    try:
        yield
    finally:
        _forced.pop()


def choose(
    kernel: str,
    shape: tuple[Any, ...],
    like: Tensor,
    choices: Sequence[Choice],
    run: Callable[[Choice], object],
    *,
    torch_too: bool = True,
) -> Choice:
    """The choice for `shape`: the one known for this machine, or the fastest of `choices`, which `run` runs.

    A choice whose results are not those of PyTorch's path is never taken: `run`
    returns the tensors to compare, or nothing where there is nothing to compare with.
    `shape` names the class: numbers and words, the batch rounded (`rounded`).
    """
    if _forced and _forced[-1] in ((TORCH, *choices) if torch_too else choices):
        return _forced[-1]
    if not choices:
        return TORCH
    if not _measured_on(like.device):
        return choices[0]
    key = " ".join(str(part) for part in (kernel, like.dtype, *shape))
    known = _known(_machine(like.device.index or 0))
    if key in known:
        return _read(known[key], choices)
    if torch.cuda.is_current_stream_capturing():
        return TORCH  # a capture cannot be measured in; what is measured before it stands
    best = _measure(key, (TORCH, *choices) if torch_too else choices, run)
    known[key] = "torch" if best is TORCH else str(best)
    _keep(_machine(like.device.index or 0), known)
    return best


def _measured_on(device: torch.device) -> bool:
    """Whether what runs there can be timed, and is worth it: the interpreter is not."""
    return device.type == "cuda"


def pick(
    kernel: str,
    shape: tuple[Any, ...],
    like: Tensor,
    choices: Sequence[Configuration],
    run: Callable[[Configuration], object],
) -> Configuration:
    """As `choose`, for a kernel that is one pass where PyTorch has several, so that only the tile's size is open."""
    return choose(kernel, shape, like, choices, run, torch_too=False) or choices[0]  # pyright: ignore[reportArgumentType]


def rounded(rows: int) -> int:
    """The class of a number of rows: the power of two below it."""
    return 1 << (rows.bit_length() - 1)


def _read(word: str, choices: Sequence[Choice]) -> Choice:
    return next((choice for choice in choices if str(choice) == word), TORCH)


# ---- measuring ---------------------------------------------------------------


def _measure(key: str, choices: Sequence[Choice], run: Callable[[Choice], object]) -> Choice:
    began = time.perf_counter()
    if not COST.shapes:
        _log.warning("choosing kernels for shapes this machine has not met: once, and kept in %s", _path())
    wanted = _some_of(run(TORCH)) if TORCH in choices else []
    times: dict[Choice, float] = {}
    problems: list[Exception] = []
    for choice in choices:
        try:
            times[choice] = _milliseconds(choice, run) if _agrees(key, choice, run, wanted) else float("inf")
        except Exception as problem:  # noqa: BLE001 - a compiler fails in whatever way; the network runs all the same
            problems.append(problem)
            if not _unfit(problem):
                _log.warning("%s: %s fails on this machine, and is not used: %r", key, choice, problem)
    if not times:
        raise problems[0]
    best = min(times, key=times.__getitem__)
    COST.seconds += time.perf_counter() - began
    COST.shapes += 1
    _log.info("%s: %s", key, ", ".join(f"{choice or 'torch'} {took:.3f} ms" for choice, took in times.items()))
    return best


def _unfit(problem: Exception) -> bool:
    """Whether a choice asks for more than the device has, which is no fault of anybody's."""
    return isinstance(problem, Unfit) or type(problem).__name__ in ("OutOfResources", "PTXASError")


def _agrees(key: str, choice: Choice, run: Callable[[Choice], object], wanted: Sequence[Tensor]) -> bool:
    """Whether the results of `choice` are near `wanted`."""
    found = _some_of(run(choice))
    if not all(_near(a, b) for a, b in zip(found, wanted, strict=bool(wanted))):
        _log.warning("%s: %s gives other results than PyTorch on this machine, and is not used", key, choice)
        return False
    return True


def _some_of(found: object) -> list[Tensor]:
    """Of each tensor a few rows along its first dimension, as they are now."""
    tensors = cast("Sequence[object]", found) if isinstance(found, (tuple, list)) else [found]
    return [t[:: max(1, len(t) // 16)].float() + 0 for t in tensors if isinstance(t, Tensor) and len(t)]


def _near(found: Tensor, wanted: Tensor) -> bool:
    """Whether two results may be of one computation; where PyTorch's overflows nothing can be said."""
    most = wanted.abs().max()
    return not bool(most.isfinite()) or bool((found - wanted).abs().max() <= 0.05 * most)


def _milliseconds(choice: Choice, run: Callable[[Choice], object]) -> float:
    """The median time of one run."""
    begin, end = ([torch.cuda.Event(enable_timing=True) for _ in range(_RUNS)] for _ in range(2))
    for first, last in zip(begin, end, strict=True):
        first.record()
        run(choice)
        last.record()
    torch.cuda.synchronize()
    return sorted(first.elapsed_time(last) for first, last in zip(begin, end, strict=True))[_RUNS // 2]


# ---- keeping -----------------------------------------------------------------


@cache
def _machine(device: int) -> str:
    """What a choice holds for: the device and the versions that compile for it."""
    return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}, triton {triton.__version__}"


def _path() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "archlang" / "kernels.json"


@cache
def _known(machine: str) -> dict[str, str]:
    """The choices of `machine` as they stood at the first look; `tune` starts with none."""
    return {} if mode() == "tune" else dict(_stored().get(machine, {}))


def _stored() -> dict[str, dict[str, str]]:
    try:
        found: Any = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    machines = cast("dict[str, Any]", found)
    return machines if all(isinstance(known, dict) for known in machines.values()) else {}


def _keep(machine: str, known: dict[str, str]) -> None:
    """Add `known` to the file, whole or not at all; a place that cannot be written is measured for again next time."""
    path = _path()
    stored = _stored()
    stored[machine] = {**stored.get(machine, {}), **known}
    beside: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            beside = file.name
            json.dump(stored, file, indent=1, sort_keys=True)
        Path(beside).replace(path)
    except OSError as problem:
        _log.info("the choice of kernels is not kept: %s", problem)
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
