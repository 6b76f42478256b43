"""A statement too long for a line, as a layout: which of its brackets and operators may break.

The rules are those of `ruff format`. Inside of brackets everything may break.
Outside, an expression gets parentheses, unless one bracket at its start or end
breaks well enough.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from enum import Enum

from archlang.emit.layout import BestFit, Doc, Either, Expandable, Group, Indent, Line, bracket, listed, optional
from archlang.emit.precedence import loose, may_go_without, precedence, sign


class _Level(Enum):
    """Where an expression stands: in the open, where only the brackets in it break, ..."""

    OPEN = 0
    SPARED = 1
    """... in the open, spared of parentheses as long as its brackets can break, ..."""
    INSIDE = 2
    """... or in brackets."""


def broken(statement: ast.stmt, text: str, room: int) -> Doc:
    """The layout of a statement whose source is `text`, for lines of `room` characters."""
    writer = _Writer(text)
    match statement:
        case ast.Return(value=ast.Tuple() as value) if not text.startswith("return ("):
            return ("return ", optional(listed(writer.all(value.elts))))
        case ast.Return(value=ast.expr() as value):
            return ("return ", writer.outer(value))
        case ast.Assign(targets=[ast.Tuple() as target]):
            return writer.unpacked(target, statement.value, room)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return (writer.before(value), writer.outer(value))
        case ast.Expr(value=value):
            return writer.doc(value, _Level.OPEN)
        case _:
            return text


def head_of(statement: ast.stmt, text: str) -> Doc:
    """The layout of a compound statement's first line."""
    writer = _Writer(text)
    match statement:
        case ast.If(test=value) | ast.For(iter=value):
            return (writer.before(value), writer.outer(value), ":")
        case ast.ClassDef(name=name, bases=bases):
            return (f"class {name}", bracket("(", [Group(listed(writer.all(bases)))], "):"))
        case ast.FunctionDef():
            return writer.signature(statement)
        case _:
            return text


class _Writer:
    def __init__(self, text: str) -> None:
        self.text = text

    def source(self, node: ast.expr | ast.arg) -> str:
        """What is written there."""
        return self.text[node.col_offset : node.end_col_offset]

    def before(self, value: ast.expr) -> str:
        """What stands before it: `x = `. It may itself begin in parentheses."""
        return self.text[: value.col_offset].rstrip("(")

    # ---- expressions in the open ---------------------------------------------

    def outer(self, node: ast.expr) -> Doc:
        """An expression that a statement ends in."""
        root = _root(node)
        if isinstance(root, ast.Name | ast.Constant | ast.JoinedStr):
            return BestFit(*(self.doc(node, level) for level in (_Level.SPARED, _Level.INSIDE, _Level.OPEN)))
        if root is not node or isinstance(node, _BRACKETS):
            return self.doc(node, _Level.OPEN)
        wrapped = optional(self.doc(node, _Level.INSIDE))
        return Either(self.doc(node, _Level.SPARED), wrapped) if may_go_without(node) else wrapped

    def unpacked(self, target: ast.Tuple, value: ast.expr, room: int) -> Doc:
        """`a, b = f(x)`: the call breaks first, the names only where they must."""
        names, said = self.text[: value.col_offset], self.source(value)
        if len(names + said.partition("(")[0]) < room:
            return (names, self.doc(value, _Level.OPEN))
        if len(names) < room:
            return (names, "(", Indent((Line(), self.doc(value, _Level.INSIDE))), Line(), ")")
        return (optional(listed(self.all(target.elts))), " = ", self.doc(value, _Level.OPEN))

    def signature(self, made: ast.FunctionDef) -> Doc:
        """`def forward(self, x: Tensor) -> Tensor:`."""
        assert made.returns is not None  # noqa: S101 - all of ours say
        args, defaults = made.args.args, made.args.defaults
        given: list[ast.expr | None] = [None] * (len(args) - len(defaults))
        given += defaults
        told = [
            self.source(arg) if default is None else f"{self.source(arg)} = {self.source(default)}"
            for arg, default in zip(args, given, strict=True)
        ]
        inside = Group(listed(told)) if len(told) > 1 else (*told, ",")
        returns = self.doc(made.returns, _Level.INSIDE)
        return Group((f"def {made.name}(", Indent((Line(), inside)), Line(), ") -> ", returns, ":"))

    # ---- any expression ---------------------------------------------------------

    def all(self, nodes: Sequence[ast.expr]) -> list[Doc]:
        """Expressions inside of brackets."""
        return [self.doc(node, _Level.INSIDE) for node in nodes]

    def doc(self, node: ast.expr, level: _Level) -> Doc:
        """One expression."""
        match node:
            case ast.Call():
                return (self._operand(node.func, node, level), self._arguments(node, level))
            case ast.Attribute():
                return (self._operand(node.value, node, level), f".{node.attr}")
            case ast.Subscript():
                return (self._operand(node.value, node, level), self._index(node.slice, level))
            case ast.Starred(value=ast.IfExp() as choice):
                return ("*", self._bracket("(", self._choice(choice, _Level.INSIDE), ")", level))
            case ast.Starred():
                return ("*", self.doc(node.value, level))
            case ast.UnaryOp():
                return (sign(node.op), self._operand(node.operand, node, level))
            case ast.BinOp(op=ast.Pow()) if " " not in self.source(node):  # of two names or numbers: it stands close
                return self.source(node)
            case ast.BinOp() | ast.Compare() | ast.BoolOp():
                return self._grouped(self._operation(node, level), level)
            case ast.IfExp():
                return self._grouped(self._choice(node, level), level)
            case _:
                return self._held(node, level)

    def _held(self, node: ast.expr, level: _Level) -> Doc:
        """What stands in brackets of its own, or is one word."""
        match node:
            case ast.List():
                return self._bracket("[", listed(self.all(node.elts)), "]", level)
            case ast.Tuple(elts=[only]):
                return self._bracket("(", (self.doc(only, _Level.INSIDE), ","), ")", level)
            case ast.Tuple():
                return self._bracket("(", listed(self.all(node.elts)), ")", level)
            case ast.Dict():
                return self._bracket("{", listed(self._entries(node)), "}", level)
            case ast.ListComp():
                return self._bracket("[", (self._comprehension(node),), "]", level)
            case ast.GeneratorExp():
                return self._bracket("(", (self._comprehension(node),), ")", level)
            case ast.Slice():
                return self._slice(node)
            case _:
                return self.source(node)

    def _slice(self, node: ast.Slice) -> Doc:
        """`1 : 1 + x.shape[2]`, which may break at its operators; numbers alone stand close and never do."""
        if node.lower is None or node.upper is None or " : " not in self.source(node):
            return self.source(node)
        return (self.doc(node.lower, _Level.INSIDE), " : ", self.doc(node.upper, _Level.INSIDE))

    def _index(self, node: ast.expr, level: _Level) -> Doc:
        if isinstance(node, ast.Tuple) and not self.source(node).startswith("("):
            return self._bracket("[", listed(self.all(node.elts)), "]", level)
        return self._bracket("[", self.all([node]), "]", level)

    def _operand(self, node: ast.expr, around: ast.expr, level: _Level) -> Doc:
        if loose(node, around):
            return self._bracket("(", (self.doc(node, _Level.INSIDE),), ")", level)
        return self.doc(node, level)

    def _bracket(self, start: str, inside: Sequence[Doc], end: str, level: _Level) -> Doc:
        if not inside:
            return start + end
        made = bracket(start, inside, end)
        return Expandable(made) if level is _Level.SPARED else made

    def _arguments(self, call: ast.Call, level: _Level) -> Doc:
        if not call.args and not call.keywords:
            return "()"
        if len(call.args) == 1 and isinstance(call.args[0], ast.GeneratorExp) and not call.keywords:
            return self._bracket("(", (self._comprehension(call.args[0]),), ")", level)
        named: list[Doc] = [(f"{one.arg}=", self.doc(one.value, _Level.INSIDE)) for one in call.keywords]
        return self._bracket("(", (Group(listed([*self.all(call.args), *named])),), ")", level)

    def _entries(self, node: ast.Dict) -> list[Doc]:
        pairs = zip(node.keys, node.values, strict=True)
        return [(self.source(key), ": ", self.doc(value, _Level.INSIDE)) for key, value in pairs if key is not None]

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Doc:
        parts: list[Doc] = [Group((self.doc(node.elt, _Level.INSIDE),))]
        for one in node.generators:
            inside = (self.source(one.target), " in ", self.doc(one.iter, _Level.INSIDE))
            tests = [(Line(" "), "if ", self.doc(test, _Level.INSIDE)) for test in one.ifs]
            parts += [Line(" "), Group(("for ", *inside, *tests))]
        return Group(tuple(parts))

    # ---- operators ------------------------------------------------------------------

    def _grouped(self, parts: Sequence[Doc], level: _Level) -> Doc:
        return Group(tuple(parts)) if level is _Level.INSIDE else tuple(parts)

    def _operation(self, node: ast.expr, level: _Level) -> list[Doc]:
        """Operands with the operators of one precedence between them; tighter ones are a group each."""
        match node:
            case ast.BoolOp():
                word = "and" if isinstance(node.op, ast.And) else "or"
                pairs = [(word, value) for value in node.values[1:]]
                first = node.values[0]
            case ast.Compare():
                pairs = [(sign(op), value) for op, value in zip(node.ops, node.comparators, strict=True)]
                first = node.left
            case ast.BinOp():
                return self._chain(node, level)
            case _:
                return [self._operand(node, node, level)]
        parts: list[Doc] = [self._operand(first, node, level)]
        for word, value in pairs:
            parts += [self._place(level), f"{word} ", self._operand(value, node, level)]
        return parts

    def _chain(self, node: ast.BinOp, level: _Level) -> list[Doc]:
        if isinstance(node.left, ast.BinOp) and precedence(node.left) == precedence(node):
            parts = self._chain(node.left, level)
        else:
            parts = [self._operand(node.left, node, level)]
        return [*parts, self._place(level), f"{sign(node.op)} ", self._operand(node.right, node, level)]

    def _choice(self, node: ast.IfExp, level: _Level) -> list[Doc]:
        parts = [
            self._operand(node.body, node, level),
            self._place(level),
            "if ",
            self._operand(node.test, node, level),
        ]
        return [*parts, self._place(level), "else ", self.doc(node.orelse, level)]

    def _place(self, level: _Level) -> Doc:
        return Line(" ") if level is _Level.INSIDE else " "


_BRACKETS = ast.List | ast.Tuple | ast.Dict | ast.ListComp | ast.GeneratorExp


def _root(node: ast.expr) -> ast.expr:
    """What a chain of calls, subscripts and attributes begins with."""
    while isinstance(node, ast.Call | ast.Subscript | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node
