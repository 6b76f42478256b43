"""The summary as JSON: exact numbers, symbolic sizes as strings."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from archlang.ops.dim import Size
from archlang.ops.op import Shape
from archlang.passes.field import Field
from archlang.report.layers import Layer
from archlang.report.summary import Summary


def write(summary: Summary) -> str:
    """One object: `network`, `variant`, `input`, `layers`, `totals`; a line a layer; shapes are lists, no batch.

    What a layer does not say is null, and `unsaid` of the totals names the layers that they leave out.
    """
    inputs = {name: _shape(shape) for name, shape in summary.inputs.items()}
    head = {
        "network": summary.network,
        "variant": summary.variant,
        "input": next(iter(inputs.values())) if len(inputs) == 1 else inputs,
        "batch": summary.batch,
        "counted": summary.counted,
    }
    totals = {
        "params": summary.params,
        "params_train": summary.params_train,
        "params_trainable": summary.params_trainable,
        "macs": _size(summary.macs),
        **{name: _size(many) for name, many in summary.operations.items()},
        "depth": summary.depth,
        "activation_bytes": _size(summary.activation_bytes),
        "peak_bytes": summary.peak_bytes,
        "saved_bytes": _size(summary.saved_bytes),
        **field_record(summary.field),
        **({"unsaid": {what: list(names) for what, names in summary.unsaid.items()}} if summary.unsaid else {}),
    }
    lines = [f"  {_text(name)}: {_text(value)}," for name, value in head.items()]
    layers = ",\n".join(f"    {_text(_layer(layer, summary.batch))}" for layer in summary.layers)
    return "\n".join(["{", *lines, '  "layers": [', layers, "  ],", f'  "totals": {_text(totals)}', "}"]) + "\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _layer(layer: Layer, batch: int) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "inputs": list(layer.inputs),
        "output": _shape(layer.output),
        "params": None if "params" in layer.unsaid else layer.params,
        "params_trainable": None if "params" in layer.unsaid else layer.params_trainable,
        "macs": None if "macs" in layer.unsaid else _size(batch * layer.macs),
        **{name: _size(batch * many) for name, many in layer.operations.items()},
        "activation_bytes": _size(batch * layer.activation_bytes),
        **field_record(layer.field),
        "stage": layer.stage,
        "train_only": layer.train_only,
        "line": layer.span.line,
    }


def field_record(field: Field | None) -> dict[str, Any]:
    """The receptive field of a layer as JSON has it; the stride and the offset of the whole input are None."""
    if field is None:
        return {"receptive_field": None, "receptive_stride": None, "receptive_offset": None}
    return {
        "receptive_field": _shape(field.size),
        "receptive_stride": None if field.whole else [_number(n) for n in field.stride],
        "receptive_offset": None if field.whole else [_number(n) for n in field.offset],
    }


def _shape(shape: Shape) -> list[int | str]:
    return [_size(size) for size in shape]


def _size(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)


def _number(value: float | Fraction) -> float:
    return float(value) if isinstance(value, Fraction) else value
