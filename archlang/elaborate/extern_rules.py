"""The rules of an `extern` declaration, worked out for one layer: its shape, its counts, what its class is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, cast

from archlang.elaborate.evaluate import ValueProblem, evaluate
from archlang.elaborate.read import not_whole
from archlang.elaborate.values import UNKNOWN, View, describe, is_list
from archlang.ops.compare import surely_less
from archlang.ops.dim import Dim, Size
from archlang.ops.map2d import show
from archlang.ops.op import Pair, Shape, ShapeError, Window
from archlang.record import entity
from archlang.source import Span
from archlang.syntax import ast

ALL = "all"
"""The kernel of a layer whose every output value sees the whole map."""
MOST_IN_A_RULE = 1_000
"""Values of lists that one rule may make or go through."""
SIDES = {1: ("c",), 2: ("n", "c"), 3: ("c", "h", "w")}
"""What the sizes of features, of a sequence and of a map are called."""
WORDS = {
    "shape": "its shape",
    "params": "its parameters",
    "weight": "its `weight`",
    "bias": "its `bias`",
    "macs": "its MACs",
    "depth": "its depth",
    "kernel": "its kernel",
    "stride": "its stride",
    "pad": "its padding",
    "dilation": "its dilation",
    "arguments": "what its class is given",
}
"""What each fact of a declaration says."""


@entity
class Declared:
    """What one declaration says.

    `ports` are the parameters that are tensors, `order` the inputs (0 is the running tensor) as `forward` has them,
    `at` where its class is named.
    """

    word: str
    key: object
    facts: Mapping[str, ast.Expr]
    args: tuple[ast.Arg, ...] | None
    ports: tuple[str, ...]
    order: tuple[int, ...]
    at: Span

    def shape(self, options: Mapping[str, Any], inputs: tuple[Shape, ...]) -> Shape:
        """The output's shape."""
        expr = self.facts["shape"]
        tensors = self._tensors(inputs)
        if isinstance(expr, ast.Name) and expr.name in tensors:
            return tensors[expr.name]
        value = self._value("shape", expr, options, inputs)
        sizes = list(value) if is_list(value) else [value]
        if not 1 <= len(sizes) <= len(SIDES):
            message = f"a shape has 1, 2 or 3 sizes (features, a sequence, a map), and this has {len(sizes)}"
            raise self._wrong("shape", message, expr.span)
        places = expr.items if isinstance(expr, ast.List) else (expr,) * len(sizes)
        return tuple(self._size("shape", size, place) for size, place in zip(sizes, places, strict=True))

    def tensors(self, options: Mapping[str, Any], inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]] | None:
        """The learnable tensors, those that are not named as one."""
        named: dict[str, tuple[int, ...]] = {}
        for name in ("weight", "bias"):
            if name in self.facts:
                value = self._value(name, self.facts[name], options, inputs)
                sizes = list(value) if is_list(value) else [value]
                named[name] = tuple(self._known(name, size, self.facts[name], 1) for size in sizes)
        if "params" not in self.facts:
            return named or None
        expr = self.facts["params"]
        rest = self._known("params", self._value("params", expr, options, inputs), expr) - sum(
            map(prod, named.values())
        )
        if rest < 0:
            message = f"they are {sum(map(prod, named.values())) + rest:,}, and its named tensors alone hold more"
            raise self._wrong("params", message, expr.span)
        return named | ({"parameters": (rest,)} if rest else {})

    def macs(self, options: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Size | None:
        """Multiply-accumulates for one image; None if it does not say."""
        if "macs" not in self.facts:
            return None
        expr = self.facts["macs"]
        value = self._value("macs", expr, options, inputs, output)
        if isinstance(value, Dim):
            return value
        return self._known("macs", value, expr)

    def depth(self, options: Mapping[str, Any]) -> int:
        """As said; else one, unless it has no parameters or does no multiplications that count."""
        if "depth" in self.facts:
            expr = self.facts["depth"]
            return self._known("depth", self._value("depth", expr, options, ()), expr)
        none = (self.facts.get(name) for name in ("params", "macs"))
        return int(not any(isinstance(expr, ast.Number) and expr.value == 0 for expr in none))

    def window(self, options: Mapping[str, Any]) -> Window | None:
        """What an output position sees; without a `kernel`, only how far apart two of them are."""
        stride = self._pair("stride", options, 1, 1)
        if "kernel" not in self.facts or self.sees_all(options):
            return Window(stride, stride) if stride != (1, 1) else None
        kernel = self._pair("kernel", options, 1, 1)
        dilation = self._pair("dilation", options, 1, 1)
        same = tuple(d * (k // 2) if k % 2 else 0 for k, d in zip(kernel, dilation, strict=True))
        top, left = self._pair("pad", options, 0, same)
        return Window(kernel, stride, ((top, top), (left, left)), dilation)

    def sees_all(self, options: Mapping[str, Any]) -> bool:
        """Whether its kernel is "all"."""
        expr = self.facts.get("kernel")
        return expr is not None and self._value("kernel", expr, options, ()) == ALL

    def arguments(self, options: Mapping[str, Any], inputs: tuple[Shape, ...]) -> list[tuple[str | None, Any]]:
        """What the class is given; all parameters by name where the declaration does not say."""
        if self.args is None:
            return list(options.items())
        return [(arg.name, self._argument(arg, options, inputs)) for arg in self.args]

    def _argument(self, arg: ast.Arg, options: Mapping[str, Any], inputs: tuple[Shape, ...]) -> Any:
        value = self._value("arguments", arg.value, options, inputs)
        if isinstance(value, Dim):
            message = f"`{arg.value.span.text}` is {value}, and is not known yet"
            raise self._wrong("arguments", message, arg.span, "give the size with `--input`")
        return _literal(value)

    def _value(
        self,
        fact: str,
        expr: ast.Expr,
        options: Mapping[str, Any],
        inputs: tuple[Shape, ...],
        output: Shape | None = None,
    ) -> Any:
        """The worth of an expression of the declaration."""
        try:
            value = evaluate(expr, _Sight(options, self._tensors(inputs, output)))
        except ValueProblem as problem:
            raise self._wrong(fact, problem.message, problem.span, problem.help) from None
        if value is UNKNOWN or isinstance(value, View):
            raise self._wrong(fact, f"`{expr.span.text}` is no number", expr.span)
        return value

    def _tensors(self, inputs: tuple[Shape, ...], output: Shape | None = None) -> dict[str, Shape]:
        found = dict(zip(("in", *self.ports), inputs, strict=False))
        return found if output is None else found | {"out": output}

    def _size(self, fact: str, value: Any, expr: ast.Expr) -> Size:
        if isinstance(value, Dim):
            if surely_less(value, 1):
                raise self._wrong(fact, f"a size would be {value}, which is never 1 or more", expr.span)
            return value
        return self._known(fact, value, expr, 1)

    def _known(self, fact: str, value: Any, expr: ast.Expr, least: int = 0) -> int:
        """`value` as a whole number from `least` up."""
        if isinstance(value, bool) or not isinstance(value, int):
            problem = not_whole(value, expr.span, "it")
            raise self._wrong(fact, problem.message, expr.span, problem.help)
        if value < least:
            what = "a size" if fact in ("shape", "weight", "bias") else "it"
            raise self._wrong(fact, f"{what} would be {value}, and must be at least {least}", expr.span)
        return value

    def _pair(self, fact: str, options: Mapping[str, Any], least: int, default: int | tuple[int, ...]) -> Pair:
        """A fact that is a number or two: as said, else the option of that name, else the default."""
        expr = self.facts.get(fact)
        value: Any = options.get(fact, default) if expr is None else self._value(fact, expr, options, ())
        both = list(value) if is_list(value) else [value, value]
        if expr is None:
            good = len(both) == 2 and all(isinstance(n, int) and n >= least for n in both)
            return (both[0], both[1]) if good else (1, 1)
        if len(both) != 2:
            raise self._wrong(fact, "it is one whole number, or two as `[3, 5]`", expr.span)
        height, width = (self._known(fact, number, expr, least) for number in both)
        return height, width

    def _wrong(self, fact: str, message: str, rule: Span, help: str | None = None) -> ShapeError:
        said = f"the declaration of `{self.word}` cannot tell {WORDS[fact]} here: {message}"
        return ShapeError("extern-rule", said, help=help, rule=rule)


@dataclass(slots=True)
class _Sight:
    """What a rule sees: the options of one layer, and the sizes of the tensors that enter and leave it."""

    options: Mapping[str, Any]
    tensors: Mapping[str, Shape]
    spent: int = 0

    def name(self, name: ast.Name) -> Any:
        """A number, a list, or a size."""
        return _meant(name, self.options, self.tensors)

    def applied(self, call: ast.Apply) -> Any:
        """A rule calls no blocks."""
        raise ValueProblem("unknown-function", f"there is no function `{call.name}`", call.name_span)

    def spend(self, values: int) -> bool:
        """A rule is worked out for every layer, so its lists are short."""
        self.spent += values
        return self.spent <= MOST_IN_A_RULE


def _meant(name: ast.Name, options: Mapping[str, Any], tensors: Mapping[str, Shape]) -> Any:
    """What a name in a declaration is worth."""
    text = name.name
    if text in ("true", "false"):
        return text == "true"
    if text in options:
        value = options[text]
        return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
    base, _, side = text.partition(".")
    if base in tensors and side:
        shape = tensors[base]
        sides = SIDES[len(shape)]
        if side in sides:
            return shape[sides.index(side)]
        known = ", ".join(f"`{base}.{each}`" for each in sides)
        message = f"there is no `{text}`: the tensor is {show(shape)}"
        raise ValueProblem("unknown-name", message, name.span, f"there {'is' if len(sides) == 1 else 'are'} {known}")
    if base in tensors:
        message = f"`{text}` is a tensor, and its sizes have names"
        raise ValueProblem("unknown-name", message, name.span, f"write `{text}.c`, `{text}.h` or `{text}.w`")
    raise ValueProblem("unknown-name", f"there is no value `{text}` here", name.span)


def _literal(value: Any) -> Any:
    """A value as an op keeps it: lists as tuples."""
    return tuple(_literal(part) for part in value) if is_list(value) else value


class _Constants(_Sight):
    """What the default of a parameter sees: nothing."""

    def name(self, name: ast.Name) -> Any:
        """True or false."""
        if name.name in ("true", "false"):
            return name.name == "true"
        message = f"the default of a parameter of an `extern` is a constant, and `{name.name}` is a name"
        raise ValueProblem("extern-parameter", message, name.span, "leave it without a default, or write a number")


def constant(expr: ast.Expr) -> Any:
    """The worth of a parameter's default, which knows no names; raises `ValueProblem`."""
    value = evaluate(expr, _Constants({}, {}))
    if not isinstance(value, bool | int | float | str) and not is_list(value):
        raise ValueProblem("extern-parameter", f"this is {describe(value)}, and no constant", expr.span)
    return _literal(value)
