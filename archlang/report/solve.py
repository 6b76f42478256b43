"""Which inputs a network takes, and what each of its labels sees, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.map2d import show
from archlang.ops.op import Shape
from archlang.passes.field import MAP, Field, fields
from archlang.passes.legal_sizes import Rule, Sizes, inference, rule
from archlang.passes.rounding import Rounded, rounded_windows
from archlang.record import record
from archlang.report.cells import field_cells
from archlang.report.grid import aligned
from archlang.report.json import field_record

_HEAD = ("label", "stride", "field", "offset", "size for HxW")
_RIGHT = (1, 2, 3)
_SHOWN = 6
_ROWS = ("row", "column")


@record
class Solution:
    """A network, its sizes, and the same network at the size `at` that roundings are told of.

    `formulas` are the shapes of layers, by id, for an input of height H and width W, where symbols can say them.
    """

    network: Network
    sizes: Sizes
    at: int | None
    at_network: Network | None
    formulas: Mapping[int, Shape]


def text(solution: Solution) -> str:
    """Rules for the sizes, where they are rounded, and a row for each label."""
    network, sizes = solution.network, solution.sizes
    name = f"{network.name}@{network.variant}" if network.variant else network.name
    entering = ", ".join(show(network.shapes[id_]) for id_ in network.inputs)
    lines = [f"{name}  input {entering}; square inputs up to {sizes.most} were tried", ""]
    said = [("sizes that check", words(sizes.legal, sizes.most)), ("smallest", _smallest(sizes.legal))]
    if sizes.inference != sizes.legal:
        said.append(("without train-only heads", words(sizes.inference, sizes.most)))
    said.append(("where nothing is rounded", words(sizes.exact, sizes.most)))
    if sizes.same is not None and sizes.same != sizes.inference:
        said.append((f"with the weights of {sizes.own}", words(sizes.same, sizes.most)))
    if sizes.depends:
        said.append(("", "the file makes other layers at other sizes, so each was read anew"))
    width = max(len(what) for what, _ in said)
    lines += [f"{what:<{width}}  {how}" for what, how in said]
    lines += ["", *_roundings(solution), "", *aligned(_HEAD, _rows(solution), _RIGHT)]
    return "\n".join(lines) + "\n"


def as_json(solution: Solution) -> str:
    """The same as one object: `legal`, `inference`, `exact`, `same_weights` with rules, `rounding`, `labels`."""
    network, sizes = solution.network, solution.sizes
    said = {
        "network": network.name,
        "variant": network.variant,
        "input": {network.graph[id_].path: _shape(network.shapes[id_]) for id_ in network.inputs},
        "tried_to": sizes.most,
        "depends_on_size": sizes.depends,
        "legal": _rule(sizes.legal, sizes.most),
        "inference": _rule(sizes.inference, sizes.most),
        "exact": _rule(sizes.exact, sizes.most),
        "same_weights": None if sizes.same is None else _rule(sizes.same, sizes.most),
        "rounding_at": solution.at,
        "rounding": [_rounding(solution, one) for one in _rounded(solution)],
        "labels": _labels(solution),
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


# ---- sizes -------------------------------------------------------------------


def words(sizes: Sequence[int], most: int) -> str:
    """`188 + 16k: 188, 204, 220, ...`, `every size from 33`, `193 to 224`."""
    if not sizes:
        return f"none up to {most}"
    found = rule(sizes, most)
    runs = [str(a) if a == b else f"{a} to {b}" for a, b in found.runs]
    parts = runs[:_SHOWN]
    if len(runs) > _SHOWN:
        parts.append(f"and {len(runs) - _SHOWN} more up to {runs[-1]}")
    if found.every:
        parts.append(_periodic(found, sizes))
    return ", ".join(parts)


def _periodic(found: Rule, sizes: Sequence[int]) -> str:
    if found.every == 1:
        return f"every size from {found.starts[0]}"
    starts = found.starts
    if len(starts) > 1 and max(starts) - min(starts) == len(starts) - 1:
        return f"{min(starts)} to {max(starts)}, and every {found.every} further"
    if len(starts) > 1:
        shown = ", ".join(map(str, starts[:_SHOWN])) + (", ..." if len(starts) > _SHOWN else "")
        return f"{shown}, and every {found.every} further"
    first = [size for size in sizes if size >= min(starts)][:3]
    return f"{min(starts)} + {found.every}k: {', '.join(map(str, first))}, ..."


def _smallest(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if sizes else "none"


def _rule(sizes: Sequence[int], most: int) -> dict[str, Any]:
    found = rule(sizes, most)
    return {
        "rule": words(sizes, most),
        "smallest": sizes[0] if sizes else None,
        "runs": [list(run) for run in found.runs],
        "starts": list(found.starts),
        "every": found.every or None,
    }


# ---- roundings ---------------------------------------------------------------


def _rounded(solution: Solution) -> list[Rounded]:
    found = solution.at_network
    return [] if found is None else list(rounded_windows(inference(found), found.shapes))


def _roundings(solution: Solution) -> list[str]:
    """A line for each layer and axis; an axis that does as the other does is not told."""
    if solution.at is None or solution.at_network is None:
        return ["no size that checks, so nothing to round"]
    graph, shapes = solution.at_network.graph, solution.at_network.shapes
    found = _rounded(solution)
    if not found:
        return [f"at {solution.at} no window is rounded"]
    lines = [f"at {solution.at}, rounding up and down part at"]
    told: dict[int, str] = {}
    for one in found:
        said = _what(one)
        both = told.get(one.node) == said.replace("column", "row")
        if not both:
            node = graph[one.node]
            lines.append(f"  {node.path}, on {show(shapes[node.inputs[0]])}: {said}")
        told[one.node] = said
    return lines


def _what(one: Rounded) -> str:
    what = _ROWS[one.axis]
    if one.up:
        return f"its last window hangs over, rounded up ({one.over} {what}{'s' * (one.over != 1)} of it within)"
    if one.lost:
        return f"{one.lost} {what}{'s' * (one.lost != 1)} lost"
    return f"{one.over} {what}{'s' * (one.over != 1)} of padding unread, nothing lost"


def _rounding(solution: Solution, one: Rounded) -> dict[str, Any]:
    path = solution.at_network.graph[one.node].path if solution.at_network is not None else ""
    return {
        "layer": path,
        "axis": "height" if one.axis == 0 else "width",
        "over": one.over,
        "lost": one.lost,
        "rounded": "up" if one.up else "down",
    }


# ---- labels ------------------------------------------------------------------


def _labelled(network: Network) -> dict[str, int]:
    """What a person named, inside blocks too, and the outputs."""
    given = {name: id_ for name, id_ in network.labels.items() if _given(network.graph[id_], name)}
    return {**given, **{result.name: result.output for result in network.results}}


def _given(node: Node, name: str) -> bool:
    last = name.rpartition(".")[2]
    return bool(node.inputs) and last in (node.label, *(scope.label for scope in node.scope.chain()))


def _rows(solution: Solution) -> list[tuple[str, ...]]:
    """What stands inside blocks, once for each call, is left to JSON."""
    network, sizes = solution.network, solution.formulas
    seen = fields(network)
    named = ((name, id_) for name, id_ in _labelled(network).items() if "." not in name)
    return [(name, *_field(seen[id_]), _size(network, sizes.get(id_), id_)) for name, id_ in named]


def _field(field: Field | None) -> tuple[str, str, str]:
    size, stride, offset = field_cells(field)
    return stride, "all" if field is not None and field.whole else size, offset


def _size(network: Network, formula: Shape | None, id_: int) -> str:
    """Its formula; where there is none, its size on the network's own input."""
    if formula is not None:
        return show(formula)
    own = show(network.shapes[id_])
    return f"{own} (on its own input)" if len(network.shapes[id_]) == MAP else own


def _labels(solution: Solution) -> list[Mapping[str, Any]]:
    network, sizes = solution.network, solution.formulas
    seen = fields(network)
    return [
        {
            "label": name,
            "layer": network.graph[id_].path,
            **field_record(seen[id_]),
            "output": _shape(network.shapes[id_]),
            "formula": _shape(sizes[id_]) if id_ in sizes else None,
        }
        for name, id_ in _labelled(network).items()
    ]


def _shape(shape: Shape) -> list[int | str]:
    return [size if isinstance(size, int) else str(size) for size in shape]
