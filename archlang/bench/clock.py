"""The clocks: a device's own events where there is a device, the host's where there is none."""

# pyright: basic
from __future__ import annotations

import time
from collections.abc import Callable

import torch


class HostClock:
    """The host's clock: of what runs on it."""

    def seconds(self, run: Callable[[], object], times: int) -> float:
        """The seconds of one `run`, of `times` in a row."""
        began = time.perf_counter()
        for _ in range(times):
            run()
        return (time.perf_counter() - began) / times


class DeviceClock:
    """The events of the device at hand."""

    def seconds(self, run: Callable[[], object], times: int) -> float:
        """The seconds of one `run`, of `times` in a row, between two events."""
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(times):
            run()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / 1e3 / times


def clock(device: torch.device) -> HostClock | DeviceClock:
    """The clock for what runs on `device`."""
    return DeviceClock() if device.type == "cuda" else HostClock()
