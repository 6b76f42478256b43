"""What became of a piece of the text: each time a layer or call was placed, with its shapes and what it costs."""

from __future__ import annotations

from collections.abc import Iterable

from archlang.editing.look import Look
from archlang.elaborate.uses import uses, walk
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.map2d import show
from archlang.ops.op import Shape
from archlang.passes.cost import total
from archlang.passes.field import Field
from archlang.record import record
from archlang.source import Span
from archlang.syntax import ast

_SHOWN = 3
_VARIANTS = 20
_OF_NO_LAYER = ast.Paper | ast.Variant | ast.Expect


@record
class Occurrence:
    """One time that a layer, block or net was placed: what enters and leaves it, its parameters, MACs and field."""

    entering: tuple[Shape, ...]
    leaving: Shape
    params: int
    macs: Size
    field: Field | None
    unsaid: frozenset[str] = frozenset()


def occurrences(look: Look, span: Span) -> list[Occurrence]:
    """Each time that the call at `span` was placed, in the first variant of the net around it that has it."""
    found: list[Occurrence] = []
    for net in _nets(look, span):
        network = look.network(net)
        some = _placed(look, network, span) if network is not None else []
        if not some:
            others = (look.network(net, variant) for variant in _others(look, net, span))
            placed = (_placed(look, other, span) for other in others if other is not None)
            some = next(filter(None, placed), some)
        found += some
    return found


def _others(look: Look, net: ast.Net, span: Span) -> list[str]:
    """The variants that may have what the usual one has not.

    None, where the net stops at a mistake and no line up to the place names a variant: the others stop there as well,
    and while somebody types each of them would take its time.
    """
    variants = look.variants(net)[:_VARIANTS]
    if not look.is_broken(net):
        return variants
    lines = [line for line in net.body.statements if not isinstance(line, _OF_NO_LAYER)]
    before = tuple(line for line in lines if line.span.start <= span.start or line.span.source is not span.source)
    guarded = any(isinstance(node, ast.Guard) for node in walk(before))
    return variants if guarded or not uses(before).isdisjoint(variants) else []


def _nets(look: Look, span: Span) -> list[ast.Net]:
    """The net that a span is in, else all."""
    nets = look.nets()
    around = [net for net in nets if net.body.span.start <= span.start and span.end <= net.body.span.end]
    return around or nets


def _placed(look: Look, network: Network, span: Span) -> list[Occurrence]:
    groups: dict[int, list[Node]] = {}
    for node in network.graph:
        key = _key(node, span)
        if key is not None:
            groups.setdefault(key, []).append(node)
    return [_occurrence(look, network, group) for group in groups.values()]


def _key(node: Node, span: Span) -> int | None:
    """What the nodes of one occurrence share: the outermost scope at the span; None for those of none."""
    key = -node.id - 1 if _same(node.span, span) else None
    for scope in node.scope.chain():
        if _same(scope.span, span):
            key = id(scope)
    return key


def _same(one: Span, other: Span) -> bool:
    return one.start == other.start and one.end == other.end and one.source is other.source


def _occurrence(look: Look, network: Network, group: list[Node]) -> Occurrence:
    inside = {node.id for node in group}
    first = next((node for node in group if any(source not in inside for source in node.inputs)), group[0])
    entering = tuple(network.shapes[source] for source in first.inputs if source not in inside)
    costs = look.costs(network)
    sum_ = total(costs[node.id] for node in group)
    last = group[-1]
    unsaid = frozenset(what for what, _ in sum_.unsaid)
    field = look.fields(network)[last.id]
    return Occurrence(entering, network.shapes[last.id], sum_.params, sum_.macs, field, unsaid)


# ---- in words ------------------------------------------------------------------


def words(found: list[Occurrence]) -> list[str]:
    """A few lines about all of them: shapes, parameters, MACs, receptive field."""
    if not found:
        return []
    entering = {", ".join(map(show, each.entering)): None for each in found if each.entering}
    leaving = {show(each.leaving): None for each in found}
    shapes = f"{several(entering)} → {several(leaving)}" if entering else several(leaving)
    times = [f"placed {len(found)} times"] if len(found) > 1 else []
    unsaid = frozenset[str]().union(*(each.unsaid for each in found))
    numbers = [
        f"{_open(_range(each.params for each in found), 'params', unsaid)} parameters",
        f"{_open(_range(each.macs for each in found), 'macs', unsaid)} MACs",
    ]
    seen = {"x".join(map(str, each.field.size)): None for each in found if each.field is not None}
    field = [f"receptive field {several(seen)}"] if seen else []
    return ["; ".join([shapes, *times]), "; ".join([*numbers, *field])]


def several(names: Iterable[str]) -> str:
    """All of a few, the first and last of many: `64, 128, ..., 512`."""
    names = list(dict.fromkeys(names))
    if len(names) <= _SHOWN + 1:
        return ", ".join(names)
    return ", ".join([*names[: _SHOWN - 1], "...", names[-1]])


def _open(text: str, what: str, unsaid: frozenset[str]) -> str:
    """A count, marked where a layer of the file's own does not say its own."""
    return text if what not in unsaid else "?" if text == "0" else f"{text} + ?"


def _range(sizes: Iterable[Size]) -> str:
    """`9,472`, or `4,160 to 1,050,624`; formulas as they are."""
    sizes = list(sizes)
    numbers = [size for size in sizes if isinstance(size, int)]
    if len(numbers) < len(sizes):
        return several(str(size) for size in sizes)
    least, most = min(numbers), max(numbers)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"
