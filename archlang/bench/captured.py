"""Work captured once and replayed: a CUDA graph where there is a device, the work itself where there is none."""

# pyright: basic
from __future__ import annotations

import time
from collections.abc import Callable

import torch

from archlang.record import entity

_WARM = 3  # runs before a capture: allocators, autotuners and lazy handles settle in them


@entity
class Captured:
    """Work that can be run again: `first` are the seconds of its first run, `peak` the most bytes that one took.

    The bytes are those beyond what was there before; None where that is not known.
    """

    run: Callable[[], object]
    first: float
    peak: int | None


class Replays:
    """Captures work on `device`. Its graphs share one pool of memory, and keep nothing there between two replays."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._pool = torch.cuda.graph_pool_handle() if device.type == "cuda" else None

    def capture(self, run: Callable[[], object]) -> Captured:
        """What runs `run` again from now on."""
        if self.device.type != "cuda":
            return Captured(run, _first(run), None)
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            first = _first(run)
            for _ in range(_WARM):
                run()
            torch.cuda.synchronize()
            before = torch.cuda.memory_allocated()
            torch.cuda.reset_peak_memory_stats()
            run()
            torch.cuda.synchronize()
            peak = torch.cuda.max_memory_allocated() - before
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            run()
        return Captured(graph.replay, first, peak)


def _first(run: Callable[[], object]) -> float:
    """The seconds of the host that a run takes, until the device has done it."""
    began = time.perf_counter()
    run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began
