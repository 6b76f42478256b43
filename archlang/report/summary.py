"""A network's summary: everything that any of the formats prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from archlang.ir.most import SUMMARY, few_enough
from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.map2d import show
from archlang.ops.op import Shape
from archlang.passes.depth import depth
from archlang.passes.field import Field
from archlang.passes.memory import memory
from archlang.report.counters import COUNTERS, counted
from archlang.report.layers import Layer, layers_by_id


@dataclass(frozen=True, slots=True)
class Summary:
    """The layers of a network and its totals.

    MACs, activations and memory are for `batch` images. `field` is the receptive
    field of the first output. `inputs` are the network's inputs by name.
    `operations` are what else the counter asked for counts. `unsaid` holds, for what some layers do not say (`params`,
    `macs`, `saved`, `field`), their names: the totals are without them.
    """

    network: str
    variant: str | None
    inputs: Mapping[str, Shape]
    layers: tuple[Layer, ...]
    batch: int
    counted: str
    params: int
    params_train: int
    params_trainable: int
    macs: Size
    depth: int
    activation_bytes: Size
    peak_bytes: int | None
    saved_bytes: Size
    field: Field | None
    operations: Mapping[str, Size]
    unsaid: Mapping[str, tuple[str, ...]]

    @property
    def title(self) -> str:
        """`VGG@D`."""
        return f"{self.network}@{self.variant}" if self.variant else self.network

    @property
    def sizes(self) -> str:
        """The inputs' shapes, as `3x224x224`, or `left 1x28x28, right 1x28x28`."""
        if len(self.inputs) == 1:
            return show(next(iter(self.inputs.values())))
        return ", ".join(f"{name} {show(shape)}" for name, shape in self.inputs.items())


def summarize(network: Network, count_as: str | None = None, batch: int = 1) -> Summary:
    """The summary of a network; `ValueError` for a counter there is none of, or for no images.

    Raises ArchError (`too-many-layers`) where the network is too large for one.
    """
    few_enough(network, SUMMARY)
    if count_as not in COUNTERS:
        known = ", ".join(repr(name) for name in COUNTERS)
        raise ValueError(f"count_as is one of {known}, not {count_as!r}")
    if batch < 1:
        raise ValueError(f"batch is a number of images, at least 1, not {batch!r}")
    records = layers_by_id(network, count_as)
    stored = memory(network, batch)
    inference = [layer for layer in records.values() if not layer.train_only]
    first = records.get(network.results[0].output) if network.results else None
    return Summary(
        network=network.name,
        variant=network.variant,
        inputs={network.graph[id_].path: network.shapes[id_] for id_ in network.inputs},
        layers=tuple(records.values()),
        batch=batch,
        counted=counted(network, count_as),
        params=sum(layer.params for layer in inference),
        params_train=sum(layer.params for layer in records.values()),
        params_trainable=sum(layer.params_trainable for layer in records.values()),
        macs=batch * added(layer.macs for layer in inference),
        depth=depth(network),
        activation_bytes=stored.outputs,
        peak_bytes=stored.peak,
        saved_bytes=stored.saved,
        field=first.field if first is not None else None,
        operations=_operations(inference, batch),
        unsaid=_unsaid(network, records),
    )


def _unsaid(network: Network, records: Mapping[int, Layer]) -> dict[str, tuple[str, ...]]:
    """The names of the layers that do not say something, by what it is."""
    found: dict[str, list[str]] = {}
    for id_, layer in records.items():
        op = network.graph[id_].op
        for what in (*sorted(layer.unsaid - {"field"}), *sorted(op.unsaid & {"saved", "field"})):
            found.setdefault(what, []).append(layer.name)
    return {what: tuple(names) for what, names in found.items()}


def summary(
    network: Network,
    format: str = "table",  # noqa: A002 - what `Model.summary` calls it
    count_as: str | None = None,
    batch: int = 1,
) -> str:
    """The summary as text: `table`, `json`, `csv`, `markdown` or `latex`; `ValueError` for another format."""
    writers = _writers()
    if format not in writers:
        raise ValueError(f"format is one of {', '.join(writers)}, not {format!r}")
    return writers[format](summarize(network, count_as, batch))


def _operations(layers: list[Layer], batch: int) -> dict[str, Size]:
    total: dict[str, Size] = {}
    for layer in layers:
        for name, number in layer.operations.items():
            total[name] = total.get(name, 0) + batch * number
    return total


def added(sizes: Iterable[Size]) -> Size:
    """Their sum, symbols included."""
    total: Size = 0
    for size in sizes:
        total = total + size
    return total


def _writers() -> Mapping[str, Callable[[Summary], str]]:
    from archlang.report import csv, json, latex, markdown, table  # one of them at a time is wanted

    return {
        "table": table.write,
        "json": json.write,
        "csv": csv.write,
        "markdown": markdown.write,
        "latex": latex.write,
    }
