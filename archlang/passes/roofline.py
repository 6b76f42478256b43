"""How long launches take at least on a device: what its memory and its arithmetic allow.

    time of a launch = max(bytes / bandwidth, operations / peak) + what a launch costs

It is a model: nothing of it was measured with the network.
"""

from __future__ import annotations

from collections.abc import Iterable

from archlang.passes.devices import LAUNCH, Device
from archlang.passes.launches import Launch
from archlang.record import record


@record
class Total:
    """Of several launches: `floor` is the seconds of memory and arithmetic alone, `seconds` those of launching too."""

    operations: int
    bytes: int
    launches: int
    floor: float
    seconds: float


def peak(device: Device, dtype: str) -> float:
    """Operations a second in a type. Raises `ValueError` for one that the device has no arithmetic of."""
    figure = device.peak.get(dtype)
    if figure is None:
        raise ValueError(f"{device.title} has no {dtype}: it has {', '.join(device.peak)}")
    return figure.value


def floor(device: Device, dtype: str, launch: Launch) -> float:
    """The seconds of a launch that memory and arithmetic ask for, whichever asks for more."""
    return max(launch.bytes / device.bandwidth.value, launch.operations / peak(device, dtype))


def bound(device: Device, dtype: str, launch: Launch) -> str:
    """What it waits for: `memory`, `arithmetic`, or, where its launch costs more than both, `launch`."""
    if floor(device, dtype, launch) < LAUNCH * launch.count:
        return "launch"
    slower = launch.operations / peak(device, dtype) > launch.bytes / device.bandwidth.value
    return "arithmetic" if slower else "memory"


def total(device: Device, dtype: str, launches: Iterable[Launch]) -> Total:
    """The sums over launches, one after the other."""
    operations = moved = many = 0
    least = 0.0
    for launch in launches:
        operations += launch.operations
        moved += launch.bytes
        many += launch.count
        least += floor(device, dtype, launch)
    return Total(operations, moved, many, least, least + many * LAUNCH)


def added(parts: Iterable[Total]) -> Total:
    """The sum of several totals."""
    found = list(parts)
    return Total(
        sum(one.operations for one in found),
        sum(one.bytes for one in found),
        sum(one.launches for one in found),
        sum(one.floor for one in found),
        sum(one.seconds for one in found),
    )
