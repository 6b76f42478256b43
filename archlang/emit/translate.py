"""Expressions of the file as expressions of the source."""

from __future__ import annotations

from collections.abc import Callable

from archlang.emit.expr import OPERATIONS, Bin, Expr, Fun, Lit, join
from archlang.syntax import ast


def translated(expr: ast.Expr, name: Callable[[str], Expr | None]) -> Expr | None:
    """An expression of the file as one of the source; None where it has no counterpart.

    `name` gives what a name stands for there.
    """
    match expr:
        case ast.Number():
            return Lit(expr.value)
        case ast.Name(name="true" | "false"):
            return Lit(expr.name == "true")
        case ast.Name():
            return name(expr.name)
        case ast.Unary(op="not"):
            inner = translated(expr.operand, name)
            return None if inner is None else negated(inner)
        case ast.Binary() if expr.op in OPERATIONS:
            left, right = translated(expr.left, name), translated(expr.right, name)
            return None if left is None or right is None else join(expr.op, left, right)
        case ast.Apply(name="max" | "min" | "abs"):
            args = [translated(arg.value, name) for arg in expr.args]
            found = tuple(arg for arg in args if arg is not None)
            return Fun(expr.name, found) if len(found) == len(args) > 0 else None
        case _:
            return None


_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def negated(expr: Expr) -> Expr:
    """What holds where `expr` does not."""
    match expr:
        case Lit(value=bool()):
            return Lit(not expr.value)
        case Bin() if expr.op in _OPPOSITES:
            return Bin(_OPPOSITES[expr.op], expr.left, expr.right)
        case Fun(name="not"):
            return expr.args[0]
        case _:
            return Fun("not", (expr,))
