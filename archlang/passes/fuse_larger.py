"""Fusions made of two: expand and downsample, expand and the next block's reduce."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.ir.network import Network
from archlang.passes.fusion import Fusion, Kernel, Role
from archlang.passes.pointwise import stride
from archlang.passes.reads import Reads

WIDEST = 512
"""The most channels between an expand and the next reduce that one kernel keeps on chip."""


def larger(network: Network, groups: tuple[Fusion, ...], reads: Reads) -> tuple[Fusion, ...]:
    """What could still be one kernel, with what it would save and why it is not one."""
    products = [piece for group in groups for piece in (group.pieces or (group,)) if piece.kernel is Kernel.CONV1X1]
    made = {piece.outputs[0]: piece for piece in products}
    found: list[Fusion] = []
    for one in products:
        source = made.get(one.inputs[0])
        if source is None or one.parts[0].role is not Role.CONV or one.residual is not None:
            continue
        if not (rectifies(one, reads) and rectifies(source, reads)):
            continue
        if stride(network.graph[one.nodes[0]]) != (1, 1):
            continue
        if source.residual is not None and reads.only(source.outputs[0]) is None and _width(network, source) <= WIDEST:
            found.append(_pair(network, source, one))
    return tuple(found)


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


def _pair(network: Network, source: Fusion, one: Fusion) -> Fusion:
    """The end of a block, and what reads it first."""
    why = "the end of a block with the reduction of the next"
    homes = {network.graph[part.find(Role.CONV) or 0].path.rpartition(".")[0] for part in (source, one)}
    but = "they run in the forwards of two modules" if len(homes) > 1 else "the source calls one after the other"
    outputs = (*source.outputs, *one.outputs)
    parts = (*source.parts, *one.parts)
    return Fusion(Kernel.PAIR, parts, source.inputs, outputs, source.residual, why, (source, one), but=but)


def _width(network: Network, one: Fusion) -> int:
    width = network.shapes[one.outputs[0]][0]
    return width if isinstance(width, int) else WIDEST + 1
