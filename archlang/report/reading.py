"""Reads the Python that emission writes: members that are named, functions that are called, items of sequences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

Way = tuple[str, ...]
"""How a member is reached, a name or number for each step; in what a text says, a regular expression each."""

Values = Mapping[str, int]
"""The values of loop variables."""


def statements(body: list[ast.stmt], values: Values) -> Iterator[tuple[ast.stmt, Values]]:
    """The simple statements in the order they run in, and the values of loop variables there.

    Both sides of an `if` are taken. A loop over numbers goes round, any other once.
    """
    for statement in body:
        if isinstance(statement, ast.For):
            for known in _rounds(statement, values):
                yield from statements(statement.body, {**values, **known})
            continue
        inner = [s for name in ("body", "orelse") for s in getattr(statement, name, ())]
        if inner:
            yield from statements(inner, values)
        else:
            yield statement, values


def _rounds(loop: ast.For, values: Values) -> list[Values]:
    """What is known of the variables of a loop in each of its rounds; one round, of nothing, where it cannot be told.

    `for i in range(3)`, `for rate in [0.1, 0.2]`, and both at once by `enumerate` or `zip`.
    """
    each = loop.iter
    if isinstance(each, ast.List):
        return [{} for _ in each.elts]
    variables = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    if not isinstance(each, ast.Call) or not isinstance(variables[0], ast.Name):
        return [{}]
    numbers: range | None = None
    match name_of(each.func), each.args:
        case "range", _:
            numbers = _numbers(each, values)
        case "zip", [of, ast.List()]:
            numbers = _numbers(of, values)
        case "enumerate", [ast.List() as items, *start]:
            first = _number(start[0], values) if start else 0
            numbers = None if first is None else range(first, first + len(items.elts))
        case _:
            pass
    return [{}] if numbers is None else [{variables[0].id: number} for number in numbers]


def _numbers(node: ast.expr, values: Values) -> range | None:
    """`range(1, 5)`, if its bounds are numbers, or known from loop variables: `range(i, i + 4)`."""
    if not isinstance(node, ast.Call) or name_of(node.func) != "range":
        return None
    bounds = [bound for argument in node.args if (bound := _number(argument, values)) is not None]
    return range(*bounds) if len(bounds) == len(node.args) and 0 < len(bounds) < 4 else None


def in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement, arguments before what they are given to."""
    for child in ast.iter_child_nodes(node):
        yield from in_order(child)
    yield node


# ---- members ---------------------------------------------------------------------


def ways_of(statement: ast.stmt, values: Values) -> Iterator[Way]:
    """The members that a statement names, as far as it goes into each: of `self.a[0]` not `self.a` besides."""
    inner: set[int] = set()
    for node in in_order(statement):
        if isinstance(node, ast.Attribute | ast.Subscript) and way_of(node, values):
            inner.add(id(node.value))
    for node in in_order(statement):
        way = way_of(node, values)
        if way and id(node) not in inner:
            yield way


def way_of(node: ast.AST, values: Values) -> Way:
    """`self.a[0].b` as ("a", "0", "b"), `self.a[:-2]` as ("a",), `self.a[2:4]` as ("a", "2|3"); nothing for another."""
    if isinstance(node, ast.Attribute) and _begins(node.value, values):
        return (*_before(node.value, values), re.escape(node.attr))
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        way = way_of(node.value, values)
        return (*way, numbers) if way and (numbers := _cut(node.slice)) else way
    if isinstance(node, ast.Subscript) and _begins(node.value, values):
        return (*_before(node.value, values), pattern(node.slice, values))
    if isinstance(node, ast.Call) and name_of(node.func) == "getattr" and _begins(node.args[0], values):
        return (*_before(node.args[0], values), pattern(node.args[1], values))
    return ()


def _cut(numbers: ast.Slice) -> str:
    """The numbers in a slice as a regular expression; nothing where one is counted from the end."""
    first, last = (
        bound.value if isinstance(bound, ast.Constant) else bound for bound in (numbers.lower, numbers.upper)
    )
    if not isinstance(first, int | None) or not isinstance(last, int | None):
        return ""
    if last is not None:
        return "|".join(map(str, range(first or 0, last)))
    below = "|".join(map(str, range(first or 0)))
    return rf"(?!(?:{below})\Z)\d+" if below else r"\d+"


def _begins(node: ast.expr, values: Values) -> bool:
    return (isinstance(node, ast.Name) and node.id == "self") or bool(way_of(node, values))


def _before(node: ast.expr, values: Values) -> Way:
    return () if isinstance(node, ast.Name) else way_of(node, values)


def pattern(node: ast.expr, values: Values) -> str:
    """A name or an index as a regular expression; what is not known matches any word."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part, values) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return pattern(node.value, values)
    number = _number(node, values)
    return r"\w+" if number is None else str(number)


def _number(node: ast.expr, values: Values) -> int | None:
    """A loop variable, or a sum, difference or product with one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _number(node.operand, values)
        return None if number is None else -number
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left, values), _number(node.right, values)
        if left is not None and right is not None:
            signs = {"Add": left + right, "Sub": left - right, "Mult": left * right}
            return signs.get(type(node.op).__name__)
    return None


# ---- names -----------------------------------------------------------------------


def called(node: ast.AST) -> str:
    """The function that an expression calls, `F.relu`, or its operator, `Add`; nothing for another expression."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return type(node.op).__name__ if isinstance(node, ast.BinOp) else ""


def name_of(node: ast.expr) -> str:
    """`nn.Sequential`, `self.add_module`; of a method `.chunk` alone; nothing for another expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = name_of(node.value)
        return f"{inner}.{node.attr}" if inner in ("F", "torch", "nn", "self") else f".{node.attr}"
    return ""


# ---- sequences -------------------------------------------------------------------


def item(made: object, part: str, total: int | None) -> ast.expr | None:
    """An item of a call that makes a sequence, by number or by name; `total` is how many items there are, if known."""
    if not isinstance(made, ast.Call):
        return None
    first = made.args[0] if len(made.args) == 1 else None
    if isinstance(first, ast.Call) and name_of(first.func) == "OrderedDict":
        return _named(first, part)
    return _numbered(made.args, int(part), total) if part.isdigit() else None


def _numbered(items: list[ast.expr], number: int, total: int | None) -> ast.expr | None:
    """The item at `number` of `total`; a run whose length is not known has what the others leave."""
    lengths = [_length(one) for one in items]
    known = sum(length for length in lengths if length is not None)
    end = total if total is not None and None in lengths else 0
    for one, length in zip(reversed(items), reversed(lengths), strict=True):
        if length is None or end == 0:
            break
        end -= length
        if number >= end:
            return _of_run(one, number - end)
    at = 0
    for one, length in zip(items, lengths, strict=True):
        here = max((total or number + 1) - known, 0) if length is None else length
        if number < at + here:
            return _of_run(one, number - at)
        at += here
    return None


def _length(one: ast.expr) -> int | None:
    """How many items `*[...]` stands for, None if that is not known; one for what has no star."""
    if not isinstance(one, ast.Starred):
        return 1
    if not isinstance(one.value, ast.ListComp):
        return None
    total = 1
    for loop in one.value.generators:
        rounds = _numbers(loop.iter, {})
        if rounds is None and not isinstance(loop.iter, ast.List | ast.Tuple):
            return None
        total *= len(loop.iter.elts) if isinstance(loop.iter, ast.List | ast.Tuple) else len(rounds or ())
    return total


def _of_run(one: ast.expr, number: int) -> ast.expr | None:
    """The item at `number` of what one argument stands for."""
    run = one.value if isinstance(one, ast.Starred) else None
    if run is None:
        return one
    if isinstance(run, ast.IfExp):
        run = run.body
    if isinstance(run, ast.List):
        return run.elts[number] if number < len(run.elts) else None
    if not isinstance(run, ast.ListComp):
        return None
    last = run.generators[-1]
    if isinstance(last.iter, ast.List | ast.Tuple) and ast.dump(run.elt) == ast.dump(last.target).replace(
        "Store", "Load"
    ):
        return last.iter.elts[number % len(last.iter.elts)]  # `layer for _ in range(2) for layer in (a, b)`
    return run.elt


def _named(dictionary: ast.Call, part: str) -> ast.expr | None:
    """A value of `OrderedDict(a=..., b=...)` or of one made of pairs."""
    for keyword in dictionary.keywords:
        if keyword.arg == part:
            return keyword.value
    for argument in dictionary.args:
        pairs = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [getattr(argument, "elt", argument)]
        for one in pairs:
            pair = getattr(one.value, "elt", one) if isinstance(one, ast.Starred) else one
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and re.fullmatch(pattern(pair.elts[0], {}), part):
                return pair.elts[1]
    return None
