"""What a network asks of a device where kernels run its fusions, and PyTorch its other layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from archlang.ops.dim import count
from archlang.passes.fusion import Fusion, Fusions, Kernel, Role
from archlang.passes.inductor import compiled
from archlang.passes.launches import Launch, alone, back_alone, update
from archlang.passes.pointwise import is_plain
from archlang.passes.steps import Step, Work, known
from archlang.passes.with_kernels_back import back, bits, entering, operations, run_by_pytorch, steps_of, with_role

_PLACED = frozenset({Kernel.CONV1X1, Kernel.MANY, Kernel.CONV})
"""Kernels that write into a slice of a concatenation."""


def with_kernels(work: Work, found: Fusions, *, compiling: bool = False) -> tuple[Launch, ...]:
    """The launches of a network with `found`, which are its fusions.

    The other layers run each by itself, or, `compiling`, as `torch.compile` fuses them.
    """
    able = found.apart() if work.setting.training else found.groups
    groups = [one for one in able if not (compiling and run_by_pytorch(work, one))]
    of = {id_: group for group in groups for id_ in group.nodes if id_ in work.steps}
    first, last = _ends(work, groups)
    copied = {} if work.setting.training else concatenations(work, found)
    handed = frozenset(work.owner(one.inputs[0]) for one in groups if one.hands_on and not compiling)
    launches: list[Launch] = []
    for step in work.steps.values():
        group = of.get(step.id)
        if step.id in copied:
            size = copied[step.id]
            launches.append(Launch("concat", (step.id,), 0, size, size, count=int(size > 0)))
        elif group is not None and last[group] == step.id:
            launches += forth(work, group)
        elif group is None and not compiling:
            launches += alone(work, step)
    if work.setting.training:
        for step in reversed(list(work.steps.values())):
            group = of.get(step.id)
            if group is not None and first[group] == step.id:
                launches += back(work, group, handed)
            elif group is None and not compiling:
                launches += back_alone(work, step, int(step.id in handed))
    if compiling:
        launches += compiled(work, of.keys() | copied.keys())
    elif work.setting.training:
        launches += update(work)
    return tuple(launches)


def concatenations(work: Work, found: Fusions) -> dict[int, int]:
    """The concatenations whose branches kernels write into their places, and the bytes that are copied there still."""
    makers = {id_: group for group in found.groups for id_ in group.outputs}
    copied: dict[int, int] = {}
    for step in work.steps.values():
        branches = [(work.steps.get(source), size) for source, size in step.reads]
        if step.node.op.word != "concat" or not all(one is not None and _convolves(makers, one) for one, _ in branches):
            continue
        rest = sum(size for one, size in branches if one is not None and not _in_place(work, makers, one))
        worth = any(one is not None and _of_1x1(makers, one) for one, _ in branches)
        if worth and rest < step.out:
            copied[step.id] = rest
    return copied


def _convolves(makers: dict[int, Fusion], step: Step) -> bool:
    group = makers.get(step.id)
    return step.node.op.word == "conv" or (group is not None and group.find(Role.CONV) is not None)


def _in_place(work: Work, makers: dict[int, Fusion], step: Step) -> bool:
    group = makers.get(step.id)
    alone_read = len(work.readers.get(step.id, [])) == 1 and step.id not in work.wanted
    return group is not None and group.kernel in _PLACED and alone_read


def _of_1x1(makers: dict[int, Fusion], step: Step) -> bool:
    group = makers.get(step.id)
    return group is not None and group.kernel in (Kernel.CONV1X1, Kernel.MANY)


def _ends(work: Work, groups: Sequence[Fusion]) -> tuple[dict[Fusion, int], dict[Fusion, int]]:
    """The first and the last layer that runs of each fusion."""
    running = [(group, [id_ for id_ in group.nodes if id_ in work.steps]) for group in groups]
    first = {group: min(ids) for group, ids in running if ids}
    return first, {group: max(ids) for group, ids in running if ids}


def forth(work: Work, group: Fusion) -> Iterator[Launch]:
    """The launches of one fusion on the way forth."""
    steps = steps_of(work, group)
    if not work.setting.training:
        yield from _inferred(work, group, steps)
    elif run_by_pytorch(work, group):
        for step in steps:
            yield from alone(work, step)
    else:
        yield from _trained(work, group, steps)


def _inferred(work: Work, group: Fusion, steps: list[Step]) -> Iterator[Launch]:
    """One launch, or that of a larger convolution and a pass behind it where cuDNN has no such epilogue."""
    if group.kernel is not Kernel.CONV or _by_cudnn(work, group):
        yield _as_one(work, group, steps)
        return
    conv, *rest = steps
    yield Launch(group.kernel, (conv.id,), conv.operations, conv.read + conv.weights, conv.out)
    read = sum(entering(rest).values()) + sum(step.weights for step in rest)
    yield Launch("bn_apply", tuple(step.id for step in rest), 0, read, work.bytes(group.outputs[0]))


def _by_cudnn(work: Work, group: Fusion) -> bool:
    """Whether cuDNN has it as one: without groups, and with a ReLU at its end."""
    conv, end = group.find(Role.CONV), group.find(Role.RELU)
    graph = work.network.graph
    return conv is not None and is_plain(graph[conv]) and end is not None and graph[end].op.word == "relu"


ROWS = 128
"""The rows of a tile of `conv1x1_pair` at the most; half of that where what is summed on chip is wide."""


def cached(work: Work, pair: Fusion) -> int:
    """The bytes of both weights that a pair of convolutions reads from the cache: all of them for each tile of rows."""
    products = [step for step in steps_of(work, pair) if step.operations]
    shape = work.network.shapes[pair.outputs[1]]
    wide = known(shape[0])
    pixels = work.setting.images * known(count(shape)) // wide
    tiles = -(-pixels // (ROWS if wide <= ROWS else ROWS // 2))
    return tiles * sum(step.weights for step in products)


def _as_one(work: Work, group: Fusion, steps: list[Step]) -> Launch:
    read = sum(entering(steps).values()) + sum(step.weights for step in steps)
    written = sum(work.bytes(id_) for id_ in group.outputs)
    return Launch(group.kernel, group.nodes, operations(steps), read, written)


def _trained(work: Work, group: Fusion, steps: list[Step]) -> Iterator[Launch]:
    """The statistics of what is normalised as it is read, the product, and a pass that normalises what it made."""
    before, norms = with_role(work, group, Role.BEFORE_BN), with_role(work, group, Role.BN)
    for step in before:
        yield Launch("statistics", (step.id,), 0, step.read, 0)
    if not norms:
        yield _as_one(work, group, steps)
        return
    products = [step for step in steps if step.operations]
    if group.kernel is Kernel.CONV:
        for step in products:
            yield from alone(work, step)
    if products and group.kernel is not Kernel.CONV:
        heads = [*before, *products]
        read = sum(entering(heads).values()) + sum(step.weights for step in heads)
        made = sum(step.out for step in products)
        yield Launch(group.kernel, _until_norm(group), operations(products), read, made)
    else:
        for step in norms:
            yield Launch("statistics", (step.id,), 0, step.read, 0)
    residual = work.bytes(group.residual) if group.residual is not None else 0
    for step in norms:
        written = step.out + bits(work, group, step)
        yield Launch("bn_apply", _from_norm(group, step.id), 0, step.read + residual + step.weights, written)
        residual = 0


def _until_norm(group: Fusion) -> tuple[int, ...]:
    """What is done in the product itself: what is read in, and the convolutions."""
    within = (Role.BEFORE_BN, Role.BEFORE_RELU, Role.CONV)
    return tuple(part.node for part in group.parts if part.role in within)


def _from_norm(group: Fusion, norm: int) -> tuple[int, ...]:
    """A batch norm and what follows it."""
    at = group.nodes.index(norm)
    after = (part.role in (Role.ADD, Role.RELU) for part in group.parts[at + 1 :])
    return group.nodes[at : at + 1 + sum(takewhile(bool, after))]
