"""How tightly operators bind, and where an expression can do without parentheses of its own."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from enum import IntEnum


class Precedence(IntEnum):
    """From what binds tightest."""

    ATOM = 0
    ATTRIBUTE = 1
    POWER = 2
    UNARY = 3
    PRODUCT = 4
    SUM = 5
    UNION = 6
    COMPARISON = 7
    NOT = 8
    BOOLEAN = 9
    CHOICE = 10


_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.USub: "-",
    ast.Not: "not ",
}


def sign(op: ast.AST) -> str:
    """An operator, as it is written."""
    return _SIGNS[type(op)]


def precedence(node: ast.expr) -> Precedence:
    """How tightly the outermost operator of an expression binds."""
    match node:
        case ast.BinOp(op=ast.Pow()):
            return Precedence.POWER
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return Precedence.SUM
        case ast.BinOp(op=ast.BitOr()):
            return Precedence.UNION
        case ast.BinOp():
            return Precedence.PRODUCT
        case ast.UnaryOp():
            return Precedence.NOT if isinstance(node.op, ast.Not) else Precedence.UNARY
        case ast.Compare():
            return Precedence.COMPARISON
        case ast.BoolOp():
            return Precedence.BOOLEAN
        case ast.IfExp():
            return Precedence.CHOICE
        case _:
            return Precedence.ATOM


def loose(node: ast.expr, around: ast.expr) -> bool:
    """Whether an operand needs parentheses to stay one."""
    own, outer = precedence(node), precedence(around)
    if own is Precedence.ATOM or node is around:
        return False
    if own == outer and isinstance(around, ast.BinOp):
        return node is around.right
    if isinstance(node, ast.BoolOp) and isinstance(around, ast.BoolOp):
        return isinstance(node.op, ast.Or)
    return own >= outer


def may_go_without(node: ast.expr) -> bool:
    """Whether an expression can break at one bracket as well as in parentheses of its own.

    It can with one operator at most, or two of which one binds less tightly than
    the other, if it begins or ends in a bracket that holds something.
    """
    seen = _Seen()
    seen.inner(node)
    if not seen.brackets or seen.most > 1:
        return False
    return seen.loosest <= Precedence.ATTRIBUTE or seen.last or seen.first is True


def _brackets(node: ast.expr) -> bool | None:
    """Whether an expression's own brackets hold something; None if it has none."""
    match node:
        case ast.List(elts=held) | ast.Tuple(elts=held) | ast.Dict(values=held):
            return bool(held)
        case ast.Call():
            return bool(node.args or node.keywords)
        case ast.ListComp() | ast.GeneratorExp() | ast.Subscript():
            return True
        case _:
            return None


_OPERATIONS = ast.BinOp | ast.Compare | ast.BoolOp | ast.IfExp | ast.UnaryOp


class _Seen:
    """What an expression holds outside of brackets."""

    def __init__(self) -> None:
        self.loosest, self.most = Precedence.ATOM, 0
        self.brackets = False
        self.signed = False
        self.first: bool | None = None
        self.last = False
        """Whether it begins, and ends, in brackets that hold something; those of a subscript do not count."""

    def outer(self, node: ast.expr, around: ast.expr) -> None:
        """An operand."""
        bracketed = loose(node, around)
        if bracketed:
            self.brackets = True
        else:
            self.inner(node)
        closed = bracketed or (_brackets(node) is True and not isinstance(node, ast.Subscript))
        if bracketed or _brackets(node) is not None or not isinstance(node, _OPERATIONS):
            self.last = closed
        if self.first is None and not self.signed:
            self.first = closed

    def inner(self, node: ast.expr) -> None:
        """An expression, whatever stands around it."""
        match node:
            case ast.List() | ast.ListComp() | ast.Dict() | ast.Tuple() | ast.GeneratorExp():
                self.brackets = True
            case ast.Call(func=value) | ast.Subscript(value=value):
                self.brackets = True
                self.outer(value, node)
            case ast.Attribute():
                self.outer(node.value, node)
                if _brackets(node.value) is not None or loose(node.value, node):
                    self._count(Precedence.ATTRIBUTE, 1)
            case ast.UnaryOp():
                self.signed = self.signed or self.first is None
                self.outer(node.operand, node)
            case ast.BoolOp():
                self._operator(node, node.values)
            case ast.Compare():
                self._operator(node, [node.left, *node.comparators])
            case ast.BinOp():
                self._operator(node, [node.left, node.right])
            case ast.IfExp():
                self._operator(node, [node.body, node.test, node.orelse])
            case _:
                pass

    def _operator(self, node: ast.expr, operands: Sequence[ast.expr]) -> None:
        self._count(precedence(node), len(operands) - 1)
        for operand in operands:
            self.outer(operand, node)

    def _count(self, found: Precedence, times: int) -> None:
        if found > self.loosest:
            self.loosest, self.most = found, times
        elif found == self.loosest:
            self.most += times
