"""Names in code that no variant reached: blocks never called, branches never taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from archlang.diagnostics import Diagnostic
from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import FUNCTIONS
from archlang.elaborate.imports import Module
from archlang.elaborate.kinds import kind_of, split_head
from archlang.elaborate.options import options
from archlang.elaborate.packages import package_block
from archlang.elaborate.prelude import prelude_block
from archlang.elaborate.read import did_you_mean, no_such_value
from archlang.elaborate.repeats import COPY
from archlang.elaborate.suggest import no_such_head
from archlang.elaborate.uses import walk
from archlang.elaborate.wraps import WRAPS, no_such_wrap
from archlang.ops import ALL
from archlang.ops.packaged import PackageError, packaged
from archlang.record import record
from archlang.syntax import ast

ALWAYS = frozenset({"true", "false", "in", "out", "data"})
LIKE_A_LABEL = re.compile(r"[a-z_]+\d+(\.\w+)*\Z|.*\.")
CHOICES = frozenset(choice for kind in ALL for f in options(kind).values() for choice in f.metadata.get("choices", ()))


@record
class Known:
    """The names in sight at one place, as far as the text alone tells."""

    env: Env
    values: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    labels: frozenset[str] = field(default_factory=frozenset[str])

    def within(self, body: ast.Body, more: frozenset[str] = frozenset()) -> Known:
        """What is in sight inside a body, its own declarations and `more` values added."""
        values = {s.name.name for s in body.statements if isinstance(s, ast.Let)}
        calls = {
            s.name if isinstance(s, ast.Block | ast.Extern) else s.name.name
            for s in body.statements
            if isinstance(s, ast.Block | ast.Extern | ast.Means)
        }
        return Known(self.env, self.values | more | values, self.calls | calls, self.labels)


def unreached(module: Module) -> Iterator[Diagnostic]:
    """What is wrong with names anywhere in the file, reached or not."""
    program = module.program
    labels = frozenset(node.name for node in walk(program) if isinstance(node, ast.Word))
    top = frozenset(s.name.name for s in program.body.statements if isinstance(s, ast.Let))
    yield from _body(program.body, Known(module.env, top, labels=labels))


def _body(body: ast.Body, known: Known) -> Iterator[Diagnostic]:
    known = known.within(body)
    for statement in body.statements:
        yield from _statement(statement, known)


def _statement(statement: ast.Statement, known: Known) -> Iterator[Diagnostic]:
    match statement:
        case ast.Net(parameters=parameters, body=body) | ast.Block(parameters=parameters, body=body):
            names = frozenset(p.name for p in parameters)
            yield from _body(body, Known(known.env, known.values | names, known.calls, known.labels))
        case ast.Place(item=item):
            yield from _item(item, known)
        case ast.Means(item=item):
            yield from _item(item, known, in_word=True)
        case ast.Let(value=value):
            yield from _names(value, known, labels=True)
        case ast.If():
            yield from _names(statement.condition, known)
            yield from _body(statement.then, known)
            if statement.orelse is not None:
                yield from _body(statement.orelse, known)
        case ast.For():
            yield from _names(statement.values, known)
            yield from _body(statement.body, known.within(statement.body, frozenset({statement.name.name})))
        case ast.Table():
            header = frozenset(word.name for word in statement.header)
            yield from _item(statement.item, Known(known.env, known.values | header, known.calls, known.labels))
        case ast.Stage(body=body) | ast.From(body=body) | ast.Aux(body=body) | ast.Guarded(body=body):
            yield from _body(body, known)
        case _:
            pass


def _item(item: ast.Item, known: Known, *, in_word: bool = False) -> Iterator[Diagnostic]:
    core = item.core
    outside = known
    if any(isinstance(mod, ast.Repeat) for mod in item.modifiers):
        known = Known(known.env, known.values | {COPY}, known.calls, known.labels)
    if isinstance(core, ast.Call):
        yield from _head(core, known)
        variant = _is_variant(core, known)
        for expr in (None if variant else core.dash, core.stride):
            if expr is not None and not in_word:
                yield from _names(expr, known)
    else:
        if isinstance(core, ast.Wrap):
            yield from _wrap(core, known)
        for branch in core.branches:
            for inner in branch.items:
                yield from _item(inner, known, in_word=in_word)
    for mod in item.modifiers:
        if isinstance(mod, ast.Repeat):
            yield from _names(mod.count, outside)
        elif isinstance(mod, ast.When):
            yield from _names(mod.condition, outside)


def _is_variant(core: ast.Call, known: Known) -> bool:
    """Whether a dash is followed by a variant, or may be: the head is a net, or something with a net's capital."""
    name = core.name
    if known.env.net(name) is not None or name == "soft" or known.env.is_missing(name):
        return True
    return name[:1].isupper() and kind_of(name, known.env) is None and name not in known.calls


def _wrap(core: ast.Wrap, known: Known) -> Iterator[Diagnostic]:
    if core.name not in WRAPS and core.name not in known.calls and known.env.word(core.name) is None:
        code, message, help_ = no_such_wrap(core)
        yield Diagnostic(code, message, core.name_span, help=help_)


def _head(core: ast.Call, known: Known) -> Iterator[Diagnostic]:
    name = core.name
    env = known.env
    if name in known.values or name in known.calls or name == "again" or env.is_missing(name):
        return
    if env.block(name) or env.net(name) or env.word(name) or prelude_block(name):
        return
    if name == "soft" and core.dash is not None and core.dash.span.text == "max":
        return
    stem, _ = split_head(name)
    kind = kind_of(name, env)
    if name in WRAPS or (kind is None and (stem in known.calls or env.word(stem))):
        return
    if kind is None:
        try:
            if packaged(name) is None and packaged(stem) is None and package_block(name) is None:
                yield _unknown(core, known)
        except PackageError as problem:
            yield Diagnostic("broken-package", problem.message, core.name_span, help=problem.help)
        return
    allowed = options(kind)
    for arg in core.args or ():
        if arg.name is not None and not (
            arg.name in allowed or arg.name in kind.ports or (kind.arity is None and arg.name == "crop")
        ):
            shown = ", ".join(f"`{option}`" for option in allowed)
            help_ = did_you_mean(arg.name, list(allowed)) or (f"its options are {shown}" if shown else None)
            yield Diagnostic("unknown-option", f"`{kind.word}` has no option `{arg.name}`", arg.span, help=help_)
        yield from _names(arg.value, known, labels=True)


def _unknown(core: ast.Call, known: Known) -> Diagnostic:
    code, message, help_ = no_such_head(core.name, known.env, [*known.calls, *known.values])
    return Diagnostic(code, message, core.name_span, help=help_)


def _names(expr: ast.Expr, known: Known, *, labels: bool = False) -> Iterator[Diagnostic]:
    for node in walk(expr):
        if isinstance(node, ast.Apply) and node.name not in FUNCTIONS:
            if not _is_known(node.name, known, labels=False):
                help_ = did_you_mean(node.name, [*FUNCTIONS, *known.calls, *known.env.names()])
                message = f"there is no function or block `{node.name}`"
                yield Diagnostic("unknown-function", message, node.name_span, help=help_)
        elif isinstance(node, ast.Name) and not _is_known(node.name, known, labels=labels):
            help_ = no_such_value(node.name, [*known.values, *known.env.names()])
            what = "value or label" if labels else "value"
            yield Diagnostic("unknown-name", f"there is no {what} `{node.name}` here", node.span, help=help_)


def _is_known(name: str, known: Known, *, labels: bool) -> bool:
    base = name.partition(".")[0]
    if base in ALWAYS or base in known.values or base in known.calls or known.env.is_missing(name):
        return True
    if base in known.env.modules or known.env.block(name) is not None or prelude_block(name) is not None:
        return True
    if any(name in env.values for env in known.env.chain()):
        return True
    return labels and (base in known.labels or name in CHOICES or LIKE_A_LABEL.match(name) is not None)
