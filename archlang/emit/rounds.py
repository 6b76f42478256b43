"""Statements of a forward that go round, as loops: `x = F.relu(self.conv1(x))`, then `conv2`, then `conv3`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archlang.emit.fold import LONGEST, Loop
from archlang.emit.statements import Block, Statement

_MEMBER = re.compile(r"self\.([A-Za-z_]\w*?)([1-9]\d*|0)(?!\w)|self\[(\d+)\]")

_INDEX = re.compile(r"\{i(?: ([+-]) (\d+))?\}")


def looped(
    statements: Sequence[Statement], least_saving: int = 2, kinds: Mapping[str, str] | None = None
) -> tuple[list[Statement], set[str]]:
    """Statements with runs of like ones as loops, and the names of the members that such loops alone reach.

    Members of different `kinds` stand in no loop together.
    """
    others = _aliases(statements)
    said = [others.get(at, one) for at, one in enumerate(statements)]
    run = _Run(said, kinds or {})
    result: list[Statement] = []
    reached: set[str] = set()
    alone: set[str] = set()
    at = 0
    while at < len(said):
        best = _best(run, at, least_saving)
        if best is None:
            result.append(statements[at])
            alone |= mentioned(statements[at])
            at += 1
            continue
        period, count = best
        if at in others:  # the first round reads `x` as all others do, so the name before it is one more for it
            result[-1] = f"{_target(said[at])} = {result[-1]}"
        result.append(_loop_text(said, run.numbers, at, period, count))
        reached.update(*(mentioned(one) for one in said[at : at + period * count]))
        at += period * count
    return result, reached - alone


def mentioned(statement: Statement) -> set[str]:
    """The numbered members that a statement names."""
    if not isinstance(statement, str):
        return {name for one in (*statement.body, *statement.orelse) for name in mentioned(one)}
    return {f"{m[1]}{m[2]}" for m in _MEMBER.finditer(statement) if m[1]}


class _Run:
    """Statements as loops see them: what must be equal, and the numbers in it."""

    def __init__(self, statements: Sequence[Statement], kinds: Mapping[str, str]) -> None:
        def key(match: re.Match[str]) -> str:
            return f"self.{match[1]}#{kinds.get(f'{match[1]}{match[2]}', '')}" if match[1] else "self[#]"

        self.keys = [_MEMBER.sub(key, s) if isinstance(s, str) else None for s in statements]
        self.numbers = [
            [int(m[2] or m[3]) for m in _MEMBER.finditer(s)] if isinstance(s, str) else [] for s in statements
        ]


def _best(run: _Run, at: int, least_saving: int) -> tuple[int, int] | None:
    """The period and the count of the loop from here that saves most lines, None if none does."""
    best: tuple[int, int] | None = None
    for period in range(1, min(LONGEST, (len(run.keys) - at) // 2) + 1):
        count = _rounds(run.keys, run.numbers, at, period)
        if count == 2 and not _whole_round(run.numbers[at : at + period]):
            continue
        saved = period * count - period - 1
        if (
            count > 1
            and saved >= (1 if period == 1 else least_saving)
            and (best is None or saved > best[0] * best[1] - best[0] - 1)
        ):
            best = (period, count)
    if best is None or _whole_round(run.numbers[at : at + best[0]]):
        return best
    period, count = best
    for later in range(at + 1, at + period):  # `conv, pool, conv` thrice is `conv, conv, pool` thrice a little later
        if _whole_round(run.numbers[later : later + period]) and count <= _rounds(run.keys, run.numbers, later, period):
            return None
    return best


def _aliases(statements: Sequence[Statement]) -> dict[int, str]:
    """Statements that only read another name than those after them: `x = conv8(pool3)` before `x = conv9(x)`."""
    found: dict[int, str] = {}
    for at, (before, one, after) in enumerate(zip(statements, statements[1:], statements[2:], strict=False), 1):
        if not isinstance(before, str) or not isinstance(one, str) or not isinstance(after, str):
            continue
        label, target = _target(before), _target(one)
        if not label or not target or label == target or _target(after) != target:
            continue
        other, many = re.subn(_word(label), target, one)
        if many == 1 and len(re.findall(_word(target), one)) == 1 and _blank(other) == _blank(after):
            found[at] = other
    return found


def _word(name: str) -> str:
    return rf"(?<![\w.]){name}(?!\w)"


def _blank(statement: str) -> str:
    return _MEMBER.sub("self.#", statement)


def _target(statement: Statement) -> str:
    """The one name that a statement gives a value to; "" if it is not one."""
    name = statement.partition(" = ")[0] if isinstance(statement, str) else ""
    return name if name.isidentifier() else ""


def reached_by_name(statements: Sequence[Statement], names: set[str]) -> list[Statement]:
    """The same statements, these members looked up by name: those that a loop made, no type checker knows else."""

    def said(text: str) -> str:
        return _MEMBER.sub(lambda m: f'getattr(self, "{m[1]}{m[2]}")' if f"{m[1]}{m[2]}" in names else m[0], text)

    def told(one: Statement) -> Statement:
        if isinstance(one, str):
            return said(one)
        return Block(one.condition, tuple(map(told, one.body)), tuple(map(told, one.orelse)))

    return [told(one) for one in statements]


def _whole_round(numbers: Sequence[Sequence[int]]) -> bool:
    """Whether a round of statements does not end amid layers: `conv, conv, pool` does not, `conv, pool, conv` does."""
    return all(numbers) or not numbers[-1]


def _rounds(keys: Sequence[str | None], numbers: Sequence[Sequence[int]], at: int, period: int) -> int:
    if any(key is None for key in keys[at : at + period]):
        return 1
    moving = _moved(numbers, at, at + period, period) if at + 2 * period <= len(keys) else None
    if moving is None or len({step for step in moving if step}) > 1 or any(step < 0 for step in moving):
        return 1
    count = 1
    while at + (count + 1) * period <= len(keys):
        here = at + count * period
        if list(keys[at : at + period]) != list(keys[here : here + period]):
            break
        if _moved(numbers, at, here, period) != [step * count for step in moving]:
            break
        count += 1
    return count


def _moved(numbers: Sequence[Sequence[int]], one: int, other: int, period: int) -> list[int] | None:
    """How far each number steps from one round to another; None if the rounds do not have as many."""
    before = [n for row in numbers[one : one + period] for n in row]
    after = [n for row in numbers[other : other + period] for n in row]
    return [b - a for a, b in zip(before, after, strict=True)] if len(before) == len(after) else None


def _loop_text(
    statements: Sequence[Statement], numbers: Sequence[Sequence[int]], at: int, period: int, count: int
) -> Block:
    base = [n for row in numbers[at : at + period] for n in row]
    after = [n for row in numbers[at + period : at + 2 * period] for n in row]
    moving = [(a, b - a) for a, b in zip(base, after, strict=True)]
    first, by = next(((a, d) for a, d in moving if d), (0, 0))
    index = iter(moving)
    round_ = [one for one in statements[at : at + period] if isinstance(one, str)]
    body = [_MEMBER.sub(lambda m: _reached(m, next(index), first), one) for one in round_]
    if by == 0:
        return Block(f"for _ in range({count})", tuple(body))
    free = not any(re.search(_word("j"), one) for one in statements if isinstance(one, str))
    return Block(f"for i in {Loop(0, 1, count, first, by).span}", tuple(_within(body) if free else body))


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


def _reached(match: re.Match[str], moving: tuple[int, int], first: int) -> str:
    number, step = moving
    if not step:
        return match[0]
    offset = number - first
    said = _index(offset)
    return f'getattr(self, f"{match[1]}{{{said}}}")' if match[1] else f"self[{said}]"
