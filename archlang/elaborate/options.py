"""The options of an op: read from a call, checked against their kinds, each set once."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.evaluate import FUNCTIONS, ValueProblem
from archlang.elaborate.read import did_you_mean, no_such_value, not_whole, read
from archlang.elaborate.values import UNKNOWN, describe, is_list
from archlang.elaborate.work import Given, Where, Work
from archlang.ops import BY_WORD
from archlang.ops.op import Op, typed
from archlang.source import Span
from archlang.syntax import ast

KINDS = 256
"""Kinds of layers whose options are remembered: those of files come and go while somebody types."""


@lru_cache(KINDS)
def options(kind: type[Op]) -> dict[str, dataclasses.Field[Any]]:
    """The options of an op that a person may write, by the names they write, in order."""
    return {typed(f): f for f in dataclasses.fields(kind) if f.metadata.get("kind", "hidden") != "hidden"}


def read_option(work: Work, field: dataclasses.Field[Any], expr: ast.Expr, where: Where) -> Any:
    """The value of an op's option, as the op wants it; raises `ValueProblem`."""
    meta = field.metadata
    choices = meta.get("choices", ())
    if isinstance(expr, ast.Name) and expr.name in choices:
        return expr.name
    return fit_option(field, read(work, expr, where), expr)


def fit_option(field: dataclasses.Field[Any], value: Any, expr: ast.Expr) -> Any:
    """`value` checked against the option's kind, a single number of a pair doubled."""
    meta = field.metadata
    if value is UNKNOWN:
        return UNKNOWN
    name = f"`{typed(field)}`"
    match meta["kind"]:
        case "int":
            return _whole(value, expr, name, meta)
        case "pair":
            if isinstance(value, str) and value in meta.get("choices", ()):
                return value
            if is_list(value) and len(value) == 2:
                return tuple(_whole(part, expr, name, meta) for part in value)
            if is_list(value):
                raise ValueProblem("option", f"{name} is one whole number, or two as `[3, 5]`", expr.span)
            one = _whole(value, expr, name, meta)
            return (one, one)
        case "number":
            return _number(value, expr, name, meta)
        case "bool":
            if isinstance(value, bool) or value in (0, 1):
                return bool(value)
            raise ValueProblem("option", f"{name} is true or false, and this is {describe(value)}", expr.span)
        case "string":
            return _string(value, expr, name, meta)
        case _:
            return _fixed(value)


def _fixed(value: Any) -> Any:
    """A list, and the lists in it, as tuples: what an option holds does not change."""
    return tuple(map(_fixed, value)) if is_list(value) else value


def _whole(value: Any, expr: ast.Expr, name: str, meta: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise not_whole(value, expr.span, name)
    _within(value, expr, name, meta.get("least", 1), meta.get("most"))
    return value


def _number(value: Any, expr: ast.Expr, name: str, meta: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueProblem("option", f"{name} is a number, and this is {describe(value)}", expr.span)
    _within(value, expr, name, meta.get("least"), meta.get("most"))
    return value


def _within(value: float, expr: ast.Expr, name: str, least: float | None, most: float | None) -> None:
    typed = value if isinstance(value, int) else f"{value:g}"
    if least is not None and value < least:
        raise ValueProblem("too-small", f"{name} is {typed}, and must be at least {least:g}", expr.span)
    if most is not None and value > most:
        raise ValueProblem("option", f"{name} is {typed}, and must be at most {most:g}", expr.span)


def _string(value: Any, expr: ast.Expr, name: str, meta: Any) -> str:
    choices = meta.get("choices")
    if isinstance(value, str) and (choices is None or value in choices):
        return value
    if choices:
        known = ", ".join(f"`{choice}`" for choice in choices)
        raise ValueProblem("option", f"{name} is one of {known}", expr.span)
    raise ValueProblem("option", f"{name} is a string, and this is {describe(value)}", expr.span)


@dataclasses.dataclass(slots=True)
class Options:
    """The options of an op as collected: values by name, and the expressions of those that were not literals."""

    values: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    exprs: dict[str, ast.Expr] = dataclasses.field(default_factory=dict[str, ast.Expr])
    spans: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    unknown: bool = False

    def put(self, name: str, given: Given) -> None:
        """Set one option, over what a `means` line said."""
        self.values[name] = given.value
        self.spans[name] = given.span
        self.exprs.pop(name, None)
        if given.expr is not None and not isinstance(given.expr, ast.Number):
            self.exprs[name] = given.expr
        self.unknown |= given.value is UNKNOWN


@dataclasses.dataclass(slots=True)
class _Binder:
    """Puts the parts of one call into the options of its op, each once, and tells what does not fit."""

    work: Work
    kind: type[Op]
    where: Where
    into: Options
    seen: dict[str, Span] = dataclasses.field(default_factory=dict[str, Span])
    good: bool = True

    def refuse(self, code: str, message: str, span: Span, help: str | None, labels: tuple[Mark, ...] = ()) -> None:
        """Tell what does not fit."""
        self.work.error(code, message, span, self.where, help=help, labels=labels)
        self.good = False

    def put(self, name: str | None, what: str, span: Span, expr: ast.Expr | None, value: Any = None) -> None:
        """Set the option `name` to what `expr` is worth, or to `value`; None says that the kind has no such `what`."""
        if name is None:
            layer = span.text if span.text in BY_WORD else None
            help_ = no_such_value(layer, []) if layer is not None else _takes(self.kind)
            self.refuse("option", f"`{self.kind.word}` has no {what}", span, help_)
        elif name in self.seen:
            labels = (Mark(self.seen[name], "first here"),)
            self.refuse("argument-twice", f"`{name}` is given twice", span, None, labels)
        else:
            self.seen[name] = span
            field = options(self.kind)[name]
            try:
                if expr is not None:
                    value = read_option(self.work, field, expr, self.where)
                else:
                    value = fit_option(field, value, ast.Name("", span))
                self.into.put(name, Given(value, span, expr))
            except ValueProblem as problem:
                self.work.problem(problem, self.where)
                self.good = False

    def stride(self, stride: Given) -> None:
        """The stride that a group or a repeat hands down."""
        name = self.kind.stride_option
        if name is None:
            self.put(None, "stride", stride.span, None)
        elif stride.value is UNKNOWN:
            self.into.unknown = True
        else:
            self.put(name, "stride", stride.span, None, stride.value)
            if stride.expr is not None and not isinstance(stride.expr, ast.Number) and name in self.into.values:
                self.into.exprs[name] = stride.expr

    def argument(self, arg: ast.Arg) -> bool:
        """One argument in parentheses, by name or by place; False if it is one too many, as those after it are."""
        known = options(self.kind)
        name = arg.name or next((n for n in known if n not in self.seen), None)
        if name is None:
            message = f"`{self.kind.word}` takes no more options"
            self.refuse("too-many-arguments", message, arg.span, _takes(self.kind))
            return False
        if name not in known:
            help_ = did_you_mean(name, list(known)) or _takes(self.kind)
            self.refuse("unknown-option", f"`{self.kind.word}` has no option `{name}`", arg.span, help_)
        else:
            self.put(name, "", arg.span, arg.value)
        return True


def bind_op(
    work: Work,
    kind: type[Op],
    core: ast.Call,
    kernel: tuple[int, int] | None,
    stride: Given | None,
    where: Where,
    into: Options,
    skip: frozenset[int] = frozenset(),
) -> bool:
    """Read a call's dash, kernel, stride and arguments into `into`; False, with the errors told, if they do not fit.

    `skip` are the indexes of arguments that are tensors, not options.
    """
    binder = _Binder(work, kind, where, into)
    if kernel is not None:
        binder.put(kind.kernel_option, "kernel", core.name_span, None, _kernel(kind, kernel))
    if core.dash is not None:
        if kind.width is None and options(kind):
            message = f"`{kind.word}` has no width to set with a dash"
            width = core.dash.span.text
            typed = f"{core.name}{width}" if kind.kernel_option and width.isdecimal() else f"{core.name}({width})"
            binder.refuse("option", message, core.dash.span, f"write `{typed}`")
        elif _is_call(core, where):
            message = "a computed width takes parentheses"
            typed, bracket, rest = core.span.text[core.dash.span.start - core.span.start :].rpartition(")")
            binder.refuse("unknown-name", message, core.dash.span, f"write `{core.name}-({typed}{bracket}){rest}`")
            return False
        else:
            binder.put(kind.width, "width to set with a dash", core.dash.span, core.dash)
    if core.stride is not None:
        binder.put(kind.stride_option, "stride", core.stride.span, core.stride)
    if stride is not None:
        binder.stride(stride)
    for index, arg in enumerate(core.args or ()):
        if index not in skip and not binder.argument(arg):
            break
    return binder.good


def _kernel(kind: type[Op], kernel: tuple[int, int]) -> int | tuple[int, int]:
    """The digits behind a word as its option wants them: a layer of one's own may know square kernels alone."""
    option = options(kind).get(kind.kernel_option or "")
    alone = option is not None and option.metadata["kind"] == "int"
    return kernel[0] if alone and kernel[0] == kernel[1] else kernel


def _takes(kind: type[Op]) -> str:
    names = ", ".join(f"`{name}`" for name in options(kind))
    return f"its options are {names}" if names else "it takes no options"


def _is_call(core: ast.Call, where: Where) -> bool:
    """Whether the width after a dash is a function, what stands in the layer's parentheses its arguments."""
    word = core.dash.name if isinstance(core.dash, ast.Name) else ""
    return core.args is not None and word in FUNCTIONS and word not in where.env.names()
