"""Networks put together by hand, without a file."""

from assembled import SPAN, assembled

from archlang.ir.graph import Node
from archlang.ir.network import Result
from archlang.ir.scope import Kind, Scope
from archlang.ops import BY_WORD
from archlang.ops.input import Input
from archlang.ops.limits import checked_shape


def op(word, *args, **options):
    return BY_WORD[word](*args, **options)


def conv(out, k=3, stride=1, **more):
    return op("conv", out, (k, k), (stride, stride), **more)


def network(
    *layers, size=(3, 32, 32), outputs=None, reading=None, taps=None, train_only=(), shares=None, stages=None, **more
):
    """Each layer is an op, which reads the one before, or (op, inputs); ids count from 0, the input."""
    net = Scope(Kind.NET, "handmade", None, SPAN)
    scopes = {name: Scope(Kind.STAGE, name, net, SPAN, label=name) for name in (stages or {}).values()}
    nodes, shapes = [], {}
    for id_, layer in enumerate(((Input(size), ()), *layers)):
        kind, inputs = layer if isinstance(layer, tuple) else (layer, (id_ - 1,))
        shapes[id_] = checked_shape(kind, tuple(shapes[i] for i in inputs))
        scope = scopes[stages[id_]] if stages and id_ in stages else net
        name = f"{kind.family}{id_}"
        nodes.append(Node(id_, kind, inputs, name, name, scope, SPAN, shares=(shares or {}).get(id_)))
    results = tuple(Result(f"out{i}", i, reading) for i in (outputs or (len(nodes) - 1,)))
    return assembled(nodes, shapes, net, results, taps=taps or {}, train_only=frozenset(train_only), **more)


def vgg_like():
    return network(
        conv(16),
        op("relu"),
        op("maxpool"),
        conv(32),
        op("relu"),
        op("maxpool"),
        op("FC", 64),
        op("relu"),
        op("dropout"),
        op("FC", 10),
    )


def residual():
    """A bottleneck with a projection, a gate, and a concatenation."""
    return network(
        conv(16, 7, 2, bias=False),
        op("bn"),
        op("relu"),
        op("maxpool", (3, 3), (2, 2), (1, 1)),  # 4
        conv(8, 1),
        op("bn"),
        op("relu"),
        conv(16),
        op("bn"),  # 9
        (conv(16, 1), (4,)),
        (op("add"), (9, 10)),
        op("relu"),  # 12
        op("gap"),
        conv(4, 1),
        op("relu"),
        conv(16, 1),
        op("sigmoid"),
        (op("mul"), (12, 17)),  # 18
        (op("concat"), (18, 4)),
        op("LRN"),
        op("gap"),
        op("FC", 10),
        op("softmax"),
        outputs=(22,),
        reading=23,
    )


def unet_like():
    return network(
        conv(8, pad=(0, 0)),
        op("relu"),
        op("maxpool"),
        conv(16),
        op("silu"),  # 5
        op("deconv", 8, (2, 2), (2, 2)),
        (op("crop"), (2, 6)),
        (op("concat"), (6, 7)),  # 8
        op("slice", 0, 2),
        conv(4),
        (op("slice", 1, 2), (8,)),
        op("relu6"),
        (op("concat"), (10, 12)),
        op("upsample"),
        conv(2, 1),
    )
