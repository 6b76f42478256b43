"""`archlang build --explain`: what was worked out of a module with kernels, as text of 100 columns or as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from archlang.ir.network import Network
from archlang.passes.devices import Device
from archlang.passes.roofline import Total, added
from archlang.passes.steps import Setting
from archlang.report.explained import Explained, Line, Row, explain

FORMATS = ("text", "json")
WIDTH = 100
_MOST = 12  # shapes of one kind that are shown on a line


def explanation(network: Network, text: str, setting: Setting, device: Device, format: str = "text") -> str:  # noqa: A002 - what `--format` calls it
    """What each line of `text`, the network's source with kernels, asks of a device, as `text` or `json`.

    Raises `ValueError` for another format, an unknown size, or a type that the device lacks.
    """
    if format not in FORMATS:
        raise ValueError(f"format is one of {', '.join(FORMATS)}, not {format!r}")
    found = explain(network, text, setting, device)
    unsaid = _unsaid(network)
    return as_json(found, unsaid) if format == "json" else as_text(found, unsaid)


def _unsaid(network: Network) -> dict[str, list[str]]:
    """The words of layers that do not say their `macs`, and of those that do not say their `params`."""
    words = {
        what: sorted({node.op.word for node in network.graph if what in node.op.unsaid}) for what in ("macs", "params")
    }
    return {what: found for what, found in words.items() if found}


# ---- text ------------------------------------------------------------------------


def as_text(found: Explained, unsaid: Mapping[str, Sequence[str]]) -> str:
    """A paragraph for each line of the source, then what is not emitted, then the sums; `unsaid` is marked with `?`."""
    open_ = frozenset(unsaid.get("macs", ()))
    setting, device = found.setting, found.device
    what = "a step of training" if setting.training else "inference"
    head = f"{found.network} with kernels: {what}, batch {setting.images}, {setting.dtype}, on {device.title}."
    lines = [*textwrap.wrap(f"{head} Modelled, not measured: {_figures(device, setting.dtype)}.", WIDTH), ""]
    for line in found.lines:
        lines += [*_line(line, open_), ""]
    for one in found.larger:
        times = f"{one.count} times, first " if one.count > 1 else ""
        lines += textwrap.wrap(
            f"Seen and not emitted: {one.kernel}, {one.shape}, {times}{one.first[0]} to {one.first[1]}: {one.why}. "
            f"One would ask {_time(one.together.floor)} of memory and arithmetic instead of {_time(one.apart.floor)}, "
            f"and {_bytes_of(one.cached)} of weights of the cache besides.",
            WIDTH,
            subsequent_indent="  ",
        )
    lines += ["", *_sums(found, open_), *_left_out(unsaid)]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _figures(device: Device, dtype: str) -> str:
    speed, peak = device.bandwidth, device.peak[dtype]
    return (
        f"{speed.value / 1e12:g} TB/s ({_source(speed.source)}), "
        f"{peak.value / 1e12:g} TFLOP/s ({_source(peak.source)}), 2 us a launch (assumed)"
    )


def _source(word: str) -> str:
    return "its vendor's" if word == "vendor" else word


def _line(line: Line, unsaid: frozenset[str]) -> list[str]:
    head = f"line {line.number}"
    found = [f"{head:<9}{_cut(line.text, WIDTH - 9)}" if line.number else "nowhere in a forward"]
    alike: dict[tuple[str, str], list[Row]] = {}
    for row in line.rows:
        alike.setdefault((row.written, row.why), []).append(row)
    for (written, why), rows in alike.items():
        shown = rows if len(rows) <= _MOST else rows[: _MOST - 1]
        found += [cells for row in shown for cells in _row(row, unsaid)]
        if rest := rows[len(shown) :]:
            found += _cells(
                f"  {len(rest)} shapes more, together", added(row.total for row in rest), "", _open(rest[0], unsaid)
            )
        said = f"{written}: {why}" if why else written
        found += textwrap.wrap(said, WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
    return found


def _open(row: Row, unsaid: frozenset[str]) -> str:
    """`?` where one of the layers does not say what it computes."""
    return "" if unsaid.isdisjoint(row.kinds) else "?"


def _row(row: Row, unsaid: frozenset[str]) -> list[str]:
    name = row.kernel or ", ".join(row.kinds)
    times = f"{row.count} x " if row.count > 1 else ""
    return _cells(f"  {times}{name}, {row.shape}", row.total, row.bound, _open(row, unsaid))


def _cells(left: str, of: Total, bound: str, more: str) -> list[str]:
    operations = " + ".join(filter(None, [_operations(of), more]))
    right = f"{operations:>11}  {_bytes(of):>9}  {_time(of.seconds):>9}  {bound:<10}"
    room = WIDTH - len(right)
    apart = [left] if len(left) >= room else []
    return [*apart, f"{'' if apart else left:<{room}}{right}".rstrip()]


def _sums(found: Explained, unsaid: frozenset[str]) -> list[str]:
    rows = (
        ("with kernels", found.kernels),
        ("with kernels, torch.compile", found.both),
        ("torch.compile", found.compiled),
        ("layer by layer", found.eager),
    )
    more, wide = (" + ?", 18) if unsaid else ("", 14)
    lines = [f"{'':28}{'launches':>9}{'operations':>{wide}}{'bytes':>12}{'floor':>12}{'with launches':>15}"]
    for name, one in rows:
        operations = f"{_operations(one)}{more}"
        times = f"{_time(one.floor):>12}{_time(one.seconds):>15}"
        lines.append(f"{name:<28}{one.launches:>9}{operations:>{wide}}{_bytes(one):>12}{times}")
    lines.append("All of it is modelled. What a cache keeps from one launch to the next is not.")
    return lines


def _left_out(unsaid: Mapping[str, Sequence[str]]) -> list[str]:
    """What the sums are without, in words."""
    what = {"macs": "operations", "params": "bytes of the parameters"}
    said = [f"the {what[each]} of {', '.join(f'`{word}`' for word in words)}" for each, words in unsaid.items()]
    if not said:
        return []
    text = f"Left out, since its declaration does not say them: {' and '.join(said)}."
    return textwrap.wrap(text, WIDTH)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _operations(one: Total) -> str:
    return _scaled(one.operations, (("TFLOP", 10**12), ("GFLOP", 10**9), ("MFLOP", 10**6))) if one.operations else ""


def _bytes(one: Total) -> str:
    return _bytes_of(one.bytes)


def _bytes_of(number: int) -> str:
    return "nothing" if not number else _scaled(number, (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)))


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} us"


def _scaled(number: int, units: tuple[tuple[str, int], ...]) -> str:
    unit, scale = next((pair for pair in units if number >= pair[1]), units[-1])
    return f"{number / scale:.2f} {unit}"


# ---- JSON ------------------------------------------------------------------------


def as_json(found: Explained, unsaid: Mapping[str, Sequence[str]]) -> str:
    """One object: the setting, the device's figures with their sources, `lines`, `not_emitted`, `totals`, `unsaid`.

    `unsaid` has the words of layers whose `macs` or `params` nobody says: all figures are without them.
    """
    setting, device = found.setting, found.device
    return _written(
        {
            "network": found.network,
            "modelled": True,
            "training": setting.training,
            "batch": setting.images,
            "dtype": setting.dtype,
            "device": {
                "name": device.name,
                "title": device.title,
                "bytes_per_second": device.bandwidth.value,
                "bytes_per_second_is": device.bandwidth.source,
                "operations_per_second": device.peak[setting.dtype].value,
                "operations_per_second_is": device.peak[setting.dtype].source,
            },
            "lines": [_line_record(line) for line in found.lines],
            "not_emitted": [
                {
                    "kernel": one.kernel,
                    "count": one.count,
                    "first": list(one.first),
                    "why": one.why,
                    "shape": one.shape,
                    "apart": _total(one.apart),
                    "together": _total(one.together),
                    "cached": one.cached,
                }
                for one in found.larger
            ],
            "totals": {
                "kernels": _total(found.kernels),
                "kernels+compile": _total(found.both),
                "compile": _total(found.compiled),
                "eager": _total(found.eager),
            },
            "unsaid": {what: list(words) for what, words in unsaid.items()},
        }
    )


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _line_record(line: Line) -> dict[str, Any]:
    rows = [
        {
            "kernel": row.kernel or None,
            "kinds": list(row.kinds),
            "shape": row.shape,
            "count": row.count,
            "layers": list(row.layers),
            "written": row.written,
            "why": row.why,
            "bound": row.bound,
            **_total(row.total),
        }
        for row in line.rows
    ]
    return {"line": line.number, "text": line.text, "runs": rows}


def _total(one: Total) -> dict[str, Any]:
    return {
        "operations": one.operations,
        "bytes": one.bytes,
        "launches": one.launches,
        "floor_seconds": one.floor,
        "seconds": one.seconds,
    }
