"""Expressions of what goes round: the items of a list, one in each copy of a repeat."""

from __future__ import annotations

from archlang.emit.expr import INDEX, Bin, Expr, Fun, Lit, Tup, Var, added, join, variables


def placed(expr: Expr, index: Expr) -> Expr:
    """The same with another number of what goes round, worked out as far as it goes."""
    match expr:
        case Var():
            return index if expr == INDEX else expr
        case Bin():
            left, right = placed(expr.left, index), placed(expr.right, index)
            return added(left, right) if expr.op == "+" else join(expr.op, left, right)
        case Fun(name="for"):  # it goes round by itself
            return Fun(expr.name, (expr.args[0], placed(expr.args[1], index)))
        case Fun():
            args = tuple(placed(one, index) for one in expr.args)
            if expr.name == "[]" and isinstance(args[0], Fun) and args[0].name == "*" and args[1] == Lit(0):
                return args[0].args[0]
            return Fun(expr.name, args)
        case Tup():
            return Tup(tuple(placed(one, index) for one in expr.items))
        case _:
            return expr


def is_item(expr: Expr) -> bool:
    """Whether an item of a list is asked for in it."""
    match expr:
        case Bin():
            return is_item(expr.left) or is_item(expr.right)
        case Fun() | Tup():
            parts = expr.args if isinstance(expr, Fun) else expr.items
            return (isinstance(expr, Fun) and expr.name == "[]") or any(map(is_item, parts))
        case _:
            return False


def goes_round(expr: Expr) -> bool:
    """Whether it is another in each round."""
    return INDEX.name in variables(expr)
