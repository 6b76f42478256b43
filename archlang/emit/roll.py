"""Repeats whose count differs between the calls of a class, rolled up: one round, and how often it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from archlang.emit import expr as ex
from archlang.emit import growth
from archlang.emit.expr import Expr, Lit, Var
from archlang.emit.fold import LONGEST
from archlang.emit.forms import Each, Form, Leaf, Path, Raw, leaves, mapped

ROUNDS = "*"
"""What a rolled form is called by. Its arguments are the count `n`, what makes `range(start, by * n + more, by)` of it,
and the forms of a round, in a class named by what the names of their members are made by: `conv{i + 1}`."""

BEFORE = "before"
"""What the argument of rounds is called that says by how much their numbers are higher."""

EACH = Var("each")
"""What is another value in each round, where the rounds are those of a list."""

_LONGEST_TAIL = 4


def rounds(
    count: int, start: int, more: int, forms: Sequence[tuple[str | None, Form]], by: int = 1,
    *, before: int = 0, heads: Sequence[str] = (),
) -> Form:  # fmt: skip
    """`forms` for each number in `range(start, by * count + more, by)`.

    Where the first copy has other names in other calls, `heads` are what it goes by,
    and all numbers are higher by `before`: as many as there are in the repeats before it.
    """
    ends = tuple((None, Raw(str(number))) for number in (start, more, by))
    shift = ((BEFORE, Leaf(before)), (None, Raw(" ".join(heads)))) if heads else ()
    return Form(ROUNDS, (("n", Leaf(count)), *ends, *shift, *forms))


def round_of(one: Form) -> tuple[int, int, int, list[tuple[str | None, Form]]]:
    """What `rounds` was given: `start`, `more`, `by` and the forms."""
    start, more, by = (int(text.text) for _, text in one.args[1:4] if isinstance(text, Raw))
    return start, more, by, [(name, form) for name, form in one.args[4:] if isinstance(form, Form)]


def shift(one: Form) -> Any:
    """How much higher the numbers of rounds are, as `before`; None where they are not."""
    return next((value.value for name, value in one.args if name == BEFORE and isinstance(value, Leaf)), None)


def heads(one: Form) -> list[str]:
    """The names of the members in the round before its first."""
    if shift(one) is not None:
        return next(value.text for _, value in one.args[4:] if isinstance(value, Raw)).split()
    start, _, by, forms = round_of(one)
    return [spelled_out(template or "", start - by) for template, _ in forms]


def with_round(one: Form, forms: Sequence[Form]) -> Form:
    """The same rounds, of other forms."""
    kept = [arg for arg in one.args if not isinstance(arg[1], Form)]
    names = [name for name, value in one.args if isinstance(value, Form)]
    return replace(one, args=(*kept, *zip(names, forms, strict=True)))


def templated(stem: str, times: int, offset: int) -> str:
    """`conv{i + 1}`, `conv{3 * i + 2}`."""
    said = "i" if times == 1 else f"{times} * i"
    return f"{stem}{{{said} + {offset}}}" if offset else f"{stem}{{{said}}}"


def spelled_out(template: str, number: int) -> str:
    """The name that `conv{3 * i + 2}` makes of a number."""
    stem, _, said = template.rstrip("}").partition("{")
    times, _, offset = said.partition("i")
    return f"{stem}{int(times.strip(' *') or 1) * number + int(offset.strip(' +') or 0)}"


def joined(members: Sequence[tuple[str, Form]], lists: Mapping[str, Expr]) -> list[tuple[str, Form]]:
    """The members of a class; first copies that are as all the others are made in their loop.

    `lists` are those that `__init__` makes, by name: the first of `[in_channels, *ws]` is `in_channels`.
    """
    result: list[tuple[str, Form]] = []
    for name, one in members:
        if one.function == ROUNDS and all(template for template, _ in round_of(one)[3]):
            start, _, by, forms = round_of(one)
            first = [(head, growth.at_first(form, lists)) for head, (_, form) in zip(heads(one), forms, strict=True)]
            at = ex.added(shift(one) or Lit(0), Lit(start - by))
            one = with_round(one, [growth.by_index(form, at, by) for _, form in forms])  # noqa: PLW2901 - the same, as it is printed
            if result[-len(forms) :] == first:
                del result[-len(forms) :]
                ends = ((None, Raw(str(start - by))), *one.args[2:])
                one = replace(one, args=(one.args[0], *ends))  # noqa: PLW2901 - the same, from the first
        result.append((name, one))
    return result


# ---- sequences -----------------------------------------------------------------


def sequences(forms: Sequence[Form], said: Callable[[int], Sequence[Any]]) -> list[Form] | None:
    """The same `nn.Sequential` calls, each with its repeat rolled; None where they have no repeat in common.

    `said` gives where in the file the items of a call are said. Where each is a repeat, one copy after the first
    is a round too.
    """
    if any(one.function != "nn.Sequential" or one.ordered for one in forms):
        return None
    rows = [[value for _, value in one.args if isinstance(value, Form)] for one in forms]
    if len({len(row) for row in rows}) < 2:
        return None
    places = [said(call) for call in range(len(rows))]
    copies = all(len(set(one)) == 1 for one in places)
    shortest = min(map(len, rows))
    for period in range(1, LONGEST + 1):
        for head in (0, period):
            for tail in range(_LONGEST_TAIL + 1):
                if head + tail <= shortest and (found := _rolled(rows, period, head, tail, copies=copies)) is not None:
                    return found
    of_one = (found for head in (0, 1) if head <= shortest and (found := _listed(rows, head)) is not None)
    return next(of_one, None) or next(_of_lists(rows, places, shortest), None)


def _listed(rows: Sequence[list[Form]], head: int) -> list[Form] | None:
    """Rolled where one value, no whole number, is another in each round: the class is given their list.

    EfficientNet leaves out each unit a little more often than the one before.
    """
    first = [one.shape for one in rows[0][:head]]
    items = [one for row in rows for one in row[head:]]
    alike = all([one.shape for one in row[:head]] == first for row in rows)
    if not alike or len(items) < 2 or any(one.shape != items[0].shape for one in items):
        return None
    tables = [[{path: leaf for path, _, leaf in leaves(one)} for one in row[head:]] for row in rows]
    differ = {path for table in tables for one in table for path, leaf in one.items() if leaf != table[0][path]}
    if len(differ) != 1:
        return None
    (way,) = differ
    if any(type(one[way].value) is not float for table in tables for one in table):
        return None
    title = next(title for path, title, _ in leaves(items[0]) if path == way)
    found: list[Form] = []
    for row, table in zip(rows, tables, strict=True):
        own = table[0] if table else {}

        def round_of_it(path: Path, _: Leaf, own: Mapping[Path, Leaf] = own) -> Leaf:
            return Leaf(EACH) if path == way else own.get(path, Leaf(None))

        rates = Leaf(Each(one[way].value for one in table))
        _, *others = rounds(0, 0, 0, [(None, mapped(items[0], round_of_it))]).args
        rolled = Form(ROUNDS, ((f"{title}s", rates), *others))
        found.append(Form("nn.Sequential", tuple((None, one) for one in (*row[:head], rolled))))
    return found


def _of_lists(rows: Sequence[list[Form]], said: Sequence[Sequence[Any]], shortest: int) -> Iterator[list[Form]]:
    """Rolled where several values, or whole numbers, are others in each round: each is an item of a list.

    The file says all rounds at one place.
    """
    if any(len(places) != len(row) for places, row in zip(said, rows, strict=True)):
        return
    for period in range(1, LONGEST + 1):
        for head in (0, 1):
            for tail in range(min(_LONGEST_TAIL, shortest - head) + 1):
                middles = [row[head : len(row) - tail] for row in rows]
                ends = [[one.shape for one in (*row[:head], *row[len(row) - tail :])] for row in rows]
                if any(len(middle) % period for middle in middles) or any(end != ends[0] for end in ends):
                    continue
                places = {
                    tuple(one[at : at + period])
                    for one, row in zip(said, rows, strict=True)
                    for at in range(head, len(row) - tail, period)
                }
                if max(map(len, middles)) < 2 * period or len(places) > 1:
                    continue
                rounds_ = [growth.whole([middle[at::period] for middle in middles]) for at in range(period)]
                whole = [one for one in rounds_ if one is not None]
                if len(whole) == period:
                    yield [
                        _with_middle(row, head, tail, rounds(len(middle) // period, 0, 0, [(None, one) for one in own]))
                        for row, middle, own in zip(rows, middles, zip(*whole, strict=True), strict=True)
                    ]


def _with_middle(row: Sequence[Form], head: int, tail: int, middle: Form) -> Form:
    items = (*row[:head], middle, *row[len(row) - tail :])
    return Form("nn.Sequential", tuple((None, one) for one in items))


def _rolled(rows: Sequence[list[Form]], period: int, head: int, tail: int, *, copies: bool) -> list[Form] | None:
    middles = [row[head : len(row) - tail] for row in rows]
    ends = [[one.shape for one in (*row[:head], *row[len(row) - tail :])] for row in rows]
    if any(len(middle) % period for middle in middles) or any(end != ends[0] for end in ends):
        return None
    longest = max(middles, key=len)
    if len(longest) < (period if copies and head else 2 * period):  # nothing is repeated: it is there or it is not
        return None
    model = longest[:period]
    shapes = [one.shape for one in model]
    for middle in middles:
        for at, one in enumerate(middle):
            if one.shape != shapes[at % period] or values(one) != values(middle[at % period]):
                return None
    first = int(head > 0 and [one.shape for one in rows[0][:head]] == shapes)
    found: list[Form] = []
    for row, middle in zip(rows, middles, strict=True):
        round_ = middle[:period] or [mapped(one, lambda _, _leaf: Leaf(None)) for one in model]  # lacks it
        rolled = rounds(len(middle) // period + first, 0, -first, [(None, one) for one in round_])
        found.append(_with_middle(row, head, tail, rolled))
    return found


def values(one: Form) -> list[Any]:
    """The values in a call, with their types."""
    return [(type(leaf.value), leaf.value) for _, _, leaf in leaves(one)]
