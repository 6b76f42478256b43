"""What the layers of a network took, as text, Markdown and JSON."""

from __future__ import annotations

from typing import Any

from archlang.bench import tables
from archlang.bench.result import LayerTimes

_HEAD = ("layer", "ms", "share")


def text(times: LayerTimes) -> str:
    """What to print: the machine, a row for each layer, the longest first, and the sum."""
    return "\n".join([title(times), *tables.facts(times.facts), "", *tables.text(_HEAD, _rows(times))]) + "\n"


def markdown(times: LayerTimes) -> str:
    """The same as a part of a page."""
    lines = [f"## {title(times)}", "", *tables.facts(times.facts, page=True), "", *tables.markdown(_HEAD, _rows(times))]
    return "\n".join(lines) + "\n"


def title(times: LayerTimes) -> str:
    """`ResNet@50, layer by layer, batch 8, fp32, 3x224x224, median of 50 passes`."""
    setting = times.setting
    passes = "one pass" if times.passes == 1 else f"median of {times.passes} passes"
    return f"{times.network}, layer by layer, batch {setting.images}, {setting.dtype}, {times.input}, {passes}"


def record(times: LayerTimes) -> dict[str, Any]:
    """All of it, for JSON: `layers` are seconds by path, as `archlang draw --times` reads them."""
    return {
        "network": times.network,
        "input": times.input,
        "batch": times.setting.images,
        "dtype": times.setting.dtype,
        "machine": dict(times.facts),
        "passes": times.passes,
        "layers": dict(times.seconds),
    }


def _rows(times: LayerTimes) -> list[tuple[str, ...]]:
    whole = sum(times.seconds.values())
    rows = [
        (name, tables.milliseconds(seconds), tables.share(seconds / whole if whole else None))
        for name, seconds in sorted(times.seconds.items(), key=lambda one: -one[1])
    ]
    return [*rows, ("all of them", tables.milliseconds(whole), "")]
