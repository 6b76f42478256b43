"""Values that grow evenly from copy to copy of a rolled repeat: `in_channels + 12 * (i - 1)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from archlang.emit import expr as ex
from archlang.emit.expr import INDEX, Bin, Expr, Lit
from archlang.emit.forms import Arg, Form, Leaf, Path, Series, argument_name, filled, leaves, mapped
from archlang.emit.items import placed

GROWN = "+*"
"""What a value that grows is called by: its arguments are what the first copy has, and what each next one has more."""

LATER = "+*2"
"""The same of a value that grows from the second copy on, whatever the first has: what the second has, and the step."""

ENTERING = frozenset({"in_channels", "channels", "features", "in_features"})
"""What arguments are called that say how wide the tensor is that enters."""

EMPTY: Mapping[str, Expr] = MappingProxyType({})

LISTED = "[]"
"""What the kind of a value is called that is any other in each copy: it stands as the series of them all."""


def rest(calls: Sequence[Sequence[Sequence[Form]]], *, listed: bool = False) -> list[list[Form]] | None:
    """For each call the forms of all copies but the first, what grows in them as such; `calls` has those of each copy.

    What goes once too has such forms, of no value. With `listed`, what grows is a list as well.
    None where copies differ in anything else.
    """
    first = next(call[0] for call in calls if call)
    given = [[[copy[at] for copy in call] for call in calls] for at in range(len(first))]
    listed = listed and any(map(_made_anew, given))
    columns = [_column(one, listed=listed) for one in given]
    whole = [column for column in columns if column is not None]
    return [list(row) for row in zip(*whole, strict=True)] if len(whole) == len(columns) else None


def _column(calls: Sequence[Sequence[Form]], *, listed: bool) -> list[Form] | None:
    """The same of one of the forms."""
    if len({one.shape for call in calls for one in call}) > 1:
        return None
    tables = [[_table(one) for one in call] for call in calls]
    if len({frozenset(table) for call in tables for table in call}) > 1:
        full = iter(filled([one for call in calls for one in call]))  # a 1x1 convolution has no padding
        calls = [[next(full) for _ in call] for call in calls]
        tables = [[_table(one) for one in call] for call in calls]
    several = [call for call in tables if len(call) > 1]
    growing: dict[Path, str] = {}
    for path in dict.fromkeys(path for call in several for path in call[1]):
        if all(_constant([table[path].value for table in call[1:]]) for call in several) and not (
            listed and not all(_constant([table[path].value for table in call]) for call in several)
        ):
            continue
        columns = [[table[path].value for table in call] for call in tables]
        evenly = None if listed else _kind([column for column in columns if len(column) > 1])
        kind = evenly or _listed(columns)
        if kind is None:
            return None
        growing[path] = kind
    found: list[Form] = []
    model = next(call[1] for call in calls if len(call) > 1)
    none = mapped(model, lambda _, _leaf: Leaf(None))
    for call, table in zip(calls, tables, strict=True):
        said = {
            path: _grown(kind, [one[path] for one in table])
            for path, kind in growing.items()
            if kind == LISTED or len(call) > 1
        }
        if len(call) > 1:
            found.append(_exchanged(call[1], said))
        else:
            nothing = Leaf(None)
            for path, kind in growing.items():
                if kind != LISTED:
                    said[path] = Form(kind, ((None, nothing), ("step", nothing)))
            found.append(_exchanged(none, said))
    return found


def whole(calls: Sequence[Sequence[Form]]) -> list[Form] | None:
    """For each call one form for all copies, what differs between them as a list; None where they are not alike."""
    copies = [one for call in calls for one in call]
    if len({one.shape for one in copies}) > 1:
        return None
    full = iter(filled(copies))
    given = [[next(full) for _ in call] for call in calls]
    tables = [[_table(one) for one in call] for call in given]
    paths = next(table for call in tables for table in call)
    columns = {path: [[table[path].value for table in call] for call in tables] for path in paths}
    differ = [path for path, values in columns.items() if not all(map(_constant, filter(None, values)))]
    if any(_listed(columns[path]) is None for path in differ):
        return None
    none = mapped(next(one for call in given for one in call), lambda _, _leaf: Leaf(None))
    return [
        _exchanged(call[0] if call else none, {path: _grown(LISTED, [one[path] for one in table]) for path in differ})
        for call, table in zip(given, tables, strict=True)
    ]


def _made_anew(calls: Sequence[Sequence[Form]]) -> bool:
    """Whether copies differ in anything but what enters them: only the first gets what stands before the repeat."""
    for call in calls:
        values = [[leaf.value for _, title, leaf in leaves(one) if title not in ENTERING] for one in call]
        if any(one != values[0] for one in values):
            return True
    return False


def _kind(columns: Sequence[Sequence[object]]) -> str | None:
    """How values grow that do not stay: from the first copy on or from the second; None where not evenly."""
    if any(type(value) is not int for column in columns for value in column):
        return None
    if all(_step(column) is not None for column in columns):
        return GROWN
    long = [column[1:] for column in columns if len(column) > 2]
    if any(_step(column) is None for column in long):
        return None
    sure = any(len(column) > 2 for column in long)  # two values are even whatever they are
    agreed = len({column[0] for column in long}) > 1 and len({_step(column) for column in long}) == 1
    return LATER if sure or agreed else None


def _listed(columns: Sequence[Sequence[object]]) -> str | None:
    """The kind of values of one type that are any other in each copy."""
    kinds = {type(value) for column in columns for value in column}
    return LISTED if len(kinds) == 1 and kinds < {int, float, bool} else None


def grows(one: Form) -> bool:
    """Whether a value in it does, or is another in each copy."""
    listed = any(isinstance(leaf.value, Series) for _, _, leaf in leaves(one))
    return listed or next(_growing_forms(one), None) is not None


def at_first(one: Form, lists: Mapping[str, Expr] = EMPTY) -> Form:
    """What the first copy has; where it has nothing to do with the others, no value. `lists` are those by name."""
    nothing = Leaf(None)
    firsts = {path: value.args[0][1] if value.function == GROWN else nothing for path, value in _growing_forms(one)}

    def first(_: Path, leaf: Leaf) -> Leaf:
        if isinstance(leaf.value, Series):
            return nothing
        return Leaf(_first_item(placed(leaf.value, Lit(0)), lists)) if isinstance(leaf.value, Expr) else leaf

    return mapped(_exchanged(one, firsts), first)


def _first_item(said: Expr, lists: Mapping[str, Expr]) -> Expr:
    match said:
        case ex.Fun(name="[]", args=(ex.Var() as of, Lit(value=0))):
            whole = lists.get(of.name)
            return whole.args[0] if isinstance(whole, ex.Fun) and whole.name == "*" else said
        case _:
            return said


def by_index(one: Form, first: Expr, by: int = 1) -> Form:
    """With every value that grows as an expression of `i`, `first` in the first copy. Leaves hold expressions."""
    said: dict[Path, Arg] = {}
    for path, value in _growing_forms(one):
        base, step = (leaf.value for _, leaf in value.args if isinstance(leaf, Leaf))
        start = first if value.function == GROWN else ex.added(first, Lit(by))
        said[path] = Leaf(_said(base, step, start))
    index = _less(first)
    listed = mapped(one, lambda _, leaf: Leaf(placed(leaf.value, index)))
    return _exchanged(listed, said)


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
    grown = [(exprs[name, (*path, 0)], exprs[name, (*path, 1)], value.function) for path, value in _growing_forms(form)]
    steps = dict.fromkeys(step for _, step, _ in grown)
    found = [ex.join("+", entering, ex.join("*", step, count)) for step in steps]
    for base, step, kind in grown:
        copies = ex.added(count, Lit(-1 if kind == GROWN else -2))
        found.append(ex.join("+", base, ex.join("*", step, copies)))
    lists = [exprs[name, path] for path, _, leaf in leaves(form) if isinstance(leaf.value, Series)]
    after = (placed(said, count) for said in lists if not isinstance(said, ex.Fun))  # were there one copy more
    return [*found, *(last(said, count) for said in lists), *after]


def last(said: Expr, count: Expr) -> Expr:
    """What the last copy has: `ws[-1]`."""
    match said:
        case ex.Fun(name="[]", args=(of, ex.Var())):
            return ex.Fun("[]", (of, Lit(-1)))
        case _:
            return placed(said, ex.added(count, Lit(-1)))


def _said(base: Expr, step: Expr, first: Expr) -> Expr:
    if isinstance(base, Lit) and isinstance(step, Lit) and isinstance(first, Lit):
        base, first = Lit(base.value - step.value * first.value), Lit(0)
    index = _less(first)
    if isinstance(step, Lit) and step.value < 0:
        return Bin("-", base, ex.join("*", Lit(-step.value), index))
    product = ex.join("*", step, index)
    if isinstance(base, Lit):
        return ex.join("+", product, base) if base.value >= 0 else Bin("-", product, Lit(-base.value))
    return ex.join("+", base, product)


def _less(first: Expr) -> Expr:
    """The number of a copy, from 0, where that of the first is `first`."""
    match first:
        case Bin(op="+", right=Lit()):  # `i - n - 1` and not `i - (n + 1)`
            return Bin("-", Bin("-", INDEX, first.left), first.right)
        case _:
            return INDEX if first == Lit(0) else Bin("-", INDEX, first)


def _constant(values: Sequence[object]) -> bool:
    return all(type(value) is type(values[0]) and value == values[0] for value in values)


def _grown(kind: str, column: Sequence[Leaf]) -> Arg:
    """What grows in one call: the value it grows from, and by how much, where there are copies enough to say it."""
    values = [leaf.value for leaf in column]
    if kind == LISTED:
        node = next((leaf.node for leaf in column), None)
        return Leaf(Series(tuple(values), node), node)
    if kind == GROWN:
        return Form(GROWN, ((None, column[0]), ("step", Leaf(_step(values)))))
    return Form(LATER, ((None, column[1]), ("step", Leaf(_step(values[1:]) if len(values) > 2 else None))))


def _step(values: Sequence[object]) -> int | None:
    """By how much whole numbers grow each time; None where they do not, or not evenly."""
    numbers = [value for value in values if type(value) is int]
    steps = {other - one for one, other in pairwise(numbers)}
    return steps.pop() if len(numbers) == len(values) and len(steps) == 1 else None


def _table(one: Form) -> dict[Path, Leaf]:
    return {path: leaf for path, _, leaf in leaves(one)}


def _growing_forms(one: Form, path: Path = ()) -> Iterator[tuple[Path, Form]]:
    for index, (_, value) in enumerate(one.args):
        if isinstance(value, Form) and value.function in (GROWN, LATER):
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
    if not isinstance(value, Form) or value.function not in (GROWN, LATER):
        return value
    (_, base), *others = value.args
    return replace(value, args=((title, base), *others))
