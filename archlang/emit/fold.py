"""Runs of like things as one loop: calls in a sequence, members of a class, statements of a forward."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archlang.emit.classes import Class, call_text
from archlang.emit.expr import Bin, Expr, Lit, Var, join, text
from archlang.emit.forms import Form, Leaf, Raw, default, leaves, literal, mapped, shape_key
from archlang.emit.names import quoted

_LONGEST = 12
"""Members in one round of a loop."""


@dataclass(frozen=True, slots=True)
class Loop:
    """`count` rounds of `period` items from `start`; the loop's `i` begins at `first` and steps by `by`."""

    start: int
    period: int
    count: int
    first: int = 0
    by: int = 1

    @property
    def end(self) -> int:
        """The item after the last."""
        return self.start + self.period * self.count

    @property
    def span(self) -> str:
        """What `i` runs over."""
        last = self.first + self.by * self.count
        if self.by != 1:
            return f"range({self.first}, {last - self.by + 1}, {self.by})"
        return f"range({last})" if self.first == 0 else f"range({self.first}, {last})"


_STEM = re.compile(r"(.*?)(\d+)\Z")


def stem(name: str) -> tuple[str, int | None]:
    """`unit12` is `unit` and 12; a name without a number has None."""
    match = _STEM.match(name)
    return (match[1], int(match[2])) if match and match[1] and not (match[2][0] == "0" and len(match[2]) > 1) else (name, None)


def loops(items: Sequence[Form], names: Sequence[str] | None, least_saving: int) -> list[Loop]:
    """Runs that a loop can hold, first come first served; the longest saving at each place."""
    found: list[Loop] = []
    at = 0
    keys = [(shape_key(item), item.function) for item in items]
    while at < len(items):
        best: Loop | None = None
        for period in range(1, min(_LONGEST, (len(items) - at) // 2) + 1):
            loop = _grown(items, names, keys, at, period)
            if loop is not None and (best is None or loop.end - loop.period > best.end - best.period):
                best = loop
        saving = best.period * (best.count - 1) if best is not None else 0
        if best is not None and saving >= least_saving:
            found.append(best)
            at = best.end
        else:
            at += 1
    return found


def _grown(items: Sequence[Form], names: Sequence[str] | None, keys: Sequence[Any], at: int, period: int) -> Loop | None:
    """The longest loop of that period from here; None if there is none."""
    count = 1
    while at + (count + 1) * period <= len(items) and keys[at : at + period] == keys[at + count * period : at + (count + 1) * period]:
        count += 1
    while count > 1:
        first, by, even = 0, 1, True
        if names is not None:
            numbers = [stem(names[at + j * period])[1] for j in range(count)]
            if numbers[0] is None or numbers[1] is None:
                return None
            first, by = numbers[0], numbers[1] - numbers[0]
            even = by > 0
        loop = Loop(at, period, count, first, by)
        varies = [patterns for offset in range(period) if (patterns := _pattern(items, names, loop, offset)) is not None]
        if even and len(varies) == period and (count > 2 or not any(v[2] for v in varies)):
            return loop
        count -= 1
    return None


def _pattern(items: Sequence[Form], names: Sequence[str] | None, loop: Loop, offset: int) -> tuple[Form, str, bool] | None:
    """One item of a round with `i` in it: its call, its name as source, and whether numbers in it step."""
    run = [items[loop.start + j * loop.period + offset] for j in range(loop.count)]
    columns = [[leaf.value for _, _, leaf in leaves(item)] for item in run]
    places = [path for path, _, _ in leaves(run[0])]
    exprs: dict[Any, Expr] = {}
    steps = False
    for index, path in enumerate(places):
        column = [row[index] if index < len(row) else None for row in columns]
        said = _progression(column, loop)
        if said is None:
            return None
        exprs[path] = said
        steps |= said != column[0]
    if any(len(row) != len(places) for row in columns):
        return None
    name = ""
    if names is not None:
        own = [stem(names[loop.start + j * loop.period + offset]) for j in range(loop.count)]
        if any(s != own[0][0] or n is None for s, n in own):
            return None
        said = _progression([Lit(n) for _, n in own], loop)
        if said is None or said == Lit(own[0][1]):
            return None
        name = f'f"{own[0][0]}{{{text(said)}}}"'
    return mapped(run[0], lambda path, _: Leaf(exprs[path])), name, steps


def _progression(column: Sequence[Expr | None], loop: Loop) -> Expr | None:
    """What says every value of a column by `i`: itself if all are equal, a + b * i if they step evenly."""
    first = column[0]
    if first is None or all(one == first and _kind(one) is _kind(first) for one in column):
        return first
    numbers = [one.value for one in column if isinstance(one, Lit) and type(one.value) is int]
    if len(numbers) != len(column):
        return None
    step = numbers[1] - numbers[0]
    if any(b - a != step for a, b in zip(numbers, numbers[1:], strict=False)) or step % loop.by:
        return None
    factor = step // loop.by
    rest = numbers[0] - factor * loop.first
    product = join("*", Lit(factor), Var("i"))
    return join("+", product, Lit(rest)) if rest >= 0 else Bin("-", product, Lit(-rest))


def _kind(one: Expr | None) -> type | None:
    return type(one.value) if isinstance(one, Lit) else None


class Printer:
    """Constructor calls as source, with `classes` by name."""

    def __init__(self, classes: dict[str, Class]) -> None:
        self._classes = classes

    def call(self, one: Form) -> str:
        """One call on one line."""
        if one.function in self._classes:
            args = [(name or "", leaf.value) for name, leaf in one.args if isinstance(leaf, Leaf)]
            return f"{one.function}({', '.join(call_text(args, self._classes[one.function]))})"
        if one.function == "nn.Sequential" or one.ordered:
            return f"{one.function}({', '.join(self.items(one))})"
        parts = []
        for name, value in one.args:
            if isinstance(value, Leaf) and name is not None and _is_default(one.function, name, value.value):
                continue
            said = self._arg(value)
            parts.append(said if name is None else f"{name}={said}")
        return f"{one.function}({', '.join(parts)})" if one.function else parts[0]

    def _arg(self, value: Leaf | Raw | Form) -> str:
        match value:
            case Leaf():
                return text(value.value)
            case Raw():
                return value.text
            case _:
                return self.call(value)

    def items(self, one: Form) -> list[str]:
        """What a sequence holds, repeats as comprehensions."""
        forms = [value for _, value in one.args if isinstance(value, Form)]
        return self.items_of(forms, [name or "" for name, _ in one.args] if one.ordered else None)

    def items_of(self, forms: Sequence[Form], names: Sequence[str] | None = None) -> list[str]:
        """The arguments of an `nn.Sequential`; with `names`, one `OrderedDict`."""
        found = loops(forms, names, 1)
        if names is None:
            return self._listed(forms, None, found)
        if not found and all(name.isidentifier() for name in names):
            inside = [f"{name}={self.call(form)}" for name, form in zip(names, forms, strict=True)]
            return [f"OrderedDict({', '.join(inside)})"]
        if len(found) == 1 and (found[0].start, found[0].end) == (0, len(forms)) and found[0].period == 1:
            return [f"OrderedDict({self._listed(forms, names, found)[0][2:-1]})"]
        return [f"OrderedDict([{', '.join(self._listed(forms, names, found))}])"]

    def _listed(self, forms: Sequence[Form], names: Sequence[str] | None, found: Sequence[Loop]) -> list[str]:
        starts = {loop.start: loop for loop in found}
        result: list[str] = []
        at = 0
        while at < len(forms):
            loop = starts.get(at)
            if loop is None:
                said = self.call(forms[at])
                result.append(said if names is None else f"({quoted(names[at])}, {said})")
                at += 1
                continue
            inner, steps = [], names is not None
            for offset in range(loop.period):
                pattern = _pattern(forms, names, loop, offset)
                assert pattern is not None  # noqa: S101 - the loop was found with it
                said = self.call(pattern[0])
                inner.append(said if names is None else f"({pattern[1]}, {said})")
                steps |= pattern[2]
            rounds = f"for {'i' if steps else '_'} in {loop.span}"
            if len(inner) == 1:
                result.append(f"*[{inner[0]} {rounds}]")
            else:
                result.append(f"*[layer {rounds} for layer in ({', '.join(inner)})]")
            at = loop.end
        return result

    def members(self, members: Sequence[tuple[str, Form]], loose: set[str], flags: dict[str, str]) -> list[Any]:
        """The statements that make a class's members; those in `loose` may be made in a loop."""
        from archlang.emit.forward import Block
        from archlang.emit.names import attribute

        names, forms = [n for n, _ in members], [f for _, f in members]
        result: list[Any] = []
        starts: dict[int, Loop] = {}
        at = 0
        while at < len(members):
            end = at
            while end < len(members) and names[end] in loose and names[end] not in flags:
                end += 1
            for loop in loops(forms[at:end], names[at:end], 1) if end - at > 1 else ():
                if loop.period * loop.count > loop.period + 1:
                    starts[at + loop.start] = Loop(at + loop.start, loop.period, loop.count, loop.first, loop.by)
            at = max(end, at + 1)
        at = 0
        while at < len(members):
            loop = starts.get(at)
            if loop is not None:
                body = []
                for offset in range(loop.period):
                    pattern = _pattern(forms, names, loop, offset)
                    assert pattern is not None  # noqa: S101 - as above
                    body.append(f"self.add_module({pattern[1]}, {self.call(pattern[0])})")
                result.append(Block(f"for i in {loop.span}", tuple(body)))
                at = loop.end
                continue
            name = names[at]
            made = self.call(forms[at])
            plain = attribute("self", name)
            said = f"{plain} = {made}" if plain.startswith("self.") else f"self.add_module({quoted(name)}, {made})"
            if name in flags:
                condition = f"self.{flags[name]}"
                last = result[-1] if result else None
                if isinstance(last, Block) and last.condition == condition:
                    result[-1] = Block(condition, (*last.body, said))
                else:
                    result.append(Block(condition, (said,)))
            else:
                result.append(said)
            at += 1
        return result


def _is_default(function: str, name: str, expr: Expr) -> bool:
    usual = default(function, name)
    return usual is not ... and isinstance(expr, Lit) and type(expr.value) is type(usual) and expr.value == usual


_MEMBER = re.compile(r"self\.([A-Za-z_]\w*?)([1-9]\d*|0)(?!\w)|self\[(\d+)\]")


def looped(statements: Sequence[Any], least_saving: int = 2) -> tuple[list[Any], set[str]]:
    """Statements with runs of like ones as loops, and the names of the members that such loops reach."""
    from archlang.emit.forward import Block

    keys = [_MEMBER.sub(lambda m: f"self.{m[1]}#" if m[1] else "self[#]", s) if isinstance(s, str) else None for s in statements]
    numbers = [[int(m[2] or m[3]) for m in _MEMBER.finditer(s)] if isinstance(s, str) else [] for s in statements]
    result: list[Any] = []
    reached: set[str] = set()
    at = 0
    while at < len(statements):
        best: tuple[int, int] | None = None
        for period in range(1, min(_LONGEST, (len(statements) - at) // 2) + 1):
            count = _rounds(keys, numbers, at, period)
            if count == 2 and not _whole_round(numbers[at : at + period]):
                continue
            saved = period * count - period - 1
            if count > 1 and saved >= (1 if period == 1 else least_saving) and (best is None or saved > best[0] * best[1] - best[0] - 1):
                best = (period, count)
        if best is None:
            result.append(statements[at])
            at += 1
            continue
        period, count = best
        result.append(_loop_text(statements, numbers, at, period, count, Block))
        for statement in statements[at : at + period * count]:
            reached.update(f"{m[1]}{m[2]}" for m in _MEMBER.finditer(statement) if m[1])
        at += period * count
    return result, reached


def _whole_round(numbers: Sequence[Sequence[int]]) -> bool:
    """Whether a round of statements does not end amid layers: `conv, conv, pool` does not, `conv, pool, conv` does."""
    return all(numbers) or not numbers[-1]


def _rounds(keys: Sequence[str | None], numbers: Sequence[Sequence[int]], at: int, period: int) -> int:
    if any(key is None for key in keys[at : at + period]):
        return 1
    count = 1
    by: int | None = None
    base = [n for row in numbers[at : at + period] for n in row]
    while at + (count + 1) * period <= len(keys):
        here = at + count * period
        if list(keys[at : at + period]) != list(keys[here : here + period]):
            break
        steps = {b - a for a, b in zip(base, (n for row in numbers[here : here + period] for n in row), strict=True)} - {0}
        if by is None and count == 1:
            if len(steps) > 1:
                break
            by = next(iter(steps), 0)
            moving = [b - a for a, b in zip(base, (n for row in numbers[here : here + period] for n in row), strict=True)]
        if by is not None and by < 0:
            break
        now = [b - a for a, b in zip(base, (n for row in numbers[here : here + period] for n in row), strict=True)]
        if now != [m * count for m in moving]:
            break
        count += 1
    return count


def _loop_text(statements: Sequence[Any], numbers: Sequence[Sequence[int]], at: int, period: int, count: int, block: Any) -> Any:
    base = [n for row in numbers[at : at + period] for n in row]
    after = [n for row in numbers[at + period : at + 2 * period] for n in row]
    moving = [(a, b - a) for a, b in zip(base, after, strict=True)]
    first, by = next(((a, d) for a, d in moving if d), (0, 0))
    body = []
    index = iter(moving)
    for statement in statements[at : at + period]:
        body.append(_MEMBER.sub(lambda m: _reached(m, next(index), first), statement))
    if by == 0:
        return block(f"for _ in range({count})", tuple(body))
    return block(f"for i in {Loop(0, 1, count, first, by).span}", tuple(body))


def _reached(match: re.Match[str], moving: tuple[int, int], first: int) -> str:
    number, step = moving
    if not step:
        return match[0]
    offset = number - first
    said = "i" if not offset else f"i + {offset}" if offset > 0 else f"i - {-offset}"
    return f'getattr(self, f"{match[1]}{{{said}}}")' if match[1] else f"self[{said}]"


def value_text(value: Any) -> str:
    """A plain value as source."""
    return literal(value)
