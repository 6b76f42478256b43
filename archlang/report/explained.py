"""What each line of a module with kernels asks of a device: the records behind `archlang build --explain`.

All of it is modelled from shapes and a device's figures; nothing is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from archlang.ir.network import Network
from archlang.ops.map2d import show
from archlang.passes.devices import Device
from archlang.passes.fuse import fusions
from archlang.passes.fusion import READS_IN, Fusion, Fusions, Kernel, Part, Role
from archlang.passes.inductor import compiled
from archlang.passes.launches import Launch, eager
from archlang.passes.roofline import Total, bound, total
from archlang.passes.steps import Setting, Work
from archlang.passes.with_kernels import cached, forth, with_kernels
from archlang.record import record
from archlang.report.emitted import Emitted, Place

_PLACED = "its branches are written into their places"


@record
class Row:
    """What runs at a line in one shape: `count` calls, and the sums over them.

    `kernel` is a function of `archlang.kernels`, "" where PyTorch runs the layers
    by themselves; `kinds` are their kinds in order, `shape` what enters and
    leaves, `why` the reason for or against a kernel. `written` is where the file says it.
    """

    kernel: str
    kinds: tuple[str, ...]
    shape: str
    layers: tuple[str, ...]
    written: str
    why: str
    total: Total
    bound: str

    @property
    def count(self) -> int:
        """How many calls."""
        return len(self.layers)


@record
class Line:
    """A statement of the emitted source: its line, from 1, its text, and what runs there, the slowest first."""

    number: int
    text: str
    rows: tuple[Row, ...]


@record
class Larger:
    """Fusions that are seen and not run as one: which kernel would, between which layers, and why it does not.

    All have one `shape`. `apart` is what one asks of the device now, `together` what it would, and
    `cached` the bytes of weights that it would read from the cache, once for each tile of rows.
    """

    kernel: str
    first: tuple[str, str]
    count: int
    why: str
    shape: str
    apart: Total
    together: Total
    cached: int


@record
class Explained:
    """The lines of a source, and the sums over a network: with kernels, layer by layer, and as torch.compile fuses it.

    `both` is with kernels, and torch.compile for what they leave.
    """

    network: str
    setting: Setting
    device: Device
    lines: tuple[Line, ...]
    larger: tuple[Larger, ...]
    kernels: Total
    both: Total
    eager: Total
    compiled: Total


def explain(network: Network, text: str, setting: Setting, device: Device) -> Explained:
    """What each line of `text`, the network's source with kernels, asks of a device.

    Raises `UnknownSizeError` where a size depends on a symbol, and `ValueError`
    for a type that the device lacks.
    """
    work, emitted = Work(network, setting), Emitted(text)
    found = _emitted(fusions(network, emitted.forwards(network)), emitted, network)
    launches = with_kernels(work, found)
    parts = _parts(found, launches, network)
    places = emitted.places(network, _within(found.groups))
    lines: dict[int, list[_Part]] = {}
    at: dict[int, Place] = {}
    for part in parts:
        place = places.get(part.head) or Place(0, 0, "")
        at[place.line] = place
        lines.setdefault(place.line, []).append(part)
    said = network.name if network.variant is None else f"{network.name}@{network.variant}"
    return Explained(
        said,
        setting,
        device,
        tuple(
            Line(number, at[number].text, _rows(lines[number], network, setting, device)) for number in sorted(lines)
        ),
        tuple(_larger(work, found, device)),
        total(device, setting.dtype, launches),
        total(device, setting.dtype, with_kernels(work, found, compiling=True)),
        total(device, setting.dtype, eager(work)),
        total(device, setting.dtype, compiled(work)),
    )


def _within(groups: Sequence[Fusion]) -> dict[int, str]:
    """The layers that a kernel runs, by id, and which."""
    return {id_: str(group.kernel) for group in groups for id_ in group.nodes}


def _emitted(found: Fusions, emitted: Emitted, network: Network) -> Fusions:
    """The fusions that the source has calls for; layers of the others run alone, and why says so."""
    places = emitted.places(network, _within(found.groups))
    kept: list[Fusion] = []
    alone = dict(found.alone)
    waiting = list(found.groups)
    while waiting:
        group = waiting.pop(0)
        place = places.get(_head(group))
        if place is not None and _calls(place.text, group.kernel):
            kept.append(replace(group, hands_on=".conv1x1_skip(" in place.text))
        elif group.pieces or group.find(Role.BEFORE_BN) is not None:
            waiting += group.pieces or _apart(group)
        else:
            why = f"not emitted here, though `{group.kernel}` could run it: {group.why}"
            if place is not None and _runs_whole(place.text):
                why = f"an item of a sequence that runs as a whole, though `{group.kernel}` could run it: {group.why}"
            if len(group.parts) == 1:
                why = "there is nothing to take in"
            alone.update(dict.fromkeys(group.nodes, why))
    return replace(found, groups=tuple(sorted(kept, key=lambda one: one.outputs[0])), alone=alone)


def _runs_whole(text: str) -> bool:
    """Whether a statement calls a member of its class, and no kernel: `out = self.block(x)`."""
    return re.fullmatch(r"(?:\w+ = |return )self\.\w+\(\w+\)", text) is not None


def _apart(group: Fusion) -> tuple[Fusion, Fusion]:
    """What a kernel would read in, as the end of a block, and the rest of it."""
    norm, relu, *rest = group.parts
    inputs = (relu.node, *group.inputs[1:])
    first = replace(
        group, kernel=Kernel.BLOCK_END, parts=(Part(norm.node, Role.BN), Part(relu.node, Role.RELU)),
        inputs=group.inputs[:1], outputs=(relu.node,), residual=None, why="batch norm and ReLU in one pass",
    )  # fmt: skip
    return first, replace(group, parts=tuple(rest), inputs=inputs, why=group.why.removesuffix(READS_IN))


def _calls(text: str, kernel: Kernel) -> bool:
    """Whether a statement calls a kernel; those of several convolutions run one by itself where it is all there is."""
    names = {Kernel.CONV1X1: (f".{kernel}", f".{Kernel.CONV}(")}.get(kernel, (f".{kernel}(",))
    return any(name in text for name in names)


def _head(group: Fusion) -> int:
    """The layer at whose place a fusion stands."""
    found = group.find(Role.CONV)
    found = group.find(Role.BN) if found is None else found
    return group.nodes[0] if found is None else found


@record
class _Part:
    """What runs as one: a fusion, or a layer by itself. `head` is the layer whose place it stands at."""

    head: int
    nodes: tuple[int, ...]
    group: Fusion | None
    why: str
    launches: tuple[Launch, ...]


def _parts(found: Fusions, launches: Sequence[Launch], network: Network) -> list[_Part]:
    """The fusions and single layers that run, each with its launches, in order."""
    by_node = found.by_node
    owned: dict[int, list[Launch]] = {}
    for launch in launches:
        if launch.nodes:
            group = by_node.get(launch.nodes[0])
            owned.setdefault(group.nodes[0] if group is not None else launch.nodes[0], []).append(launch)
    parts: list[_Part] = []
    for id_, own in owned.items():
        group = by_node.get(id_)
        if group is None:
            why = _PLACED if not any(launch.count for launch in own) else found.alone.get(id_) or _other(network, id_)
            parts.append(_Part(id_, (id_,), None, why, tuple(own)))
        else:
            parts.append(_Part(_head(group), group.nodes, group, group.why, tuple(own)))
    return parts


def _other(network: Network, id_: int) -> str:
    """Why a layer that no kernel is asked for runs by itself."""
    word = network.graph[id_].op.word
    return "not all its branches are made here by kernels" if word == "concat" else f"no kernel is for `{word}`"


def _rows(parts: Sequence[_Part], network: Network, setting: Setting, device: Device) -> tuple[Row, ...]:
    alike: dict[tuple[str, tuple[str, ...], str], list[_Part]] = {}
    for part in parts:
        kernel = "" if part.group is None else str(part.group.kernel)
        kinds = tuple(network.graph[id_].op.word for id_ in part.nodes)
        alike.setdefault((kernel, kinds, _shape(network, part)), []).append(part)
    rows = [_row(key, same, network, setting, device) for key, same in alike.items()]
    return tuple(sorted(rows, key=lambda row: -row.total.seconds))


def _row(
    key: tuple[str, tuple[str, ...], str],
    same: Sequence[_Part],
    network: Network,
    setting: Setting,
    device: Device,
) -> Row:
    kernel, kinds, shape = key
    launches = [launch for part in same for launch in part.launches]
    head = network.graph[same[0].head]
    why = _from_within(same[0].why, head.path)
    if setting.training and kernel == Kernel.CONV:
        norm = any(network.graph[id_].op.word == "bn" for id_ in same[0].nodes)
        why = f"{why}; in training the convolution runs by itself" + (", and the rest in one pass" if norm else "")
    elif setting.training and kernel in (Kernel.CHAIN, Kernel.TWO, Kernel.PAIR):
        why = f"{why}; in training its convolutions run one after the other"
    slowest = max(launches, key=lambda one: total(device, setting.dtype, (one,)).seconds)
    return Row(
        kernel,
        kinds,
        shape,
        tuple(network.graph[part.head].path for part in same),
        f"{head.span.source.name.rpartition('/')[2]}:{head.span.line}",
        why,
        total(device, setting.dtype, launches),
        bound(device, setting.dtype, slowest),
    )


def _from_within(why: str, path: str) -> str:
    """A reason with the names of a layer's neighbours as the block itself has them."""
    unit = path.rpartition(".")[0]
    return why.replace(f"`{unit}.", "`") if unit else why


def _shape(network: Network, part: _Part) -> str:
    """`64x56x56 to 256x56x56`: x, and what is made of it."""
    entering = part.group.inputs[:1] if part.group is not None else network.graph[part.head].inputs[:1]
    leaving = part.group.outputs if part.group is not None else (part.head,)
    return f"{_shown(network, entering)} to {_shown(network, leaving)}"


def _shown(network: Network, ids: Sequence[int]) -> str:
    """Shapes, the channels added up in words where the maps are of one size: `64+96+16x28x28`."""
    shapes = [network.shapes[id_] for id_ in ids]
    if len({shape[1:] for shape in shapes}) == 1 and len(shapes) > 1:
        return "x".join(["+".join(str(shape[0]) for shape in shapes), *map(str, shapes[0][1:])])
    return " and ".join(show(shape) for shape in shapes)


def _larger(work: Work, found: Fusions, device: Device) -> Iterator[Larger]:
    network, dtype = work.network, work.setting.dtype
    if work.setting.training:  # they are for inference
        return
    many: dict[tuple[str, str, str], list[Fusion]] = {}
    for group in found.larger:
        shape = _shape(network, _Part(group.nodes[0], group.nodes, group, "", ()))
        many.setdefault((str(group.kernel), shape, group.but or ""), []).append(group)
    for (kernel, shape, why), groups in many.items():
        first = groups[0]
        paths = network.graph[first.nodes[0]].path, network.graph[first.nodes[-1]].path
        apart = total(device, dtype, [launch for piece in first.pieces for launch in forth(work, piece)])
        together = total(device, dtype, tuple(forth(work, first)))
        yield Larger(kernel, paths, len(groups), why, shape, apart, together, cached(work, first))
