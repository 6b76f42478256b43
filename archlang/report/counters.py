"""MACs as other tools count them, by name. Where they differ, the layers are right and the habits are theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.dim import Size, count

Counter = Callable[[Network, Node], Size]


def counter(name: str | None) -> Counter:
    """How `netscope`, `fvcore` or `torchinfo` counts one node; None for archlang's own way; `KeyError` otherwise."""
    return COUNTERS[name]


def _own(network: Network, node: Node) -> Size:
    return node.op.macs(network.entering(node), network.shapes[node.id])


def _netscope(network: Network, node: Node) -> Size:
    """Convolutions and fully connected layers, and for LRN its window for each value."""
    if node.op.word == "LRN":
        return count(network.shapes[node.id]) * getattr(node.op, "size", 1)
    return _own(network, node)


def netscope_operations(network: Network, node: Node) -> Mapping[str, Size]:
    """What Netscope counts of a layer besides MACs: comparisons, additions, divisions, exponentials."""
    numbers = count(network.shapes[node.id])
    window = node.op.window
    under = window.kernel[0] * window.kernel[1] if window is not None else 1
    match node.op.family:
        case "pool" | "gap" | "gmp":
            compared = "max" in node.op.word or node.op.family == "gmp"
            looked_at = count(network.entering(node)[0]) if node.op.sees_all else numbers * under
            return {"comparisons" if compared else "additions": looked_at}
        case "bn":
            return {"additions": numbers, "divisions": numbers}
        case "lrn":
            return {"additions": numbers, "divisions": 2 * numbers, "exponentials": numbers}
        case "relu" | "prelu" | "dropout":
            return {"comparisons": numbers}
        case "softmax":
            return {"additions": numbers, "divisions": numbers, "exponentials": numbers}
        case "add":
            return {"additions": numbers}
        case _:
            return {}


FVCORE: Mapping[str, int] = {
    "bn": 1,
    "gap": 1,
    "adaptiveavgpool": 1,
    "groupnorm": 4,
    "layernorm": 4,
    "instancenorm": 4,
}
"""Operations for each input value without a learned scale; upsampling goes by its output."""


def _fvcore(network: Network, node: Node) -> Size:
    """Also normalisations, means of a whole map and upsampling, some operations for each value."""
    inputs = network.entering(node)
    word = node.op.word
    if word in ("upsample", "resize"):
        return count(network.shapes[node.id]) * (4 if getattr(node.op, "mode", "") == "bilinear" else 1)
    if word in FVCORE:
        scaled = 1 if node.op.tensors(inputs) else 0
        return count(inputs[0]) * (FVCORE[word] + scaled)
    return _own(network, node)


def _torchinfo(network: Network, node: Node) -> Size:
    """All parameters, biases too: of a convolution for each position of its output, of others once an image."""
    inputs, output = network.entering(node), network.shapes[node.id]
    if node.op.word in ("posbias", "scale"):
        return 0  # it looks at modules, and these are bare parameters
    params = sum(map(prod, node.op.tensors(inputs).values()))
    return params * count(output[1:]) if node.op.family in ("conv", "deconv") else params


COUNTERS: Mapping[str | None, Counter] = {
    None: _own,
    "netscope": _netscope,
    "fvcore": _fvcore,
    "torchinfo": _torchinfo,
}

COUNTED: Mapping[str | None, str] = {
    None: "multiply-accumulates of convolutions, transposed convolutions and fully connected layers",
    "netscope": "as Netscope counts: convolutions, fully connected layers, and LRN by its window",
    "fvcore": "as fvcore counts: also batch norm, other normalisations, means of whole maps and upsampling",
    "torchinfo": "as torchinfo counts: parameters, biases included, times output positions",
}


def counted(network: Network, count_as: str | None) -> str:
    """What the MACs of this network are of, in words."""
    families = {node.op.family for node in network.graph} if count_as is None else set[str]()
    more = [words for family, words in _MORE.items() if family in families]
    return f"{COUNTED[count_as]}, and of {' and '.join(more)}" if more else COUNTED[count_as]


_MORE = {"attention": "attention with its two products", "lstm": "the gates of LSTMs"}
