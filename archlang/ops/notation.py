"""How the language writes a layer that stands: its short form, and the options that say more."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any, cast

from archlang.ops.op import Op, Pair, typed

QUIET = frozenset(
    {"bias", "eps", "momentum", "ceil", "include_pad", "alpha", "beta", "size", "inplace", "affine", "shape"}
)
"""Options that a picture or a table need not say."""


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
    said = {op.kernel_option, op.width, op.stride_option, *QUIET}
    if op.foreign:
        said -= QUIET
    kernel = getattr(op, op.kernel_option) if op.kernel_option else None
    if isinstance(kernel, tuple) and getattr(op, "pad", None) == tuple(k // 2 for k in cast(Pair, kernel)):
        said.add("pad")  # what keeps the size at stride 1 needs no word
    return ", ".join(f"{name}={value_text(value)}" for name, value in set_options(op) if name not in said)


def set_options(op: Op) -> list[tuple[str, Any]]:
    """The options that are not at their default."""
    found = ((name, getattr(op, field), default) for field, name, default in defaults(op.__class__))
    return [(name, value) for name, value, default in found if value != default]


@lru_cache(1024)
def defaults(kind: type[Op]) -> tuple[tuple[str, str, Any], ...]:
    """The fields of a kind of layer: name, how it is typed, and default (`dataclasses.MISSING` where it has none)."""
    return tuple((f.name, typed(f), f.default) for f in fields(kind))


def kernel_text(pair: Pair | int) -> str:
    """A kernel or stride as it is typed: `3`, `1x7`."""
    if isinstance(pair, int):
        return str(pair)
    return str(pair[0]) if pair[0] == pair[1] else "x".join(map(str, pair))


def _kernel(op: Op, *, bare: bool) -> str:
    """`3`, `1x7`; nothing for the kernel that the word means by itself, unless more follows."""
    if op.kernel_option is None:
        return ""
    kernel = getattr(op, op.kernel_option)
    plain = next(default for name, _, default in defaults(op.__class__) if name == op.kernel_option)
    return "" if bare and kernel == plain else kernel_text(kernel)


def _stride(op: Op) -> str:
    """`/2`, and nothing for the stride that the layer has anyway: 1, or a pool's own kernel."""
    if op.stride_option is None:
        return ""
    stride = getattr(op, op.stride_option)
    kernel = getattr(op, op.kernel_option) if op.kernel_option else None
    plain = next(default for name, _, default in defaults(op.__class__) if name == op.stride_option)
    usual = kernel if plain is None else plain
    return "" if stride is None or stride == usual else f"/{kernel_text(stride)}"


def value_text(value: Any) -> str:
    """A value as it is typed: `true`, `0.5`, `1x7`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        parts = [str(part) for part in cast(tuple[Any, ...], value)]
        return parts[0] if len(set(parts)) == 1 else "x".join(parts)
    return f"{value:g}" if isinstance(value, float) else str(value)
