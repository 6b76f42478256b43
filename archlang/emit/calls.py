"""Constructor calls as source, repeats among them as loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archlang.emit.classes import Class
from archlang.emit.either import EITHER, MADE
from archlang.emit.expr import Expr, Lit, added, join, span, text
from archlang.emit.fold import LONGEST, Loop, loops
from archlang.emit.fold import pattern as pattern_of
from archlang.emit.forms import Form, Leaf, Raw, default, leaves
from archlang.emit.items import goes_round
from archlang.emit.names import attribute, quoted, spelled
from archlang.emit.optional import OPTIONAL
from archlang.emit.params import same
from archlang.emit.roll import EACH, ROUNDS, round_of, shift
from archlang.emit.statements import Block, Statement


class Printer:
    """Constructor calls as source, with `classes` by name."""

    def __init__(self, classes: dict[str, Class]) -> None:
        self._classes = classes

    def call(self, one: Form) -> str:
        """One call on one line."""
        if one.function in self._classes:
            args = [(name or "", leaf.value) for name, leaf in one.args if isinstance(leaf, Leaf)]
            return f"{one.function}({', '.join(_arguments(args, self._classes[one.function]))})"
        if one.function == "nn.Sequential" or one.ordered:
            return f"{one.function}({', '.join(self.items(one))})"
        if one.function == MADE:
            return f"{self._arg(one.args[0][1])}()"
        if one.function == EITHER:
            condition, then, other = (self._arg(value) for _, value in one.args)
            return f"{then} if {condition} else {other}"
        parts: list[str] = []
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
        if not found and all(attribute("self", name).startswith("self.") for name in names):
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
            if forms[at].function == ROUNDS:
                inside = [self.call(form) for _, form in round_of(forms[at])[3]]
                result.append(_comprehension(inside, self._rounds(forms[at])))
                at += 1
                continue
            if forms[at].function == OPTIONAL:
                result.append(self._optional(forms[at]))
                at += 1
                continue
            if loop is None:
                said = self.call(forms[at])
                result.append(said if names is None else f"({quoted(names[at])}, {said})")
                at += 1
                continue
            inner: list[str] = []
            steps = names is not None
            for offset in range(loop.period):
                pattern = pattern_of(forms, names, loop, offset)
                assert pattern is not None  # noqa: S101 - the loop was found with it
                said = self.call(pattern[0])
                inner.append(said if names is None else f"({pattern[1]}, {said})")
                steps |= pattern[2]
            rounds = f"for {'i' if steps else '_'} in {loop.span}"
            result.append(_comprehension(inner, rounds))
            at = loop.end
        return result

    def _optional(self, one: Form) -> str:
        """`*([Conv(in_channels, m, 1)] if t != 1 else [])`."""
        (_, present), *items = one.args
        assert isinstance(present, Leaf)  # noqa: S101 - as `optional` makes them
        inside = ", ".join(self.call(form) for _, form in items if isinstance(form, Form))
        return f"*([{inside}] if {text(present.value)} else [])"

    def _rounds(self, one: Form) -> str:
        """`for _ in range(n - 1)`, or, where one value is another in each round, `for each in drops`."""
        name, given = one.args[0]
        if name != "n" and isinstance(given, Leaf):
            return f"for {EACH.name} in {text(given.value)}"
        listed = any(goes_round(leaf.value) for _, form in round_of(one)[3] for _, _, leaf in leaves(form))
        return f"for {'i' if listed else '_'} in {self._span(one)}"

    def _span(self, one: Form) -> str:
        """What the number of a rolled round runs over: `range(2, n + 1)`."""
        start, more, by, _ = round_of(one)
        count = one.args[0][1]
        assert isinstance(count, Leaf)  # noqa: S101 - as `rounds` makes it
        before = shift(one) or Lit(0)
        return span(added(before, Lit(start)), added(before, join("*", Lit(by), count.value), Lit(more)), by)

    def members(self, members: Sequence[tuple[str, Form]], loose: set[str], flags: dict[str, str]) -> list[Statement]:
        """The statements that make a class's members; those in `loose` may be made in a loop."""
        names, forms = [n for n, _ in members], [f for _, f in members]
        result: list[Statement] = []
        starts = {loop.start: loop for loop in member_loops(members, loose, flags)}
        at = 0
        while at < len(members):
            loop = starts.get(at)
            if loop is not None:
                body: list[str] = []
                for offset in range(loop.period):
                    pattern = pattern_of(forms, names, loop, offset)
                    assert pattern is not None  # noqa: S101 - as above
                    body.append(f"self.{_register(pattern[0])}({pattern[1]}, {self.call(pattern[0])})")
                result.append(Block(f"for i in {loop.span}", tuple(body)))
                at = loop.end
                continue
            name = names[at]
            if forms[at].function == ROUNDS:
                inside = round_of(forms[at])[3]
                made_by = [f'self.{_register(one)}(f"{name}", {self.call(one)})' for name, one in inside]
                result.append(Block(f"for i in {self._span(forms[at])}", tuple(made_by)))
                at += 1
                continue
            made = self.call(forms[at])
            plain = attribute("self", name)
            said = (
                f"{plain} = {made}"
                if plain.startswith("self.")
                else f"self.{_register(forms[at])}({spelled(name)}, {made})"
            )
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


def _comprehension(inner: Sequence[str], rounds: str) -> str:
    if len(inner) == 1:
        return f"*[{inner[0]} {rounds}]"
    return f"*[layer {rounds} for layer in ({', '.join(inner)})]"


def member_loops(members: Sequence[tuple[str, Form]], loose: set[str], flags: dict[str, str]) -> list[Loop]:
    """Runs of members that a loop makes: of those that loops alone reach, the `loose` ones."""
    return _runs(members, [name not in flags and name in loose for name, _ in members], LONGEST)


def _runs(members: Sequence[tuple[str, Form]], free: Sequence[bool], longest: int) -> list[Loop]:
    found: list[Loop] = []
    at = 0
    while at < len(members):
        end = at
        while end < len(members) and free[end]:
            end += 1
        part = members[at:end]
        found += [
            Loop(at + loop.start, loop.period, loop.count, loop.first, loop.by)
            for loop in loops([form for _, form in part], [name for name, _ in part], 1, longest)
            if loop.period * loop.count > loop.period + 1
        ]
        at = max(end, at + 1)
    return found


def _register(one: Form) -> str:
    return "register_parameter" if one.function == "nn.Parameter" else "add_module"


def _is_default(function: str, name: str, expr: Expr) -> bool:
    usual = default(function, name)
    return usual is not ... and isinstance(expr, Lit) and type(expr.value) is type(usual) and expr.value == usual


def _arguments(args: Sequence[tuple[str, Expr]], made: Class) -> list[str]:
    """A call's arguments as source: those without default by place, the others by name where they differ."""
    by_name = dict(args)
    parts: list[str] = []
    for param in made.params:
        expr: Any = by_name[param.name]
        if param.default is ...:
            parts.append(text(expr))
        elif not (isinstance(expr, Lit) and same(expr.value, param.default)):
            parts.append(f"{param.name}={text(expr)}")
    return parts
