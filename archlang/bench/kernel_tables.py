"""What was measured kernel by kernel, as text, Markdown and JSON."""

from __future__ import annotations

from typing import Any

from archlang.bench import tables
from archlang.bench.result import Measured, Measurements

_HEAD = ("kernel", "shape", "calls", "ms", "of ceiling", "against eager", "against compile")


def text(found: Measurements) -> str:
    """What to print: the machine, its ceilings, a block of rows for each kernel."""
    lines = [_title(found), *tables.facts(found.facts), "", *_ceilings(found), ""]
    for kernel, rows in _by_kernel(found).items():
        lines += [kernel, *tables.text(_HEAD[1:], [_row(one)[1:] for one in rows]), ""]
    return "\n".join([*lines, *_said(found)]) + "\n"


def markdown(found: Measurements) -> str:
    """The same as a part of a page."""
    lines = [f"## {_title(found)}", "", *tables.facts(found.facts, page=True), ""]
    lines += [*(f"- {line}" for line in _ceilings(found)), ""]
    lines += tables.markdown(_HEAD, [_row(one) for one in found.pieces])
    return "\n".join([*lines, "", *(f"- {line}" for line in _said(found))]) + "\n"


def record(found: Measurements) -> dict[str, Any]:
    """All of it, for JSON: seconds, bytes and operations a second."""
    most = found.ceilings
    return {
        "networks": list(found.networks),
        "batch": found.setting.images,
        "dtype": found.setting.dtype,
        "training": found.setting.training,
        "machine": dict(found.facts),
        "ceilings": {
            "copy_bytes_per_second": most.copy,
            "product_operations_per_second": most.product,
            "cache_bytes_per_second": most.cached,
        },
        "asked": found.asked,
        "kernels": [_piece(one) for one in found.pieces],
    }


def _piece(one: Measured) -> dict[str, Any]:
    return {
        "kernel": one.kernel,
        "shape": one.shape,
        "calls": one.count,
        "floor_seconds": one.floor,
        "seconds": {way.name: one.seconds(way.name) for way in one.outcomes},
        "errors": {way.name: dict(way.errors) for way in one.outcomes if way.errors is not None},
        "problems": {way.name: way.problem for way in one.outcomes if way.problem is not None},
    }


def _title(found: Measurements) -> str:
    setting = found.setting
    what = "forth and back in training" if setting.training else "inference"
    return f"Kernels of {', '.join(found.networks)}, {what}, batch {setting.images}, {setting.dtype}"


def _ceilings(found: Measurements) -> list[str]:
    most = found.ceilings
    return [
        f"copy: {most.copy / 1e12:.2f} TB/s, read and written both counted",
        f"product in {found.setting.dtype}: {most.product / 1e12:.0f} TFLOP/s",
        f"copy that stays in cache: {most.cached / 1e12:.2f} TB/s",
    ]


def _by_kernel(found: Measurements) -> dict[str, list[Measured]]:
    rows: dict[str, list[Measured]] = {}
    for one in found.pieces:
        rows.setdefault(one.kernel, []).append(one)
    return rows


def _row(one: Measured) -> tuple[str, ...]:
    own = one.seconds("kernel")
    return (
        one.kernel,
        one.shape,
        str(one.count),
        tables.milliseconds(own),
        tables.share(one.floor / own if own else None),
        _times(one.seconds("eager"), own),
        _times(one.seconds("compile"), own),
    )


def _times(other: float | None, own: float | None) -> str:
    return f"{other / own:.2f}x" if other and own else ""


def _said(found: Measurements) -> list[str]:
    """What was left out, and what the columns mean."""
    lines = [
        f"{one.kernel}, {one.shape}: {way.name} left out, {way.problem}"
        for one in found.pieces
        for way in one.outcomes
        if way.problem is not None
    ]
    missing = found.asked - len(found.pieces)
    return [
        *([f"so far: {len(found.pieces)} of {found.asked} shapes"] if missing else []),
        *lines,
        "of ceiling: the time that the measured copy and product allow, as a part of the kernel's",
        "against: how many times as long cuDNN's or cuBLAS's product and the pointwise passes after it take",
    ]
