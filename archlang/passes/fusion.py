"""What the fusion pass finds: the layers that one kernel runs together, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from archlang.record import record


class Kernel(StrEnum):
    """A function of `archlang.kernels` that stands for several layers."""

    CONV1X1 = "conv1x1"
    MANY = "conv1x1_many"
    BLOCK_END = "bn_add_relu"
    CONV = "conv_relu"
    TWO = "conv1x1_two"
    PAIR = "conv1x1_pair"
    CHAIN = "conv1x1_chain"


class Role(StrEnum):
    """What a layer is to the kernel that runs it; `relu` is any activation of `ENDINGS`."""

    BEFORE_BN = "before-bn"
    BEFORE_RELU = "before-relu"
    CONV = "conv"
    BN = "bn"
    ADD = "add"
    RELU = "relu"


ENDINGS = {"relu": "ReLU", "relu6": "ReLU6", "silu": "SiLU", "hardswish": "hard swish"}
"""The activations that a kernel ends in, by the word of the language, and what they are called."""

CLIPS = frozenset({"relu", "relu6"})
"""Those of them that a kernel has behind a sum too."""


READS_IN = " that normalises as it reads"
"""How the words for a convolution end that reads in batch norm and ReLU."""


@record
class Part:
    """A layer of a fusion, by node id, and what it is there."""

    node: int
    role: Role


@record
class Fusion:
    """Layers that one call of a kernel runs.

    `parts` are in the order they run in: what is read in first (`before-bn`,
    `before-relu`), the convolution, and what its epilogue does. `inputs` are the
    tensors read, x first, the residual last if there is one; `outputs` those that
    somebody reads or sees, in order. `why` says in words what the kernel saves.
    `pieces` are the smaller fusions that one of several convolutions is made of
    (`conv1x1_many`, `conv1x1_two`, ...), each of which could run by itself.
    `but` says what keeps the kernel from running, if something does. One that
    `hands_on` what it reads to a later sum adds that sum's gradient to its own.
    """

    kernel: Kernel
    parts: tuple[Part, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    residual: int | None
    why: str
    pieces: tuple[Fusion, ...] = ()
    but: str | None = None
    hands_on: bool = False

    @property
    def nodes(self) -> tuple[int, ...]:
        """The ids of its layers, in order."""
        return tuple(part.node for part in self.parts)

    def find(self, role: Role) -> int | None:
        """The id of the first layer with that role; None if it has none."""
        return next((part.node for part in self.parts if part.role is role), None)


@record
class Fusions:
    """The fusions of a network, beside its graph.

    `groups` share no layer and are what kernels run, in the order of what
    they make. `larger` are made of several of them and could run as one kernel
    still; each says in `but` why it does not. `idle` have the form of a group,
    but shapes that no kernel takes. `alone` has the reason why not for every
    convolution, batch norm, sum and activation in no group.
    """

    groups: tuple[Fusion, ...]
    larger: tuple[Fusion, ...]
    idle: tuple[Fusion, ...]
    alone: Mapping[int, str]

    def apart(self, *kernels: Kernel) -> tuple[Fusion, ...]:
        """The groups, those of `kernels` as their pieces; without any named those that are for inference."""
        split = kernels or (Kernel.CHAIN, Kernel.TWO, Kernel.PAIR)
        return tuple(one for group in self.groups for one in (group.pieces if group.kernel in split else (group,)))

    @property
    def by_node(self) -> dict[int, Fusion]:
        """The group of each layer that is in one, by node id."""
        return {id_: group for group in self.groups for id_ in group.nodes}
