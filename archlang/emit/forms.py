"""Constructor calls as data: what is called, with which arguments, so that calls can be compared.

`Form` is read from the text that an op states about itself; its leaves are
values. Forms of one shape differ in leaves only, and options left out of a call
are filled in with PyTorch's defaults before they are compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, cast

from archlang.emit.names import quoted
from archlang.emit.printer import split
from archlang.ir.graph import Node
from archlang.ops.op import Code
from archlang.record import record

DEFAULTS: dict[str, Any] = {
    "stride": 1,
    "padding": 0,
    "dilation": 1,
    "output_padding": 0,
    "groups": 1,
    "bias": True,
    "ceil_mode": False,
    "inplace": False,
    "eps": 1e-5,
    "momentum": 0.1,
}
"""What PyTorch assumes of an option that a call leaves out. A pool's stride is its kernel, so pools are left alone."""

_POSITIONS: dict[str, tuple[str, ...]] = {
    "nn.Conv2d": ("in_channels", "out_channels", "kernel_size"),
    "nn.ConvTranspose2d": ("in_channels", "out_channels", "kernel_size"),
    "nn.Linear": ("in_features", "out_features"),
    "nn.BatchNorm2d": ("channels",),
    "nn.BatchNorm1d": ("features",),
    "nn.MaxPool2d": ("kernel_size",),
    "nn.AvgPool2d": ("kernel_size",),
    "nn.Dropout": ("p",),
}

_CALL = re.compile(r"([A-Za-z_][\w.]*)\((.*)\)\Z", re.DOTALL)
_HOLE = re.compile(r"\{(\w+)\}\Z")
_NAMED = re.compile(r"([A-Za-z_]\w*)=(.*)\Z", re.DOTALL)


@record
class Leaf:
    """A value in a call. `node` is the layer it is an option of, if it is one's."""

    value: Any
    node: Node | None = field(default=None, compare=False)


class Each(tuple[Any, ...]):
    """The values that one option has in the rounds of a repeat, one after the other: a list in the source."""

    __slots__ = ()


@record
class Series:
    """The values that one option has in the copies of a repeat, said by the number of the copy: `ws[i]`, `w * 2**i`.

    `node` is the layer of the first copy, where it is the option of one.
    """

    values: tuple[Any, ...]
    node: Node | None = field(compare=False, default=None)


class Callee(str):
    """A function of PyTorch, or a class of its modules, by its name in the source: an argument like any other."""

    __slots__ = ()


@record
class Raw:
    """Source text, as it stands."""

    text: str


@dataclass(unsafe_hash=True)  # no record: `shape` is kept
class Form:
    """`function(args)`. With `ordered`, the names are keys: `nn.Sequential(OrderedDict(...))`."""

    function: str
    args: tuple[tuple[str | None, Arg], ...]
    ordered: bool = False

    @cached_property
    def shape(self) -> Any:
        """What two calls must agree in to be told apart by leaves alone, defaults being filled in."""
        rest = tuple(
            (name, _shape(value))
            for name, value in self.args
            if isinstance(value, Form) or default(self.function, name) is ...
        )
        return self.function, self.ordered, rest


_MOST_PARTS = 200
"""Steps that a range of numbers may be parted in: EfficientNet-B7 has 55 units."""

Arg = Leaf | Raw | Form
Path = tuple[int, ...]
"""The way to a leaf: the index of an argument, of one of its arguments, ..."""


def form(code: Code, node: Node | None = None) -> Form:
    """The call that an op's text spells."""
    arg = _filled_in(_read(code.text), dict(code.values), node)
    return arg if isinstance(arg, Form) else Form("", ((None, arg),))


@record
class _Hole:
    """Where a value of the op's goes."""

    name: str


@cache
def _read(text: str) -> _Hole | Raw | tuple[str, tuple[tuple[str | None, Any], ...]]:
    """The call that a text spells, its holes open: a network has hundreds of layers and a few dozen texts."""
    hole = _HOLE.match(text)
    if hole:
        return _Hole(hole[1])
    match = _CALL.match(text)
    if match is None:
        return Raw(text)
    args: list[tuple[str | None, Any]] = []
    for part in split(match[2], ","):
        named = _NAMED.match(part)
        name, rest = (named[1], named[2]) if named else (None, part)
        args.append((name, _read(rest)))
    return match[1], tuple(args)


def _filled_in(
    read: _Hole | Raw | tuple[str, tuple[tuple[str | None, Any], ...]], values: dict[str, Any], node: Node | None
) -> Arg:
    if isinstance(read, _Hole):
        return Leaf(values[read.name], node)
    if isinstance(read, Raw):
        return read
    function, args = read
    return Form(function, tuple([(name, _filled_in(arg, values, node)) for name, arg in args]))


def argument_name(function: str, index: int, name: str | None) -> str:
    """What an argument is called where it becomes one of a class."""
    if name is not None:
        return name
    known = _POSITIONS.get(function, ())
    return known[index] if index < len(known) else "size"


def default(function: str, name: str | None) -> Any:
    """What PyTorch assumes where the option is left out; `...` if it must be given."""
    if name is None or (name == "stride" and "Pool" in function) or not function.startswith("nn."):
        return ...
    return DEFAULTS.get(name, ...)


def _shape(arg: Arg) -> Any:
    return None if isinstance(arg, Leaf) else arg.text if isinstance(arg, Raw) else arg.shape


def filled(forms: Sequence[Form]) -> list[Form]:
    """The same calls, each with every option that one of them gives. They are of one shape."""
    function = forms[0].function
    names: list[str] = []
    for one in forms:
        names += [
            n
            for n, v in one.args
            if n is not None and default(function, n) is not ... and n not in names and not isinstance(v, Form)
        ]
    names.sort(key=list(DEFAULTS).index)
    rows: list[list[tuple[str | None, Arg]]] = []
    for one in forms:
        given = dict(one.args)
        node = next((value.node for _, value in one.args if isinstance(value, Leaf)), None)
        kept = [(n, v) for n, v in one.args if n not in names]
        kept += [(n, given.get(n, Leaf(default(function, n), node))) for n in names]
        rows.append(kept)
    for index in range(len(rows[0])):
        column = [row[index][1] for row in rows]
        nested = [value for value in column if isinstance(value, Form)]
        if nested and len(nested) == len(rows):
            for row, value in zip(rows, filled(nested), strict=True):
                row[index] = (row[index][0], value)
    return [replace(one, args=tuple(row)) for one, row in zip(forms, rows, strict=True)]


def leaves(one: Form, path: Path = ()) -> Iterator[tuple[Path, str, Leaf]]:
    """Every leaf: the way to it, what it is called as an argument, and itself."""
    for index, (name, value) in enumerate(one.args):
        if isinstance(value, Leaf):
            yield (*path, index), argument_name(one.function, index, name), value
        elif isinstance(value, Form):
            yield from leaves(value, (*path, index))


def mapped(one: Form, change: Callable[[Path, Leaf], Arg], path: Path = ()) -> Form:
    """The same call with each leaf exchanged for what `change` makes of it."""
    args: list[tuple[str | None, Arg]] = []
    for index, (name, value) in enumerate(one.args):
        here = (*path, index)
        if isinstance(value, Leaf):
            args.append((name, change(here, value)))
        elif isinstance(value, Form):
            args.append((name, mapped(value, change, here)))
        else:
            args.append((name, value))
    return replace(one, args=tuple(args))


_SHORTER = 4
"""Digits less, for which the last bit of a number is given up."""


def _decimal(value: float) -> str:
    """A number as it was meant: 0.1 * 3 is 0.3, which binary fractions miss by their last bit."""
    exact, meant = repr(value), repr(float(f"{value:.15g}"))
    return meant if len(meant) <= len(exact) - _SHORTER else exact


def literal(value: Any) -> str:
    """A value as source text."""
    if isinstance(value, Callee):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int | float):
        return "float(" + quoted(repr(value)) + ")" if not math.isfinite(value) else _decimal(value)
    if isinstance(value, tuple | list):
        items: list[Any] = list(cast("Sequence[Any]", value))
        inside = ", ".join(literal(item) for item in items)
        if isinstance(value, Each):
            return (_evenly(value) if all(isinstance(one, float) for one in value) else None) or f"[{inside}]"
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(items) == 1 else f"({inside})"
    raise TypeError(f"no source text for {type(value).__name__}")


def _evenly(values: Each) -> str | None:
    """Numbers that step evenly, `[0.2 * i / 16 for i in range(4, 7)]`; None where that is not each of them exactly."""
    if len(values) < 3:
        return None
    step = (values[-1] - values[0]) / (len(values) - 1)
    if not step > 0:
        return None
    first = round(values[0] / step)
    for parts in range(1, _MOST_PARTS):
        whole = round(step * parts, 6)
        if all(value == whole * (first + at) / parts for at, value in enumerate(values)):
            said = f"{literal(whole)} * i" if parts == 1 else f"{literal(whole)} * i / {parts}"
            start = f"{first}, " if first else ""
            return f"[{said} for i in range({start}{first + len(values)})]"
    return None
