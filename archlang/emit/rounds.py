"""Statements of a forward that go round, as loops: `x = F.relu(self.conv1(x))`, then `conv2`, then `conv3`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from archlang.emit.alike_rounds import MEMBER, Run, word
from archlang.emit.fold import LONGEST, Loop
from archlang.emit.round_names import shortened, value_name
from archlang.emit.statements import Block, Statement

_INDEX = re.compile(r"\{i(?: ([+-]) (\d+))?\}")


def looped(
    statements: Sequence[Statement],
    least_saving: int = 2,
    kinds: Mapping[str, str] | None = None,
    after: Sequence[str] = (),
) -> tuple[list[Statement], set[str]]:
    """Statements with runs of like ones as loops, and the names of the members that such loops alone reach.

    Members of different `kinds` stand in no loop together; `after` are expressions that are read behind them all.
    """
    run = Run(statements, kinds or {}, after)
    result: list[Statement] = []
    reached: set[str] = set()
    alone: set[str] = set()
    at = 0
    while at < len(statements):
        best = _best(run, at, least_saving)
        label = result[-1] if result and isinstance(result[-1], str) else ""
        for name, first in _aliases(statements, at) if label else ():
            before = [run.exchange(at + n, one) for n, one in enumerate(first)]
            other = _best(run, at, least_saving)
            if other is not None and other[0] >= len(first) and _saved(*other) > (_saved(*best) if best else 0):
                best = other  # the first round reads `x` as all others do, so the name before it is one more for it
                result[-1] = _renamed(label, name, [one for one in before if one is not None], run.texts)
                break
            for n, one in enumerate(before):
                run.exchange(at + n, one)
        if best is None:
            result.append(statements[at])
            alone |= mentioned(statements[at])
            at += 1
            continue
        period, count = best
        result.append(_loop_text(run, at, period, count))
        reached.update(*(mentioned(one) for one in statements[at : at + period * count]))
        at += period * count
    return result, reached - alone


def mentioned(statement: Statement) -> set[str]:
    """The numbered members that a statement names."""
    if not isinstance(statement, str):
        return {name for one in (*statement.body, *statement.orelse) for name in mentioned(one)}
    return {f"{m[1]}{m[2]}" for m in MEMBER.finditer(statement) if m[1]}


def _best(run: Run, at: int, least_saving: int) -> tuple[int, int] | None:
    """The period and the count of the loop from here that saves most lines, None if none does."""
    best: tuple[int, int] | None = None
    for period in range(1, min(LONGEST, (len(run.keys) - at) // 2) + 1):
        count = run.rounds(at, period)
        if count == 2 and not _whole_round(run.numbers[at : at + period]):
            continue
        saved = _saved(period, count)
        if count > 1 and saved >= (1 if period == 1 else least_saving) and (best is None or saved > _saved(*best)):
            best = (period, count)
    if best is None or _whole_round(run.numbers[at : at + best[0]]):
        return best
    period, count = best
    for later in range(at + 1, at + period):  # `conv, pool, conv` thrice is `conv, conv, pool` thrice a little later
        if _whole_round(run.numbers[later : later + period]) and count <= run.rounds(later, period):
            return None
    return best


def _saved(period: int, count: int) -> int:
    """How many lines a loop saves."""
    return period * count - period - 1


def _renamed(statement: str, name: str, first: Sequence[str], texts: Sequence[str]) -> str:
    """A statement that gives its tensor this name too, or alone, if only the statements `first` read its own."""
    own, _, said = statement.partition(" = ")
    here, read = (sum(len(re.findall(word(own), one)) for one in of) for of in (first, texts))
    return f"{name} = {said}" if read == 1 + here else f"{name} = {statement}"


def _aliases(statements: Sequence[Statement], at: int) -> Iterator[tuple[str, list[str]]]:
    """If statements from there might as well read what they overwrite, the name of that, and they with it.

    `x = conv8(pool3)` after `pool3 = pool(x)`, or `a = conv8(pool3)` and `x = conv9(pool3)`.
    """
    label, target = _target(statements[at - 1]), _target(statements[at])
    for name in dict.fromkeys((target, "x")):
        first = _reading(statements[at : at + LONGEST], label, name) if label and name and name != label else []
        if first:
            yield name, first


def _reading(statements: Sequence[Statement], label: str, name: str) -> list[str]:
    """The statements up to the one that overwrites `name`, reading that in place of `label`; none where they cannot."""
    found: list[str] = []
    for one in statements:
        target, _, said = one.partition(" = ") if isinstance(one, str) else ("", "", "")
        if not target.isidentifier() or target == label or re.search(word(name), said):
            return []
        found.append(f"{target} = {re.sub(word(label), name, said)}")
        if target == name:
            return found if found[0] != statements[0] else []
    return []


def _target(statement: Statement) -> str:
    """The one name that a statement gives a value to; "" if it is not one."""
    name = statement.partition(" = ")[0] if isinstance(statement, str) else ""
    return name if name.isidentifier() else ""


def _whole_round(numbers: Sequence[Sequence[int]]) -> bool:
    """Whether a round of statements does not end amid layers: `conv, conv, pool` does not, `conv, pool, conv` does."""
    return all(numbers) or not numbers[-1]


def _loop_text(run: Run, at: int, period: int, count: int) -> Block:
    base = [n for row in run.numbers[at : at + period] for n in row]
    after = [n for row in run.numbers[at + period : at + 2 * period] for n in row]
    moving = [(a, b - a) for a, b in zip(base, after, strict=True)]
    first, by = _indexed(moving)
    index = iter(moving)
    varying = run.varying(at, period, count)
    name = value_name(run, at, period, varying[0]) if varying else ""
    round_ = shortened(run, at, period, run.with_value(at, period, varying, name), name)
    body = [MEMBER.sub(lambda m: _reached(m, next(index), first, by), one) for one in round_]
    span = Loop(0, 1, count, first, by).span
    free = by > 0 and not any(re.search(word("j"), one) for one in run.texts)
    inside = tuple(_within(body) if free else body)
    if varying:
        values = f"[{', '.join(run.values(at, period, count, varying[0]))}]"
        both = f"enumerate({values}{f', {first}' if first else ''})" if by == 1 else f"zip({span}, {values})"
        return Block(f"for i, {name} in {both}" if by else f"for {name} in {values}", inside)
    return Block(f"for i in {span}" if by else f"for _ in range({count})", inside)


def _within(body: Sequence[str]) -> list[Statement]:
    """A round of a loop, three statements or more in it that go on by one number as a loop of its own: VGG's stages."""
    keys = [_INDEX.sub("{#}", one) for one in body]
    offsets = [{int("".join(m.groups("")) or 0) for m in _INDEX.finditer(one)} for one in body]
    result: list[Statement] = []
    at = 0
    while at < len(body):
        end = at + 1
        first = min(offsets[at], default=0)
        while end < len(body) and keys[end] == keys[at] and offsets[end] == {first + end - at}:
            end += 1
        if len(offsets[at]) == 1 and end - at > 2:
            span = f"range({_index(first)}, {_index(first + end - at)})"
            result.append(Block(f"for j in {span}", (_INDEX.sub("{j}", body[at]),)))
        else:
            result += body[at:end]
        at = end
    return result


def _index(offset: int) -> str:
    """`i + 1`."""
    return "i" if not offset else f"i + {offset}" if offset > 0 else f"i - {-offset}"


def _indexed(moving: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Where the `i` of a loop begins and by what it steps: as the numbers do, by 1 where they do not agree."""
    steps = [(number, step) for number, step in moving if step]
    if len({step for _, step in steps}) < 2:
        return steps[0] if steps else (0, 0)
    return next((number for number, step in steps if step == 1), 0), 1


def _reached(match: re.Match[str], moving: tuple[int, int], first: int, by: int) -> str:
    number, step = moving
    if not step:
        return match[0]
    times = step // by
    offset = number - times * first
    said = _index(offset) if times == 1 else _index(offset).replace("i", f"{times} * i")
    return f'getattr(self, f"{match[1]}{{{said}}}")' if match[1] else f"self[{said}]"
