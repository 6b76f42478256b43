"""From the arguments of a call to the parameters of a block or the options of an op."""

from __future__ import annotations

from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.read import did_you_mean, read
from archlang.elaborate.values import UNKNOWN, Partial
from archlang.elaborate.work import Where, Work
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
        return ValueProblem(
            "too-many-arguments", f"`{block}` has {count}, and this is one more", arg.span, _listed(names)
        )
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
    if len(set(names)) < len(names):
        return None  # told where it is declared
    values: dict[str, Any] = {**partial.bound, **(preset or {})}
    given: dict[str, ast.Arg] = {}
    good = True
    for arg in args:
        name = arg.name or next((n for n in names if n not in values and n not in given), None)
        if name is None or name not in names:
            work.problem(_unknown_parameter(arg, partial, names), where)
            good = False
            if arg.name is None:
                break  # those after it are too many as well
        elif name in given or name in (preset or {}):
            labels = (Mark(given[name].span, "first here"),) if name in given else ()
            work.error("argument-twice", f"`{name}` is given twice", arg.span, where, labels=labels)
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
        names = [p.name for p in definition.node.parameters]
        written = f"{definition.name}({', '.join(names)})"
        help_ = (
            f"its form is `{written}`"
            if inner.trace
            else "a network by itself needs a default for each parameter, or `--set`"
        )
        work.error("missing-argument", message, called, where, labels=(label,) if inner.trace else (), help=help_)
        return None
    return ordered


def listed(names: list[str]) -> str:
    """`a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
