"""One class for the calls of a block: what is alike in them is said once, what differs as an argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archlang.emit import expr as ex
from archlang.emit import growth, series
from archlang.emit.alike import alike
from archlang.emit.bodies import Body, Ref, Step
from archlang.emit.choose import Chooser
from archlang.emit.classes import Built, Class
from archlang.emit.either import EITHER, condition_name, positive
from archlang.emit.expr import Expr, Lit, Var
from archlang.emit.flags import Flag, flag_name, members_under
from archlang.emit.forms import Form, Leaf, Path, Series, leaves, mapped
from archlang.emit.merge import Merged, aligned
from archlang.emit.names import Names
from archlang.emit.numbered import at_hand, own_names, reached
from archlang.emit.optional import PRESENT
from archlang.emit.params import MismatchError, Param, same
from archlang.emit.roll import BEFORE, EACH, joined
from archlang.emit.widths import by_round, joined_width, of_rounds
from archlang.emit.written import condition_word
from archlang.ir.network import Shapes


def _entering_series(one: tuple[Path, str, Leaf]) -> bool:
    """Puts what enters the copies of a repeat last: it is what the one before made."""
    return isinstance(one[2].value, Series) and one[1] in growth.ENTERING


def build(merged: Merged, shapes: Shapes, *, sequence: bool) -> Built:
    """One class for these calls. Raises `MismatchError` where it would not say what the graph has."""
    distinct, stands_in = alike(merged, shapes)
    made = replace(_Builder(distinct, shapes, sequence=sequence).build(), merged=merged)
    return Built(made, merged.units, stands_in)


class _Builder:
    def __init__(self, merged: Merged, shapes: Shapes, *, sequence: bool) -> None:
        self.merged, self.shapes, self.sequence = merged, shapes, sequence
        self.whole: Body = merged.whole
        self.chooser = Chooser(merged.units, shapes)
        self.channels: dict[Ref, Expr | None] = {}
        self.attributes = Names({name for name, _ in self.whole.members} | {"forward", "training"})
        self.stored: dict[str, Expr] = {}
        self.members = aligned(merged)
        self.exprs: dict[tuple[str, Path], Expr] = {}
        self.steps = list(self.whole.steps)
        self.counts: list[Expr] = []

    def build(self) -> Class:
        for port, _ in enumerate(self.whole.reads):
            self.channels[Ref(-1, port)] = self._width([body.reads[port] for body in self.merged.bodies], ())
        codes = [self._step(at, step) for at, step in enumerate(self.whole.steps)]
        last: list[Expr] = []
        for name in self.members:
            said = self._member(name, None, beside=last)
            last = said[::-1] if self.sequence else []
        flags = self._flags()
        self._presences()
        members = joined([(name, self._printed(name)) for name, _ in self.whole.members], self._locals())
        self._none_apart({name for name, _ in members})
        params = self._params()
        member_flags = members_under(flags, self.whole.steps, self.members)
        series.asked_for_alone(self.chooser, [one for name, one in members if name not in member_flags], self.stored)
        names = own_names(self.merged.bodies, self.stored, self.chooser.env)
        if names is None:
            raise MismatchError("names")
        printed = {name: at_hand(own, self.stored) for name, own in names.items()}
        members = [(printed.get(name, name), one) for name, one in members]
        made = Class(
            "", self.merged.units[0], params, self._locals(), self.stored,
            flags, members, {printed.get(name, name): flag for name, flag in member_flags.items()},
            [reached(step, names) for step in self.steps], codes, self.whole.outs,
            self.whole.reads, self.whole.indexed, self.merged, self.sequence,
        )  # fmt: skip
        self._verify()
        return made

    def _locals(self) -> dict[str, Expr]:
        return {name: said for name, (said, _) in self.chooser.locals.items()}

    def _params(self) -> list[Param]:
        used = {name for e in self.exprs.values() for name in ex.variables(e)}
        used |= {name for e in self.stored.values() for name in ex.variables(e)}
        used |= {p.name for p in self.chooser.params if p.used}
        for name, (said, _) in list(self.chooser.locals.items()):
            used |= set(ex.variables(said))
            if not any(name in ex.variables(e) for e in (*self.exprs.values(), *self.stored.values())):
                del self.chooser.locals[name]
        kept = [p for p in self.chooser.params if p.name in used]
        return [p for p in kept if p.default is ...] + [p for p in kept if p.default is not ...]

    # ---- values -----------------------------------------------------------

    def _step(self, at: int, step: Step) -> str:
        calls = [self._own(number, at) for number in range(len(self.merged.bodies))]
        if step.rounds:
            return self._rounds(at, step, calls)
        entering = [self.channels.get(ref) for ref in step.ins]
        assigned = self._member(step.way[0], entering[0] if entering else None) if step.way else []
        code = self._filled(step, calls)
        for port in range(step.outs):
            made = [own and own.tensors[port] for own in calls]
            self.channels[Ref(at, port)] = self._width(
                made, (*joined_width(step, entering), *reversed(assigned), *entering)
            )
        return code

    def _filled(self, step: Step, calls: Sequence[Step | None]) -> str:
        """The code of a step, its values said."""
        code = step.code
        for index, hole in enumerate(step.holes):
            given = [None if own is None else own.leaves[index] for own in calls]
            column = [leaf and leaf.value for leaf in given]
            expr = self.chooser.choose(column, hole if len(hole) > 2 else "size", given)
            code, expr = positive(code, hole, expr)
            code = code.replace(f"{{{hole}}}", self._in_forward(expr, hole))
        return code

    def _rounds(self, at: int, step: Step, calls: Sequence[Step | None]) -> str:
        """`range(1, self.n + 1)`."""
        given = [own and own.leaves[0] for own in calls]
        count = self.chooser.choose([leaf and leaf.value for leaf in given], "n", given)
        within: dict[Ref, Expr | None] = {Ref(-1): self.channels.get(step.ins[0])}
        filled: list[Step] = []
        for index, inner in enumerate(step.rounds):
            own = [None if one is None or not one.leaves[0].value else one.rounds[index] for one in calls]
            filled.append(replace(inner, code=self._filled(inner, own), holes=()))
            entering = [within.get(ref) for ref in inner.ins]
            assigned = self._member(inner.way[0], entering[0] if entering else None) if inner.way else []
            known = (*joined_width(inner, entering), *reversed(assigned), *entering)
            within[Ref(index)] = self._width([one and one.tensors[0] for one in own], known)
        self.steps[at] = replace(step, rounds=tuple(filled))
        made = within[Ref(len(filled) - 1)]
        shift = ex.added(*(ex.join("*", Lit(each), self.counts[number]) for number, each in step.before))
        rounds = {"n": count, BEFORE: shift} | by_round(made, within[Ref(-1)])
        self._member(step.rest, made, rounds)
        known = (made, *growth.through(step.rest, self.members, self.exprs, within[Ref(-1)], count), within[Ref(-1)])
        self.channels[Ref(at)] = self._width([own and own.tensors[0] for own in calls], known)
        self.counts.append(count)
        times = [self._times(one) for one in self.counts]
        start = ex.added(*(ex.join("*", Lit(each), times[number]) for number, each in step.before), Lit(step.first))
        return ex.span(start, ex.added(start, ex.join("*", Lit(step.by), times[-1])), step.by)

    def _times(self, count: Expr) -> Expr:
        """How often a repeat goes, in the forward: `self.n - 1`."""
        match count:
            case Lit():
                return count
            case ex.Bin(op="-", right=Lit()):
                return replace(count, left=self._times(count.left))
            case _:
                return Var(self._in_forward(count, "n"))

    def _own(self, number: int, at: int) -> Step | None:
        place = self.merged.places[number][at]
        return None if place is None else self.merged.bodies[number].steps[place]

    def _in_forward(self, expr: Expr, hole: str) -> str:
        if isinstance(expr, Lit):
            return ex.text(expr)
        if isinstance(expr, ex.Tup):
            return ex.text(
                ex.Tup(tuple(i if isinstance(i, Lit) else Var(self._in_forward(i, hole)) for i in expr.items))
            )
        for name, said in self.stored.items():
            if said == expr:
                return f"self.{name}"
        counts = isinstance(expr, ex.Fun) and expr.name == "len"
        name = self.attributes.take(expr.name if isinstance(expr, Var) else hole if counts or len(hole) > 2 else "size")
        self.stored[name] = expr
        return f"self.{name}"

    def _width(self, ids: Sequence[int | None], known: Sequence[Expr | None]) -> Expr | None:
        """The channels of a tensor as an expression already in use, if one says it."""
        column = [self.shapes[i][0] if i is not None and i in self.shapes else None for i in ids]
        numbers = [v for v in column if v is not None]
        if not numbers:
            return next((e for e in known if e is not None), None)
        constant = Lit(numbers[0]) if all(same(v, numbers[0]) for v in numbers) else None
        if constant is not None and len(numbers) == len(column):
            return constant
        entering = [Var(p.name) for p in self.chooser.params if p.name == "in_channels"] if not known else []
        return next((e for e in (*known, *entering) if e is not None and self.chooser.fits(e, column)), constant)

    def _member(
        self, name: str, entering: Expr | None, rounds: Mapping[str, Expr] | None = None, beside: Sequence[Expr] = ()
    ) -> list[Expr]:
        forms = self.members.get(name)
        if forms is None:
            return []
        first = next(one for one in forms if one is not None)
        rows = [None if one is None else {path: leaf for path, _, leaf in leaves(one)} for one in forms]
        assigned: list[Expr] = []
        width = entering
        count = None if rounds is None else rounds.get("n")
        for path, title, _ in sorted(leaves(first), key=_entering_series):
            if title == PRESENT:
                continue
            if (name, path) in self.exprs:
                assigned.append(self.exprs[name, path])
                continue
            given = [None if row is None else row[path] for row in rows]
            column = [None if leaf is None else leaf.value for leaf in given]
            if EACH in column:
                self.exprs[name, path] = EACH
                continue
            prefer: list[Expr | None] = [*beside, width] if title in growth.ENTERING else []
            if any(isinstance(value, Series) for value in column):
                firsts = [*([] if rounds is None else of_rounds(path, title, first, {}, self.exprs, ())), entering]
                said = series.chosen(self.chooser, column, title, firsts, count)
                self.exprs[name, path] = said
                if count is not None:
                    assigned.append(growth.last(said, count))
                continue
            if rounds is not None:
                prefer = of_rounds(path, title, first, rounds, self.exprs, prefer)
            expr = self.chooser.choose(column, title, given, prefer)
            if title in ("out_channels", "out_features"):
                width = expr
            elif title == "n":
                count = expr
            self.exprs[name, path] = expr
            assigned.append(expr)
        return [e for e in assigned if not isinstance(e, Lit)]

    def _printed(self, name: str) -> Form:
        first = next(one for one in self.members[name] if one is not None)
        return mapped(first, lambda path, _: Leaf(self.exprs[name, path]))

    # ---- what only some calls have -----------------------------------------

    def _flags(self) -> list[Flag]:
        flags: list[Flag] = []
        stored: dict[str, Expr] = {}
        by_presence: dict[tuple[bool, ...], Flag] = {}
        for run in self.merged.runs:
            earlier = by_presence.get(run.present)
            if earlier is not None:
                flags.append(Flag(earlier.name, earlier.condition, run.start, run.end, run.result, run.instead))
                continue
            steps = self.whole.steps[run.start : run.end]
            shifts = any(body.own for body in self.merged.bodies)  # then `has_conv1` would say what is not so
            name = "extra" if shifts and any(step.way for step in steps) else flag_name(steps)
            condition = self.chooser.flag(run.present, name)
            name = self.attributes.take(condition.name if isinstance(condition, Var) else name)
            stored[name] = condition
            by_presence[run.present] = Flag(name, condition, run.start, run.end, run.result, run.instead)
            flags.append(by_presence[run.present])
        self.stored = {**stored, **self.stored}
        return flags

    def _presences(self) -> None:
        """The conditions of items that only some calls have."""
        for name, forms in self.members.items():
            first = next(one for one in forms if one is not None)
            for path, title, _ in leaves(first):
                if title == PRESENT:
                    rows = [{} if one is None else {way: leaf.value for way, _, leaf in leaves(one)} for one in forms]
                    present = [row.get(path) for row in rows]
                    called = condition_name(first) or f"has_{name}"
                    if first.function == EITHER:
                        called = condition_word(self.merged.units, present) or called
                    self.exprs[name, path] = self.chooser.flag(present, called)

    def _none_apart(self, members: set[str]) -> None:
        """See that no first copy stands before its loop where some call does not go round even once."""
        for at, step in enumerate(self.whole.steps):
            if step.rounds and any(inner.way and inner.way[0] in members for inner in step.rounds):
                calls = [self._own(number, at) for number in range(len(self.merged.bodies))]
                if any(own is not None and not own.leaves[0].value for own in calls):
                    raise MismatchError("n")

    # ---- the proof ----------------------------------------------------------

    def _verify(self) -> None:
        """Work out every printed value for every call, and compare it with the graph's."""
        for name, forms in self.members.items():
            for number, one in enumerate(forms):
                env = self.chooser.env(number)
                for path, _, leaf in leaves(one) if one is not None else ():
                    if isinstance(leaf.value, Series):
                        if not series.fits_call(self.chooser, self.exprs[name, path], leaf.value, number):
                            raise MismatchError(name)
                    elif EACH in (leaf.value, self.exprs[name, path]):
                        if any(EACH.name in known for known in (env, self.stored)) or leaf.value not in (EACH, None):
                            raise MismatchError(name)
                    elif leaf.value is not None and not same(ex.value(self.exprs[name, path], env), leaf.value):
                        raise MismatchError(name)
