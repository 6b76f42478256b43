"""How one network differs from another, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.passes.cost import Cost, trainable
from archlang.passes.depth import depth
from archlang.passes.difference import Change, Difference
from archlang.passes.memory import memory
from archlang.passes.setting_changes import SettingChange
from archlang.report.cells import number, rounded, size_text
from archlang.report.diff_lines import Section, sections, whole
from archlang.report.grid import aligned

_MARKS = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~", Change.REWIRED: "~", Change.RESIZED: "="}
_HEAD = ("", "parameters", "MACs", "activations")
_RIGHT = (1, 2, 3)
_NAMED = 3
"""Layers with another setting that are named; of more, the first and the last."""


def said(found: Difference, format: str = "text") -> str:  # noqa: A002 - it is what the format is called
    """The difference as `text` or as `json`. Raises ValueError for another format."""
    if format not in ("text", "json"):
        raise ValueError(f"a difference's format is text or json, not {format!r}")
    return as_json(found) if format == "json" else text(found)


def text(found: Difference) -> str:
    """The differences by stage, a line each with its cost, and what they come to."""
    names = f"{_name(found.left)} -> {_name(found.right)}"
    if found.equal:
        return f"{names}: no difference\n"
    rows: list[tuple[str, ...]] = []
    for section in sections(found):
        if section.name:
            rows.append((_heading(section), *_cost_cells(section.cost)))
        indent = "  " if section.name else ""
        rows += [(f"{indent}{_MARKS[line.change]} {line.text}", *_cost_cells(line.cost)) for line in section.lines]
    lines = [names]
    if rows:
        lines += ["+ added, - removed, ~ changed, = the same layer on another size", "", *aligned(_HEAD, rows, _RIGHT)]
    if found.settings:
        lines += ["", "settings", *(f"  ~ {_setting(change)}" for change in found.settings)]
    below = _totals(found)
    width = max(len(what) for what, *_ in below)
    return "\n".join([*lines, "", *(f"{what:<{width}}  {said}" for what, said in below)]) + "\n"


def as_json(found: Difference) -> str:
    """The same with exact numbers: `sections` of `changes`, and `totals` of both and their difference."""
    one, other, more = whole(found)
    said = {
        "left": _name(found.left),
        "right": _name(found.right),
        "equal": found.equal,
        "sections": [] if found.equal else [_section(section) for section in sections(found)],
        "settings": [
            {
                "what": change.what,
                "before": change.before,
                "after": change.after,
                "left": list(change.left),
                "right": list(change.right),
            }
            for change in found.settings
        ],
        "totals": {
            "left": {**_costs(one), **_whole(found.left)},
            "right": {**_costs(other), **_whole(found.right)},
            "difference": _costs(more),
        },
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _setting(change: SettingChange) -> str:
    """`lr 1 -> 0.1: fc`, `freeze learns -> frozen: 48 layers, from conv1 to layer3.5.bn3`."""
    what = f"{change.what} {change.before} -> {change.after}"
    if not change.left:
        return what
    many = len(change.left)
    return f"{what}: {', '.join(change.left) if many <= _NAMED else _many(change.left)}"


def _many(paths: Sequence[str]) -> str:
    return f"{len(paths)} layers, from {paths[0]} to {paths[-1]}"


def _name(network: Network) -> str:
    return f"{network.name}@{network.variant}" if network.variant else network.name


def _heading(section: Section) -> str:
    counts = ", ".join(f"{before} -> {after} {title}" for title, before, after in section.counts)
    return f"{section.name}: {counts}" if counts else section.name


def _cost_cells(cost: Cost) -> tuple[str, str, str]:
    return _signed(cost.params, rounded), _signed(cost.macs, rounded), _signed(cost.activation_bytes, size_text)


def _signed(size: Size, spell: Any) -> str:
    """`+1.2 M`; nothing for nothing."""
    if not isinstance(size, int):
        return str(size)
    return f"{'+' if size > 0 else '-'}{spell(abs(size))}" if size else ""


def _totals(found: Difference) -> list[tuple[str, str]]:
    one, other, _ = whole(found)
    left, right = memory(found.left), memory(found.right)
    depths = depth(found.left), depth(found.right)
    learn = trainable(found.left, found.left_costs), trainable(found.right, found.right_costs)
    lines = [
        ("parameters", _open(_from_to(one.params, other.params, number), one, other, "params")),
        *([] if learn == (one.params, other.params) else [("parameters that learn", _from_to(*learn, number))]),
        ("MACs", _open(_from_to(one.macs, other.macs, rounded), one, other, "macs")),
        ("activations, all outputs", _from_to(one.activation_bytes, other.activation_bytes, size_text)),
    ]
    if left.peak is not None and right.peak is not None:
        lines.append(("activations, peak at inference", _from_to(left.peak, right.peak, size_text)))
    lines.append(("kept for the backward pass", _from_to(left.saved, right.saved, size_text)))
    return [*lines, ("depth", _from_to(*depths, number))]


def _open(text: str, one: Cost, other: Cost, what: str) -> str:
    """A line of totals, marked where layers of either network do not say theirs."""
    return f"{text}, + ?" if {each for each, _ in one.unsaid | other.unsaid} & {what} else text


def _from_to(before: Size, after: Size, spell: Any) -> str:
    """`25.6 M -> 44.5 M (+19.0 M, +74.3%)`."""
    if before == after:
        return spell(before)
    share = ""
    if isinstance(before, int) and isinstance(after, int) and before:
        share = f", {100 * (after - before) / before:+,.1f}%"
    return f"{spell(before)} -> {spell(after)} ({_signed(after - before, spell)}{share})"


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "blocks": {title: [before, after] for title, before, after in section.counts},
        "changes": [
            {
                "change": line.change.value,
                "what": line.text,
                "left": list(line.left),
                "right": list(line.right),
                **_costs(line.cost),
            }
            for line in section.lines
        ],
    }


def _whole(network: Network) -> Mapping[str, Any]:
    found = memory(network)
    return {"peak_bytes": found.peak, "saved_bytes": _plain(found.saved), "depth": depth(network)}


def _costs(cost: Cost) -> dict[str, int | str]:
    return {
        "params": cost.params,
        "macs": _plain(cost.macs),
        "activation_bytes": _plain(cost.activation_bytes),
    }


def _plain(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)
