"""Words of the table: what `conv means [conv; bn; relu]` makes of a call."""

from __future__ import annotations

from dataclasses import replace

from archlang.diagnostics import Label as Mark
from archlang.elaborate.env import Definition, Env
from archlang.elaborate.kinds import kind_named, kind_of, split_head
from archlang.elaborate.layers import finish, stateful_parts, tensors
from archlang.elaborate.options import Options, bind_op
from archlang.elaborate.place import claim, mark, tag
from archlang.elaborate.prelude import prelude_names
from archlang.elaborate.read import did_you_mean
from archlang.elaborate.sizing import key, once
from archlang.elaborate.work import FAILED, PLAIN, How, Tag, Use, Where, Work
from archlang.elaborate.wraps import WRAPS, wrap
from archlang.ir.scope import Kind, Scope
from archlang.ops import BY_WORD
from archlang.ops.op import Op
from archlang.syntax import ast


def find_word(name: str, where: Where) -> Definition[ast.Means] | None:
    """What a `means` line makes of a layer's name, in any of its spellings."""
    found = where.env.word(name)
    if found is None and (kind := BY_WORD.get(name)) is not None:
        for spelling in (kind.word, *kind.aliases):
            found = found or where.env.word(spelling)
    return found


def expand(
    work: Work,
    definition: Definition[ast.Means],
    word: str,
    core: ast.Call | ast.Wrap,
    cur: int,
    where: Where,
    how: How,
) -> int:
    """Place what the word stands for, its plain layer with the call's own options."""
    means = definition.node
    if word not in WRAPS and not _bare_call(core) and kind_of(word, where.env) is None:
        message = f"`{word}` is a word for other layers, so it takes no kernel, width or options"
        labels = (Mark(definition.span, "it stands for this"),)
        help_ = f"make it a block: `block {word}(w) {{ ... }}`"
        return work.error("word-options", message, core.span, where, labels=labels, help=help_)
    drops = _drops(work, means.item, word, where, how)
    use = Use(word, core, where, replace(how, label=None, parts=None, drops=(), bare=None), drops)
    env = Env(definition.env, words_from=where.env if definition.prelude else None)
    inner = where.but(env=env, plain=where.plain | {word}, use=use, names=None, copy="", prelude=definition.prelude)
    if work.memory is not None and how == PLAIN and where.names is None and _bare_call(core):
        call = key(definition, {}, work, cur, where.plain)
        return once(work, call, cur, lambda: _whole(work, means.item, cur, use, inner, how))
    if how.bare is not None:
        return _bare(work, means.item, cur, use, inner, how, how.bare)
    return _whole(work, means.item, cur, use, inner, how)


def _bare_call(core: ast.Call | ast.Wrap) -> bool:
    return isinstance(core, ast.Call) and core.dash is None and core.stride is None and not core.args


def _parts(it: ast.Item) -> list[ast.Item]:
    """The items an expansion is made of, brackets opened."""
    if isinstance(it.core, ast.Call):
        return [it]
    return [part for branch in it.core.branches for item in branch.items for part in _parts(item)]


def _name(it: ast.Item, env: Env) -> str:
    kind = kind_of(it.core.name, env) if isinstance(it.core, ast.Call) else None
    return kind.word if kind is not None else it.core.name if isinstance(it.core, ast.Call | ast.Wrap) else ""


def _drops(work: Work, it: ast.Item, word: str, where: Where, how: How) -> frozenset[str]:
    if not how.drops:
        return frozenset()
    dropped: set[str] = set()
    companions = [name for part in _parts(it) if (name := _name(part, where.env)) != word]
    for drop in how.drops:
        kind = kind_of(drop.name, where.env)
        name = kind.word if kind is not None else drop.name
        if (
            name not in companions and not where.prelude and not _strange(companions, where)
        ):  # a prelude's block leaves out what its caller may not have
            message = f"`{word}` has no companion `{drop.name}` here"
            stands = f"it stands for {', '.join(f'`{c}`' for c in [word, *companions])}" if companions else None
            help_ = did_you_mean(drop.name, companions) or stands
            work.error("no-companion", message, drop.span, where, help=help_)
        dropped.add(name)
    return frozenset(dropped)


def _strange(names: list[str], where: Where) -> bool:
    """Whether one of the names is a layer's misspelt, which is told where it stands."""
    known = {*where.env.names(), *prelude_names(), *BY_WORD, *WRAPS}
    return any(name and not {name, split_head(name)[0]} & known for name in names)


def _bare(work: Work, it: ast.Item, cur: int, use: Use, inner: Where, how: How, bare: ast.Bare) -> int:
    for part in _parts(it):
        if _name(part, inner.env) == use.name:
            label = how.parts.names[0] if how.parts is not None else how.label
            unlabelled = tuple(m for m in part.modifiers if not isinstance(m, ast.As))
            place = inner.but(copy=use.where.copy)
            return work.item(work, ast.Item(part.core, unlabelled, part.span), cur, place, label=label)
    if _strange([_name(part, inner.env) for part in _parts(it)], inner):
        work.failed = True
        return FAILED
    message = f"`{use.name}` is no layer itself, so nothing is left of it"
    return work.error("no-companion", message, bare.span, use.where, help="leave `bare` out")


def _whole(work: Work, it: ast.Item, cur: int, use: Use, inner: Where, how: How) -> int:
    word, where = use.name, use.where
    first = len(work.nodes)
    inner, main = _level(work, it, use, inner, how)
    names = list(how.parts.names) if how.parts is not None else None
    if main is not None:
        names = [main]
    if names is not None:
        inner = inner.but(names=names, copy=where.copy)
    if how.label is not None and isinstance(it.core, ast.Wrap) and it.core.name == "seq":
        out = work.item(work, it, cur, inner.but(copy=where.copy), label=how.label)
    else:
        out = work.item(work, it, cur, inner)
    if _strange([_name(part, inner.env) for part in _parts(it)], inner):
        pass  # one that is told of already had a name too
    elif how.parts is not None and names:
        message = f"{len(how.parts.names)} names for {len(how.parts.names) - len(names)} parts with weights"
        work.error("label-parts", message, how.parts.span, where)
    elif how.parts is not None and out != FAILED:
        count = sum(node.op.stateful for node in work.nodes[first:])
        given = len(how.parts.names)
        if count > given:
            message = f"{given} name{'s' * (given != 1)} for {count} parts with weights"
            work.error("label-parts", message, how.parts.span, where, help="name them all, in order")
    if how.label is not None and out != FAILED and how.label.name:
        _retag(work, how.label, where, out, first)
    elif how.label is None and how.parts is None and out != FAILED:
        _main(work, word, where, out, first)
    if how.label is not None and out == FAILED:
        tag(work, how.label, where, out, first)
    return out


def _retag(work: Work, label: ast.Word, where: Where, out: int, first: int) -> None:
    """The label stands for all that the word stands for, its last tensor."""
    tag(work, label, where, out, first)


def _main(work: Work, word: str, where: Where, out: int, first: int) -> None:
    """An automatic name, `conv3`, stands for the word's last tensor too, as the caption says."""
    for node in work.nodes[first:]:
        if node.op.word == word:
            path = work.labels.get(node.path)
            if path is not None and node.path == where.level.join(node.name):
                mark(work, node.name, where, Tag(out, first, len(work.nodes), path.span))
            return


def _level(work: Work, it: ast.Item, use: Use, inner: Where, how: How) -> tuple[Where, ast.Word | None]:
    """The level the parts are named in, and the name of the only stateful part, if the label is for it."""
    word, core, where = use.name, use.core, use.where
    parts = _parts(it)
    is_seq = isinstance(it.core, ast.Wrap) and it.core.name == "seq"
    labelled = any(isinstance(m, ast.As) for part in parts for m in part.modifiers)
    scope = Scope(Kind.WORD, word, where.scope, core.span, path=where.scope.path)
    inner = inner.but(scope=scope)
    if is_seq:
        return inner, None
    if not labelled and how.label is not None:
        stateful = stateful_parts(tuple(parts), use.drops, inner.env)
        if stateful == 1:
            return inner, how.label
        if stateful == 0:
            return inner.but(use=replace(use, how=replace(use.how, label=how.label))), None
    if not labelled and how.label is None:
        return inner.but(copy=where.copy), None
    family = kind.family if (kind := kind_named(word, inner.env)) is not None else word
    if how.label is not None:
        name = claim(work, how.label, where)
        where.level.next(family)
    else:
        name = where.level.next(family)
    level = where.level.within(name)
    label = how.label.name if how.label is not None else None
    scope = Scope(Kind.WORD, word, where.scope, core.span, name, level.path, label=label)
    return inner.but(level=level, scope=scope), None


def plain(
    work: Work,
    kind: type[Op] | None,
    use: Use,
    core: ast.Call,
    kernel: tuple[int, int] | None,
    cur: int,
    where: Where,
    how: How,
) -> int:
    """The plain layer in a word's expansion: the `means` line's options, and over them the call's."""
    caller = use.where
    if isinstance(use.core, ast.Wrap):
        outer = caller.but(level=where.level, scope=where.scope)
        return wrap(work, use.core, cur, outer, replace(use.how, label=how.label))
    if kind is None:
        message = f"`{use.name}` stands for itself here, and there is no layer of that name"
        return work.error(
            "word-in-itself", message, core.name_span, where, help="a word stands for layers or other words"
        )
    options = Options()
    good = bind_op(work, kind, core, kernel, how.stride, where, options, tensors(kind, core, where))
    options.exprs.clear()  # they belong to the means line, not to the body at hand
    _, digits = (
        split_head(use.core.name)
        if use.core.name != kind.word and kind_named(use.core.name, caller.env) is None
        else ("", None)
    )
    inputs = tensors(kind, use.core, caller)
    good &= bind_op(work, kind, use.core, digits, use.how.stride, caller, options, inputs)
    here = caller.but(level=where.level, scope=where.scope, names=where.names, copy=where.copy)
    label = how.label if how.label is not None else use.how.label
    return finish(work, kind, options, use.core, cur if good else FAILED, here, replace(use.how, label=label))


def is_dropped(it: ast.Item, where: Where) -> bool:
    """Whether the word in use leaves this companion out (`no relu`)."""
    return where.use is not None and bool(where.use.drops) and _name(it, where.env) in where.use.drops
