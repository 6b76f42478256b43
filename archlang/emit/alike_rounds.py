"""Statements of a forward as loops see them: what is the same in each round, and what may be another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from archlang.emit.statements import Block, Statement

T = TypeVar("T")

MEMBER = re.compile(r"self\.([A-Za-z_]\w*?)([1-9]\d*|0)(?!\w)|self\[(\d+)\]")
"""A member by its name and its number, or by its number alone."""

_LITERAL = re.compile(r"(?<![\w.#])(?:\d+\.\d*|\d+)(?:e[+-]?\d+)?(?![\w.])")

_NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*(?!\w|=|\()")


class Run:
    """Statements, what must be equal in all rounds of a loop as keys, and the numbers in them.

    `after` are expressions that are read behind them all. A name that a round gives to a tensor
    which nothing but that round reads may be another in the next: `conv1`, then `conv4`.
    """

    def __init__(self, statements: Sequence[Statement], kinds: Mapping[str, str], after: Sequence[str] = ()) -> None:
        self.kinds = kinds
        self.texts = [text for one in statements for text in _texts(one)] + list(after)
        self.made, self.last = _tensors(statements, after)
        self.statements: list[str | None] = [one if isinstance(one, str) else None for one in statements]
        self.keys = list(map(self._key, self.statements))
        self.names = list(map(self._names, self.statements))
        self.numbers = list(map(_numbers, self.statements))
        self.literals = list(map(literals, self.statements))

    def exchange(self, at: int, other: str | None) -> str | None:
        """Puts another statement there, and gives the one that it replaces."""
        before = self.statements[at]
        self.statements[at], self.keys[at], self.names[at] = other, self._key(other), self._names(other)
        self.numbers[at], self.literals[at] = _numbers(other), literals(other)
        return before

    def _names(self, text: str | None) -> list[str]:
        return [m[0] for m in _NAME.finditer(text or "") if m[0] in self.made]

    def _key(self, text: str | None) -> str | None:
        if text is None:
            return None
        named = _NAME.sub(lambda m: "@" if m[0] in self.made else m[0], MEMBER.sub(self._member, text))
        return named if _quoted(text) else _LITERAL.sub("~", named)

    def _member(self, match: re.Match[str]) -> str:
        return f"self.{match[1]}#{self.kinds.get(f'{match[1]}{match[2]}', '')}" if match[1] else "self[#]"

    def rounds(self, at: int, period: int) -> int:
        """How many rounds of that many statements follow each other from here, each as the first but for numbers."""
        keys = self.keys
        if at + 2 * period > len(keys) or any(key is None for key in keys[at : at + period]):
            return 1
        moving = self._moved(at, at + period, period)
        if moving is None or any(step < 0 for step in moving):
            return 1
        count = 1
        while at + (count + 1) * period <= len(keys):
            here = at + count * period
            if keys[at : at + period] != keys[here : here + period]:
                break
            if self._moved(at, here, period) != [step * count for step in moving]:
                break
            if self._held(at, period) != self._held(here, period) or self.varying(at, period, count + 1) is None:
                break
            count += 1
        return count

    def _moved(self, one: int, other: int, period: int) -> list[int] | None:
        """How far each number steps from one round to another; None if the rounds do not have as many."""
        before, after = _flat(self.numbers, one, period), _flat(self.numbers, other, period)
        return [b - a for a, b in zip(before, after, strict=True)] if len(before) == len(after) else None

    def own(self, at: int, period: int) -> dict[str, int]:
        """The names that are given in a round and read in it alone, each with the statement that gives it."""
        return {
            name: self.made[name] - at
            for row in self.names[at : at + period]
            for name in row
            if at <= self.made[name] and self.last[name] < at + period
        }

    def _held(self, at: int, period: int) -> list[int | str]:
        own = self.own(at, period)
        return [own.get(name, name) for row in self.names[at : at + period] for name in row]

    def varying(self, at: int, period: int, count: int) -> list[int] | None:
        """Which of the numbers written in a round are others in another: all the same ones; None where they are not.

        They have a place each, in the order of the text.
        """
        rows = [_flat(self.literals, at + number * period, period) for number in range(count)]
        columns = list(zip(*rows, strict=True))
        found = [place for place, column in enumerate(columns) if len(set(column)) > 1]
        return None if any(columns[place] != columns[found[0]] for place in found) else found

    def values(self, at: int, period: int, count: int, place: int) -> list[str]:
        """What stands at that place in each round."""
        return [_flat(self.literals, at + number * period, period)[place] for number in range(count)]

    def with_value(self, at: int, period: int, places: Sequence[int] | None, name: str) -> list[str]:
        """The statements of a round, with `name` at those places."""
        seen = iter(range(sum(map(len, self.literals[at : at + period]))))
        found: list[str] = []
        for one in filter(None, self.statements[at : at + period]):
            if places and not _quoted(one):
                one = _replaced(one, lambda said: name if next(seen) in places else said)  # noqa: PLW2901 - with it
            found.append(one)
        return found


def _numbers(text: str | None) -> list[int]:
    return [int(m[2] or m[3]) for m in MEMBER.finditer(text or "")]


def literals(text: str | None) -> list[str]:
    """The numbers written in a statement, those of members apart; none where it has strings."""
    return [] if text is None or _quoted(text) else _LITERAL.findall(MEMBER.sub("self.#", text))


def exchanged(text: str, names: Mapping[str, str]) -> str:
    """A statement with other names for tensors."""
    return _NAME.sub(lambda m: names.get(m[0], m[0]), text)


def literal_at(run: Run, at: int, period: int, place: int) -> str:
    """What stands before the number at that place of a round, in its statement."""
    for one, found in zip(run.statements[at : at + period], run.literals[at : at + period], strict=True):
        if place < len(found):
            mark = iter([False] * place + [True] + [False] * len(found))
            return _replaced(one or "", lambda said: "\0" if next(mark) else said).partition("\0")[0]  # noqa: B023
        place -= len(found)
    return ""


def word(name: str) -> str:
    """A pattern of the name by itself."""
    return rf"(?<![\w.]){name}(?!\w)"


def _quoted(text: str) -> bool:
    return '"' in text or "'" in text


def _replaced(text: str, other: Callable[[str], str]) -> str:
    """The numbers written in a statement exchanged, those of members left as they are."""
    ends = [(m.start(), m.end()) for m in MEMBER.finditer(text)]

    def said(match: re.Match[str]) -> str:
        within = any(start <= match.start() < end for start, end in ends)
        return match[0] if within else other(match[0])

    return _LITERAL.sub(said, text)


def _flat(rows: Sequence[Sequence[T]], at: int, period: int) -> list[T]:
    return [one for row in rows[at : at + period] for one in row]


def _texts(one: Statement) -> list[str]:
    return [one] if isinstance(one, str) else [one.condition, *(t for s in (*one.body, *one.orelse) for t in _texts(s))]


def _tensors(statements: Sequence[Statement], after: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Where each name is given that is given once, and read only after that, and where it is read last."""
    made: dict[str, int] = {}
    last: dict[str, int] = {}
    never: set[str] = set()
    for at, one in enumerate(statements):
        target, _, said = one.partition(" = ") if isinstance(one, str) else ("", "", "")
        alone = bool(said) and target.isidentifier()
        for name in {m[0] for text in ([said] if alone else _texts(one)) for m in _NAME.finditer(text)}:
            last[name] = at
            if name not in made:
                never.add(name)
        if alone and target in made:
            never.add(target)
        if alone:
            made[target] = at
        elif isinstance(one, Block) or said:
            never.update(m[0] for text in _texts(one) for m in _NAME.finditer(text))
    never.update(m[0] for text in after for m in _NAME.finditer(text))
    kept = {name: at for name, at in made.items() if name in last and name not in never}
    return kept, {name: last[name] for name in kept}
