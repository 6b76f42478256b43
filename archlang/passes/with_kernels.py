"""What a network asks of a device where kernels run its fusions, and PyTorch its other layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from archlang.passes.fusion import Fusion, Fusions, Kernel, Role
from archlang.passes.inductor import compiled
from archlang.passes.launches import Launch, alone, back_alone, update
from archlang.passes.steps import Step, Work


def with_kernels(work: Work, found: Fusions, *, compiling: bool = False) -> tuple[Launch, ...]:
    """The launches of a network with `found`, which are its fusions.

    The other layers run each by itself, or, `compiling`, as `torch.compile` fuses them.
    """
    groups = [one for one in found.groups if not (compiling and _run_by_pytorch(work, one))]
    of = {id_: group for group in groups for id_ in group.nodes if id_ in work.steps}
    first, last = _ends(work, groups)
    launches: list[Launch] = []
    for step in work.steps.values():
        group = of.get(step.id)
        if group is not None and last[group] == step.id:
            launches += forth(work, group)
        elif group is None and not compiling:
            launches += alone(work, step)
    if work.setting.training:
        for step in reversed(list(work.steps.values())):
            group = of.get(step.id)
            if group is not None and first[group] == step.id:
                launches += back(work, group)
            elif group is None and not compiling:
                launches += back_alone(work, step)
    if compiling:
        launches += compiled(work, of.keys())
    elif work.setting.training:
        launches += update(work)
    return tuple(launches)


def _run_by_pytorch(work: Work, group: Fusion) -> bool:
    """Whether its kernel is for inference, so that in training its layers run as if there were none."""
    return work.setting.training and group.kernel is Kernel.CONV


def _ends(work: Work, groups: Sequence[Fusion]) -> tuple[dict[Fusion, int], dict[Fusion, int]]:
    """The first and the last layer that runs of each fusion."""
    running = [(group, [id_ for id_ in group.nodes if id_ in work.steps]) for group in groups]
    first = {group: min(ids) for group, ids in running if ids}
    return first, {group: max(ids) for group, ids in running if ids}


# ---- forth ---------------------------------------------------------------------


def forth(work: Work, group: Fusion) -> Iterator[Launch]:
    """The launches of one fusion on the way forth."""
    steps = _steps(work, group)
    if not work.setting.training:
        weights = sum(step.weights for step in steps)
        read = sum(_entering(steps).values()) + weights
        written = sum(work.bytes(id_) for id_ in group.outputs)
        yield Launch(group.kernel, group.nodes, _operations(steps), read, written)
    elif _run_by_pytorch(work, group):
        for step in steps:
            yield from alone(work, step)
    else:
        yield from _trained(work, group, steps)


def _trained(work: Work, group: Fusion, steps: list[Step]) -> Iterator[Launch]:
    """The statistics of what is normalised as it is read, the product, and a pass that normalises what it made."""
    before, norms = _with_role(work, group, Role.BEFORE_BN), _with_role(work, group, Role.BN)
    for step in before:
        yield Launch("statistics", (step.id,), 0, step.read, 0)
    if not norms:
        read = sum(_entering(steps).values()) + sum(step.weights for step in steps)
        written = sum(work.bytes(id_) for id_ in group.outputs)
        yield Launch(group.kernel, group.nodes, _operations(steps), read, written)
        return
    products = [step for step in steps if step.operations]
    if products:
        heads = [*before, *products]
        read = sum(_entering(heads).values()) + sum(step.weights for step in heads)
        made = sum(step.out for step in products)
        yield Launch(group.kernel, _until_norm(group), _operations(products), read, made)
    else:
        for step in norms:
            yield Launch("statistics", (step.id,), 0, step.read, 0)
    residual = work.bytes(group.residual) if group.residual is not None else 0
    for step in norms:
        bits = _bits(work, step) if _with_role(work, group, Role.RELU) else 0
        yield Launch("bn_apply", _from_norm(group, step.id), 0, step.read + residual + step.weights, step.out + bits)
        residual = 0


# ---- back ----------------------------------------------------------------------


def back(work: Work, group: Fusion) -> Iterator[Launch]:
    """The launches of one fusion on the way back: the products are PyTorch's."""
    steps = _steps(work, group)
    if _run_by_pytorch(work, group):
        for step in reversed(steps):
            yield from back_alone(work, step)
        return
    for id_ in group.outputs:
        extra = work.gradients(work.steps[id_]) - 1 if id_ in work.steps else 0
        if extra > 0:
            size = extra * work.bytes(id_)
            yield Launch("add gradients", (id_,), 0, 2 * size, size, "backward", extra)
    norms = _with_role(work, group, Role.BN)
    rectified = bool(_with_role(work, group, Role.RELU))
    residual = work.bytes(group.residual) if group.residual is not None else 0
    for step in norms:
        read = step.out + step.read + (_bits(work, step) if rectified else 0)
        yield Launch("sums of bn_apply", (step.id,), 0, read, 0, "backward")
        yield Launch("bn_apply, back", (step.id,), 0, read, step.read + residual, "backward")
        residual = 0
    if rectified and not norms:
        size = sum(work.bytes(id_) for id_ in group.outputs)
        yield Launch("relu, back", group.outputs, 0, 2 * size, size, "backward")
    for step in reversed(steps):
        if step.operations:
            yield from back_alone(work, step)
    for step in _with_role(work, group, Role.BEFORE_BN):
        yield Launch("sums of what is read in", (step.id,), 0, step.out + step.read, 0, "backward")
        yield Launch("bn, back", (step.id,), 0, step.out + step.read, step.read, "backward")


# ---- what a fusion is made of ---------------------------------------------------


def _steps(work: Work, group: Fusion) -> list[Step]:
    return [work.steps[id_] for id_ in group.nodes if id_ in work.steps]


def _with_role(work: Work, group: Fusion, role: Role) -> list[Step]:
    return [work.steps[part.node] for part in group.parts if part.role is role and part.node in work.steps]


def _until_norm(group: Fusion) -> tuple[int, ...]:
    """What is done in the product itself: what is read in, and the convolutions."""
    within = (Role.BEFORE_BN, Role.BEFORE_RELU, Role.CONV)
    return tuple(part.node for part in group.parts if part.role in within)


def _from_norm(group: Fusion, norm: int) -> tuple[int, ...]:
    """A batch norm and what follows it."""
    at = group.nodes.index(norm)
    after = (part.role in (Role.ADD, Role.RELU) for part in group.parts[at + 1 :])
    return group.nodes[at : at + 1 + sum(takewhile(bool, after))]


def _entering(steps: list[Step]) -> dict[int, int]:
    """What comes from without, each tensor once, by the most bytes that one layer looks at."""
    own = {step.id for step in steps}
    found: dict[int, int] = {}
    for step in steps:
        for source, size in step.reads:
            if source not in own:
                found[source] = max(size, found.get(source, 0))
    return found


def _operations(steps: list[Step]) -> int:
    return sum(step.operations for step in steps)


def _bits(work: Work, step: Step) -> int:
    """The bytes of one bit for each value of a layer's output."""
    return step.out // work.setting.width // 8
