"""All that the page shows of one network, as data: its scene, its layers, the lines they come from and go to."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from archlang.draw.compose import compose_to_fold
from archlang.draw.words import every_option, tensor_text
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind
from archlang.ops.dim import Size, count
from archlang.ops.op import Op
from archlang.page.scene import scene_record
from archlang.passes.cost import BYTES
from archlang.passes.field import MAP, Field, fields
from archlang.passes.fuse import fusions
from archlang.passes.inplace import overwrites
from archlang.passes.memory import alive
from archlang.report.emitted import Emitted
from archlang.report.json import field_record
from archlang.report.layers import layers_by_id
from archlang.source import Source

Record = dict[str, Any]

COLUMNS = (
    "id",
    "name",
    "kind",
    "options",
    "inputs",
    "output",
    "params",
    "macs",
    "bytes",
    "field",
    "stride",
    "offset",
    "stage",
    "only",
    "still",
    "at",
    "line",
    "end",
    "live",
    "kernel",
)
"""What stands in a layer's row, in order.

Shapes are texts as the picture has them, `params` and `macs` are `?` where the layer does not say them, `bytes` and
`live` are of one image in fp32, `field`, `stride`, `offset` the receptive field's by rows and columns (0 where there is
none), `only` and `still` whether it belongs to a train-only head and whether training leaves its parameters alone, `at`
the places in the source, the innermost first, `line` and `end` those in the emitted module, `kernel` the number of the
group that one kernel runs, from 1.
"""


def sheet(network: Network, code: str | None) -> Record:
    """One network; `code` is its module as it is emitted without kernels.

    Where that has to wait `code` is None, and what one kernel runs, which takes as long to find, waits too.
    """
    source = network.span.source
    offsets = Offsets(source)
    places = Emitted(code).places(network) if code is not None else {}
    live = alive(network, overwrites(network)) or {}
    groups = kernels(network) if code is not None else {}
    options: dict[Op, str] = {}  # copies of a block have the same layers
    rows: list[list[Any]] = []
    for id_, layer in layers_by_id(network).items():
        node = network.graph[id_]
        place = places.get(id_)
        if node.op not in options:
            options[node.op] = every_option(node.op)
        rows.append(
            [
                id_,
                layer.name,
                layer.kind,
                options[node.op],
                list(node.inputs),
                tensor_text(layer.output),
                "?" if "params" in layer.unsaid else layer.params,
                "?" if "macs" in layer.unsaid else _plain(layer.macs),
                _plain(layer.activation_bytes),
                *_field(layer.field),
                layer.stage,
                int(layer.train_only),
                int(layer.params > 0 and network.settings.still(id_)),
                offsets.of(node),
                place.line if place else 0,
                place.end if place else 0,
                live.get(id_, 0),
                groups.get(id_, 0),
            ]
        )
    inputs = [
        [node.id, node.path, tensor_text(network.shapes[node.id]), _plain(BYTES * count(network.shapes[node.id]))]
        for node in network.graph
        if not node.inputs
    ]
    return {
        "variant": network.variant or "",
        "scene": scene_record(compose_to_fold(network)),
        "inputs": inputs,
        "layers": rows,
        "code": code or "",
        **_fields(network),
    }


def kernels(network: Network) -> dict[int, int]:
    """By layer that a kernel runs together with others the number of its group, from 1."""
    return {id_: number for number, one in enumerate(fusions(network).groups, 1) for id_ in one.nodes}


def _fields(network: Network) -> Record:
    """With several inputs that are maps, `fields`: for each layer the input's id, size, stride and offset of each."""
    maps = [node.id for node in network.graph if not node.inputs and len(network.shapes[node.id]) == MAP]
    if len(maps) < 2:
        return {}
    found: dict[str, list[list[Any]]] = {}
    for source in maps:
        for id_, seen in fields(network, source).items():
            if seen is not None and network.graph[id_].inputs:
                found.setdefault(str(id_), []).append([source, *_field(seen)])
    return {"fields": found}


def _field(field: Field | None) -> list[Any]:
    """Size, stride and offset, by rows and columns; 0 where there is none."""
    record = field_record(field)
    return [record[f"receptive_{name}"] or 0 for name in ("field", "stride", "offset")]


_WRITTEN = frozenset({Kind.WORD, Kind.BLOCK, Kind.STAGE, Kind.AUX, Kind.TRUNK})
"""What a reader would look for in the source: the word that stands for a layer, the calls that lead to it."""


class Offsets:
    """Places of a source as a script counts them, in UTF-16 units."""

    def __init__(self, source: Source) -> None:
        self._source = source
        text = source.text
        self._wide = [] if text.isascii() else [index for index, char in enumerate(text) if ord(char) > 0xFFFF]

    def of(self, node: Node) -> list[list[int]]:
        """Where a layer was written, from the innermost place in this source out; the whole network is none."""
        spans = [node.span, *(scope.span for scope in node.scope.chain() if scope.kind in _WRITTEN)]
        found = ([self.at(span.start), self.at(span.end)] for span in spans if span.source is self._source)
        return [list(pair) for pair in dict.fromkeys(map(tuple, found))]

    def at(self, offset: int) -> int:
        """The offset that a script has for one of ours."""
        return offset + bisect_left(self._wide, offset)


def _plain(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)
