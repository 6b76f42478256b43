"""The cells that the tables share, as text."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
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
    params = "?" if "params" in layer.unsaid else number(layer.params)
    macs = "?" if "macs" in layer.unsaid else number(batch * layer.macs)
    numbers = (params, macs, size_text(batch * layer.activation_bytes))
    return (name, layer.kind, show(layer.output), *numbers, *_field_cells(layer))


def stages(layers: tuple[Layer, ...]) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """Runs of layers of one stage, in order; "" for those of none."""
    for name, run in groupby(layers, key=lambda layer: layer.stage):
        yield name, tuple(run)


def subtotal(name: str, layers: tuple[Layer, ...], batch: int) -> tuple[str, ...]:
    """The sums over a stage, in the cells of a row."""
    params, macs = added(layer.params for layer in layers), batch * added(layer.macs for layer in layers)
    activation = batch * added(layer.activation_bytes for layer in layers)
    output = show(layers[-1].output)
    unsaid = {what for layer in layers for what in layer.unsaid}
    numbers = (more(number(params), "params", unsaid), more(number(macs), "macs", unsaid), size_text(activation))
    return (name, "", output, *numbers, *_field_cells(layers[-1]))


def more(text: str, what: str, unsaid: Container[str]) -> str:
    """A total, with ` + ?` behind it where layers of it do not say theirs."""
    return text if what not in unsaid else "?" if text == "0" else f"{text} + ?"


def _field_cells(layer: Layer) -> tuple[str, str, str]:
    return ("?", "?", "?") if "field" in layer.unsaid else field_cells(layer.field)


def totals(summary: Summary) -> list[tuple[str, str]]:
    """The lines below a table: what, how much."""
    unsaid = summary.unsaid
    lines = [("parameters", more(number(summary.params), "params", unsaid))]
    if summary.params_train != summary.params:
        lines.append(("parameters with train-only heads", more(number(summary.params_train), "params", unsaid)))
    if summary.params_trainable != summary.params_train:
        lines.append(("of which learn", more(number(summary.params_trainable), "params", unsaid)))
    lines += [
        ("MACs", more(number(summary.macs), "macs", unsaid)),
        *((name, number(many)) for name, many in summary.operations.items()),
        ("depth", f"{summary.depth} weight layer{'s' * (summary.depth != 1)}"),
        ("activations, all outputs", size_text(summary.activation_bytes)),
        (
            "activations, peak at inference",
            "depends on the input" if summary.peak_bytes is None else size_text(summary.peak_bytes),
        ),
        ("kept for the backward pass", more(size_text(summary.saved_bytes), "saved", unsaid)),
    ]
    if summary.field is not None:
        size, stride, offset = field_cells(summary.field)
        where = f"{size}, the whole input" if summary.field.whole else f"{size}, stride {stride}, offset {offset}"
        lines.append(("receptive field", where))
    if unsaid:
        lines.append(("not said by layers of the file's own", _who(unsaid)))
    return lines


def _who(unsaid: Mapping[str, tuple[str, ...]]) -> str:
    """Which layers do not say what: the same layers once."""
    whats: dict[tuple[str, ...], list[str]] = {}
    for what, words in _WHAT.items():
        if what in unsaid:
            whats.setdefault(unsaid[what], []).append(words)
    return "; ".join(f"{_several(names)}: {', '.join(words)}" for names, words in whats.items())


def _several(names: tuple[str, ...]) -> str:
    few = ", ".join(names[:3])
    return few if len(names) <= 3 else f"{few} and {len(names) - 3} more"


_WHAT = {"params": "parameters", "macs": "MACs", "field": "receptive field", "saved": "what is kept"}


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
