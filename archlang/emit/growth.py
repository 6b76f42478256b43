"""Values that grow evenly from copy to copy of a rolled repeat: `in_channels + 12 * (i - 1)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from archlang.emit import expr as ex
from archlang.emit.expr import Bin, Expr, Lit, Var
from archlang.emit.forms import Arg, Form, Leaf, Path, argument_name, leaves

GROWN = "+*"
"""What a value that grows is called by: its arguments are what the first copy has, and what each next one has more."""

INDEX = Var("i")
"""What goes round."""


def rest(rows: Sequence[Sequence[Form]]) -> list[Form] | None:
    """The forms of all copies but the first, `rows` being those of each: with what grows in them as such.

    None where they differ in anything else.
    """
    found: list[Form] = []
    for column in zip(*rows, strict=True):
        tables = [_table(one) for one in column]
        if any(one.shape != column[0].shape for one in column) or any(
            table.keys() != tables[1].keys() for table in tables[1:]
        ):
            return None
        paths: dict[Path, Arg] = {}
        for path, leaf in tables[1].items():
            values = [table[path].value for table in tables[1:]]
            if all(type(value) is type(leaf.value) and value == leaf.value for value in values):
                continue
            step = _step([tables[0].get(path, Leaf(None)).value, *values])
            if step is None:
                return None
            paths[path] = _grown(tables[0][path], Leaf(step))
        found.append(_exchanged(column[1], paths))
    return found


def unified(
    first: Sequence[Sequence[Form]], others: Sequence[Sequence[Form]], counts: Sequence[int]
) -> list[list[Form]] | None:
    """`others`, the forms of all copies but the `first` in each call, with what grows in one of them growing in all.

    None where a call has other values there.
    """
    result = [list(row) for row in others]
    for at in range(len(others[0])):
        growing = {path for row in others for path in _growing(row[at])}
        for call, count in enumerate(counts):
            one, head = others[call][at], _table(first[call][at])
            known = _table(one)
            paths: dict[Path, Arg] = {}
            for path in growing.difference(_growing(one)):
                if path not in known or path not in head:
                    return None
                step = 0 if count > 2 and known[path].value == head[path].value else None
                if count == 2:
                    step = _step([head[path].value, known[path].value])
                if count > 1 and step is None:
                    return None
                paths[path] = _grown(head[path], Leaf(step))
            result[call][at] = _exchanged(one, paths)
    return result


def grows(one: Form) -> bool:
    """Whether a value in it does."""
    return next(_growing(one), None) is not None


def at_first(one: Form) -> Form:
    """What the first copy has."""
    return _exchanged(one, {path: value.args[0][1] for path, value in _growing_forms(one)})


def by_index(one: Form, first: int) -> Form:
    """With every value that grows as an expression of `i`, `first` in the first copy. Leaves hold expressions."""
    said: dict[Path, Arg] = {}
    for path, value in _growing_forms(one):
        base, step = (leaf.value for _, leaf in value.args if isinstance(leaf, Leaf))
        said[path] = Leaf(_said(base, step, first))
    return _exchanged(one, said)


def through(
    name: str,
    members: Mapping[str, Sequence[Form | None]],
    exprs: Mapping[tuple[str, Path], Expr],
    entering: Expr | None,
    count: Expr,
) -> list[Expr]:
    """What may be as wide as the tensor after all copies: `in_channels + 12 * n`, by each step in the member `name`."""
    form = next((one for one in members.get(name, ()) if one is not None), None)
    if form is None or entering is None:
        return []
    steps = dict.fromkeys(exprs[name, (*path, 1)] for path in _growing(form))
    return [ex.join("+", entering, ex.join("*", step, count)) for step in steps]


def _said(base: Expr, step: Expr, first: int) -> Expr:
    if isinstance(base, Lit) and isinstance(step, Lit):
        base, first = Lit(base.value - step.value * first), 0
    index = Bin("-", INDEX, Lit(first)) if first else INDEX
    if isinstance(step, Lit) and step.value < 0:
        return Bin("-", base, ex.join("*", Lit(-step.value), index))
    product = ex.join("*", step, index)
    if isinstance(base, Lit):
        return ex.join("+", product, base) if base.value >= 0 else Bin("-", product, Lit(-base.value))
    return ex.join("+", base, product)


def _grown(base: Leaf, step: Leaf) -> Form:
    return Form(GROWN, ((None, base), ("step", step)))


def _step(values: Sequence[object]) -> int | None:
    """By how much whole numbers grow each time; None where they do not, or not evenly."""
    numbers = [value for value in values if type(value) is int]
    steps = {other - one for one, other in pairwise(numbers)}
    return steps.pop() if len(numbers) == len(values) and len(steps) == 1 else None


def _table(one: Form) -> dict[Path, Leaf]:
    return {path: leaf for path, _, leaf in leaves(one)}


def _growing(one: Form) -> Iterator[Path]:
    return (path for path, _ in _growing_forms(one))


def _growing_forms(one: Form, path: Path = ()) -> Iterator[tuple[Path, Form]]:
    for index, (_, value) in enumerate(one.args):
        if isinstance(value, Form) and value.function == GROWN:
            yield (*path, index), value
        elif isinstance(value, Form):
            yield from _growing_forms(value, (*path, index))


def _exchanged(one: Form, values: Mapping[Path, Arg], path: Path = ()) -> Form:
    """The same call, with other values at these places."""
    if not values:
        return one
    args: list[tuple[str | None, Arg]] = []
    for index, (name, value) in enumerate(one.args):
        here = (*path, index)
        if here in values:
            value = _titled(values[here], argument_name(one.function, index, name))  # noqa: PLW2901 - as it is now
        elif isinstance(value, Form):
            value = _exchanged(value, values, here)  # noqa: PLW2901 - as above
        args.append((name, value))
    return replace(one, args=tuple(args))


def _titled(value: Arg, title: str) -> Arg:
    """What grows, its first value by the name that it has as an argument."""
    if not isinstance(value, Form) or value.function != GROWN:
        return value
    (_, base), *others = value.args
    return replace(value, args=((title, base), *others))
