"""Layers: a call that names an op, its options bound, its inputs found, the node placed."""

from __future__ import annotations

from dataclasses import MISSING, replace
from functools import lru_cache
from typing import Any

from archlang.elaborate.env import Env
from archlang.elaborate.kinds import kind_of
from archlang.elaborate.options import KINDS, Options, bind_op
from archlang.elaborate.options import options as known_options
from archlang.elaborate.place import claim, place, tag
from archlang.elaborate.read import label_node
from archlang.elaborate.values import UNKNOWN, Label, describe
from archlang.elaborate.work import FAILED, How, Tag, Where, Work
from archlang.ops import BY_WORD
from archlang.ops.op import Op, ShapeError
from archlang.source import Span
from archlang.syntax import ast


def held(name: str, where: Where) -> Any:
    """The value that a parameter or `let` holds under that name; None if there is none."""
    try:
        return where.env.value(name)
    except KeyError:
        return None


def layer(
    work: Work, kind: type[Op], core: ast.Call, kernel: tuple[int, int] | None, cur: int, where: Where, how: How
) -> int:
    """Place the plain layer that a call describes."""
    options = Options()
    if not bind_op(work, kind, core, kernel, how.stride, where, options, tensors(kind, core, where)):
        cur = FAILED
    if how.parts is not None:
        how = replace(how, label=_only_name(work, kind, how.parts, where), parts=None)
    return finish(work, kind, options, core, cur, where, how)


def _only_name(work: Work, kind: type[Op], parts: ast.AsParts, where: Where) -> ast.Word | None:
    """The name in `as (conv1)`, where the layer stands for itself alone."""
    if (len(parts.names) != 1 or not kind.stateful) and not where.env.is_missing(kind.word):
        message = f"{len(parts.names)} names for {int(kind.stateful)} part{'s' * (not kind.stateful)} with weights"
        help_ = f"`{kind.word}` stands for itself alone here: write `as {parts.names[0].name}`"
        work.error("label-parts", message, parts.span, where, help=help_)
    return parts.names[0]


def tensors(kind: type[Op], core: ast.Call, where: Where) -> frozenset[int]:
    """The indexes of the arguments that name tensors: `concat(skip)`, `crop(up2, offset=5)`, `deform(off=c1)`."""
    if kind.arity == 1 or not core.args:
        return frozenset()
    found: set[int] = set()
    for index, arg in enumerate(core.args):
        if (
            (arg.name == "crop" and kind.arity is None)
            or (arg.name is None and kind.arity is None)
            or (arg.name is not None and arg.name in kind.ports)
        ):
            found.add(index)
        elif arg.name is None and isinstance(arg.value, ast.Name):
            value = held(arg.value.name, where)
            if isinstance(value, Label) or value is None or value is UNKNOWN:
                found.add(index)
    return frozenset(found)


def finish(work: Work, kind: type[Op], options: Options, core: ast.Call, cur: int, where: Where, how: How) -> int:
    """Make the op of the options collected, and place it after `cur` and the tensors its arguments name."""
    inputs, ports = _inputs(work, kind, core, cur, where, how)
    op = make(work, kind, options, core, where) if FAILED not in inputs else None
    span = core.span
    first = len(work.nodes)
    if op is None:
        if how.label is not None:
            name = claim(work, how.label, where)
            tag(work, ast.Word(name, how.label.span), where.but(copy=""), FAILED, first)
        else:
            name = where.level.next(kind.family)
            work.labels.setdefault(where.level.join(name), Tag(FAILED, first, first, core.span))
        if where.names and kind.stateful:
            where.names.pop(0)
        return FAILED
    return place(work, op, inputs, where, span, label=how.label, exprs=options.exprs, ports=ports, at=options.spans)


def make(work: Work, kind: type[Op], options: Options, core: ast.Call, where: Where) -> Op | None:
    """The op with its options; None, with an error, if one that must be given is not."""
    if options.unknown:
        return None
    missing = [name for name in _required(kind) if name not in options.values]
    if missing:
        what = " and ".join(f"`{name}`" for name in missing)
        help_ = _form(kind) if {kind.width, kind.kernel_option} & {*missing} else _in_parentheses(kind, missing)
        work.error("missing-option", f"`{kind.word}` needs {what}", core.span, where, help=help_)
        return None
    try:
        known = known_options(kind)
        return kind(**{known[name].name: value for name, value in options.values.items()})
    except ShapeError as error:
        span = options.spans.get(error.option or "", core.span)
        work.error(error.code, error.message, span if isinstance(span, Span) else core.span, where, help=error.help)
        return None


@lru_cache(KINDS)
def _required(kind: type[Op]) -> tuple[str, ...]:
    """The options of a kind that must be given."""
    known = known_options(kind).items()
    return tuple(name for name, field in known if field.default is MISSING and field.default_factory is MISSING)


def _form(kind: type[Op]) -> str | None:
    if kind.width and kind.kernel_option:
        return f"write `{kind.word}3-64`: the kernel, a dash, the width"
    if kind.width:
        return f"write `{kind.word}-64`: a dash, then the width"
    return None


def _in_parentheses(kind: type[Op], missing: list[str]) -> str:
    return f"write `{kind.word}(..)` with {' and '.join(f'`{name}=`' for name in missing)} in the parentheses"


def _inputs(
    work: Work, kind: type[Op], core: ast.Call, cur: int, where: Where, how: How
) -> tuple[tuple[int, ...], tuple[Span, ...]]:
    if kind.arity == 1:
        return (cur,), (core.span,)
    if kind.ports:
        return _by_port(work, kind, core, cur, where, how)
    ids, spans = [cur, *how.extra], [core.span] * (1 + len(how.extra))
    crop: ast.Arg | None = None
    for index in sorted(tensors(kind, core, where)):
        arg = (core.args or ())[index]
        if arg.name == "crop":
            crop = arg
            continue
        ids.append(_tensor(work, arg, where))
        spans.append(arg.span)
    if kind.arity is None and len(ids) < 2:
        message = f"`{kind.word}` joins two or more tensors, and this is one"
        work.error(
            "merge-arity", message, core.span, where, help=f"write `{kind.word}[ a | b ]`, or `{kind.word}(label)`"
        )
        return (FAILED,), ()
    if kind.arity is not None and len(ids) != kind.arity:
        message = f"`{kind.word}` needs {kind.arity} tensors, and has {len(ids)}"
        work.error("merge-arity", message, core.span, where, help=f"write `{kind.word}(label)`")
        return (FAILED,), ()
    if crop is not None:
        ids[1:] = [_cropped(work, id_, cur, crop, where) for id_ in ids[1:]]
    return tuple(ids), tuple(spans)


def _by_port(
    work: Work, kind: type[Op], core: ast.Call, cur: int, where: Where, how: How
) -> tuple[tuple[int, ...], tuple[Span, ...]]:
    """The tensors of a layer whose inputs have names: those of a `from` line first, then as the call gives them."""
    args = core.args or ()
    given = {port: (id_, core.span) for port, id_ in zip(kind.ports, how.extra, strict=False)}
    for index in sorted(tensors(kind, core, where)):
        arg = args[index]
        port = arg.name or next((port for port in kind.ports if port not in given), None)
        if port is None or port in given:
            what = f"`{port}` is given twice" if port else f"`{kind.word}` takes no more tensors"
            work.error("argument-twice" if port else "too-many-arguments", what, arg.span, where)
            return (FAILED,), ()
        given[port] = (_tensor(work, arg, where), arg.span)
    missing = [port for port in kind.ports if port not in given]
    if missing or len(how.extra) > len(kind.ports):
        needs = " and ".join(f"`{port}`" for port in missing)
        message = (
            f"`{kind.word}` needs {needs}, the label of a tensor" if missing else f"`{kind.word}` reads fewer tensors"
        )
        help_ = f"write `{kind.word}({', '.join(f'{port}=label' for port in kind.ports)})`"
        work.error("merge-arity", message, core.span, where, help=help_)
        return (FAILED,), ()
    ordered = [given[port] for port in kind.ports]
    return (cur, *(id_ for id_, _ in ordered)), (core.span, *(span for _, span in ordered))


def _tensor(work: Work, arg: ast.Arg, where: Where) -> int:
    if isinstance(arg.value, ast.Name):
        value = held(arg.value.name, where)
        if isinstance(value, Label):
            return value.node
        if value is UNKNOWN:
            return FAILED
        if value is not None:
            message = f"`{arg.value.name}` is {describe(value)}, and this must be the label of a tensor"
            return work.error("label", message, arg.span, where)
        return label_node(work, ast.Word(arg.value.name, arg.value.span), where)
    return work.error("label", "this must be the label of a tensor", arg.span, where)


def _cropped(work: Work, id_: int, reference: int, arg: ast.Arg, where: Where) -> int:
    """`concat(skip, crop=center)`: cut the skip to the running tensor's size first."""
    if FAILED in (id_, reference):
        return FAILED
    kind = BY_WORD["crop"]
    options = Options()
    core = ast.Call("crop", arg.span, None, None, (ast.Arg("offset", arg.value, arg.span),), arg.span)
    if not bind_op(work, kind, core, None, None, where, options):
        return FAILED
    op = make(work, kind, options, core, where)
    return FAILED if op is None else place(work, op, (id_, reference), where, arg.span, exprs=options.exprs)


def stateful_parts(items: tuple[ast.Item, ...], dropped: frozenset[str], env: Env) -> int:
    """How many layers with state the items name, those dropped left out."""
    count = 0
    for it in items:
        if isinstance(it.core, ast.Call):
            kind = kind_of(it.core.name, env)
            if kind is not None and kind.word not in dropped:
                count += kind.stateful
        else:
            count += sum(stateful_parts(b.items, dropped, env) for b in it.core.branches)
    return count
