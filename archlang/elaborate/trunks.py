"""Nets used as layers: `VGG-D(pad1=100) to pool5`."""

from __future__ import annotations

from typing import Any

from archlang.diagnostics import Label as Mark
from archlang.elaborate.bind import bind_definition
from archlang.elaborate.blocks import too_deep
from archlang.elaborate.env import Chosen, Definition, Env
from archlang.elaborate.evaluate import ValueProblem
from archlang.elaborate.given import given
from archlang.elaborate.place import claim, tag
from archlang.elaborate.read import did_you_mean, nearest, read
from archlang.elaborate.shapes_text import show, sizes
from archlang.elaborate.sizing import key, once
from archlang.elaborate.values import Partial
from archlang.elaborate.variants import declared, default
from archlang.elaborate.work import FAILED, How, Reached, Trunk, Where, Work
from archlang.elaborate.wraps import view_of
from archlang.ir.scope import Binding, Kind, Scope
from archlang.syntax import ast

RESERVED = ("variant", "weights")

_NAMED = 3
"""Labels that a message names."""


def call_net(
    work: Work, definition: Definition[ast.Net], core: ast.Call, cur: int | None, where: Where, how: How
) -> int:
    """Place a net's statements where it is called; returns the tensor it leaves."""
    net = definition.node
    too_deep(work, core, where)
    _refuse(work, net, core, where, how)
    special = {arg.name: arg for arg in core.args or () if arg.name in RESERVED}
    variant = _variant(work, net, core, special.get("variant"), where)
    if variant is None and declared(net.body):
        return FAILED
    env = Env(definition.env, variant=Chosen(tuple(n.name for n, _ in declared(net.body)), variant))
    trace = (Mark(core.span), *where.trace)
    level, copy = where.level, where.copy
    label = None
    if how.label is not None:
        name = claim(work, how.label, where)
        where.level.next(net.name)
        level, copy, label = where.level.within(name, boundary=True), "", how.label.name
    inside = Where(env, where.scope, level, trace=trace, copy=copy, depth=where.depth + 1)
    bound = bind_net(work, definition, core, variant, where, inside)
    if bound is None:
        return FAILED
    first = len(work.nodes)
    binding = Binding(net, bound, inputs=(work.shape(cur) if cur is not None else None,))
    env.binding = binding
    path = level.path if how.label is not None else where.scope.path
    step = path.rpartition(".")[2] if how.label is not None else ""
    scope = Scope(Kind.TRUNK, net.name, where.scope, core.span, step, path, label=label, binding=binding)
    if "weights" in special:
        _weights(work, special["weights"], where, scope)
    call = (
        key(definition, bound, work, cur, variant, how.upto and how.upto.name.name) if work.memory is not None else None
    )
    out = once(work, call, cur, lambda: _run(work, net, cur, inside.but(scope=scope), how, core))
    if how.label is not None:
        tag(work, how.label, where, out, first)
    return out


def _run(work: Work, net: ast.Net, cur: int | None, inside: Where, how: How, core: ast.Call) -> int:
    upto = how.upto
    first = len(work.nodes)
    work.trunks.append(Trunk(inside.level, upto and upto.name.name, first))
    try:
        out = work.body(work, net.body, cur, inside)
    except Reached as reached:
        return reached.node
    finally:
        work.trunks.pop()
    if upto is not None:
        prefix = f"{inside.level.path}." if inside.level.path else ""
        known = [path[len(prefix) :] for path in work.labels if path.startswith(prefix)]
        message = f"`{net.name}` has no label `{upto.name.name}` in its own body"
        where = inside.but(trace=inside.trace[1:])
        work.error("unknown-label", message, upto.span, where, help=_meant(upto.name.name, known))
        for path in [path for path, tag_ in work.labels.items() if tag_.first >= first]:
            del work.labels[path]  # those behind the label that was meant were to be free
        work.adrift = True
        return FAILED
    if out is None:
        return work.error("empty-net", f"`{net.name}` has no layers", core.span, inside.but(trace=inside.trace[1:]))
    return _without_reading(work, out)


def _meant(name: str, known: list[str]) -> str | None:
    """The label by its whole name, where it stands inside a stage or a block, else one that is spelt alike."""
    whole = [f"`{path}`" for path in known if path.endswith(f".{name}")][:_NAMED]
    return f"did you mean {' or '.join(whole)}?" if whole else did_you_mean(name, known)


def ends_here(work: Work, where: Where) -> None:
    """Leave the trunk if the label it goes to is placed; what was placed after it is taken back."""
    trunk = work.trunks[-1]
    if trunk.upto is None or where.level.path != trunk.level.path:
        return
    tag_ = work.labels.get(trunk.level.join(trunk.upto))
    if tag_ is None or (tag_.end <= trunk.first and (tag_.node != FAILED or tag_.first < trunk.first)):
        return
    for node in work.nodes[tag_.end :]:
        work.shapes.pop(node.id, None)
    del work.nodes[tag_.end :]
    del work.strides[tag_.end :]
    for path in [path for path, other in work.labels.items() if other.first >= tag_.end]:
        del work.labels[path]
    raise Reached(tag_.node)


def _without_reading(work: Work, out: int) -> int:
    """The tensor below a final softmax, which is taken back."""
    if out != FAILED and out == len(work.nodes) - 1 and work.nodes[out].op.word == "softmax":
        node = work.nodes.pop()
        work.strides.pop()
        del work.shapes[node.id]
        work.labels.pop(node.path, None)
        return node.inputs[0]
    return out


def _refuse(work: Work, net: ast.Net, core: ast.Call, where: Where, how: How) -> None:
    for word, span in how.asked():
        if word != "to":
            work.error("modifier-on-net", f"`{word}` is not for a net: `{net.name}` is one", span, where)
    for stride in (core.stride, how.stride):
        if stride is not None:
            work.error("modifier-on-net", f"`{net.name}` is a net, and takes no stride", stride.span, where)


def _variant(work: Work, net: ast.Net, core: ast.Call, arg: ast.Arg | None, where: Where) -> str | None:
    names = [name.name for name, _ in declared(net.body)]
    if arg is not None:
        if not isinstance(arg.value, ast.String):
            message = "`variant` is a string"
            work.error("argument", message, arg.span, where, help=f'write `variant="{arg.value.span.text}"`')
            return None
        wanted, span = arg.value.value, arg.value.span
    elif core.dash is not None:
        wanted, span = core.dash.span.text, core.dash.span
    else:
        return default(net.body, net.parameters)
    if wanted not in names:
        known = f"its variants are {', '.join(f'`{n}`' for n in names)}" if names else "it has no variants"
        help_ = did_you_mean(wanted, names) or known
        message = f"`{net.name}` has no variant `{wanted}`"
        work.error("unknown-variant", message, span, where, help=help_)
        return None
    return wanted


def bind_net(
    work: Work,
    definition: Definition[ast.Net],
    core: ast.Call | None,
    variant: str | None,
    where: Where,
    inside: Where,
    outer: dict[str, Any] | None = None,
) -> dict[str, Any] | None:
    """The values of a net's parameters: those from outside, over the call's, the variant's, the defaults."""
    net = definition.node
    bindings = next((b for name, b in declared(net.body) if name.name == variant), ())
    names = [p.name for p in net.parameters]
    args = tuple(arg for arg in (core.args or () if core else ()) if arg.name not in RESERVED)
    named = {arg.name for arg in args if arg.name}
    preset: dict[str, Any] = {}
    for binding in bindings:
        name = binding.name
        if name is None or name not in names:
            help_ = did_you_mean(name or "", names)
            message = f"`{net.name}` has no parameter `{name}`"
            work.error("unknown-parameter", message, binding.span, inside, help=help_)
            name = nearest(name or "", names)  # what follows from the value is as it was meant
        if name is not None and name in names and name not in named:
            try:
                preset[name] = read(work, binding.value, inside)
            except ValueProblem as problem:
                work.problem(problem, inside)
                return None
    set_outside = given(work, net, outer or {}, inside)
    if set_outside is None:
        return None
    partial = Partial(definition, {**preset, **set_outside})
    return bind_definition(work, partial, args, where, inside)


def _weights(work: Work, arg: ast.Arg, where: Where, scope: Scope) -> None:
    if isinstance(arg.value, ast.String):
        work.weights.append((arg.value.value, scope))
    else:
        work.error("argument", "`weights` is a name in quotes", arg.span, where, help='write `weights="imagenet"`')


def enter(work: Work, statement: ast.Input, cur: int, where: Where) -> int:
    """What a trunk's own `input` line makes of the tensor that enters: itself, if it fits."""
    wanted = sizes(statement.shape)
    if cur == FAILED:
        return FAILED
    shape = work.shapes[cur]
    if len(shape) != len(wanted) or (isinstance(wanted[0], int) and shape[0] != wanted[0]):
        message = f"this net begins with {show(wanted)}, and what enters here is {show(shape)}"
        span = where.trace[0].span
        labels = (Mark(statement.span, "its input"),)
        outer = where.but(trace=where.trace[1:])
        return work.error("net-input", message, span, outer, labels=labels, help="channels must agree")
    where.env.values["in"] = view_of(shape)
    return cur
