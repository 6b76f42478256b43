"""Parameters set from outside the file: `--set n=[2,2,2,2]`, `read("resnet", unit="bottleneck(groups=32, base=4)")`."""

from __future__ import annotations

from operator import index
from typing import Any, cast

from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.read import read
from archlang.elaborate.work import Where, Work
from archlang.source import Source, Span
from archlang.syntax import ast
from archlang.syntax.parse import parse

_KINDS = "a value is a number, true or false, a list, a block or a string"


def given(work: Work, net: ast.Net, values: dict[str, Any], where: Where) -> dict[str, Any] | None:
    """The worth of what was set: None, with the errors told, if one of them has none.

    A text is an expression of the language, read where the net stands; it is
    itself for a parameter whose default is a string, and so is a bare word that
    nothing is called, for a parameter without a default.
    """
    worth: dict[str, Any] = {}
    for parameter in net.parameters:
        if parameter.name in values:
            value = values[parameter.name]
            try:
                worth[parameter.name] = _worth(work, parameter, value, where)
            except ValueProblem as problem:
                work.problem(problem, where)
    return worth if len(worth) == len(values) else None


def _worth(work: Work, parameter: ast.Parameter, value: Any, where: Where) -> Any:
    if isinstance(value, str):
        return _text(work, parameter, value, where)
    if isinstance(value, list | tuple):
        return [_plain(parameter, one) for one in cast("list[Any]", value)]
    return _plain(parameter, value)


def _plain(parameter: ast.Parameter, value: Any) -> Any:
    """A value of Python's that is one of the language's too, NumPy's whole numbers among them."""
    if isinstance(value, list | tuple):
        return [_plain(parameter, one) for one in cast("list[Any]", value)]
    if isinstance(value, bool | float | str):
        return value
    try:
        return index(value)
    except TypeError:
        words = f"`{parameter.name}` is set to {type(value).__name__}, which is no value of the language"
        raise ValueProblem("argument", words, parameter.span, _KINDS) from None


def _text(work: Work, parameter: ast.Parameter, text: str, where: Where) -> Any:
    if isinstance(parameter.default, ast.String):
        quoted = len(text) > 1 and text[0] == text[-1] == '"'
        return text[1:-1] if quoted else text
    expression = _expression(parameter.name, text)
    if parameter.default is None and isinstance(expression, ast.Name):
        try:
            return read(work, expression, where)
        except ValueProblem:
            return text
    return read(work, expression, where)


def _expression(name: str, text: str) -> ast.Expr:
    """`text` as the value of a `let`; raises ValueProblem where it is none, or more than that."""
    before = f"let {name} = "
    source = Source(f"the value of `{name}`", before + text)
    program, found = parse(source)
    statements = program.body.statements
    if found:
        first = found[0]
        raise ValueProblem(first.code, first.message, first.span, first.help)
    if len(statements) == 1 and isinstance(statements[0], ast.Let) and statements[0].name.name == name:
        return statements[0].value
    span = Span(source, len(before), len(source.text))
    raise ValueProblem("argument", f"this is no value of `{name}`", span, _KINDS)
