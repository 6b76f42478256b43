"""From the arguments of a call to the parameters of a block or the options of an op."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.read import did_you_mean, not_whole, read
from archlang.elaborate.values import UNKNOWN, Partial, describe
from archlang.elaborate.work import Given, Where, Work
from archlang.ops.op import Op
from archlang.syntax import ast


def bind_some(work: Work, call: ast.Apply, base: Partial, where: Where) -> dict[str, Any]:
    """The parameters that a partial application sets; raises `ValueProblem`."""
    names = [p.name for p in base.definition.node.parameters]
    free = [name for name in names if name not in base.bound]
    bound: dict[str, Any] = {}
    for arg in call.args:
        name = arg.name or next((n for n in free if n not in bound), None)
        if name is None or name not in names:
            raise _unknown_parameter(arg, base, names)
        bound[name] = read(work, arg.value, where)
    return bound


def _unknown_parameter(arg: ast.Arg, base: Partial, names: list[str]) -> ValueProblem:
    block = base.definition.name
    if arg.name is None:
        count = f"{len(names)} parameter{'s' * (len(names) != 1)}"
        return ValueProblem("too-many-arguments", f"`{block}` has {count}", arg.span, _listed(names))
    help_ = did_you_mean(arg.name, names) or _listed(names)
    return ValueProblem("unknown-parameter", f"`{block}` has no parameter `{arg.name}`", arg.span, help_)


def _listed(names: list[str]) -> str | None:
    return f"it takes {', '.join(f'`{name}`' for name in names)}" if names else "it takes none"


def bind_definition(
    work: Work,
    partial: Partial,
    args: tuple[ast.Arg, ...],
    where: Where,
    inner: Where,
    preset: dict[str, Any] | None = None,
) -> dict[str, Any] | None:
    """The values of all parameters of a block or net; None, with the errors told, if they do not fit.

    Arguments are read at `where`, the caller's place, defaults at `inner`, whose
    environment receives the values as they are bound. `preset` comes from the
    call's other parts (a stride, a variant).
    """
    parameters = partial.definition.node.parameters
    names = [p.name for p in parameters]
    values: dict[str, Any] = {**partial.bound, **(preset or {})}
    given: dict[str, ast.Arg] = {}
    good = True
    for arg in args:
        name = arg.name or next((n for n in names if n not in values and n not in given), None)
        if name is None or name not in names:
            work.problem(_unknown_parameter(arg, partial, names), where)
            good = False
        elif name in given or name in (preset or {}):
            work.error("argument-twice", f"`{name}` is given twice", arg.span, where)
            good = False
        else:
            given[name] = arg
            try:
                values[name] = read(work, arg.value, where, labels=True)
            except ValueProblem as problem:
                work.problem(problem, where)
                values[name] = UNKNOWN
    return _with_defaults(work, partial, values, where, inner) if good else None


def _with_defaults(
    work: Work, partial: Partial, values: dict[str, Any], where: Where, inner: Where
) -> dict[str, Any] | None:
    missing: list[str] = []
    ordered: dict[str, Any] = {}
    for parameter in partial.definition.node.parameters:
        name = parameter.name
        if name in values:
            ordered[name] = values[name]
        elif parameter.default is None:
            missing.append(name)
            continue
        else:
            try:
                ordered[name] = read(work, parameter.default, inner)
            except ValueProblem as problem:
                work.problem(problem, inner)
                ordered[name] = UNKNOWN
        inner.env.values[name] = ordered[name]
    if missing:
        definition = partial.definition
        label = Mark(definition.span, "declared here")
        message = f"`{definition.name}` needs {listed(missing)}"
        called = inner.trace[0].span if inner.trace else definition.span
        work.error("missing-argument", message, called, where, labels=(label,))
        return None
    return ordered


def listed(names: list[str]) -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))


@cache
def options(kind: type[Op]) -> dict[str, dataclasses.Field[Any]]:
    """The options of an op that a person may write, in order."""
    return {f.name: f for f in dataclasses.fields(kind) if f.metadata.get("kind", "hidden") != "hidden"}


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
    name = f"`{field.name}`"
    match meta["kind"]:
        case "int":
            return _whole(value, expr, name, meta)
        case "pair":
            if isinstance(value, str) and value in meta.get("choices", ()):
                return value
            if isinstance(value, list | tuple) and len(value) == 2:
                return tuple(_whole(part, expr, name, meta) for part in value)
            if isinstance(value, list | tuple):
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
            return tuple(value) if isinstance(value, list) else value


def _whole(value: Any, expr: ast.Expr, name: str, meta: Any) -> int:
    least = meta.get("least", 1)
    if isinstance(value, bool) or not isinstance(value, int):
        raise not_whole(value, expr.span, name)
    if value < least:
        raise ValueProblem("too-small", f"{name} is {value}, and must be at least {least}", expr.span)
    return value


def _number(value: Any, expr: ast.Expr, name: str, meta: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueProblem("option", f"{name} is a number, and this is {describe(value)}", expr.span)
    least, most = meta.get("least"), meta.get("most")
    if least is not None and value < least:
        raise ValueProblem("too-small", f"{name} is {value:g}, and must be at least {least:g}", expr.span)
    if most is not None and value > most:
        raise ValueProblem("option", f"{name} is {value:g}, and must be at most {most:g}", expr.span)
    return value


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

    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    exprs: dict[str, ast.Expr] = dataclasses.field(default_factory=dict)
    spans: dict[str, Any] = dataclasses.field(default_factory=dict)
    unknown: bool = False

    def put(self, name: str, given: Given) -> None:
        """Set one option, over what a `means` line said."""
        self.values[name] = given.value
        self.spans[name] = given.span
        self.exprs.pop(name, None)
        if given.expr is not None and not isinstance(given.expr, ast.Number):
            self.exprs[name] = given.expr
        self.unknown |= given.value is UNKNOWN


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
    known = options(kind)
    seen: dict[str, Any] = {}
    good = True

    def put(name: str | None, what: str, span: Any, expr: ast.Expr | None, value: Any = None) -> None:
        nonlocal good
        if name is None:
            work.error("option", f"`{kind.word}` has no {what}", span, where, help=_takes(kind))
            good = False
        elif name in seen:
            labels = (Mark(seen[name], "first here"),)
            work.error("argument-twice", f"`{name}` is given twice", span, where, labels=labels)
            good = False
        else:
            seen[name] = span
            try:
                if expr is not None:
                    value = read_option(work, known[name], expr, where)
                else:
                    value = fit_option(known[name], value, ast.Name("", span))
                into.put(name, Given(value, span, expr))
            except ValueProblem as problem:
                work.problem(problem, where)
                good = False

    if kernel is not None:
        put(kind.kernel_option, "kernel", core.name_span, None, kernel)
    if core.dash is not None:
        put(kind.width, "width to set with a dash", core.dash.span, core.dash)
    if core.stride is not None:
        put(kind.stride_option, "stride", core.stride.span, core.stride)
    if stride is not None:
        if kind.stride_option is None:
            put(None, "stride", stride.span, None)
        elif stride.value is UNKNOWN:
            into.unknown = True
        else:
            value = stride.value if isinstance(stride.value, tuple) else (stride.value, stride.value)
            field = known[kind.stride_option]
            put(
                kind.stride_option, "stride", stride.span, None, value if field.metadata["kind"] == "pair" else value[0]
            )
            if (
                stride.expr is not None
                and not isinstance(stride.expr, ast.Number)
                and kind.stride_option in into.values
            ):
                into.exprs[kind.stride_option] = stride.expr
    for index, arg in enumerate(core.args or ()):
        if index in skip:
            continue
        name = arg.name or next((n for n in known if n not in seen), None)
        if name is None:
            work.error("too-many-arguments", f"`{kind.word}` takes no more options", arg.span, where, help=_takes(kind))
            good = False
        elif name not in known:
            help_ = did_you_mean(name, list(known)) or _takes(kind)
            work.error("unknown-option", f"`{kind.word}` has no option `{name}`", arg.span, where, help=help_)
            good = False
        else:
            put(name, "", arg.span, arg.value)
    return good


def _takes(kind: type[Op]) -> str:
    names = ", ".join(f"`{name}`" for name in options(kind))
    return f"its options are {names}" if names else "it takes no options"
