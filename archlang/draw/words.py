"""What is written: a layer's short form, its options, its tensor, a network's totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, cast

from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.op import Op, Pair, Shape
from archlang.passes.cost import Cost, total

_QUIET = frozenset(
    {"bias", "eps", "momentum", "ceil", "include_pad", "alpha", "beta", "size", "inplace", "affine", "shape"}
)
_MOST_SYMBOLS = 60


def short_form(op: Op) -> str:
    """How the language writes a layer: `conv3-64/2`, `maxpool3/2`, `FC-4096`."""
    stride = _stride(op)
    width = getattr(op, op.width) if op.width else None
    dash = f"-{width}" if width is not None else ""
    return f"{op.word}{_kernel(op, bare=not dash + stride)}{dash}{stride}"


def options(op: Op) -> str:
    """The options that the short form leaves out and that shape what a layer does: `groups=2`."""
    if op.told is not None:
        return op.told
    said = {op.kernel_option, op.width, op.stride_option, *_QUIET}
    if op.kernel_option and getattr(op, "pad", None) == tuple(k // 2 for k in getattr(op, op.kernel_option)):
        said.add("pad")  # what keeps the size at stride 1 needs no word
    return ", ".join(f"{name}={_value(value)}" for name, value in _set(op) if name not in said)


def companion_text(op: Op) -> str:
    """A companion in a few letters: `relu`, `dropout(0.5)`."""
    if op.stateful or op.family == "lrn":
        return op.word
    first = [_value(value) for name, value in _set(op) if name not in _QUIET]
    return f"{op.word}({', '.join(first)})" if first else op.word


def every_option(op: Op) -> str:
    """All options, for those who want to know: `out=64, k=3x3, stride=1`."""
    return ", ".join(f"{field.name}={_value(getattr(op, field.name))}" for field in fields(op))


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
    texts = [f"{amount(cost.params)} params"]
    if len(str(cost.macs)) <= _MOST_SYMBOLS:
        texts.append(f"{amount(cost.macs)} MACs")
    return " · ".join(texts)


def network_title(network: Network) -> str:
    """`ResNet-50`."""
    return f"{network.name}-{network.variant}" if network.variant else network.name


def _set(op: Op) -> list[tuple[str, Any]]:
    """The options that are not at their default."""
    return [(f.name, getattr(op, f.name)) for f in fields(op) if getattr(op, f.name) != f.default]


def _digits(pair: Pair | int) -> str:
    if isinstance(pair, int):
        return str(pair)
    return str(pair[0]) if pair[0] == pair[1] else "x".join(map(str, pair))


def _kernel(op: Op, *, bare: bool) -> str:
    """`3`, `1x7`; nothing for the kernel that the word means by itself, unless more follows."""
    if op.kernel_option is None:
        return ""
    kernel = getattr(op, op.kernel_option)
    plain = next(f.default for f in fields(op) if f.name == op.kernel_option)
    return "" if bare and kernel == plain else _digits(kernel)


def _stride(op: Op) -> str:
    """`/2`, and nothing for the stride that the layer has anyway: 1, or a pool's own kernel."""
    if op.stride_option is None:
        return ""
    stride = getattr(op, op.stride_option)
    kernel = getattr(op, op.kernel_option) if op.kernel_option else None
    plain = next(f.default for f in fields(op) if f.name == op.stride_option)
    usual = kernel if plain is None else plain
    return "" if stride is None or stride == usual else f"/{_digits(stride)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        parts = [str(part) for part in cast(tuple[Any, ...], value)]
        return parts[0] if len(set(parts)) == 1 else "x".join(parts)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _size(size: Size) -> str:
    text = str(size)
    return f"({text})" if " " in text else text
