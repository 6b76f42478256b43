"""Layers as rows, so that a network can be compared with a published one: kind, order, shape, parameters, MACs."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from archlang.ir.scope import Kind

KINDS = {
    # Caffe
    "Convolution": "conv",
    "Deconvolution": "deconv",
    "InnerProduct": "fc",
    "Embed": "embed",
    "LSTM": "lstm",
    "Pooling": "pool",
    "LRN": "lrn",
    "BatchNorm": "bn",
    "Scale": "scale",
    "ReLU": "relu",
    "Dropout": "dropout",
    "Concat": "concat",
    "Eltwise": "add",
    "Crop": "crop",
    "Softmax": "softmax",
    # PyTorch
    "Conv2d": "conv",
    "Linear": "fc",
    "MaxPool2d": "pool",
    "AvgPool2d": "pool",
    "LocalResponseNorm": "lrn",
    "BatchNorm2d": "bn",
    "LambdaLayer": "shortcut",
    "Sequential": "shortcut",  # an empty one: the shapes agree
    "Flatten": "flatten",
    "LeakyReLU": "leakyrelu",
    "Tanh": "tanh",
    "PosBias": "posbias",
    # ours, by word
    "maxpool": "pool",
    "avgpool": "pool",
    "gap": "pool",
    "dwconv": "conv",
    "FC": "fc",
}


@dataclass(frozen=True)
class Row:
    """One layer; `params` or `macs` is None where the source does not say."""

    kind: str
    shape: tuple[int, ...]
    params: int | None
    macs: int | None


def kind(word):
    return KINDS.get(word, word)


def sizes(text):
    return tuple(int(size) for size in text.split("x"))


def caffe_rows(net):
    """The layers of one of `caffe_nets.json`; a BatchNorm and the Scale after it are one batch norm."""
    rows = []
    for line in net["layers"]:
        _, type_, shape, params, macs = line.split()
        if kind(type_) == "scale":
            rows[-1] = Row("bn", rows[-1].shape, int(params), 0)
        else:
            rows.append(Row(kind(type_), sizes(shape), int(params), int(macs)))
    return rows


def torch_rows(net, tensors):
    """The layers of one of `other_nets.json`, with the parameters of its own tensors."""
    learn = {}
    for key, shape in tensors:
        if not key.endswith(("running_mean", "running_var", "num_batches_tracked")):
            layer = key.rpartition(".")[0]
            learn[layer] = learn.get(layer, 0) + prod(shape)
    rows = []
    for line in net["layers"]:
        name, type_, shape = line.split()
        rows.append(Row(kind(type_), sizes(shape), learn.get(name, 0), None))
    return rows


def our_rows(model, measured, shortcut="last", *, heads=True):
    """The layers of a model in its order, the projection of a shortcut before or after the branch it goes past.

    Without `heads` those that only training runs are left out.
    """
    nodes = []
    for node in model.graph:
        if not heads and node.id in model.network.train_only:
            continue
        inside = [scope for scope in node.scope.chain() if scope.kind is Kind.SHORTCUT]
        if not inside or shortcut == "last":
            nodes.append(node)
            continue
        wrap = inside[-1].parent
        past = [i for i, other in enumerate(nodes) if wrap in other.scope.chain() and not is_shortcut(other, wrap)]
        nodes.insert(past[0] if past else len(nodes), node)
    return [Row(kind(node.op.word), *measured(model, node)) for node in nodes if node.op.word != "input"]


def is_shortcut(node, wrap):
    return any(scope.kind is Kind.SHORTCUT and scope.parent is wrap for scope in node.scope.chain())


def same(ours, theirs):
    """Whether two rows agree in all that both say."""
    return (
        ours.kind == theirs.kind
        and ours.shape == theirs.shape
        and (theirs.params is None or ours.params == theirs.params)
        and (theirs.macs is None or ours.macs == theirs.macs)
    )


def disagreements(ours, theirs, ignored=()):
    """The places where two lists of layers differ, in words; empty where every layer agrees, in order."""
    ours = [row for row in ours if row.kind not in ignored]
    theirs = [row for row in theirs if row.kind not in ignored]
    found = [f"{i}: {a} is not {b}" for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if not same(a, b)]
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} layers here, {len(theirs)} there")
    return found
