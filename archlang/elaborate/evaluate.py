"""The worth of expressions: whole numbers, decimals, lists, and a few functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from archlang.elaborate.values import UNKNOWN, Label, Partial, View, describe, is_list
from archlang.ops.dim import Dim, ceil_div
from archlang.ops.op import ShapeError
from archlang.source import Span
from archlang.syntax import ast

LARGEST = 10**12
"""No number of a network is larger; what is, was a slip or an attack."""
LONGEST_LIST = 1_000_000


class ValueProblem(Exception):
    """What is wrong with an expression, and where in it."""

    def __init__(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.span, self.help = code, message, span, help


Lookup = Callable[[ast.Name], Any]
"""The value of a name, or raises `ValueProblem`."""
Applied = Callable[[ast.Apply], Any]
"""The value of an application that is not one of `FUNCTIONS` (a block), or raises `ValueProblem`."""


def evaluate(expr: ast.Expr, lookup: Lookup, applied: Applied | None = None) -> Any:
    """The value of `expr`; `UNKNOWN` if something in it is. Raises `ValueProblem`."""
    match expr:
        case ast.Number(digits=""):
            return UNKNOWN
        case ast.Number(value=value) | ast.String(value=value):
            return value
        case ast.Name():
            return lookup(expr)
        case ast.List():
            return [evaluate(item, lookup, applied) for item in expr.items]
        case ast.Unary():
            return _unary(expr, evaluate(expr.operand, lookup, applied))
        case ast.Binary(op="and" | "or"):
            return _logic(expr, lookup, applied)
        case ast.Binary():
            left = evaluate(expr.left, lookup, applied)
            return _binary(expr, left, evaluate(expr.right, lookup, applied))
        case ast.Index():
            return _index(expr, evaluate(expr.base, lookup, applied), evaluate(expr.index, lookup, applied))
        case ast.Apply():
            if applied is not None and expr.name not in FUNCTIONS:
                return applied(expr)
            return _apply(expr, lookup, applied)


def _truth(value: Any, span: Span) -> bool:
    if isinstance(value, bool | int | float):
        return bool(value)
    raise ValueProblem("condition", f"a condition is true or false, and this is {describe(value)}", span)


def _logic(expr: ast.Binary, lookup: Lookup, applied: Applied | None) -> Any:
    left = evaluate(expr.left, lookup, applied)
    if left is UNKNOWN:
        return UNKNOWN
    if _truth(left, expr.left.span) != (expr.op == "and"):
        return expr.op == "or"
    right = evaluate(expr.right, lookup, applied)
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


def _quotient(expr: ast.Apply, lookup: Lookup, applied: Applied | None) -> Any:
    """`ceil(in.h / 2)` and `floor(in.h / 2)` of a size that is not known yet, exactly; None for all else."""
    inner = expr.args[0].value if expr.name in ("ceil", "floor") and len(expr.args) == 1 else None
    if not isinstance(inner, ast.Binary) or inner.op != "/":
        return None
    left, right = evaluate(inner.left, lookup, applied), evaluate(inner.right, lookup, applied)
    if not isinstance(left, Dim) or isinstance(right, bool) or not isinstance(right, int) or right < 1:
        return None
    return ceil_div(left, right) if expr.name == "ceil" else left // right


def _apply(expr: ast.Apply, lookup: Lookup, applied: Applied | None) -> Any:
    function = FUNCTIONS.get(expr.name)
    if function is None:
        raise ValueProblem("unknown-function", f"there is no function `{expr.name}`", expr.name_span)
    for arg in expr.args:
        if arg.name is not None:
            raise ValueProblem("argument", f"`{expr.name}` takes no named arguments", arg.span)
    if (exact := _quotient(expr, lookup, applied)) is not None:
        return exact
    values = [evaluate(arg.value, lookup, applied) for arg in expr.args]
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    for value, arg in zip(values, expr.args, strict=True):
        if isinstance(value, str | Partial | Label | View):
            raise ValueProblem("argument", f"`{expr.name}` needs numbers, and this is {describe(value)}", arg.span)
    try:
        return _checked(function(*values), expr.span)
    except OverflowError:
        raise ValueProblem("list-size", f"a list holds at most {LONGEST_LIST:,} values", expr.span) from None
    except ShapeError as error:
        raise ValueProblem(error.code, error.message, expr.span, error.help) from None
    except (TypeError, ValueError, IndexError):
        shown = ", ".join(describe(value) for value in values)
        raise ValueProblem("argument", f"`{expr.name}` cannot be applied to {shown or 'nothing'}", expr.span) from None
