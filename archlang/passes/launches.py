"""What each layer asks of a device when it runs by itself: operations, bytes read and bytes written.

A launch is one kernel. Operations are those of products (two for each
multiply-accumulate); all others are few beside the bytes that they wait for.
Each tensor that a launch needs counts once, at its type's width, weights too,
and batch norm's vectors in fp32. What a cache keeps between two launches is not
modelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from archlang.passes.steps import Step, Work
from archlang.record import record

INDEX = 8
"""Bytes of one index that max pooling keeps for the way back."""

_ALONE: Mapping[str, tuple[int, int, int]] = {
    "LRN": (7, 8, 7),  # square, pad, pool, scale, add, power, divide
    "LRN within": (6, 7, 6),  # the pool pads by itself
    "groupnorm": (1, 2, 1),
    "layernorm": (1, 2, 1),
    "instancenorm": (1, 2, 1),
}
"""Layers that PyTorch runs as several passes: launches, and how often they read and write the whole map."""


@record
class Launch:
    """One kernel, or `count` alike in a row: `operations`, `read` and `written` are of all of them, in the whole batch.

    `nodes` are the layers it stands for, in order; `name` what it does, `direction`
    is `forward`, `backward` or `update`.
    """

    name: str
    nodes: tuple[int, ...]
    operations: int
    read: int
    written: int
    direction: str = "forward"
    count: int = 1

    @property
    def bytes(self) -> int:
        """What it moves."""
        return self.read + self.written


def alone(work: Work, step: Step) -> Iterator[Launch]:
    """The launches of one layer on the way forth, as PyTorch runs it by itself."""
    word, training = step.node.op.word, work.setting.training
    count, reads, writes = _passes(step)
    more = 0
    if step.normalises and training:
        reads = 2  # once for the statistics
    if training and _remembers(step):
        more = step.out // work.setting.width * (1 if step.node.op.idle_in_eval else INDEX)
    yield Launch(
        word,
        (step.id,),
        step.operations,
        reads * step.read + step.weights,
        writes * step.out + more,
        count=count,
    )
    if biased(step):
        yield Launch("bias", (step.id,), 0, step.out, step.out)


def _passes(step: Step) -> tuple[int, int, int]:
    word = "LRN within" if getattr(step.node.op, "within", False) else step.node.op.word
    return _ALONE.get(word, (1, 1, 1))


def biased(step: Step) -> bool:
    """Whether its bias is added in a pass of its own: convolutions' is, a fully connected layer's is not."""
    return bool(getattr(step.node.op, "bias", False)) and step.node.op.window is not None


def _remembers(step: Step) -> bool:
    """Whether it leaves the way back something other than tensors that are there: indices, a mask."""
    return step.node.op.word in ("maxpool", "globalmaxpool", "adaptivemaxpool", "dropout", "dropout2d")


def back_alone(work: Work, step: Step, added: int = 0) -> Iterator[Launch]:
    """The launches of one layer on the way back, as PyTorch runs it by itself.

    Gradients of several readers are added up before, but for so many as were `added` where they were made.
    """
    if step.learns or any(step.moves):
        yield from added_up(work, step, added)
        yield from products(step) if step.operations else _rest(work, step)


def added_up(work: Work, step: Step, added: int = 0) -> Iterator[Launch]:
    """The passes that add up the gradients of a tensor's readers, but for so many as were `added` elsewhere."""
    extra = work.gradients(step) - 1 - added
    if extra > 0:
        yield Launch("add gradients", (step.id,), 0, 2 * extra * step.out, extra * step.out, "backward", extra)


def products(step: Step) -> Iterator[Launch]:
    """The products of a layer's way back: the gradient of what it read, and that of its weights."""
    if any(step.moves):
        yield Launch("gradient of x", (step.id,), step.operations, step.out + step.weights, step.whole, "backward")
    if step.learns:
        yield Launch("gradient of w", (step.id,), step.operations, step.out + step.read, step.weights, "backward")
        if biased(step):
            yield Launch("gradient of bias", (step.id,), 0, step.out, 0, "backward")


def _rest(work: Work, step: Step) -> Iterator[Launch]:
    word = step.node.op.word
    count, reads, writes = _passes(step)
    given = sum(size for (_, size), moves in zip(step.reads, step.moves, strict=True) if moves)
    if step.normalises:
        read = 4 * step.out  # the gradient and the input, once for the sums and once for the result
    elif word == "add":
        return
    elif _remembers(step):
        read = step.out + step.out // work.setting.width * (1 if step.node.op.idle_in_eval else INDEX)
    elif step.merges and word != "concat":
        read = step.out + step.read
    elif step.node.op.pointwise:
        read = 2 * step.out
    elif count > 1 or reads > 1:
        count, read, given = 2 * count, 2 * reads * step.out, 2 * writes * given
    else:
        read = step.out
    yield Launch(f"{word}, back", (step.id,), 0, read, given, "backward", count)


def update(work: Work) -> Iterator[Launch]:
    """A step of SGD with momentum: parameter, momentum and gradient in fp32, and the copy in the narrow type."""
    many = sum(
        prod(shape)
        for step in work.steps.values()
        if step.learns and step.node.shares is None
        for shape in step.node.op.tensors(work.network.entering(step.node)).values()
    )
    narrow = work.setting.width if work.setting.width < 4 else 0
    if many:
        yield Launch("update", (), 0, 12 * many, (8 + narrow) * many, "update")


def eager(work: Work) -> tuple[Launch, ...]:
    """Every layer by itself."""
    steps = list(work.steps.values())
    found = [launch for step in steps for launch in alone(work, step)]
    if work.setting.training:
        found += [launch for step in reversed(steps) for launch in back_alone(work, step)]
        found += update(work)
    return tuple(found)
