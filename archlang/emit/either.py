"""Items of a sequence that are one thing in some calls of a class and another in the others: ReLU or hard swish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archlang.emit.bodies import Body
from archlang.emit.expr import Expr, Fun
from archlang.emit.forms import Callee, Form, Leaf, mapped
from archlang.emit.optional import PRESENT

_FUNCTION = re.compile(r"(F|torch)\.(\w{3,})\(\{x\}[^{}]*\)\Z")
_ALONE = re.compile(r"((?:F|torch)\.\w+)\(\{x\}(?:, inplace=True)?\)\Z")

ACTIVATION = "activation"
"""What the argument is called that is one of several functions, or classes of modules."""

MADE = "()"
"""What the form of a module is called by whose class is an argument."""

EITHER = "|"
"""What the form of such an item is called by. Its arguments: is it the first, `present`, and the two forms."""


def sequences(forms: Sequence[Form]) -> list[Form] | None:
    """The same `nn.Sequential` calls, items that differ as one that is either; None where they are more than two."""
    if any(one.function != "nn.Sequential" or one.ordered for one in forms):
        return None
    rows = [[value for _, value in one.args if isinstance(value, Form)] for one in forms]
    if len({len(row) for row in rows}) > 1:
        return None
    kinds = dict.fromkeys(tuple(one.shape for one in row) for row in rows)
    if len(kinds) > 2:
        return _made(rows)
    if len(kinds) < 2:
        return None
    differ = [one != other for one, other in zip(*kinds, strict=True)]
    if 2 * sum(differ) >= len(differ):  # two sequences that have little in common
        return None
    first = next(iter(kinds))
    models = [next(row for row in rows if tuple(one.shape for one in row) == kind) for kind in kinds]
    found: list[Form] = []
    for row in rows:
        present = tuple(one.shape for one in row) == first
        items = [
            _either(one, models, at, present=present) if differs else one
            for at, (one, differs) in enumerate(zip(row, differ, strict=True))
        ]
        found.append(Form("nn.Sequential", tuple((None, one) for one in items)))
    return found


def _made(rows: Sequence[Sequence[Form]]) -> list[Form] | None:
    """The same calls, modules that are of one of several classes made by what the class is given."""
    columns = list(zip(*rows, strict=True))
    differ = [at for at, column in enumerate(columns) if len({one.shape for one in column}) > 1]
    if 2 * len(differ) >= len(columns):
        return None
    found: list[Form] = []
    for row in rows:
        names = {row[at].function for at in differ}
        if len(names) > 1 or any(name != "inplace" for at in differ for name, _ in row[at].args):
            return None
        made = Form(MADE, ((ACTIVATION, Leaf(Callee(names.pop()))),))
        items = [made if at in differ else one for at, one in enumerate(row)]
        found.append(Form("nn.Sequential", tuple((None, one) for one in items)))
    return found


def _either(own: Form, models: Sequence[Sequence[Form]], at: int, *, present: bool) -> Form:
    one, other = (mapped(model[at], lambda _, _leaf: Leaf(None)) for model in models)
    pair = (own, other) if present else (one, own)
    return Form(EITHER, ((PRESENT, Leaf(present)), *((None, form) for form in pair)))


def condition_name(one: Form) -> str | None:
    """What the condition of such an item is called after: the layer that it asks for, `hardswish`."""
    form = one.args[1][1]
    return form.function.rpartition(".")[2].lower() if one.function == EITHER and isinstance(form, Form) else None


def steps(bodies: Sequence[Body]) -> list[Body] | None:
    """The same bodies, steps that are one function in some calls and another in the others as one that asks which.

    Of three functions or more, the class is given the one that is meant. None where they differ in anything else.
    """
    if len({len(body.steps) for body in bodies}) > 1:
        return None
    columns = list(zip(*(body.steps for body in bodies), strict=True))
    differ = [at for at, column in enumerate(columns) if len({step.key for step in column}) > 1]
    rows = [tuple(body.steps[at].code for at in differ) for body in bodies]
    plain = [_FUNCTION.match(code) for row in rows for code in row]
    if not differ or not all(plain) or any(step.holes or step.member for at in differ for step in columns[at]):
        return None
    kinds = list(dict.fromkeys(rows))
    if len(kinds) > 2:
        return _given(bodies, differ)
    name = next(match[2] for match in map(_FUNCTION.match, reversed(kinds[1])) if match is not None)
    asked = [(f"{then} if {{{name}}} else {other}", name) for then, other in zip(kinds[1], kinds[0], strict=True)]
    return [_with(body, differ, asked, Leaf(row == kinds[1])) for body, row in zip(bodies, rows, strict=True)]


def _given(bodies: Sequence[Body], differ: Sequence[int]) -> list[Body] | None:
    """The same bodies, their one function an argument: `activation(x)`."""
    found: list[Body] = []
    for body in bodies:
        functions = [_ALONE.match(body.steps[at].code) for at in differ]
        names = {match[1] for match in functions if match is not None}
        if not all(functions) or len(names) > 1:
            return None
        asked = [(f"{{{ACTIVATION}}}({{x}})", ACTIVATION)] * len(differ)
        found.append(_with(body, differ, asked, Leaf(Callee(names.pop()))))
    return found


def _with(body: Body, places: Sequence[int], asked: Sequence[tuple[str, str]], leaf: Leaf) -> Body:
    changed = list(body.steps)
    for at, (code, hole) in zip(places, asked, strict=True):
        changed[at] = replace(changed[at], code=code, holes=(hole,), leaves=(leaf,), inplace=False)
    return replace(body, steps=tuple(changed))


def positive(code: str, hole: str, condition: Expr) -> tuple[str, Expr]:
    """A step that asks, with the condition that is the file's: `a if not swish else b` is `b if swish else a`."""
    then, asks, other = code.partition(f" if {{{hole}}} else ")
    if asks and isinstance(condition, Fun) and condition.name == "not":
        return f"{other}{asks}{then}", condition.args[0]
    return code, condition
