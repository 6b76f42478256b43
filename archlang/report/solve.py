"""Which inputs a network takes, and what each of its labels sees, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind
from archlang.ops.map2d import show
from archlang.ops.op import Shape
from archlang.passes.field import MAP, Field, fields, unseen
from archlang.passes.legal_sizes import Kept
from archlang.passes.rounding import Rounded, rounded_windows
from archlang.passes.size_rule import Rule, rule
from archlang.passes.solve import Solution
from archlang.passes.trial import inference
from archlang.report.cells import field_cells
from archlang.report.grid import aligned
from archlang.report.json import field_record

_HEAD = ("label", "stride", "field", "offset", "size for HxW")
_RIGHT = (1, 2, 3)
_SHOWN = 6
_MOST_LAYERS = 24
"""Layers that round and are told of; the rest is counted."""
_ROWS = ("row", "column")
_SIDES = ("height", "width")

FORMATS = ("text", "json")


def said(solution: Solution, format: str = "text", *, inside: bool = False) -> str:  # noqa: A002 - what it is called
    """The solution as `text` or as `json`; text has what is labelled inside blocks only if `inside`."""
    if format not in FORMATS:
        raise ValueError(f"a solution's format is text or json, not {format!r}")
    return as_json(solution) if format == "json" else text(solution, inside=inside)


def text(solution: Solution, *, inside: bool = False) -> str:
    """Rules for the sizes, where they are rounded, and a row for each label."""
    network, sizes = solution.network, solution.sizes
    name = f"{network.name}@{network.variant}" if network.variant else network.name
    entering = ", ".join(show(network.shapes[id_]) for id_ in network.inputs)
    lines = [f"{name}  input {entering}; sizes up to {sizes.most} were tried", ""]
    told = list(_told(solution))
    width = max(len(what) for what, _ in told)
    lines += [f"{what:<{width}}  {how}" for what, how in told]
    lines += ["", *_roundings(solution), "", *aligned(_HEAD, _rows(solution, inside=inside), _RIGHT)]
    return "\n".join(lines) + "\n"


def as_json(solution: Solution) -> str:
    """The same as one object: rules of squares and of rectangles, `rounding`, `labels`."""
    network, sizes = solution.network, solution.sizes
    found = {
        "network": network.name,
        "variant": network.variant,
        "input": {network.graph[id_].path: _shape(network.shapes[id_]) for id_ in network.inputs},
        "tried_to": sizes.most,
        "depends_on_size": sizes.depends,
        "legal": _rule(sizes.legal, sizes.most),
        **_kept(sizes.kept, sizes.most, "inference"),
        "rectangles": {
            "beside": None if sizes.held is None else list(sizes.held),
            **{
                side: _kept(kept, sizes.most, "takes")
                for side, kept in zip(_SIDES, sizes.sides or (sizes.kept, sizes.kept), strict=True)
            },
            "any_height_with_any_width": sizes.apart,
        },
        "alone": {network.graph[id_].path: _rule(heights, sizes.most) for id_, heights in sizes.alone.items()},
        "rounding_at": None if solution.at is None else list(solution.at),
        "rounding": [_rounding(solution, one) for one in _rounded(solution)],
        "never_rounded": {path: _rule(fits, sizes.most) for path, fits in sizes.whole.items()},
        "labels": _labels(solution),
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


# ---- sizes -------------------------------------------------------------------


def _told(solution: Solution) -> Iterable[tuple[str, str]]:
    """What is said of sizes: of squares, then of rectangles, then of inputs by themselves."""
    network, sizes = solution.network, solution.sizes
    most, kept = sizes.most, sizes.kept
    yield "sizes that check", words(sizes.legal, most)
    yield "smallest", str(sizes.legal[0]) if sizes.legal else "none"
    if kept.takes != sizes.legal:
        yield "without train-only heads", words(kept.takes, most)
    yield "where nothing is rounded", words(kept.exact, most)
    if kept.same is not None and kept.same != kept.takes and not (sizes.sides and not kept.same):
        yield f"with the weights of {_by(sizes.own)}", words(kept.same, most)
    if sizes.sides is not None and sizes.held is not None:
        for side, found, beside in zip(_SIDES, sizes.sides, reversed(sizes.held), strict=True):
            other = _SIDES[1 - _SIDES.index(side)]
            yield f"{side}s at {other} {beside}", words(found.takes, most)
            yield "  where nothing is rounded", words(found.exact, most)
            if found.same is not None and found.same != found.takes:
                yield f"  with the weights of {_by(sizes.own)}", words(found.same, most)
    if kept.takes:
        each = "any height with any width" + (" of these" if _some_are_missing(solution) else "")
        yield "rectangles", each if sizes.apart else "not every height goes with every width of these"
    for id_, heights in sizes.alone.items():
        yield f"height of {network.graph[id_].path} alone", words(heights, most)
    if sizes.depends:
        yield "", "the file makes other layers at other sizes, so each was read anew"


def _some_are_missing(solution: Solution) -> bool:
    sizes = solution.sizes
    return any(len(kept.takes) < sizes.most for kept in sizes.sides or (sizes.kept,))


def _by(size: tuple[int, int] | None) -> str:
    """`224`, `425x560`."""
    return "" if size is None else str(size[0]) if size[0] == size[1] else show(size)


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


def _kept(kept: Kept, most: int, name: str) -> dict[str, Any]:
    same = None if kept.same is None else _rule(kept.same, most)
    return {name: _rule(kept.takes, most), "exact": _rule(kept.exact, most), "same_weights": same}


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
    """A row for each layer that rounds some size: which sizes it does not, and what it does on the network's own."""
    network, sizes = solution.at_network, solution.sizes
    if solution.at is None or network is None:
        return ["no size that checks, so nothing to round"]
    here: dict[str, list[str]] = {}
    for one in _rounded(solution):
        does = here.setdefault(network.graph[one.node].path, [])
        if not does or does[-1].replace("column", "row") != _what(one).replace("column", "row"):
            does.append(_what(one))
    paths = list(dict.fromkeys((*sizes.whole, *here)))
    if not paths:
        return ["rounding up and down part at no size"]
    order = {node.path: node.id for node in network.graph}
    paths.sort(key=lambda path: order.get(path, len(order)))
    head = ("rounding up and down part at", "but for", f"at {_by(solution.at)}")
    rows = [(path, _whole(solution, path), "; ".join(here.get(path, ()))) for path in paths[:_MOST_LAYERS]]
    more = len(paths) - _MOST_LAYERS
    return [*aligned(head, rows, ()), *([f"and {more} more layers"] if more > 0 else [])]


def _whole(solution: Solution, path: str) -> str:
    sizes = solution.sizes
    return words(sizes.whole[path], sizes.most) if path in sizes.whole else ""


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
        "axis": _SIDES[one.axis],
        "over": one.over,
        "lost": one.lost,
        "rounded": "up" if one.up else "down",
    }


# ---- labels ------------------------------------------------------------------


def _labelled(network: Network) -> dict[str, int]:
    """What a person named, inside blocks too, and the outputs."""
    given = {name: id_ for name, id_ in network.labels.items() if _given(network.graph[id_], name)}
    return {**given, **{result.name: result.output for result in network.results}}


def _stands_free(node: Node, name: str) -> bool:
    """Whether a label stands in the net or in its stages, in no block and no copy of a repeat."""
    last = name.rpartition(".")[2]
    around = next((scope.parent for scope in node.scope.chain() if scope.label == last), node.scope)
    return around is None or all(scope.kind not in (Kind.BLOCK, Kind.COPY) for scope in around.chain())


def _given(node: Node, name: str) -> bool:
    last = name.rpartition(".")[2]
    return bool(node.inputs) and last in (node.label, *(scope.label for scope in node.scope.chain()))


def _rows(solution: Solution, *, inside: bool) -> list[tuple[str, ...]]:
    """What stands inside blocks, once for each call, only where it is asked for."""
    network, sizes = solution.network, solution.formulas
    seen, hidden = fields(network), unseen(network)
    named = (
        (name, id_) for name, id_ in _labelled(network).items() if inside or _stands_free(network.graph[id_], name)
    )
    unknown = ("?", "?", "?")
    return [
        (name, *(unknown if id_ in hidden else _field(seen[id_])), _size(network, sizes.get(id_), id_))
        for name, id_ in named
    ]


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
