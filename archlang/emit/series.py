"""Values that are others in each copy of a repeat, said by the number of the copy: `ws[i]`, `w * 2**i`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archlang.emit import expr as ex
from archlang.emit.choose import Chooser
from archlang.emit.expr import INDEX, Expr, Fun, Lit, Var
from archlang.emit.forms import Each, Form, Series, leaves
from archlang.emit.items import goes_round, is_item
from archlang.emit.params import MismatchError, same
from archlang.emit.roll import ROUNDS
from archlang.emit.translate import translated
from archlang.emit.written import of_repeat

Column = Sequence[Series | None]

_WIDTHS = frozenset({"in_channels", "out_channels", "channels", "features", "in_features", "out_features"})


def chosen(chooser: Chooser, column: Column, title: str, firsts: Sequence[Expr | None], count: Expr | None) -> Expr:
    """What to print for values of the copies, `i` being the number of the copy from 0.

    `title` is what one of them is called, `firsts` what the first may be, and `count` how many copies there are.
    """
    for candidate in (*_plain(chooser, column, title), *_shifted(chooser, column, title, firsts, count)):
        if fits(chooser, candidate, column):
            return _kept(chooser, candidate)
    values = [None if one is None else Each(one.values) for one in column]
    nodes = [None if one is None else one.node for one in column]
    return _kept(chooser, _item(chooser.argument(values, "widths" if title in _WIDTHS else f"{title}s", nodes)))


def fits(chooser: Chooser, said: Expr, column: Column) -> bool:
    """Whether it is worth what the copies have, in every call that has them."""
    return all(one is None or fits_call(chooser, said, one, call) for call, one in enumerate(column))


def fits_call(chooser: Chooser, said: Expr, one: Series, call: int) -> bool:
    """Whether it is worth what the copies of one call have."""
    known = chooser.env(call)
    try:
        return all(same(ex.value(said, {**known, INDEX.name: at}), value) for at, value in enumerate(one.values))
    except (ArithmeticError, TypeError, LookupError):
        return False


def _kept(chooser: Chooser, said: Expr) -> Expr:
    if said not in chooser.series:
        chooser.series.append(said)
    for name in ex.variables(said):
        for inner in ex.variables(chooser.locals[name][0]) if name in chooser.locals else (name,):
            chooser.mark(inner)
    return said


def _item(of: Expr) -> Expr:
    return Fun("[]", (of, INDEX))


def _plain(chooser: Chooser, column: Column, title: str) -> Iterator[Expr]:
    """What the file says, what was said before, an item of a list, and so many times or parts of one."""
    yield from _written(chooser, column)
    yield from chooser.series
    at, first = next(((call, one.values[0]) for call, one in enumerate(column) if one and one.values), (0, None))
    for name, values in _lists(chooser):
        item = _item(Var(name))
        yield item
        if title == "padding":
            yield ex.Bin("//", item, Lit(2))
        known = values[at][0] if values[at] else None
        if known and isinstance(first, int) and isinstance(known, int) and first:
            yield (
                ex.join("*", Lit(first // known), item) if first >= known else ex.join("//", item, Lit(known // first))
            )
    yield from _powers(chooser, column)


def _powers(chooser: Chooser, column: Column) -> Iterator[Expr]:
    """So many times as much in each copy as in the one before: `in_channels * 2**i`."""
    pairs = [one.values[:2] for one in column if one is not None and len(one.values) > 1]
    first, second = pairs[0] if pairs else (0, 0)
    if not first or type(second) is not int or second % first or second // first < 2:
        return
    power = ex.Bin("**", Lit(second // first), INDEX)
    for param in chooser.params:
        if all(ex.finite(value) for value in param.values):
            yield ex.Bin("*", Var(param.name), power)
    yield ex.join("*", Lit(first), power)


def _lists(chooser: Chooser) -> Iterator[tuple[str, Sequence[Any]]]:
    for param in chooser.params:
        if all(isinstance(value, Each) for value in param.values):
            yield param.name, param.values


def _shifted(
    chooser: Chooser, column: Column, title: str, firsts: Sequence[Expr | None], count: Expr | None
) -> Iterator[Expr]:
    """What another series has one copy before, a list of its own: `[in_channels, *ws]`."""
    entering = [Var(param.name) for param in chooser.params if param.name == "in_channels"]
    known = [*reversed(chooser.series), *(_item(Var(name)) for name, _ in _lists(chooser))]
    starts = [one.values[0] if one is not None and one.values else None for one in column]
    later = [None if one is None else Series(one.values[1:]) for one in column]
    for start in (*firsts, *entering):
        if start is None or goes_round(start) or not chooser.fits(start, starts):
            continue
        for said in known:
            if not fits(chooser, said, later):
                continue
            match said:
                case Fun(name="[]", args=(ex.Var() as rest, ex.Var())):
                    pass
                case _ if count is not None:
                    rest = Fun("for", (said, count))
                case _:
                    continue
            whole = _local(chooser, Fun("*", (start, rest)), title)
            if whole is not None:
                yield _item(whole)


def _local(chooser: Chooser, said: Expr, title: str) -> Expr | None:
    """A list as a local name of `__init__`; None where a call has no such list, as `[ws[0], *ws]` of none."""
    for name, (known, _) in chooser.locals.items():
        if known == said:
            return Var(name)
    try:
        values = [ex.value(said, chooser.env(call)) for call in range(len(chooser.units))]
    except LookupError:
        return None
    name = chooser.free("widths" if title in _WIDTHS else f"{title}s")
    chooser.locals[name] = said, values
    return Var(name)


def _written(chooser: Chooser, column: Column) -> Iterator[Expr]:
    """The file's own words for the option, with the names of its `for`."""
    nodes = [None if one is None else one.node for one in column]
    first = next((node for node in nodes if node is not None), None)
    if first is None:
        return
    scopes = [None if node is None else node.scope for node in nodes]

    def named(word: str) -> Expr | None:
        return of_repeat(word, first.scope, lambda name: chooser.named(name, scopes)) or chooser.named(word, scopes)

    for written in first.exprs.values():
        said = translated(written, named)
        if said is not None:
            yield said


def asked_for_alone(chooser: Chooser, forms: Sequence[Form], stored: Mapping[str, Expr]) -> None:
    """See that items of lists that every call asks for are there: `ws[0]`. Raises `MismatchError`."""
    plain = [leaf.value for one in forms if one.function != ROUNDS for _, _, leaf in leaves(one)]
    for said in (*plain, *stored.values()):
        if is_item(said) and not goes_round(said):
            try:
                for call in range(len(chooser.units)):
                    ex.value(said, chooser.env(call))
            except LookupError:
                raise MismatchError(ex.text(said)) from None
