"""From a file to its networks: which net and variant is meant, and its elaboration."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import PurePath
from typing import Any

from archlang.diagnostics import Diagnostic
from archlang.elaborate.bodies import body
from archlang.elaborate.env import Chosen, Definition, Env
from archlang.elaborate.imports import Module
from archlang.elaborate.items import core, item
from archlang.elaborate.level import Level
from archlang.elaborate.partly import ends, gaps
from archlang.elaborate.read import did_you_mean
from archlang.elaborate.report import Report
from archlang.elaborate.settle import heads, results, settle
from archlang.elaborate.sizing import Memory, size
from archlang.elaborate.trunks import bind_net
from archlang.elaborate.variants import declared, default
from archlang.elaborate.vocabulary import told_apart
from archlang.elaborate.work import FAILED, Stop, Where, Work
from archlang.ir.graph import Graph
from archlang.ir.most import CHECK, Most
from archlang.ir.network import Network
from archlang.ir.scope import Binding, Kind, Scope
from archlang.ops import BY_WORD
from archlang.ops.op import Shape
from archlang.record import record
from archlang.source import Span
from archlang.syntax import ast

_UNNAMED = re.compile(r"\bas\s*(?:\Z|[^\s\w(\"])")
_TRUNK = re.compile(r"\bto\s+\w|[A-Z]\w*-\w+\(")
STACK = 20_000
"""Python frames that calls within calls and brackets within brackets may take, at their own limits."""


@record
class Ask:
    """What is asked of a file: which net, which variant, parameters and input shapes set from outside.

    `partly` asks for what could be placed of a net that has errors: its layers up to them.
    `most` is how many layers there may be for what is made of the network.
    """

    net: str | None = None
    variant: str | None = None
    parameters: Mapping[str, Any] | None = None
    inputs: tuple[Shape, ...] = ()
    partly: bool = False
    most: Most = CHECK


def script_name(module: Module) -> str:
    """What a script's network is called: as its file is."""
    stem = PurePath(module.source.name).stem.strip("<>")
    return stem or "network"


def nets(module: Module) -> list[ast.Net]:
    """The nets of a file; a script is one, named after the file."""
    if module.is_script:
        whole = module.program.body
        head = Span(module.source, whole.span.start, min(whole.span.start + 1, whole.span.end))
        return [ast.Net(script_name(module), head, (), whole, head)]
    return module.nets


def meant(module: Module, name: str | None) -> ast.Net | None:
    """The net that is meant: the one named, else the one called as the file is, else the last."""
    found = nets(module)
    if name is not None:
        return next((net for net in found if net.name == name), None)
    stem = script_name(module).replace("_", "").replace("-", "").lower()
    return next((net for net in found if net.name.lower() == stem), found[-1] if found else None)


def no_network(module: Module, name: str | None) -> Diagnostic:
    """What is wrong where `meant` finds none."""
    source, known = module.source, [net.name for net in module.nets]
    span = Span(source, 0, min(len(source.text), len(source.text.partition("\n")[0])))
    if name is not None:
        help_ = f"it has {', '.join(known)}" if known else None
        return Diagnostic("no-such-net", f"this file has no net `{name}`", span, help=help_)
    message = "this file has no network: blocks alone can be checked, but not drawn, counted or built"
    return Diagnostic("no-network", message, span, help="add a `net Name { ... }`, or bare layers")


def elaborate(module: Module, net: ast.Net, report: Report, ask: Ask) -> Network | None:
    """One net of a file in one variant.

    None if there are errors, which the report then holds; where `ask.partly`, what was placed up to them.
    """
    variants = tuple(name.name for name, _ in declared(net.body))
    variant = ask.variant if ask.variant is not None else default(net.body, net.parameters)
    if variant is not None and variant not in variants:
        known = f"it has {', '.join(f'`{v}`' for v in variants)}" if variants else "it has none"
        help_ = did_you_mean(variant, list(variants)) or known
        message = f"`{net.name}` has no variant `{variant}`"
        report.add(Diagnostic("unknown-variant", message, net.name_span, help=help_))
        return None
    work = _work(report, module, net, ask)

    def count() -> None:
        _run(_counting(module, net, report, ask), module, net, variant, variants, ask)

    work.count = count
    with _deep():
        try:
            return _run(work, module, net, variant, variants, ask)
        except Stop:
            return None
        finally:
            report.placed += len(work.nodes)


def counted(module: Module, net: ast.Net, report: Report, ask: Ask) -> int:
    """How many layers a net has in one variant, as far as it can be read, without placing them; nothing is told."""
    work = _counting(module, net, report, ask)
    variants = tuple(name.name for name, _ in declared(net.body))
    with _deep(), suppress(Stop):
        _run(work, module, net, ask.variant or default(net.body, net.parameters), variants, ask)
    return size(work)


def _counting(module: Module, net: ast.Net, report: Report, ask: Ask) -> Work:
    work = _work(Report(), module, net, ask)
    work.memory = Memory()
    work.report.again = report.again
    return work


def _work(report: Report, module: Module, net: ast.Net, ask: Ask) -> Work:
    work = Work(report, item, core, body, list(ask.inputs), ask.most)
    work.claims = not ask.inputs and not ask.parameters and module.env.missing.isdisjoint(BY_WORD)
    work.tree = net.body
    work.script = module.is_script
    lost = [span.text for span in report.broken if span.source is module.source]
    work.spare = sum(_UNNAMED.search(text) is not None for text in lost)
    work.adrift = any(_TRUNK.search(text) is not None for text in lost)
    work.unnumbered = bool(lost)
    work.gaps = gaps(report.broken) if ask.partly else ()
    return work


@contextmanager
def _deep() -> Generator[None, None, None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, STACK))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _run(
    work: Work, module: Module, net: ast.Net, variant: str | None, variants: tuple[str, ...], ask: Ask
) -> Network | None:
    env = Env(module.env, variant=Chosen(variants, variant))
    if module.is_script:
        env.blocks, env.words, env.externs = {}, {}, {}
    level = Level("", boundary=True)
    definition = Definition(net.name, net, module.env, net.name_span)
    draft = Scope(Kind.NET, net.name, None, net.name_span)
    where = Where(env, draft, level)
    if not _check_given(work, net, ask, where):
        return None
    bound = bind_net(work, definition, None, variant, where, where, dict(ask.parameters or {}))
    if bound is None:
        return None
    binding = Binding(net, bound)
    env.binding = binding
    scope = Scope(Kind.NET, net.name, None, net.name_span, binding=binding)
    out = body(work, net.body, None, where.but(scope=scope))
    if work.memory is not None:
        return None  # only counted
    if out is None or (len(work.nodes) == len(work.input_ids) and not work.failed):
        message = f"`{net.name}` has no layers"
        work.error("empty-net", message, net.name_span, where)
        return None
    told_apart(work, where)
    settled = settle(work, claims=work.claims)
    whole = not work.failed and out != FAILED and len(work.nodes) == len(work.shapes)
    if not whole and not (ask.partly and work.nodes):
        return None
    made = heads(work)
    graph = Graph(work.nodes)
    return Network(
        name=net.name,
        variant=variant,
        source=module.source,
        span=net.name_span,
        graph=graph,
        shapes=work.shapes,
        scope=scope,
        inputs=tuple(work.input_ids),
        results=results(work, settled, out) if whole else ends(work, settled, out),
        heads=made,
        taps=settled.taps,
        labels={path: tag.node for path, tag in work.labels.items() if tag.node != FAILED},
        settings=settled.draft.settings(),
        expectations=tuple(settled.expectations),
        parameters=bound,
        variants=variants,
        paper=settled.paper,
        weights=tuple(work.weights),
        train_only=frozenset(i for d in work.heads for i in range(d.first, d.end)),
        claimed=frozenset(work.claimed),
        sizes=work.sizes,
    )


def _check_given(work: Work, net: ast.Net, ask: Ask, where: Where) -> bool:
    """Parameters set from outside must be the net's."""
    names = [p.name for p in net.parameters]
    good = True
    for name in ask.parameters or {}:
        if name not in names:
            known = f"it has {', '.join(f'`{n}`' for n in names)}" if names else "it has none"
            help_ = did_you_mean(name, names) or known
            work.error("unknown-parameter", f"`{net.name}` has no parameter `{name}`", net.name_span, where, help=help_)
            good = False
    return good
