"""What stands at a place of a text, in words."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from archlang.editing.describe import about_op, about_option, code, comment_above, default_of, plain, signature
from archlang.editing.look import Look, looked
from archlang.editing.named import Mention, Named
from archlang.editing.occurrences import occurrences, several, words
from archlang.elaborate.kinds import kind_of
from archlang.elaborate.uses import walk
from archlang.ir.network import Network
from archlang.ir.scope import Binding
from archlang.ops.map2d import show
from archlang.passes.cost import said, totals
from archlang.passes.depth import depth
from archlang.record import record
from archlang.source import Source, Span
from archlang.syntax import ast


@record
class Hover:
    """What to say of a place, as Markdown, and the part of the text that it is about."""

    text: str
    span: Span


def hover(source: Source, offset: int) -> Hover | None:
    """What stands at `offset`, in characters of the text; None where there is nothing to say.

    Of a layer or call: the shapes that enter and leave it, its parameters, MACs and receptive field, over all its
    calls, and what it does. Of a name: how it was declared, and what it stands for. Of a net: its paper and its sums.
    """
    look = looked(source)
    mention = look.index.at(offset)
    core = _core(look, offset)
    if core is not None and _is_head(core, mention):
        return _of_call(look, core, mention)
    if mention is None:
        return None
    if mention.named is None:
        return _of_option(core, mention) if isinstance(core, ast.Call) else None
    return _told(_of_name(look, mention.named), mention.span)


def _told(lines: list[str], span: Span) -> Hover | None:
    lines = [line for line in lines if line]
    return Hover("\n\n".join(lines), span) if lines else None


def _core(look: Look, offset: int) -> ast.Call | ast.Wrap | None:
    """The innermost call or join at a place."""
    found = [
        node
        for node in walk(look.module.program)
        if isinstance(node, ast.Call | ast.Wrap) and node.span.start <= offset <= _end(node)
    ]
    return min(found, key=lambda node: node.span.end - node.span.start, default=None)


def _end(core: ast.Call | ast.Wrap) -> int:
    """Where the part of a call ends that is asked about; what stands in the brackets of a join is not."""
    return core.name_span.end if isinstance(core, ast.Wrap) else core.span.end


def _is_head(core: ast.Call | ast.Wrap, mention: Mention | None) -> bool:
    """Whether a place in a call is the call's own, and no name in it."""
    if mention is None or mention.span.start == core.name_span.start:
        return True
    numeral = mention.span.text[:1].isdigit()
    return numeral and mention.named is None


# ---- calls ---------------------------------------------------------------------


def _of_call(look: Look, core: ast.Call | ast.Wrap, mention: Mention | None) -> Hover | None:
    named = mention.named if mention is not None and mention.span.start == core.name_span.start else None
    title = f"`{' '.join(core.name.split())}`"
    facts = words(occurrences(look, core.span))
    span = Span(core.span.source, core.span.start, _end(core))
    if named is not None and named.kind != "word":
        return _told([*facts, *_of_name(look, named)], span)
    kind = kind_of(core.name, look.module.env)
    word = [code(signature(named))] if named is not None else []
    return _told([title if kind is None else "", *facts, *word, about_op(kind) if kind is not None else ""], span)


def _of_option(core: ast.Call, mention: Mention) -> Hover | None:
    kind = kind_of(core.name)
    for option in fields(kind) if kind is not None else ():
        if option.name == mention.name and any(arg.span.start == mention.span.start for arg in core.args or ()):
            default = "" if option.default is MISSING else f", `{default_of(option)}` unless said"
            return Hover(f"`{option.name}`: {about_option(option)}{default}", mention.span)
    return None


# ---- names ---------------------------------------------------------------------


def _of_name(look: Look, named: Named) -> list[str]:
    lines = [code(signature(named)), plain(comment_above(named))]
    match named.node:
        case ast.Net() if named.kind == "label":
            return lines[:1]
        case ast.Net():
            return [*lines, *_of_net(look, named.node)]
        case ast.Parameter() | ast.Let():
            values = several(map(_value, _values(look, named)))
            return [*lines[:1], f"here: {plain(values)}" if values else ""]
        case ast.Item() | ast.Stage() | ast.Input() | ast.Aux() | ast.Branch():
            shapes = several(_shapes(look, named))
            return [*lines[:1], shapes]
        case _:
            return lines


def _of_net(look: Look, net: ast.Net) -> list[str]:
    papers = [f"paper: {plain(line.text)}" for line in net.body.statements if isinstance(line, ast.Paper)][:1]
    other = look if net.span.source is look.source else Look(net.span.source)
    here = next((each for each in other.nets() if each.name == net.name), None)
    network = other.network(here) if here is not None else None
    if network is None:
        return papers
    sums = totals(network, other.costs(network))
    macs = f"{sums.macs:,}" if isinstance(sums.macs, int) else str(sums.macs)
    variant = f"in variant {network.variant}: " if network.variant else ""
    counts = f"{said(f'{sums.params:,}', sums, 'params')} parameters; {said(macs, sums, 'macs')} MACs"
    return [*papers, f"{variant}{counts}; depth {depth(network)}"]


def _values(look: Look, named: Named) -> list[Any]:
    """What a parameter or `let` stood for, each time its block or net was called."""
    found: dict[str, Any] = {}
    seen: set[int] = set()
    for network in _networks(look):
        for node in network.graph:
            for scope in node.scope.chain():
                binding = scope.binding
                if binding is None or id(binding) in seen:
                    continue
                seen.add(id(binding))
                if _declares(binding, named):
                    value = _bound(binding, named.name)
                    if value is not None:
                        found.setdefault(str(value), value)
    return list(found.values())


def _declares(binding: Binding, named: Named) -> bool:
    node, start = binding.definition, named.span.start
    return node.span.source is named.span.source and node.name_span.start <= start <= node.body.span.end


def _bound(binding: Binding, name: str) -> Any:
    return binding.parameters.get(name) if name in binding.parameters else binding.lets.get(name, (None, None))[1]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | str):
        return str(value)
    return repr(value) if type(value) in {list, tuple} else str(getattr(value, "name", "a block"))


def _shapes(look: Look, named: Named) -> list[str]:
    """The shapes of what a label names, wherever it came to be."""
    end = f".{named.name}"
    found: list[str] = []
    for network in _networks(look):
        for path, id_ in network.labels.items():
            if (path == named.name or path.endswith(end)) and id_ in network.shapes:
                found.append(show(network.shapes[id_]))
    return found


def _networks(look: Look) -> list[Network]:
    found = (look.network(net) for net in look.nets())
    return [network for network in found if network is not None]
