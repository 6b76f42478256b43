"""Items of a sequence that are one thing in some calls of a class and another in the others: ReLU or hard swish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archlang.emit.bodies import Body, Step
from archlang.emit.forms import Form, Leaf, mapped
from archlang.emit.optional import PRESENT

_FUNCTION = re.compile(r"F\.(\w{3,})\(\{x\}[^{}]*\)\Z")

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
    if len(kinds) != 2:
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


def _either(own: Form, models: Sequence[Sequence[Form]], at: int, *, present: bool) -> Form:
    one, other = (mapped(model[at], lambda _, _leaf: Leaf(None)) for model in models)
    pair = (own, other) if present else (one, own)
    return Form(EITHER, ((PRESENT, Leaf(present)), *((None, form) for form in pair)))


def condition_name(one: Form) -> str | None:
    """What the condition of such an item is called after: the layer that it asks for, `hardswish`."""
    form = one.args[1][1]
    return form.function.rpartition(".")[2].lower() if one.function == EITHER and isinstance(form, Form) else None


def steps(bodies: Sequence[Body]) -> list[Body] | None:
    """The same bodies, a step that is one function in some calls and another in the others as one that asks which.

    None where they differ in anything else, or in more than two functions.
    """
    if len({len(body.steps) for body in bodies}) > 1:
        return None
    columns = list(zip(*(body.steps for body in bodies), strict=True))
    differ = [at for at, column in enumerate(columns) if len({step.key for step in column}) > 1]
    if len(differ) != 1:
        return None
    (at,) = differ
    codes = list(dict.fromkeys(step.code for step in columns[at]))
    plain = [_FUNCTION.match(code) for code in codes]
    if len(codes) != 2 or not all(plain) or any(step.holes or step.member for step in columns[at]):
        return None
    name = next(match[1] for match in reversed(plain) if match is not None)
    return [
        replace(body, steps=(*body.steps[:at], _asked(body.steps[at], codes, name), *body.steps[at + 1 :]))
        for body in bodies
    ]


def _asked(step: Step, codes: Sequence[str], name: str) -> Step:
    leaf = Leaf(step.code == codes[1])
    return replace(step, code=f"{codes[1]} if {{{name}}} else {codes[0]}", holes=(name,), leaves=(leaf,), inplace=False)
