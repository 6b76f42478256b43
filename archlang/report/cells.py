"""The cells that the tables share, as text."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby

from archlang.ops.dim import Size
from archlang.ops.map2d import show
from archlang.passes.field import Field
from archlang.report.layers import Layer
from archlang.report.summary import Summary, added

HEADINGS = ("layer", "kind", "output", "params", "MACs", "activation", "field", "stride", "offset")
NUMERIC = 3
"""From this column on, cells are numbers."""


def row(layer: Layer, batch: int) -> tuple[str, ...]:
    """One layer: name, kind, output, parameters, MACs, bytes of its output, receptive field."""
    marks = [word for word, holds in (("training", layer.train_only), ("frozen", layer.still)) if holds]
    name = f"{layer.name} ({', '.join(marks)})" if marks else layer.name
    numbers = (number(layer.params), number(batch * layer.macs), size_text(batch * layer.activation_bytes))
    return (name, layer.kind, show(layer.output), *numbers, *field_cells(layer.field))


def stages(layers: tuple[Layer, ...]) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """Runs of layers of one stage, in order; "" for those of none."""
    for name, run in groupby(layers, key=lambda layer: layer.stage):
        yield name, tuple(run)


def subtotal(name: str, layers: tuple[Layer, ...], batch: int) -> tuple[str, ...]:
    """The sums over a stage, in the cells of a row."""
    params, macs = added(layer.params for layer in layers), batch * added(layer.macs for layer in layers)
    activation = batch * added(layer.activation_bytes for layer in layers)
    output = show(layers[-1].output)
    return (name, "", output, number(params), number(macs), size_text(activation), *field_cells(layers[-1].field))


def totals(summary: Summary) -> list[tuple[str, str]]:
    """The lines below a table: what, how much."""
    lines = [("parameters", number(summary.params))]
    if summary.params_train != summary.params:
        lines.append(("parameters with train-only heads", number(summary.params_train)))
    if summary.params_trainable != summary.params_train:
        lines.append(("of which learn", number(summary.params_trainable)))
    lines += [
        ("MACs", number(summary.macs)),
        *((name, number(many)) for name, many in summary.operations.items()),
        ("depth", f"{summary.depth} weight layer{'s' * (summary.depth != 1)}"),
        ("activations, all outputs", size_text(summary.activation_bytes)),
        (
            "activations, peak at inference",
            "depends on the input" if summary.peak_bytes is None else size_text(summary.peak_bytes),
        ),
        ("kept for the backward pass", size_text(summary.saved_bytes)),
    ]
    if summary.field is not None:
        size, stride, offset = field_cells(summary.field)
        where = f"{size}, the whole input" if summary.field.whole else f"{size}, stride {stride}, offset {offset}"
        lines.append(("receptive field", where))
    return lines


def heading(summary: Summary) -> str:
    """What the columns mean."""
    images = "1 image" if summary.batch == 1 else f"{summary.batch} images"
    return f"MACs: {summary.counted}; activations: fp32, {images}."


def number(size: Size) -> str:
    """`25,557,032`, or the symbols."""
    return f"{size:,}" if isinstance(size, int) else str(size)


def rounded(count: Size) -> str:
    """`25.6 M`: three digits and a thousand's power; symbols as they are."""
    if not isinstance(count, int):
        return str(count)
    for unit, scale in ((" G", 10**9), (" M", 10**6), (" K", 10**3)):
        if count >= scale * 0.9995:
            value = count / scale
            digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
            return f"{value:,.{digits}f}{unit}"
    return str(count)


def size_text(size: Size) -> str:
    """`9.19 MB`: powers of a thousand."""
    if not isinstance(size, int):
        return f"{size} B"
    for unit, scale in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:.2f} {unit}"
    return f"{size} B"


def field_cells(field: Field | None) -> tuple[str, str, str]:
    """Receptive field, stride and offset; what is the same both ways is said once."""
    if field is None:
        return "", "", ""
    if field.whole:
        return show(field.size), "", ""
    return _both(field.size, "x"), _both(field.stride, "x"), _both(field.offset, ",")


def _both(pair: tuple[Size | Fraction, Size | Fraction], between: str) -> str:
    first, second = (plain(value) for value in pair)
    return first if first == second else f"{first}{between}{second}"


def plain(value: Size | Fraction) -> str:
    """A number as short as it can be said."""
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)
