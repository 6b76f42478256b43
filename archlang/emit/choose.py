"""How a value that differs between the calls of a class is said: an expression of its arguments, or one more argument.

A `Column` is what one value is in each call, None where a call lacks the
layer. An expression stands for a column when it is worth the same in every
call: that is worked out here, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, permutations
from typing import Any

from archlang.emit import expr as ex
from archlang.emit.arguments import known_arguments
from archlang.emit.expr import Bin, Expr, Fun, Lit, Tup, Var
from archlang.emit.forms import DEFAULTS, Each, Leaf
from archlang.emit.items import placed
from archlang.emit.names import Names, legal
from archlang.emit.params import MismatchError, Param, same
from archlang.emit.translate import negated, translated
from archlang.emit.units import Unit
from archlang.emit.written import conditions, let_of, looked_up, of_repeat
from archlang.ir.graph import Node
from archlang.ir.network import Shapes
from archlang.ir.scope import Kind, Scope

Column = Sequence[Any]

_OPTIONS = {"out_channels": "out", "out_features": "out", "stride": "stride", "groups": "groups"}
"""What the file calls an argument of a constructor."""


_GEOMETRY = frozenset({"stride", "padding", "dilation", "kernel_size", "output_padding"})
"""Options that no number of channels or copies says, whatever it is worth."""

_WIDTHS = frozenset({"in_channels", "out_channels", "n"})


@dataclass(slots=True)
class Chooser:
    """The arguments of one class, and the expressions found so far: `series` are those of the copies of repeats."""

    units: Sequence[Unit]
    shapes: Shapes
    params: list[Param] = field(default_factory=list[Param])
    locals: dict[str, tuple[Expr, list[Any]]] = field(default_factory=dict[str, tuple[Expr, list[Any]]])
    found: list[tuple[Expr, list[Any]]] = field(default_factory=list[tuple[Expr, list[Any]]])
    series: list[Expr] = field(default_factory=list[Expr])

    def __post_init__(self) -> None:
        self.params.extend(known_arguments(self.units, self.shapes))

    def env(self, call: int) -> dict[str, Any]:
        """What every name is worth in a call."""
        known = {param.name: param.values[call] for param in self.params}
        return known | {name: values[call] for name, (_, values) in self.locals.items()}

    def fits(self, expr: Expr, column: Column) -> bool:
        """Whether `expr` is worth what the column says, in every call that has it."""
        try:
            return all(same(ex.value(expr, self.env(i)), v) for i, v in enumerate(column) if v is not None)
        except (ArithmeticError, TypeError, LookupError):
            return False

    def choose(
        self, column: Column, name: str, leaves: Sequence[Leaf | None], prefer: Sequence[Expr | None] = ()
    ) -> Expr:
        """What to print for a column. `name` is what a new argument would be called."""
        known = [v for v in column if v is not None]
        if not known:  # all the calls that have it are of another class
            raise MismatchError(name)
        if all(same(v, known[0]) for v in known):
            if len(known) == len(column):
                return Lit(known[0])  # else the file's own word for it says more than the number it has here
            said = (*prefer, *self._of_a_call(leaves, name), *self._written(leaves, _OPTIONS.get(name, "")))
            return next((self._use(one, column) for one in said if one and self.fits(one, column)), Lit(known[0]))
        for candidate in self._candidates(column, name, leaves, prefer):
            if self.fits(candidate, column):
                return self._use(candidate, column)
        if all(type(v) is tuple for v in known) and len({len(v) for v in known}) == 1:
            parts = [[None if v is None else v[i] for v in column] for i in range(len(known[0]))]
            return Tup(
                tuple(self.choose(part, f"{name}_{i}", leaves, self._differences()) for i, part in enumerate(parts))
            )
        for candidate in self._either(column) if name in ("in_channels", "in_features", "channels", "features") else ():
            if self.fits(candidate, column):
                return self._use(candidate, column)
        name = let_of(leaves, _OPTIONS.get(name, "")) or name
        return self._use(self.argument(column, name, [leaf and leaf.node for leaf in leaves]), column)

    def _of_a_call(self, leaves: Sequence[Leaf | None], name: str) -> list[Expr]:
        """The block's own argument of that name, which a call of another class is handed, or a shortcut's stride."""
        if name != "stride" and any(leaf is not None and leaf.node is not None for leaf in leaves):
            return []
        return [Var(p.name) for p in self.params if p.name == name and not p.invented]

    def argument(self, column: Column, name: str, nodes: Sequence[Node | None] = ()) -> Expr:
        """One more argument, worth the column."""
        usual = DEFAULTS.get(name, ...)
        if usual is ... and None in column and type(next(v for v in column if v is not None)) is int:
            usual, column = 0, [0 if v is None else v for v in column]  # what lacks the layer does not give it
        if not any(same(v, usual) for v in column):
            usual = ...
        filler = usual if usual is not ... else next(v for v in column if v is not None)
        values = [filler if v is None else v for v in column]
        self.params = [p for p in self.params if p.used or p.name != legal(name)]
        param = Param(self.free(legal(name)), values, usual, invented=True, nodes=nodes)
        self.params.append(param)
        return Var(param.name)

    def free(self, name: str) -> str:
        """The name, or one like it, that nothing in this class has yet."""
        return Names({p.name for p in self.params} | set(self.locals)).take(name)

    def _use(self, expr: Expr, column: Column) -> Expr:
        for name in ex.variables(expr):
            self.mark(name)
        if not isinstance(expr, Var) and not any(e == expr for e, _ in self.found):
            self.found.append((expr, list(column)))
        return expr

    def mark(self, name: str) -> None:
        """See that an argument of that name is kept."""
        for param in self.params:
            param.used |= param.name == name

    def _candidates(
        self, column: Column, name: str, leaves: Sequence[Leaf | None], prefer: Sequence[Expr | None]
    ) -> Iterator[Expr]:
        yield from (expr for expr in prefer if expr is not None)
        yield from (Var(p.name) for p in self.params if p.name == name)
        declared = [Var(p.name) for p in self.params]
        lists = [Var(p.name) for p in self.params if isinstance(p.values[0], Each)]
        firsts = [Fun("[]", (one, Lit(0))) for one in lists]
        yield from (*declared[1:], *firsts, *declared[:1])
        yield from (Var(local) for local in self.locals)
        yield from self._written(leaves)
        yield from (Bin("//", one, Lit(2)) for one in firsts if name in _GEOMETRY)
        if name == "n":  # of `for w in ws`, or of `x(n-1)`
            yield from (Fun("len", (one,)) for one in lists)
            yield from (
                Bin("-", Var(p.name), Lit(1)) for p in self.params if not p.invented and p.name != "in_channels"
            )
        yield from (expr for expr, _ in self.found)
        if any(isinstance(v, bool) for v in column):
            yield from (negated(Var(p.name)) for p in self.params if isinstance(p.values[0], bool))
        if all(isinstance(v, int) and not isinstance(v, bool) for v in column if v is not None):
            yield from self._simple(column, _WIDTHS if name in _GEOMETRY else frozenset())

    def _written(self, leaves: Sequence[Leaf | None], option: str | None = None) -> Iterator[Expr]:
        """What the file says at the layer whose option this is: of all its options, or of one."""
        nodes = [None if leaf is None else leaf.node for leaf in leaves]
        first = next((node for node in nodes if node is not None), None)
        scopes = [None if node is None else node.scope for node in nodes]
        for name, written in first.exprs.items() if first is not None else ():
            said = translated(written, lambda name: self.named(name, scopes)) if option in (None, name) else None
            if said is not None:
                yield said

    def named(self, name: str, scopes: Sequence[Scope | None]) -> Expr | None:
        """What a name of the file stands for in the class; None if nothing there is worth the same."""
        column = [None if scope is None else looked_up(name, scope) for scope in scopes]
        known = [v for v in column if v is not None]
        if not known:
            return self._of_a_copy(name, scopes)
        if any(v is None for v, scope in zip(column, scopes, strict=True) if scope is not None):
            return None
        own = next((Var(p.name) for p in self.params if p.name == legal(name)), None)
        if own is not None and self.fits(own, column):  # it may differ only in calls that lack the layer
            return own
        if all(same(v, known[0]) for v in known):
            return Lit(known[0]) if ex.finite(known[0]) else None
        for param in sorted(self.params, key=lambda p: p.name != legal(name)):
            if self.fits(Var(param.name), column):
                return Var(param.name)
        return self._let(name, scopes, column)

    def _of_a_copy(self, name: str, scopes: Sequence[Scope | None]) -> Expr | None:
        """The name of a `for`, in the one copy of it that all calls are asked for: `ws[0]`."""
        known = [scope for scope in scopes if scope is not None]
        said = of_repeat(name, known[0], lambda other: self.named(other, scopes)) if known else None
        numbers = {next((s.copy for s in one.chain() if s.kind is Kind.COPY), None) for one in known}
        return None if said is None or len(numbers) > 1 else placed(said, Lit(numbers.pop()))

    def _let(self, name: str, scopes: Sequence[Scope | None], column: Column) -> Expr | None:
        scope = next(scope for scope in scopes if scope is not None)
        binding = next((s.binding for s in scope.chain() if s.binding is not None and name in s.binding.lets), None)
        if binding is None:
            return None
        said = translated(binding.lets[name][0], lambda inner: None if inner == name else self.named(inner, scopes))
        if said is None or not self.fits(said, column):
            return None
        if isinstance(said, Bin) and any(isinstance(side, Bin) for side in (said.left, said.right)):
            values = [ex.value(said, self.env(i)) for i in range(len(self.units))]
            local = self.free(legal(name))
            self.locals[local] = (said, values)
            return Var(local)
        return said

    def _simple(self, column: Column, without: frozenset[str]) -> Iterator[Expr]:
        number, at = next((v, i) for i, v in enumerate(column) if v is not None)
        atoms = [p for p in self.params if ex.finite(p.values[at]) and p.name not in without]
        for param in atoms:
            value = param.values[at]
            if value and number % value == 0:
                yield ex.join("*", Lit(number // value), Var(param.name))
            yield Bin("//", Var(param.name), Lit(2))
            if number and value >= number and not without:
                yield Bin("//", Var(param.name), Lit(round(value / number)))
        yield from self._differences()
        for one, other in combinations(atoms, 2):
            yield Bin("*", Var(one.name), Var(other.name))

    def _differences(self) -> list[Expr]:
        """One argument less another: the channels that a shortcut adds."""
        names = [Var(p.name) for p in self.params if all(ex.finite(v) for v in p.values)]
        return [Bin("-", one, other) for one, other in permutations(names, 2)]

    def _either(self, column: Column) -> Iterator[Expr]:
        """What enters after a layer that is there or not: `w if deep else in_channels`, `32 if deep else w`."""
        widths: list[Expr] = [
            Var(p.name) for p in self.params if not p.invented and all(ex.finite(v) for v in p.values)
        ]
        for guard in list(self._guards()) if widths else ():
            sides: dict[bool, list[Any]] = {True: [], False: []}
            for call, value in enumerate(column):
                if value is not None:
                    sides[bool(ex.value(guard, self.env(call)))].append(value)
            known = [Lit(side[0]) for side in sides.values() if side and all(same(v, side[0]) for v in side)]
            for one, other in permutations([*widths, *known], 2):
                yield Fun("if", (guard, one, other))

    def flag(self, present: Column, name: str) -> Expr:
        """A condition that holds in just the calls where `present` does; an argument if none is found."""
        both = (Bin("and", *pair) for pair in combinations(list(self._guards()), 2))
        for candidate in chain(self._guards(), self._conditions(), both):
            if self.fits(candidate, present):
                return self._use(candidate, present)
        param = Param(self.free(name), [bool(there) for there in present], default=False)
        self.params.append(param)
        param.used = True
        return Var(param.name)

    def _guards(self) -> Iterator[Expr]:
        """The conditions that the block itself has in the file, and their opposites."""
        scopes = [unit.scopes[-1] if unit.scopes else None for unit in self.units]
        binding = self.units[0].binding
        for written in conditions(binding.definition) if binding is not None else ():
            said = translated(written, lambda name: self.named(name, scopes))
            if said is not None:
                yield said
                yield negated(said)

    def _conditions(self) -> Iterator[Expr]:
        entering = [Var(p.name) for p in self.params if p.name == "in_channels"]
        widths: list[Expr] = [
            e
            for e, _ in self.found
            if not isinstance(e, Tup | Fun) and (not isinstance(e, Bin) or e.op not in ("==", "!=", "and", "or"))
        ]
        others: list[Expr] = [
            Var(p.name) for p in self.params if p.used and p.name != "in_channels" and ex.finite(p.values[0])
        ]
        equal: list[tuple[Expr, Expr]] = [(e, width) for e in entering for width in (*others, *widths) if e != width]
        ones: list[tuple[Expr, Expr]] = [(other, Lit(1)) for other in others]
        foreign = [pair for pair in equal if "in_channels" not in ex.variables(pair[1])]
        for left, right in (*foreign, *ones, *equal):
            yield Bin("!=", left, right)
            if not isinstance(right, Lit) or left not in entering:  # that 128 channels enter is chance
                yield Bin("==", left, right)
        for one in ones:
            for two in equal:
                yield Bin("or", Bin("!=", *one), Bin("!=", *two))
                yield Bin("and", Bin("==", *one), Bin("==", *two))
