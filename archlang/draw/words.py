"""What is written: a layer's companions, its options, its tensor, a network's totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.notation import QUIET, defaults, set_options, value_text
from archlang.ops.op import Op, Shape
from archlang.passes.cost import Cost, said, total

_MOST_SYMBOLS = 60


def companion_text(op: Op) -> str:
    """A companion in a few letters: `relu`, `dropout(0.5)`."""
    if op.stateful or op.family == "lrn":
        return op.word
    first = [value_text(value) for name, value in set_options(op) if name not in QUIET]
    return f"{op.word}({', '.join(first)})" if first else op.word


def every_option(op: Op) -> str:
    """All options, for those who want to know: `out=64, k=3x3, stride=1`."""
    return ", ".join(f"{name}={value_text(getattr(op, field))}" for field, name, _ in defaults(op.__class__))


def tensor_text(shape: Shape) -> str:
    """`64ch · 56x56` for a map, `4096` for features."""
    if len(shape) != 3:
        return "x".join(_size(size) for size in shape)
    channels, height, width = shape
    return f"{channels}ch · {_size(height)}x{_size(width)}"


def tensor_range(first: Shape, last: Shape) -> str:
    """The tensor of several copies: `64…256ch · 56x56` where only the channels differ."""
    if first == last:
        return tensor_text(last)
    if len(first) == len(last) == 3 and first[1:] == last[1:]:
        return f"{first[0]}…{tensor_text(last)}"
    return f"{tensor_text(first)} … {tensor_text(last)}"


def text_range(text: Callable[[Op], str], first: Op, last: Op) -> str:
    """What is written of several copies: `droppath(0.02…0.1)`, `p=0.02…0.1` where that differs."""
    one, other = text(first), text(last)
    if one == other:
        return other
    one, other = (re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.3g}", each) for each in (one, other))
    return f"{one.removesuffix(')')}…{re.sub(r'^[a-z0-9]+[(=]', '', other)}"


def amount(number: Size) -> str:
    """A count in three or four figures with its unit: `25.56 M`, `4.089 G`, `512`; a symbolic one as it is."""
    if not isinstance(number, int):
        return str(number)
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**4)):
        if number >= size:
            scale = 10**3 if unit == "k" else size
            return f"{number / scale:.4g} {unit}"
    return f"{number:,}"


def totals(parts: Iterable[Cost]) -> str:
    """`25.56 M params · 4.089 G MACs` of some layers."""
    cost = total(parts)
    texts = [f"{said(amount(cost.params), cost, 'params')} params"]
    if len(str(cost.macs)) <= _MOST_SYMBOLS:
        texts.append(f"{said(amount(cost.macs), cost, 'macs')} MACs")
    return " · ".join(texts)


def network_title(network: Network) -> str:
    """`ResNet-50`."""
    return f"{network.name}-{network.variant}" if network.variant else network.name


def _size(size: Size) -> str:
    text = str(size)
    return f"({text})" if " " in text else text
