"""Fusions made of two: expand and downsample, expand and the next block's reduce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archlang.passes.fusion import Fusion, Kernel, Role
from archlang.passes.pointwise import stride
from archlang.passes.reads import Reads

WIDEST = 512
"""The most channels between an expand and the next reduce."""

HELD = 256
"""The most channels that the expand reads, or the next reduce makes: all of them are on chip at once."""


def larger(groups: tuple[Fusion, ...], reads: Reads) -> tuple[Fusion, ...]:
    """What could still be one kernel, and why it is not one.

    The end of a projected block is one with its projection, which saves more.
    """
    apart = [one for one in groups if one.kernel not in (Kernel.PAIR, Kernel.TWO)]
    found = _pairs([piece for group in apart for piece in (group.pieces or (group,))], reads, whole=True)
    return tuple(replace(one, but="they run in the forwards of two modules") for one in found)


def paired(found: Sequence[Fusion], reads: Reads) -> list[Fusion]:
    """The same, with the end of a block and the 1x1 that reads it next made one, where one function runs both."""
    pairs = _pairs(found, reads, whole=False)
    gone = {id(piece) for pair in pairs for piece in pair.pieces}
    return [*(one for one in found if id(one) not in gone), *pairs]


def _pairs(found: Sequence[Fusion], reads: Reads, *, whole: bool) -> list[Fusion]:
    """The ends of blocks, each with the first reduction that reads it: in one function, or, `whole`, in any."""
    products = [one for one in found if one.kernel is Kernel.CONV1X1 and one.but is None]
    ends = {one.outputs[0]: one for one in products if one.residual is not None and _able(one, one.inputs[0], reads)}
    pairs: list[Fusion] = []
    for one in products:
        end = ends.get(one.inputs[0])
        if end is None or one.parts[0].role is not Role.CONV or one.residual is not None:
            continue
        near = whole or reads.together(end.nodes[-1], one.nodes[0])
        if near and _able(one, one.outputs[0], reads) and reads.width(end.outputs[0]) <= WIDEST:
            pairs.append(_pair(ends.pop(one.inputs[0]), one))
    return pairs


def _able(one: Fusion, held: int, reads: Reads) -> bool:
    """Whether it is of stride 1 and ends in ReLU, and all channels of `held` fit on chip."""
    end, conv = one.find(Role.RELU), one.find(Role.CONV)
    fits = conv is not None and stride(reads.graph[conv]) == (1, 1) and reads.width(held) <= HELD
    return fits and end is not None and rectifies(one, reads)


def projected(found: Sequence[Fusion], reads: Reads) -> list[Fusion]:
    """The same, with the end of a block and the 1x1 convolution that projects its shortcut made one."""
    able = [one for one in found if one.kernel is Kernel.CONV1X1 and one.but is None]
    made = {one.outputs[0]: one for one in able}
    twos = [two for one in able if (two := _two(one, made, reads)) is not None]
    gone = {id(piece) for two in twos for piece in two.pieces}
    return [*(one for one in found if id(one) not in gone), *twos]


def _two(one: Fusion, made: dict[int, Fusion], reads: Reads) -> Fusion | None:
    """The end of a projected block: two products in one accumulator."""
    other = made.get(one.residual) if one.residual is not None else None
    if other is None or other.residual is not None or other.find(Role.RELU) is not None:
        return None
    if other.parts[0].role is not Role.CONV or not reads.together(one.nodes[0], other.nodes[0]):
        return None
    if reads.only(other.outputs[0]) is None or (one.find(Role.BN) is None) != (other.find(Role.BN) is None):
        return None
    inputs = (one.inputs[0], other.inputs[0])
    if not rectifies(one, reads):
        return None
    parts = (*other.parts, *one.parts)
    why = "expand and projection in one sum on chip: the shortcut is neither written nor read"
    return Fusion(Kernel.TWO, parts, inputs, one.outputs, None, why, (other, one))


def rectifies(one: Fusion, reads: Reads) -> bool:
    """Whether it ends in ReLU or nothing: kernels of several convolutions have no other activation."""
    end = one.find(Role.RELU)
    return end is None or reads.graph[end].op.word == "relu"


def _pair(source: Fusion, one: Fusion) -> Fusion:
    """The end of a block, and what reads it first."""
    why = "the end of a block with the reduction of the next, which does not read it again"
    outputs = (*source.outputs, *one.outputs)
    parts = (*source.parts, *one.parts)
    return Fusion(Kernel.PAIR, parts, source.inputs, outputs, source.residual, why, (source, one))
