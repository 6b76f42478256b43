"""The way back through fusions that kernels run, and what the way forth must know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archlang.passes.fusion import CLIPS, Fusion, Kernel, Role
from archlang.passes.launches import Launch, added_up, back_alone
from archlang.passes.steps import Step, Work


def back(work: Work, group: Fusion, handed: frozenset[int] = frozenset()) -> Iterator[Launch]:
    """The launches of one fusion on the way back; gradients of several readers are added up before it.

    Those of tensors that were `handed` on are one fewer: it is added where another is made.
    """
    steps = steps_of(work, group)
    if run_by_pytorch(work, group):
        for step in reversed(steps):
            yield from back_alone(work, step, int(step.id in handed))
        return
    for id_ in group.outputs:
        if id_ in work.steps:
            yield from added_up(work, work.steps[id_], int(id_ in handed))
    norms = with_role(work, group, Role.BN)
    if group.kernel is Kernel.CONV1X1 and norms:
        skip = work.bytes(group.inputs[0]) if group.hands_on and work.owner(group.inputs[0]) in handed else 0
        yield from _by_kernels(work, group, steps, norms[0], skip)
    else:
        yield from _by_pytorch(work, group, steps, norms)


def _by_kernels(work: Work, group: Fusion, steps: Sequence[Step], norm: Step, skip: int) -> Iterator[Launch]:
    """The sums of the batch norm behind; both products, which make its gradient as they read; the batch norm in front.

    The gradient of a residual is written with the sums, and is what the products then read. `skip` are the bytes of
    the gradient that x has by a skip connection, where that is added to the product.
    """
    residual = norm.out if group.residual is not None else 0
    yield Launch("sums", (norm.id,), 0, norm.out + norm.read + bits(work, group, norm), residual, "backward")
    before = with_role(work, group, Role.BEFORE_BN)
    for step in steps:
        if not step.operations:
            continue
        factors = norm.out + norm.read
        if any(step.moves):
            read = factors + step.weights + sum(one.read for one in before) + skip
            yield Launch("dgrad", (step.id,), step.operations, read, step.whole, "backward")
        if step.learns:
            read = factors + (before[0].read if before else step.read)
            yield Launch("wgrad", (step.id,), step.operations, read, step.weights, "backward")
    for step in before:
        yield Launch("bn, back", (step.id,), 0, step.out + step.read, step.read, "backward")


def _by_pytorch(work: Work, group: Fusion, steps: Sequence[Step], norms: Sequence[Step]) -> Iterator[Launch]:
    """The batch norms by a kernel, the products by PyTorch."""
    residual = work.bytes(group.residual) if group.residual is not None else 0
    for step in norms:
        read = step.out + step.read + bits(work, group, step)
        yield Launch("sums of bn_apply", (step.id,), 0, read, 0, "backward")
        yield Launch("bn_apply, back", (step.id,), 0, read, step.read + residual, "backward")
        residual = 0
    if with_role(work, group, Role.RELU) and not norms:
        size = sum(work.bytes(id_) for id_ in group.outputs)
        yield Launch("relu, back", group.outputs, 0, 2 * size, size, "backward")
    for step in reversed(steps):
        if step.operations:
            yield from back_alone(work, step)
    for step in with_role(work, group, Role.BEFORE_BN):
        yield Launch("sums of what is read in", (step.id,), 0, step.out + step.read, 0, "backward")
        yield Launch("bn, back", (step.id,), 0, step.out + step.read, step.read, "backward")


# ---- what a fusion is made of ---------------------------------------------------


def run_by_pytorch(work: Work, group: Fusion) -> bool:
    """Whether its kernel is for inference, so that in training its layers run as if there were none.

    Behind a larger convolution batch norm, sum and ReLU are one pass all the same.
    """
    end = group.find(Role.RELU)
    clips = end is None or work.network.graph[end].op.word in CLIPS
    return work.setting.training and group.kernel is Kernel.CONV and not (group.find(Role.BN) is not None and clips)


def steps_of(work: Work, group: Fusion) -> list[Step]:
    """The layers of a fusion that run."""
    return [work.steps[id_] for id_ in group.nodes if id_ in work.steps]


def with_role(work: Work, group: Fusion, role: Role) -> list[Step]:
    """Those with a role."""
    return [work.steps[part.node] for part in group.parts if part.role is role and part.node in work.steps]


def entering(steps: Sequence[Step]) -> dict[int, int]:
    """What comes from without, each tensor once, by the most bytes that one layer looks at."""
    own = {step.id for step in steps}
    found: dict[int, int] = {}
    for step in steps:
        for source, size in step.reads:
            if source not in own:
                found[source] = max(size, found.get(source, 0))
    return found


def operations(steps: Sequence[Step]) -> int:
    """Those of all."""
    return sum(step.operations for step in steps)


def bits(work: Work, group: Fusion, norm: Step) -> int:
    """The bytes of the mask of a batch norm's ReLU: none where there is no ReLU, or z is made again of y instead."""
    again = group.kernel is Kernel.CONV1X1 and group.residual is None
    return 0 if again or not with_role(work, group, Role.RELU) else norm.out // work.setting.width // 8
