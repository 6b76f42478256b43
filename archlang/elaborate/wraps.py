"""Brackets: groups, sequences, merges of branches, residuals and splits."""

from __future__ import annotations

import re
from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.place import claim, place, tag
from archlang.elaborate.read import did_you_mean, read, whole
from archlang.elaborate.shapes_text import show
from archlang.elaborate.strides import takes_stride
from archlang.elaborate.values import UNKNOWN, View
from archlang.elaborate.work import FAILED, Given, How, Where, Work
from archlang.ir.scope import Kind, Scope
from archlang.ops import BY_WORD
from archlang.ops.cut import Slice
from archlang.ops.op import Shape
from archlang.source import Span
from archlang.syntax import ast

_STAGE = re.compile(r"^[ \t]*stage[ \t]+\Z", re.MULTILINE)
WRAPS = ("add", "concat", "mul", "res", "seq", "split")


def wrap(work: Work, core: ast.Wrap, cur: int, where: Where, how: How) -> int:
    """Place `name[ ... ]` as itself (words are expanded before this)."""
    stride = _stride(work, core, where, how)
    _refuse(work, where, how)
    if core.name == "seq":
        return _sequence(work, core, cur, where, how, stride)
    first = len(work.nodes)
    inner = _level_of(work, core, where, how)
    match core.name:
        case "res":
            out = _residual(work, core, cur, inner, stride)
        case "split":
            out = _split(work, core, cur, inner, stride)
        case "add" | "concat" | "mul":
            ends = [_branch(work, branch, cur, inner, stride) for branch in core.branches]
            out = _merge(work, core.name, ends, core, inner)
        case _:
            code, message, help_ = no_such_wrap(core)
            [*where.env.chain()][-1].missing.add(core.name)  # what follows was perhaps to be built with it
            work.adrift |= core.name in BY_WORD
            out = work.error(code, message, core.name_span, where, help=help_)
    if how.label is not None:
        tag(work, how.label, where, out, first)
    return out


def no_such_wrap(core: ast.Wrap) -> tuple[str, str, str]:
    """The code, the message and the help for a name in front of brackets that joins nothing."""
    if _STAGE.search(core.span.source.text, 0, core.span.start):
        return "missing-colon", "the name of a stage takes a colon", f"write `stage {core.name}: [ ... ]`"
    code = "unknown-wrap"
    message = f"`{core.name}` cannot be written with brackets"
    if core.name in BY_WORD:
        return code, message, f"to say what the word stands for, write `{core.name} means [...]`; options stand in ( )"
    known = ", ".join(f"`{name}[...]`" for name in WRAPS)
    return code, message, did_you_mean(core.name, list(WRAPS)) or f"there are {known}; a call takes ( )"


def group(work: Work, core: ast.Group, cur: int, where: Where, how: How) -> int:
    """Place `[a; b]`: its items in order; a label makes it a numbered level."""
    stride = _stride(work, core, where, how)
    _refuse(work, where, how)
    branch, *others = core.branches
    if others:
        message = "branches need to be told how they join"
        help_ = "write `concat[ a | b ]`, `add[ a | b ]` or `mul[ a | b ]`"
        return work.error("bare-branches", message, others[0].span, where, help=help_)
    first = len(work.nodes)
    if how.label is None:
        scope = Scope(Kind.GROUP, "", where.scope, core.span, path=where.scope.path)
        return _items(work, branch.items, cur, where.but(scope=scope), stride)
    inner = _named_level(work, Kind.GROUP, "", core.span, where, how.label, numbered=True)
    out = _items(work, branch.items, cur, inner, stride)
    tag(work, how.label, where, out, first)
    return out


def _refuse(work: Work, where: Where, how: How) -> None:
    for word, span in how.asked():
        meant = "a net used as a layer" if word == "to" else "a word that a `means` line explains"
        message = f"`{word}` is for {meant}, and this is a group"
        work.error("modifier-on-group", message, span, where, help="write it on the layer inside")


def _stride(work: Work, core: ast.Wrap | ast.Group, where: Where, how: How) -> Given | None:
    if core.stride is None:
        stride = how.stride
    else:
        if how.stride is not None:
            labels = (Mark(how.stride.span, "and here"),)
            work.error("stride-twice", "a stride is given here", core.stride.span, where, labels=labels)
        try:
            stride = Given(read(work, core.stride, where), core.stride.span, core.stride)
        except ValueProblem as problem:
            work.problem(problem, where)
            return None
    return stride


def _named_level(
    work: Work, kind: Kind, title: str, span: Span, where: Where, label: ast.Word, *, numbered: bool
) -> Where:
    name = claim(work, label, where)
    where.level.next(title or "group")
    level = where.level.within(name, numbered=numbered)
    scope = Scope(kind, title, where.scope, span, name, level.path, numbered, label.name)
    return where.but(level=level, scope=scope, copy="")


def _level_of(work: Work, core: ast.Wrap, where: Where, how: How) -> Where:
    """Where a branching construct's parts are named: a level of its own inside a numbered one, or with a label."""
    if how.label is not None:
        return _named_level(work, Kind.WRAP, core.name, core.span, where, how.label, numbered=False)
    if where.level.numbered:
        name = where.level.next(core.name)
        level = where.level.within(name)
        scope = Scope(Kind.WRAP, core.name, where.scope, core.span, name, level.path)
        return where.but(level=level, scope=scope, copy="")
    scope = Scope(Kind.WRAP, core.name, where.scope, core.span, path=where.scope.path)
    return where.but(scope=scope)


def _sequence(work: Work, core: ast.Wrap, cur: int, where: Where, how: How, stride: Given | None) -> int:
    branch, *others = core.branches
    if others:
        return work.error("seq-branches", "`seq` has one branch", others[0].span, where, help="use `concat`")
    first = len(work.nodes)
    items = branch.items
    if where.level.numbered and where.body_is_seq:
        return _items(work, items, cur, where.but(body_is_seq=False), stride)
    if how.label is not None:
        inner = _named_level(work, Kind.SEQ, "seq", core.span, where, how.label, numbered=True)
    else:
        name = where.level.next("seq")
        level = where.level.within(name, numbered=True)
        scope = Scope(Kind.SEQ, "seq", where.scope, core.span, name, level.path, numbered=True)
        inner = where.but(level=level, scope=scope, copy="")
    out = _items(work, items, cur, inner, stride)
    if how.label is not None:
        tag(work, how.label, where, out, first)
    return out


def _items(work: Work, items: tuple[ast.Item, ...], cur: int, where: Where, stride: Given | None) -> int:
    """Items in order; a stride goes to the first that takes one."""
    for it in items:
        if stride is not None and takes_stride(it.core, where):
            cur = work.item(work, it, cur, where, stride=stride)
            stride = None
        else:
            cur = work.item(work, it, cur, where)
    if stride is not None:
        message = "no layer of this branch takes a stride"
        return work.error("stride-nowhere", message, stride.span, where)
    return cur


def _branch(work: Work, branch: ast.Branch, cur: int, where: Where, stride: Given | None) -> int:
    label = branch.label
    scope = Scope(Kind.BRANCH, label.name if label else "", where.scope, branch.span, path=where.scope.path)
    if label is None:
        return _items(work, branch.items, cur, where.but(scope=scope), stride)
    it, *more = branch.items
    if not more:
        asked = stride if stride is not None and takes_stride(it.core, where) else None
        if stride is not None and asked is None:
            return work.error("stride-nowhere", "no layer of this branch takes a stride", stride.span, where)
        return work.item(work, it, cur, where.but(scope=scope), stride=asked, label=label)
    first = len(work.nodes)
    inner = _named_level(work, Kind.BRANCH, label.name, branch.span, where, label, numbered=True)
    out = _items(work, branch.items, cur, inner, stride)
    tag(work, label, where, out, first)
    return out


def _merge(work: Work, name: str, ends: list[int], core: ast.Wrap, where: Where) -> int:
    if len(ends) < 2 and (FAILED in ends or work.report.wrong_within(core.span)):
        return FAILED  # what is wrong with a branch has been told
    if len(ends) < 2:
        message = f"`{name}` joins two or more branches, and this is one"
        help_ = f"separate branches with `|`: `{name}[ a | b ]`"
        return work.error("merge-arity", message, core.span, where, help=help_)
    ports = tuple(branch.items[-1].span if branch.items else branch.span for branch in core.branches)
    return place(work, BY_WORD[name](), tuple(ends), where, core.name_span, ports=ports)


def _residual(work: Work, core: ast.Wrap, cur: int, where: Where, stride: Given | None) -> int:
    branch, *others = core.branches
    if others:
        message = "`res` has one branch: what is added to its input"
        help_ = "join several with `add[ a | b ]`"
        return work.error("res-branches", message, others[0].span, where, help=help_)
    end = _branch(work, branch, cur, where, stride)
    if FAILED in (end, cur):
        return FAILED
    entered, left = work.shapes[cur], work.shapes[end]
    shortcut = cur
    if entered != left:
        shortcut = _shortcut(work, core, cur, end, where)
        if shortcut == FAILED:
            return FAILED
        if work.shapes[shortcut] != left:
            message = f"the shortcut leaves {show(work.shapes[shortcut])}, and the branch {show(left)}"
            labels = (Mark(work.nodes[shortcut].span, show(work.shapes[shortcut])),)
            return work.error("shortcut-shape", message, branch.span, where, text=show(left), labels=labels)
    return place(work, BY_WORD["add"](), (end, shortcut), where, core.name_span)


def _shortcut(work: Work, core: ast.Wrap, cur: int, end: int, where: Where) -> int:
    """What the `shortcut` word stands for, seeing the branch's end as `out`."""
    entered, left = work.shapes[cur], work.shapes[end]
    definition = where.env.word("shortcut")
    if definition is None and where.env.is_missing("shortcut"):
        work.failed = True
        return FAILED
    if definition is None or "shortcut" in where.plain:
        message = f"`res` adds its branch, {show(left)}, to its input, {show(entered)}, and they differ"
        help_ = "say what the shortcut is, `shortcut means [conv1-out.c/out.stride]`, or make the shapes agree"
        return work.error("res-shapes", message, core.branches[0].span, where, text=show(left), help=help_)
    env = Env(definition.env, words_from=where.env if definition.prelude else None)
    env.values["out"] = view_of(left, _ratio(work, cur, end))
    env.values["in"] = view_of(entered)
    scope = Scope(Kind.SHORTCUT, "shortcut", where.scope, core.span, path=where.scope.path)
    trace = where.trace if definition.span.source is core.span.source else (Mark(core.name_span), *where.trace)
    inner = where.but(env=env, scope=scope, plain=where.plain | {"shortcut"}, trace=trace)
    inner = inner.but(prelude=definition.prelude)
    return work.item(work, definition.node.item, cur, inner)


def _ratio(work: Work, cur: int, end: int) -> Any:
    """The stride of everything between two tensors: one number, or two if the axes differ."""
    pair = [after / before for before, after in zip(work.strides[cur], work.strides[end], strict=True)]
    whole_ = [int(r) if r == int(r) else float(r) for r in pair]
    return whole_[0] if whole_[0] == whole_[1] else whole_


def view_of(shape: Shape | None, stride: Any = None) -> Any:
    """A tensor as expressions see it: `.c`, `.h`, `.w`, and `.stride` where it is known."""
    if shape is None:
        return UNKNOWN
    fields: dict[str, Any] = {"shape": show(shape), "c": shape[0]}
    if len(shape) == 3:
        fields |= {"h": shape[1], "w": shape[2]}
    if stride is not None:
        fields["stride"] = stride
    return View(fields)


def _shares(work: Work, core: ast.Wrap, where: Where) -> Any:
    """The number in `split(2)[ ... ]`; raises `ValueProblem`."""
    args = core.args or ()
    if len(args) != 1 or args[0].name is not None:
        raise ValueProblem("split", "`split` takes the number of shares", core.span, "write `split(2)[ a | b ]`")
    parts = read(work, args[0].value, where)
    return parts if parts is UNKNOWN else whole(parts, args[0].span, "the number of shares", 1)


def _split(work: Work, core: ast.Wrap, cur: int, where: Where, stride: Given | None) -> int:
    try:
        parts = _shares(work, core, where)
    except ValueProblem as problem:
        return work.problem(problem, where)
    if parts is UNKNOWN:
        return FAILED
    if parts != len(core.branches):
        message = f"`split({parts})` has {len(core.branches)} branch{'es' * (len(core.branches) != 1)}"
        return work.error("split", message, core.span, where, help=f"give it {parts}, separated with `|`")
    ends: list[int] = []
    for index, branch in enumerate(core.branches):
        share = place(work, Slice(index=index, parts=parts), (cur,), where, core.name_span)
        ends.append(_branch(work, branch, share, where, stride))
    return _merge(work, "concat", ends, core, where) if len(ends) > 1 else ends[0]
