"""What devices can do: the one place with such figures. Each is its vendor's, or was measured, and says which."""

from __future__ import annotations

from collections.abc import Mapping

from archlang.record import record

WIDTHS: Mapping[str, int] = {"fp32": 4, "tf32": 4, "fp16": 2, "bf16": 2}
"""The types that a device is asked about, and the bytes of one number in memory."""

LAUNCH = 2e-6
"""Seconds that a kernel costs however little it does, within a CUDA graph: assumed, of all devices alike."""


@record
class Figure:
    """A number of a device; `source` is `vendor` or `measured`."""

    value: float
    source: str = "vendor"


@record
class Device:
    """A device and its figures.

    `bandwidth` is of its memory in bytes a second (a measured one is of a copy,
    what is read and what is written both counted); `peak` the operations a second
    of dense products by type, sums kept in fp32; `cache` the bytes of its last
    cache before the memory; `units` its multiprocessors or compute units.
    """

    name: str
    title: str
    bandwidth: Figure
    peak: Mapping[str, Figure]
    cache: int
    units: int


def _peak(fp32: float, tf32: float, fp16: float, bf16: float | None = None) -> dict[str, Figure]:
    """Teraoperations a second by type, as the vendor states them; a type that a device lacks is left out at 0."""
    said = {"fp32": fp32, "tf32": tf32, "fp16": fp16, "bf16": fp16 if bf16 is None else bf16}
    return {name: Figure(tera * 1e12) for name, tera in said.items() if tera}


def _device(name: str, title: str, tera: float, peak: dict[str, Figure], mebibytes: int, units: int) -> Device:
    return Device(name, title, Figure(tera * 1e12), peak, mebibytes << 20, units)


_H200 = Device(
    "h200",
    "NVIDIA H200 SXM",
    Figure(4.3e12, "measured"),  # 4.8e12 by its vendor
    {**_peak(67, 494, 989), "bf16": Figure(780e12, "measured")},  # on random data; 989e12 by its vendor
    60 << 20,
    132,
)

DEVICES: Mapping[str, Device] = {
    device.name: device
    for device in (
        _H200,
        _device("h100", "NVIDIA H100 SXM", 3.35, _peak(67, 494, 989), 50, 132),
        _device("b200", "NVIDIA B200", 8.0, _peak(75, 1125, 2250), 126, 148),
        _device("a100", "NVIDIA A100 SXM 80 GB", 2.039, _peak(19.5, 156, 312), 40, 108),
        _device("l40s", "NVIDIA L40S", 0.864, _peak(91.6, 183, 362), 96, 142),
        _device("rtx4090", "NVIDIA GeForce RTX 4090", 1.008, _peak(82.6, 82.6, 165.2), 72, 128),
        _device("rtx3090", "NVIDIA GeForce RTX 3090", 0.936, _peak(35.6, 35.6, 71), 6, 82),
        _device("v100", "NVIDIA V100 SXM", 0.9, _peak(15.7, 0, 125, 0), 6, 80),
        _device("t4", "NVIDIA T4", 0.32, _peak(8.1, 0, 65, 0), 4, 40),
        _device("mi300x", "AMD Instinct MI300X", 5.3, _peak(163.4, 653.7, 1307.4), 256, 304),
    )
}
"""By the names that `--device` takes."""

DEFAULT = _H200


def named(name: str) -> Device:
    """The device of that name. Raises `ValueError` for one that the table lacks."""
    if name.lower() not in DEVICES:
        raise ValueError(f"no device `{name}` is known: there are {', '.join(DEVICES)}")
    return DEVICES[name.lower()]


def known_as(title: str) -> Device | None:
    """The device that a driver calls `title` (`NVIDIA H200`), if the table has it."""
    said = title.lower().replace(" ", "").replace("-", "")
    found = [device for device in DEVICES.values() if device.name in said]
    return max(found, key=lambda device: len(device.name), default=None)
