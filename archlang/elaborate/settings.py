"""`freeze`, `lr`, `decay` and `init` lines: which layers they mean, and what they say of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from archlang.diagnostics import Label as Mark
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.kinds import kind_named
from archlang.elaborate.read import did_you_mean, find_label, label_names, read
from archlang.elaborate.values import UNKNOWN, describe
from archlang.elaborate.work import Pending, Tag, Where, Work
from archlang.ir.network import Initializer, Settings
from archlang.ops import BY_WORD
from archlang.ops.init import ELSEWHERE, INITIALIZERS
from archlang.syntax import ast


@dataclass(slots=True)
class Draft:
    """What the lines said so far, by node id; later lines win."""

    frozen: set[int] = field(default_factory=set[int])
    lr: dict[int, float] = field(default_factory=dict[int, float])
    decay: dict[int, float] = field(default_factory=dict[int, float])
    init: dict[int, Initializer] = field(default_factory=dict[int, Initializer])

    def settings(self) -> Settings:
        """The same, final."""
        return Settings(frozenset(self.frozen), self.lr, self.decay, self.init)


def setting(work: Work, statement: ast.Freeze | ast.Setting, pending: Pending, draft: Draft) -> None:
    """Apply one line to the layers it means."""
    if isinstance(statement, ast.Freeze):
        draft.frozen.update(_stateful(work, statement.ranges, pending))
        return
    value = _value(work, statement, pending.where)
    if value is None:
        return
    ids = _stateful(work, statement.ranges, pending)
    if isinstance(value, Initializer):
        draft.init.update(dict.fromkeys(ids, value))
    else:
        (draft.lr if statement.word == "lr" else draft.decay).update(dict.fromkeys(ids, value))


def _stateful(work: Work, ranges: tuple[ast.LabelRange, ...], pending: Pending) -> list[int]:
    """The layers with weights that a line means, by node id."""
    return [id_ for part in ranges for id_ in _nodes(work, part, pending) if work.nodes[id_].op.stateful]


def _value(work: Work, statement: ast.Setting, where: Where) -> float | Initializer | None:
    try:
        if statement.word == "init":
            return _initializer(work, statement.value, where)
        value = read(work, statement.value, where)
    except ValueProblem as problem:
        work.problem(problem, where)
        return None
    if value is UNKNOWN:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        message = f"`{statement.word}` is a number from 0 up, and this is {describe(value)}"
        work.error("setting", message, statement.value.span, where)
        return None
    return float(value)


def _initializer(work: Work, expr: ast.Expr, where: Where) -> Initializer | None:
    match expr:
        case ast.Name(name=name):
            args: tuple[ast.Arg, ...] = ()
        case ast.Apply(name=name, args=args):
            pass
        case _:
            known = ", ".join(f"`{n}`" for n in INITIALIZERS)
            message = "an initialisation is a name, with its numbers in parentheses"
            work.error("init", message, expr.span, where, help=f"there are {known}")
            return None
    if name not in INITIALIZERS:
        here = ELSEWHERE.get(name.rstrip("_"))
        near = f"here it is `{here}`" if here else did_you_mean(name, list(INITIALIZERS))
        help_ = near or f"there are {', '.join(f'`{n}`' for n in INITIALIZERS)}"
        work.error("init", f"there is no initialisation `{name}`", expr.span, where, help=help_)
        return None
    numbers: list[float] = []
    for arg in args:
        value = read(work, arg.value, where)
        if value is UNKNOWN:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or arg.name is not None:
            work.error("init", f"`{name}` takes numbers", arg.span, where)
            return None
        numbers.append(float(value))
    most = INITIALIZERS[name].most
    least = INITIALIZERS[name].least
    if not least <= len(numbers) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        message = f"`{name}` takes {wanted} number{'s' * (most != 1)}, and has {len(numbers)}"
        work.error("init", message, expr.span, where)
        return None
    return Initializer(name, tuple(numbers))


def _nodes(work: Work, part: ast.LabelRange, pending: Pending) -> list[int]:
    first = _meant(work, part.first, pending)
    if part.last is None or first is None:
        return first or []
    last = _meant(work, part.last, pending)
    if not first or not last:
        return []
    if last[-1] < first[0]:
        message = f"`{part.last.name}` comes before `{part.first.name}` in the file"
        labels = (Mark(part.first.span),)
        work.error("label-range", message, part.last.span, pending.where, labels=labels, help="ranges follow the file")
        return []
    return list(range(first[0], last[-1] + 1))


def _meant(work: Work, word: ast.Word, pending: Pending) -> list[int] | None:
    """The nodes a name of a settings line means: a label's, a stage's, all of a layer word's, or all."""
    where = pending.where
    end = pending.end if pending.end is not None else len(work.nodes)
    trunk = where.scope.kind.value == "trunk"
    everything = range(pending.first, end) if trunk else range(len(work.nodes))
    tag: Tag | None = find_label(work, word.name, where)
    if tag is not None:
        return list(range(tag.first, tag.end))
    if word.name == "all":
        return list(everything)
    kind = kind_named(word.name, where.env)
    if kind is not None:
        return [i for i in everything if work.nodes[i].op.word == kind.word]
    known = [*label_names(work, where), "all", *BY_WORD]
    help_ = did_you_mean(word.name, known)
    message = f"no label, stage or layer is called `{word.name}`"
    work.error("unknown-label", message, word.span, where, help=help_)
    return None
