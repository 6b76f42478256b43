"""Reading expressions where they stand: names of values, labels and blocks in sight."""

from __future__ import annotations

from typing import Any

from archlang.elaborate.evaluate import FUNCTIONS, MOST_VALUES, ValueProblem, evaluate
from archlang.elaborate.prelude import prelude_block
from archlang.elaborate.uses import made_in
from archlang.elaborate.values import UNKNOWN, Label, Partial, View, describe
from archlang.elaborate.work import FAILED, Tag, Where, Work
from archlang.ops import BY_WORD
from archlang.ops.dim import Dim
from archlang.record import entity
from archlang.source import Span
from archlang.syntax import ast


def nearest(name: str, known: list[str]) -> str | None:
    """The known name that a misspelt one is nearest to."""
    from difflib import get_close_matches  # only a slip needs it

    if len(name) < 2:
        return None
    folded = {k.lower(): k for k in known}
    close = get_close_matches(name.lower(), list(folded), 1, 0.6)
    return folded[close[0]] if close else None


def did_you_mean(name: str, known: list[str]) -> str | None:
    """A help line with the known name nearest to a misspelt one."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near is not None else None


def no_such_value(name: str, known: list[str]) -> str | None:
    """What may help where no value has that name."""
    if name in FUNCTIONS:
        return f"`{name}` is a function: write `{name}(...)`"
    if (near := did_you_mean(name, known)) is not None:
        return near
    return f"`{name}` is a layer: `;` chains layers, `|` separates branches" if name in BY_WORD else None


def find_label(work: Work, name: str, where: Where) -> Tag | None:
    """What `name` stands for: a label of this level, or of one around it in the same body."""
    level = where.level
    while level is not None:
        tag = work.labels.get(level.join(name))
        if tag is not None:
            return tag
        if level.boundary:
            return None
        level = level.parent
    return None


def label_names(work: Work, where: Where) -> list[str]:
    """The labels in sight, for suggestions."""
    prefixes: list[str] = []
    level = where.level
    while level is not None:
        prefixes.append(f"{level.path}." if level.path else "")
        level = None if level.boundary else level.parent
    return [path[len(p) :] for path in work.labels for p in prefixes if path.startswith(p)]


def read(work: Work, expr: ast.Expr, where: Where, *, labels: bool = False) -> Any:
    """The value of `expr`; raises `ValueProblem`. With `labels`, names of tensors are values too."""
    if isinstance(expr, ast.Number):
        return expr.value if expr.digits else UNKNOWN

    return evaluate(expr, _Sight(work, where, labels))


@entity
class _Sight:
    """What an expression sees at a place."""

    work: Work
    where: Where
    labels: bool

    def name(self, name: ast.Name) -> Any:
        return _name(self.work, name, self.where, labels=self.labels)

    def applied(self, call: ast.Apply) -> Any:
        return _partial(self.work, call, self.where)

    def spend(self, values: int) -> bool:
        self.work.values += values
        return self.work.values <= MOST_VALUES


def _name(work: Work, name: ast.Name, where: Where, *, labels: bool) -> Any:
    text = name.name
    if text in ("true", "false"):
        return text == "true"
    try:
        return where.env.value(text)
    except KeyError:
        pass
    base, _, rest = text.partition(".")
    if rest:
        found = _size(name, base, rest, where)
        if found is not None:
            return found
    definition = where.env.block(text)
    if definition is None and labels:
        tag = find_label(work, text, where)
        if tag is not None:
            return Label(text, tag.node)
    if definition is None and where.env.is_missing(text):
        return UNKNOWN
    if definition is None:
        _no_layer(text, name.span, where)
    definition = definition or prelude_block(text) or _of_package(text)
    if definition is not None:
        return Partial(definition)
    if labels and work.excuses(text):
        work.failed = True
        return UNKNOWN
    known = [*where.env.names(), *(label_names(work, where) if labels else ())]
    what = "value or label" if labels else "value"
    if base == "in":
        raise ValueProblem("unknown-name", "nothing has entered here yet, so there is no `in`", name.span)
    raise ValueProblem("unknown-name", f"there is no {what} `{text}` here", name.span, no_such_value(text, known))


def _no_layer(name: str, span: Span, where: Where) -> None:
    """Raise `ValueProblem` where a layer that the file declares stands for a value, as only a block can."""
    if where.env.extern(name) is not None:
        free = next(each for each in ("inner", f"{name}_") if where.env.block(each) is None)
        help_ = f"put it into one: `block {free} {{ {name} }}`, and write `{free}`"
        raise ValueProblem(
            "unknown-name", f"`{name}` is a layer, and of layers only a block of them is a value", span, help_
        )


def _of_package(name: str) -> Any:
    """The block of that name that a package brings."""
    from archlang.elaborate.packages import usable_block  # a package's file may declare layers, which reads expressions

    return usable_block(name)


def _size(name: ast.Name, base: str, rest: str, where: Where) -> Any:
    """`in.c`, `out.stride`: a size of a tensor; None if `base` is no tensor."""
    try:
        view = where.env.value(base)
    except KeyError:
        return None
    if not isinstance(view, View):
        return UNKNOWN if view is UNKNOWN else None
    sizes = [field for field in view.fields if field != "shape"]
    if rest in sizes:
        return view.fields[rest]
    known = ", ".join(f"`{base}.{field}`" for field in sizes)
    message = f"there is no `{name.name}` here: the tensor is {view.fields['shape']}"
    raise ValueProblem("unknown-name", message, name.span, f"there {'is' if len(sizes) == 1 else 'are'} {known}")


def _partial(work: Work, call: ast.Apply, where: Where) -> Any:
    from archlang.elaborate.bind import bind_some  # binding reads expressions, and expressions hold bindings

    try:
        base = where.env.value(call.name)
    except KeyError:
        definition = where.env.block(call.name)
        if definition is None and where.env.is_missing(call.name):
            return UNKNOWN
        if definition is None:
            _no_layer(call.name, call.name_span, where)
        definition = definition or prelude_block(call.name) or _of_package(call.name)
        base = None if definition is None else Partial(definition)
    if base is UNKNOWN:
        return UNKNOWN
    if not isinstance(base, Partial):
        help_ = did_you_mean(call.name, [*FUNCTIONS, *where.env.names()])
        message = f"there is no function or block `{call.name}`"
        raise ValueProblem("unknown-function", message, call.name_span, help_)
    return Partial(base.definition, {**base.bound, **bind_some(work, call, base, where)})


def whole(value: Any, span: Span, what: str, least: int = 0) -> int:
    """`value` as a whole number, at least `least`; raises `ValueProblem`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise not_whole(value, span, what)
    if value < least:
        raise ValueProblem("too-small", f"{what} is {value}, and must be at least {least}", span)
    return value


def not_whole(value: Any, span: Span, what: str) -> ValueProblem:
    """What is said of a decimal, a string, ... where a whole number is needed."""
    help_ = None
    if isinstance(value, float):
        help_ = (
            "divide with `//`, or write `round(...)`" if "/" in span.text else "write `round(...)`, or a whole number"
        )
    elif isinstance(value, str) and value.isdecimal():
        help_ = f"write `{value}`, without quotes"
    elif isinstance(value, Dim):
        help_ = "bind the size with --input"
    message = f"{what} must be a whole number, and this is {describe(value)}"
    return ValueProblem("whole-number", message, span, help_)


def condition(work: Work, expr: ast.Expr, where: Where) -> Any:
    """Whether `expr` holds: a bool or `UNKNOWN`; raises `ValueProblem`."""
    value = read(work, expr, where)
    if value is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, bool | int | float):
        message = f"a condition is true or false, and this is {describe(value)}"
        raise ValueProblem("condition", message, expr.span)
    return bool(value)


def _after(later: ast.Word, word: ast.Word) -> bool:
    return later.span.source is word.span.source and later.span.start > word.span.start


def label_node(work: Work, word: ast.Word, where: Where) -> int:
    """The tensor a label stands for; `FAILED`, with an error, if there is none yet."""
    tag = find_label(work, word.name, where)
    if tag is not None:
        return tag.node
    if work.tree is not None and any(later.name == word.name and _after(later, word) for later in made_in(work.tree)):
        message = f"the label `{word.name}` does not exist yet here: it is defined further down"
        return work.error("later-label", message, word.span, where, help="move this line below it")
    help_ = did_you_mean(word.name, label_names(work, where))
    work.error("unknown-label", f"there is no label `{word.name}`", word.span, where, help=help_)
    return FAILED
