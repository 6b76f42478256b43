"""What `torch.compile` makes of a network: products and pools alone, and what stands pointwise beside them fused.

A pointwise layer whose one reader is pointwise too is computed where it is read.
Batch statistics stay a pass of their own, and so do, on the way back, the sums
that batch norm's gradient needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from archlang.passes.launches import Launch, alone, back_alone, update
from archlang.passes.steps import Step, Work
from archlang.record import entity


@entity
class Group:
    """Pointwise layers that run as one, in order: `reads` are tensors and bytes from without, `out` what is written."""

    steps: tuple[Step, ...]
    reads: dict[int, int]
    out: int

    @property
    def last(self) -> Step:
        """The layer whose output is written."""
        return self.steps[-1]

    @property
    def nodes(self) -> tuple[int, ...]:
        """Their ids."""
        return tuple(step.id for step in self.steps)


def compiled(work: Work, taken: AbstractSet[int] = frozenset()) -> tuple[Launch, ...]:
    """The launches of a network under `torch.compile`, in its default mode, but for the layers `taken` by others."""
    groups = {group.last.id: group for group in grouped(work, taken)}
    inside = {step.id for group in groups.values() for step in group.steps}
    own = [step for step in work.steps.values() if step.id not in taken]
    found: list[Launch] = []
    for step in own:
        if step.id in groups:
            found += _forth(work, groups[step.id])
        elif step.id not in inside:
            found += _product(work, step, inside)
    if work.setting.training:
        for step in reversed(own):
            if step.id in groups:
                found += _back(work, groups[step.id])
            elif step.id not in inside:
                found += back_alone(work, step)
        found += update(work)
    return tuple(found)


def grouped(work: Work, taken: AbstractSet[int] = frozenset()) -> list[Group]:
    """The groups of pointwise layers, in the order of their last ones; none of `taken` is in one."""
    within: dict[int, list[Step]] = {}
    found: list[Group] = []
    for step in work.steps.values():
        if not step.pointwise or step.id in taken:
            continue
        members = [one for source in dict(step.reads) for one in within.pop(source, [])] + [step]
        if _inlined(work, step, taken):
            within[step.id] = members
            continue
        made = {one.id for one in members}
        reads = {source: size for one in members for source, size in one.reads if source not in made}
        found.append(Group(tuple(members), reads, step.out))
    return found


def _inlined(work: Work, step: Step, taken: AbstractSet[int]) -> bool:
    """Whether it is computed where it is read, rather than written."""
    readers = work.readers.get(step.id, [])
    if step.id in work.wanted or len(readers) != 1 or step.node.op.word == "concat":
        return False
    reader = readers[0]
    return reader.pointwise and reader.id not in taken and not (reader.normalises and work.setting.training)


def _product(work: Work, step: Step, inside: set[int]) -> Iterator[Launch]:
    """A layer that is not pointwise: one pass; the bias of a convolution is added by the group that reads it."""
    readers = work.readers.get(step.id, [])
    for launch in alone(work, step):
        if launch.name == "bias" and len(readers) == 1 and readers[0].id in inside:
            continue
        yield Launch(launch.name, launch.nodes, 0, step.read, step.out) if launch.count > 1 else launch


def _forth(work: Work, group: Group) -> Iterator[Launch]:
    vectors = sum(step.weights for step in group.steps)
    if work.setting.training:
        for step in group.steps:
            if step.normalises:
                yield Launch("statistics", (step.id,), 0, step.read, 0)
    yield Launch(_said(group), group.nodes, 0, sum(group.reads.values()) + vectors, group.out)


def _said(group: Group) -> str:
    return " + ".join(step.node.op.word for step in group.steps[:3]) + (" + ..." if len(group.steps) > 3 else "")


def _back(work: Work, group: Group) -> Iterator[Launch]:
    """The sums that batch norms need and then their gradients; without any, one pass, or none for additions alone."""
    moving = {
        source: size
        for step in group.steps
        for (source, size), moves in zip(step.reads, step.moves, strict=True)
        if moves and source in group.reads
    }
    gradients = max(work.gradients(group.last), 1)
    norms = [step for step in group.steps if step.normalises]
    bent = any(not (step.normalises or step.merges) for step in group.steps)
    entering = gradients * group.out + (group.out if bent else 0)
    if not moving and not norms:
        return
    name = f"{_said(group)}, back"
    if not norms:
        weighs = any(step.merges and step.node.op.word not in ("add", "concat") for step in group.steps)
        if weighs:
            entering += sum(group.reads.values())
        if bent or gradients > 1 or weighs:
            written = sum(moving.values()) if weighs else group.out
            yield Launch(name, group.nodes, 0, entering, written, "backward")
        return
    raw = sum(step.read for step in norms)
    others = set(moving) - {source for step in norms for source, _ in step.reads}
    kept = group.out if gradients > 1 or len(norms) > 1 or others else 0
    yield Launch(f"sums of {name}", group.nodes, 0, entering + raw, kept, "backward")
    yield Launch(name, group.nodes, 0, (kept or entering) + raw, raw, "backward")
