"""The worth of expressions: whole numbers, decimals, lists, and a few functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from archlang.elaborate.values import UNKNOWN, Label, Partial, View, describe, is_list
from archlang.ops.dim import Dim, ceil_div
from archlang.ops.op import ShapeError
from archlang.source import Span
from archlang.syntax import ast

LARGEST = 10**12
"""No number of a network is larger; what is, was a slip or an attack."""
LONGEST_LIST = 10_000
MOST_VALUES = 1_000_000
"""Values of lists that the expressions of a network may make or go through, all together."""


class ValueProblem(Exception):
    """What is wrong with an expression, and where in it."""

    def __init__(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.span, self.help = code, message, span, help


class Sight(Protocol):
    """What an expression sees where it stands."""

    def name(self, name: ast.Name) -> Any:
        """The value of a name, or raises `ValueProblem`."""
        ...

    def applied(self, call: ast.Apply) -> Any:
        """The value of an application that is not one of `FUNCTIONS` (a block), or raises `ValueProblem`."""
        ...

    def spend(self, values: int) -> bool:
        """Note that so many values of lists are made or gone through; False if that is past `MOST_VALUES`."""
        ...


def evaluate(expr: ast.Expr, sight: Sight) -> Any:
    """The value of `expr`; `UNKNOWN` if something in it is. Raises `ValueProblem`."""
    match expr:
        case ast.Number(digits=""):
            return UNKNOWN
        case ast.Number(value=value) | ast.String(value=value):
            return value
        case ast.Name():
            return sight.name(expr)
        case ast.List():
            _spend(expr, sight, expr.items)
            return [evaluate(item, sight) for item in expr.items]
        case ast.Unary():
            return _unary(expr, evaluate(expr.operand, sight))
        case ast.Binary(op="and" | "or"):
            return _logic(expr, sight)
        case ast.Binary():
            left, right = evaluate(expr.left, sight), evaluate(expr.right, sight)
            if is_list(left) and is_list(right):
                _spend(expr, sight, left, right)
            return _binary(expr, left, right)
        case ast.Index():
            return _index(expr, evaluate(expr.base, sight), evaluate(expr.index, sight))
        case ast.Apply():
            return _apply(expr, sight) if expr.name in FUNCTIONS else sight.applied(expr)


def _spend(expr: ast.Expr, sight: Sight, *lists: Sequence[Any]) -> None:
    if not sight.spend(sum(map(len, lists))):
        message = f"the lists of this network have more than {MOST_VALUES:,} values together"
        raise ValueProblem("list-size", message, expr.span)


def _truth(value: Any, span: Span) -> bool:
    if isinstance(value, bool | int | float):
        return bool(value)
    raise ValueProblem("condition", f"a condition is true or false, and this is {describe(value)}", span)


def _logic(expr: ast.Binary, sight: Sight) -> Any:
    left = evaluate(expr.left, sight)
    if left is UNKNOWN:
        return UNKNOWN
    if _truth(left, expr.left.span) != (expr.op == "and"):
        return expr.op == "or"
    right = evaluate(expr.right, sight)
    return UNKNOWN if right is UNKNOWN else _truth(right, expr.right.span)


def _unary(expr: ast.Unary, value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN
    if expr.op == "not":
        return not _truth(value, expr.operand.span)
    if isinstance(value, int | float | Dim):
        return -value
    raise ValueProblem("operand", f"`-` needs a number, and this is {describe(value)}", expr.operand.span)


def _equal(left: Any, right: Any) -> bool:
    return type(left) is type(right) and left == right if isinstance(left, str) else left == right


def _binary(expr: ast.Binary, left: Any, right: Any) -> Any:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if expr.op in ("==", "!="):
        return _equal(left, right) == (expr.op == "==")
    for value, side in ((left, expr.left), (right, expr.right)):
        if isinstance(value, bool) or not isinstance(value, int | float | Dim):
            if expr.op == "+" and isinstance(left, list) and isinstance(right, list):
                break
            if expr.op == "//" and isinstance(right, str):
                raise ValueProblem("comment", "comments begin with `#`", expr.right.span, f"write `# {right}`")
            raise ValueProblem("operand", f"`{expr.op}` needs numbers, and this is {describe(value)}", side.span)
    try:
        return _checked(_arithmetic(expr, left, right), expr.span)
    except ZeroDivisionError:
        raise ValueProblem("division-by-zero", "this divides by zero", expr.right.span) from None
    except ShapeError as error:
        raise ValueProblem(error.code, error.message, expr.span, error.help) from None
    except (TypeError, OverflowError):
        message = f"`{expr.op}` cannot be worked out for {describe(left)} and {describe(right)}"
        raise ValueProblem("operand", message, expr.span, "bind the size with --input") from None


def _arithmetic(expr: ast.Binary, left: Any, right: Any) -> Any:
    match expr.op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
        case "%":
            return left % right
        case "**":
            return _power(expr, left, right)
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _power(expr: ast.Binary, left: Any, right: Any) -> Any:
    if isinstance(left, Dim) or isinstance(right, Dim):
        raise TypeError
    if abs(left) > 1 and abs(right) * math.log2(abs(left)) > 64:
        raise _too_large(expr.span)
    result = left**right
    if isinstance(result, complex):
        raise ValueProblem("operand", "this power has no real value", expr.span)
    return result


def _too_large(span: Span) -> ValueProblem:
    return ValueProblem("integer-size", f"this number is larger than {LARGEST:,}, the largest there may be", span)


def _checked(value: Any, span: Span) -> Any:
    if isinstance(value, int | float) and not -LARGEST <= value <= LARGEST:
        raise _too_large(span)
    if is_list(value) and len(value) > LONGEST_LIST:
        raise ValueProblem("list-size", f"a list holds at most {LONGEST_LIST:,} values", span)
    return value


def _index(expr: ast.Index, base: Any, index: Any) -> Any:
    if base is UNKNOWN or index is UNKNOWN:
        return UNKNOWN
    if not is_list(base):
        raise ValueProblem("index", f"only a list has an index, and this is {describe(base)}", expr.base.span)
    if isinstance(index, bool) or not isinstance(index, int):
        raise ValueProblem("index", f"an index is a whole number, and this is {describe(index)}", expr.index.span)
    if not -len(base) <= index < len(base):
        message = f"the list has {len(base)} values, 0 to {len(base) - 1}; there is no {index}"
        raise ValueProblem("index", message, expr.index.span)
    return base[index]


def _range(*bounds: int) -> list[int]:
    numbers = range(*bounds)
    if len(numbers) > LONGEST_LIST:
        raise OverflowError
    return list(numbers)


def _round8(value: float) -> int:
    """The nearest multiple of 8, at least 8 and not more than 10 % below (arXiv:1801.04381, its code)."""
    rounded = max(8, int(value + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * value else rounded


def _ceil(value: Any) -> Any:
    return value if isinstance(value, Dim) else math.ceil(value)


def _floor(value: Any) -> Any:
    return value if isinstance(value, Dim) else math.floor(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": _ceil,
    "floor": _floor,
    "int": int,
    "len": len,
    "log2": math.log2,
    "max": max,
    "min": min,
    "range": _range,
    "round": round,
    "round8": _round8,
    "sqrt": math.sqrt,
    "sum": sum,
}
"""What an expression may call. Nothing here reads or writes anything."""


def _quotient(expr: ast.Apply, size: Dim, by: int) -> Any:
    """`ceil(in.h / 2)` and `floor(in.h / 2)` of a size that is not known yet, exactly."""
    try:
        return ceil_div(size, by) if expr.name == "ceil" else size // by
    except ShapeError as error:
        raise ValueProblem(error.code, error.message, expr.span, error.help) from None


def _apply(expr: ast.Apply, sight: Sight) -> Any:
    function = FUNCTIONS[expr.name]
    for arg in expr.args:
        if arg.name is not None:
            raise ValueProblem("argument", f"`{expr.name}` takes no named arguments", arg.span)
    inner = expr.args[0].value if expr.name in ("ceil", "floor") and len(expr.args) == 1 else None
    if isinstance(inner, ast.Binary) and inner.op == "/":
        left, right = evaluate(inner.left, sight), evaluate(inner.right, sight)
        if isinstance(left, Dim) and isinstance(right, int) and not isinstance(right, bool) and right >= 1:
            return _quotient(expr, left, right)
        values = [_binary(inner, left, right)]  # not evaluated once more: each level around would double the work
    else:
        values = [evaluate(arg.value, sight) for arg in expr.args]
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    for value, arg in zip(values, expr.args, strict=True):
        if isinstance(value, str | Partial | Label | View):
            raise ValueProblem("argument", f"`{expr.name}` needs numbers, and this is {describe(value)}", arg.span)
    _spend(expr, sight, values, *filter(is_list, values))
    try:
        value = _checked(function(*values), expr.span)
    except OverflowError:
        raise ValueProblem("list-size", f"a list holds at most {LONGEST_LIST:,} values", expr.span) from None
    except ShapeError as error:
        raise ValueProblem(error.code, error.message, expr.span, error.help) from None
    except (TypeError, ValueError, IndexError):
        shown = ", ".join(describe(value) for value in values)
        raise ValueProblem("argument", f"`{expr.name}` cannot be applied to {shown or 'nothing'}", expr.span) from None
    if is_list(value):
        _spend(expr, sight, value)
    return value
