"""Items of a sequence that are one thing in some calls of a class and another in the others: ReLU or hard swish."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.emit.forms import Form, Leaf, mapped
from archlang.emit.optional import PRESENT

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
