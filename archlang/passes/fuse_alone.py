"""Why a layer is in no fusion, in words."""

from __future__ import annotations

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.passes.fusion import CLIPS, ENDINGS, Fusion
from archlang.passes.pointwise import STRIDES
from archlang.passes.reads import Reads

_ACTIVATIONS = frozenset(
    "relu relu6 leakyrelu prelu elu gelu silu sigmoid tanh hardswish hardsigmoid softplus mish".split()
)
_ASKED = frozenset({"conv", "dwconv", "deconv", "bn", "add"}) | _ACTIVATIONS


def reasons(network: Network, groups: tuple[Fusion, ...], idle: tuple[Fusion, ...], reads: Reads) -> dict[int, str]:
    """The reason of each convolution, batch norm, sum and activation that no kernel runs, by node id."""
    taken = {id_ for group in groups for id_ in group.nodes}
    known = {id_: one.but for one in idle if one.but is not None for id_ in one.nodes}
    found: dict[int, str] = {}
    for node in network.graph:
        if node.id not in taken and node.op.word in _ASKED:
            found[node.id] = known.get(node.id) or _reason(network, node, reads, taken)
    return found


def _reason(network: Network, node: Node, reads: Reads, taken: set[int]) -> str:
    match node.op.word:
        case "conv":
            return _of_convolution(node, reads, taken)
        case "dwconv":
            return _of_larger("depthwise", node, reads, taken)
        case "deconv":
            return "transposed"
        case "bn":
            return _of_norm(network, node, reads)
        case "add":
            return _of_sum(network, node, reads)
        case word if word in ENDINGS:
            return _of_activation(network, node, reads)
        case word:
            return f"`{word}` is no activation that a kernel ends in"


def _of_convolution(node: Node, reads: Reads, taken: set[int]) -> str:
    window = node.op.window
    assert window is not None  # noqa: S101 - a convolution has one
    groups = getattr(node.op, "groups", 1)
    if groups > 1:
        return _of_larger(f"its channels are in {groups} groups", node, reads, taken)
    if window.kernel != (1, 1):
        return _of_larger("x".join(map(str, window.kernel)), node, reads, taken)
    if window.stride not in STRIDES:
        return f"its stride is {'x'.join(map(str, window.stride))}: kernels have 1 and 2"
    if window.padding != ((0, 0), (0, 0)):
        return "1x1 with padding"
    return f"there is nothing to take in: {reads.after(node.id)}"


def _of_larger(kind: str, node: Node, reads: Reads, taken: set[int]) -> str:
    reader = reads.only(node.id)
    if reader is not None and reader.id in taken:
        return f"{kind}: {reads.name(reader.id)} is read in by the kernel that follows"
    return f"{kind}, and {reads.after(node.id)}"


def _of_norm(network: Network, node: Node, reads: Reads) -> str:
    if len(network.shapes[node.id]) != 3:
        return "it normalises features, not maps"
    source = network.graph[node.inputs[0]]
    if source.op.word == "conv" and reads.only(source.id) is None:
        return f"{reads.name(source.id)} keeps to itself: {reads.after(source.id)}"
    return f"there is nothing to take in: {reads.after(node.id)}"


def _of_sum(network: Network, node: Node, reads: Reads) -> str:
    if len(node.inputs) != 2:
        return f"it adds {len(node.inputs)} tensors: a kernel adds one"
    if node.inputs[0] == node.inputs[1]:
        return "it adds a tensor to itself"
    one, other = (network.graph[id_] for id_ in node.inputs)
    if network.shapes[one.id] != network.shapes[other.id]:
        return "its operands may differ in shape"
    for operand in (one, other):
        if operand.op.word in {"conv", "bn"} and reads.only(operand.id) is None:
            return f"{reads.name(operand.id)} cannot add it: {reads.after(operand.id)}"
    return f"neither {reads.name(one.id)} nor {reads.name(other.id)} is a convolution or batch norm"


def _of_activation(network: Network, node: Node, reads: Reads) -> str:
    source = network.graph[node.inputs[0]]
    if reads.only(source.id) is None:
        return f"of {reads.name(source.id)}: {reads.after(source.id)}"
    if source.op.word == "add" and node.op.word not in CLIPS:
        return f"no kernel has {ENDINGS[node.op.word]} behind a sum"
    return f"it follows `{source.op.word}`, which no kernel makes"
