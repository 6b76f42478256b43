"""Small expressions of a class's arguments: printed in the source, evaluated to check the print."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archlang.emit.forms import literal
from archlang.record import record

_RANK = {
    "or": 1,
    "and": 2,
    "==": 4,
    "!=": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "//": 6,
    "%": 6,
    "**": 8,
}
_NOT = 3
_ATOM = 9


@record
class Lit:
    """A constant."""

    value: Any


@record
class Var:
    """An argument of the class, or a local name of its `__init__`."""

    name: str


@record
class Bin:
    """`left op right`."""

    op: str
    left: Expr
    right: Expr


@record
class Fun:
    """`max(a, b)`, `not a`; `if` of a condition and two values is `a if condition else b`.

    Of lists, `[]` is an item, `*` a value and those after it, and `for` a value that goes round as often as is said:
    `ws[i]`, `[a, *ws]`, `[2 * i for i in range(n)]`.
    """

    name: str
    args: tuple[Expr, ...]


@record
class Tup:
    """`(a, b)`."""

    items: tuple[Expr, ...]


Expr = Lit | Var | Bin | Fun | Tup

INDEX = Var("i")
"""What goes round: no argument of a class is called so."""


def text(expr: Expr, rank: int = 0) -> str:
    """Its source, in parentheses where what is around it binds tighter than `rank`."""
    match expr:
        case Lit():
            source = literal(expr.value)
            return f"({source})" if rank > 5 and source.startswith("-") else source
        case Var():
            return expr.name
        case Fun(name="not"):
            source = f"not {text(expr.args[0], _NOT)}"
            return f"({source})" if rank > _NOT else source
        case Fun(name="if"):
            condition, then, other = (text(a, 1) for a in expr.args)
            return f"({then} if {condition} else {other})" if rank else f"{then} if {condition} else {other}"
        case Fun(name="[]" | "*" | "for"):
            return _of_lists(expr)
        case Fun():
            return f"{expr.name}({', '.join(text(a) for a in expr.args)})"
        case Tup():
            return f"({', '.join(text(a) for a in expr.items)}{',' * (len(expr.items) == 1)})"
        case Bin():
            own = _RANK[expr.op]
            if expr.op == "**":  # it binds to the right, and stands close where both are plain
                plain = all(isinstance(side, Lit | Var) for side in (expr.left, expr.right))
                source = ("{}**{}" if plain else "{} ** {}").format(text(expr.left, own + 1), text(expr.right, own))
                return f"({source})" if own < rank else source
            source = f"{text(expr.left, own)} {expr.op} {text(expr.right, own + 1)}"
            return f"({source})" if own < rank else source


def _of_lists(expr: Fun) -> str:
    match expr:
        case Fun(name="[]"):
            return f"{text(expr.args[0], _ATOM)}[{text(expr.args[1])}]"
        case Fun(name="*"):
            return f"[{text(expr.args[0], 1)}, *{text(expr.args[1], _ATOM)}]"
        case _:
            return f"[{text(expr.args[0])} for {INDEX.name} in {span(Lit(0), expr.args[1], 1)}]"


def _after(first: Any, rest: list[Any]) -> list[Any]:
    return [first, *rest]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "max": max,
    "min": min,
    "abs": abs,
    "int": int,
    "round": round,
    "not": operator.not_,
    "len": len,
    "[]": operator.getitem,
    "*": _after,
}


def value(expr: Expr, env: Mapping[str, Any]) -> Any:
    """What it is worth where `env` holds the arguments."""
    match expr:
        case Lit():
            return expr.value
        case Var():
            return env[expr.name]
        case Fun(name="if"):
            return value(expr.args[1 if value(expr.args[0], env) else 2], env)
        case Fun(name="for"):
            return [value(expr.args[0], {**env, INDEX.name: i}) for i in range(value(expr.args[1], env))]
        case Fun():
            return _FUNCTIONS[expr.name](*(value(a, env) for a in expr.args))
        case Tup():
            return tuple(value(a, env) for a in expr.items)
        case Bin():
            return OPERATIONS[expr.op](value(expr.left, env), value(expr.right, env))


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "or": lambda a, b: a or b,
    "and": lambda a, b: a and b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}


def join(op: str, left: Expr, right: Expr) -> Expr:
    """`left op right`, worked out as far as it goes: `w * 64 // 64 * 1` is `w`."""
    if isinstance(left, Lit) and isinstance(right, Lit):
        try:
            return Lit(OPERATIONS[op](left.value, right.value))
        except (ArithmeticError, TypeError):
            return Bin(op, left, right)
    for known, other in ((left, right), (right, left)):
        if op in ("and", "or") and isinstance(known, Lit) and isinstance(known.value, bool):
            return other if known.value == (op == "and") else known
    if isinstance(right, Lit):
        if (op in ("*", "//") and right.value == 1) or (op in ("+", "-") and right.value == 0):
            return left
        if (
            op == "//"
            and isinstance(left, Bin)
            and left.op == "*"
            and isinstance(left.right, Lit)
            and left.right == right
        ):
            return left.left
    if isinstance(left, Lit) and ((op == "*" and left.value == 1) or (op == "+" and left.value == 0)):
        return right
    return Bin(op, left, right)


def added(*parts: Expr) -> Expr:
    """Their sum, what is alike in them put together: `n` and `n + 1` are `2 * n + 1`."""
    terms: dict[Expr, int] = {}
    rest = 0
    for part in parts:
        for term, times in _terms(part):
            if term is None:
                rest += times
            else:
                terms[term] = terms.get(term, 0) + times
    products = sorted(((term, times) for term, times in terms.items() if times), key=lambda one: one[1] < 0)
    if not products:
        return Lit(rest)
    whole = join("*", Lit(products[0][1]), products[0][0])
    for term, times in products[1:]:
        whole = Bin("+" if times > 0 else "-", whole, join("*", Lit(abs(times)), term))
    return join("+", whole, Lit(rest)) if rest >= 0 else Bin("-", whole, Lit(-rest))


def _terms(expr: Expr) -> Iterator[tuple[Expr | None, int]]:
    """What a sum is of, and how often; None stands for 1."""
    match expr:
        case Lit(value=int() as number):
            yield None, number
        case Bin(op="+"):
            yield from _terms(expr.left)
            yield from _terms(expr.right)
        case Bin(op="-", right=Lit(value=int() as number)):
            yield from _terms(expr.left)
            yield None, -number
        case Bin(op="*", left=Lit(value=int() as number)):
            yield from ((term, times * number) for term, times in _terms(expr.right))
        case _:
            yield expr, 1


def span(start: Expr, end: Expr, by: int) -> str:
    """`range(end)`, `range(start, end)`, `range(start, end, by)`."""
    if by != 1:
        return f"range({text(start)}, {text(end)}, {by})"
    return f"range({text(end)})" if start == Lit(0) else f"range({text(start)}, {text(end)})"


def finite(number: Any) -> bool:
    """Whether it is a number that an expression may stand for."""
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)


def variables(expr: Expr) -> Iterator[str]:
    """The names an expression reads."""
    match expr:
        case Var():
            yield expr.name
        case Bin():
            yield from variables(expr.left)
            yield from variables(expr.right)
        case Fun(name="for"):
            yield from (name for part in expr.args for name in variables(part) if name != INDEX.name)
        case Fun() | Tup():
            for part in expr.args if isinstance(expr, Fun) else expr.items:
                yield from variables(part)
        case _:
            return
