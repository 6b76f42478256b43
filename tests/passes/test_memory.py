"""What the memory pass says is what PyTorch does."""

from random import Random

import pytest

torch = pytest.importorskip("torch")

from handmade import conv, network, op, residual, unet_like, vgg_like  # noqa: E402
from instances import MAKERS  # noqa: E402
from said_in_pytorch import Layer, stands_alone  # noqa: E402

from archlang.ir.network import Settings  # noqa: E402
from archlang.ops import ALL  # noqa: E402
from archlang.passes.inplace import overwrites  # noqa: E402
from archlang.passes.memory import memory  # noqa: E402

torch.set_num_threads(1)


class Executed(torch.nn.Module):
    """A network run node by node, in place where that is allowed."""

    def __init__(self, net):
        super().__init__()
        self.net, self.over = net, overwrites(net)
        self.left_out = {part.reading for part in (*net.results, *net.heads)}
        made = {n.id: self.layer(n) for n in net.graph if n.inputs}
        self.layers = torch.nn.ModuleDict({str(i): layer for i, layer in made.items()})
        for id_ in self.over:
            made[id_].it.inplace = True
        for id_ in net.settings.frozen:
            made[id_].requires_grad_(requires_grad=False)

    def layer(self, node):
        shapes = self.net.entering(node)
        return Layer(node.op, shapes, by_module=stands_alone(node.op, shapes) and not node.op.view)

    def forward(self, x):
        values = {0: x}
        for node in self.net.graph:
            if node.inputs and node.id not in self.left_out:
                values[node.id] = self.layers[str(node.id)](*(values[i] for i in node.inputs))
        return [values[r.output] for r in self.net.results]


def saved_bytes(module, x):
    seen = {}

    def pack(tensor):
        seen[tensor.untyped_storage().data_ptr()] = (tensor.untyped_storage().nbytes(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        outputs = module(x)
    own = {p.untyped_storage().data_ptr() for p in module.parameters()}
    sum(o.sum() for o in outputs).backward()  # in-place mistakes show here
    return sum(size for at, (size, _) in seen.items() if at not in own)


NETWORKS = {
    "vgg": vgg_like,
    "residual": residual,
    "unet": unet_like,
    "activations": lambda: network(
        conv(8),
        op("silu"),
        op("dropout"),
        op("relu"),
        conv(8),
        op("gelu"),
        op("tanh"),
        op("leakyrelu"),
        op("dropout"),
        conv(4),
        op("elu"),
        op("relu6"),
        op("flatten"),
        op("FC", 5),
    ),
    "fork": lambda: network(
        conv(8),
        op("relu"),
        (op("relu"), (1,)),
        (op("add"), (2, 3)),
        op("identity"),
        op("relu"),
        op("identity"),
        op("dropout"),
    ),
    "on the image": lambda: network(
        op("maxpool"), op("relu"), conv(4), op("groupnorm", 2), op("relu"), op("prelu"), op("avgpool"), op("softmax")
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_training_keeps_what_autograd_keeps(name):
    net = NETWORKS[name]()
    for batch in (1, 3):
        x = torch.randn(batch, *net.shapes[0])
        assert memory(net, batch).saved == saved_bytes(Executed(net).train(), x)


@pytest.mark.parametrize("word", [kind.word for kind in ALL if kind.can_overwrite])
def test_a_layer_that_overwrites_keeps_no_copy(word):
    net = network(conv(4), op("bn"), op(word), conv(4))
    assert overwrites(net) == {3}
    x = torch.randn(1, *net.shapes[0])
    assert memory(net).saved == saved_bytes(Executed(net).train(), x)


READ_LAYERS = [kind for kind in ALL if kind.arity == 1 and kind.word != "embed"]  # that one reads an input alone


@pytest.mark.parametrize("kind", READ_LAYERS, ids=lambda kind: kind.word)
def test_a_relu_after_any_layer_overwrites_only_what_nobody_needs(kind):
    made, (shape,) = MAKERS[kind.word](Random(3))
    net = network(conv(shape[0]) if len(shape) == 3 else op("FC", shape[-1]), made, op("relu"), size=shape)
    skip = [(op("add"), (3, 3))] if net.shapes[3] != net.shapes[1] else [(op("add"), (1, 3))]
    net = network(*[(node.op, node.inputs) for node in net.graph if node.inputs], *skip, size=shape)
    module = Executed(net).train(kind.word not in ("bn", "dropout", "dropout2d", "droppath"))
    x = torch.randn(2, *shape)
    (over,) = module(x)
    assert memory(net, 2).saved == saved_bytes(module, x) or not module.training
    if 3 in overwrites(net):
        module.layers["3"].it.inplace = False
    torch.testing.assert_close(module(x)[0], over)


def test_frozen_layers_keep_only_what_later_ones_need():
    net = network(
        conv(8), op("bn"), op("relu"), conv(8), op("relu"), op("FC", 5), settings=Settings(frozenset({1, 2, 6}))
    )
    x = torch.randn(1, *net.shapes[0])
    assert memory(net).saved == saved_bytes(Executed(net).train(), x)


@pytest.mark.parametrize("name", NETWORKS)
def test_overwriting_changes_no_result(name):
    net = NETWORKS[name]()
    module = Executed(net).eval()
    x = torch.randn(2, *net.shapes[0])
    over = module(x)
    for layer in module.layers.values():
        if hasattr(getattr(layer, "it", None), "inplace"):
            layer.it.inplace = False
    for a, b in zip(module(x), over, strict=True):
        torch.testing.assert_close(a, b)


def test_a_relu_after_a_convolution_overwrites_it_and_one_on_a_shared_tensor_does_not():
    net = network(conv(8), op("relu"), conv(8), op("relu"), (op("add"), (3, 4)), op("relu"))
    assert overwrites(net) == {2, 6}


def test_a_tapped_or_returned_tensor_is_not_overwritten():
    assert overwrites(network(conv(8), op("relu"))) == {2}
    assert overwrites(network(conv(8), op("relu"), taps={"c": 1})) == set()
    assert overwrites(network(conv(8), op("relu"), outputs=(1, 2))) == set()


def test_what_a_layer_keeps_of_its_output_is_not_overwritten():
    assert overwrites(network(conv(8), op("tanh"), op("relu"))) == set()
    assert overwrites(network(conv(8), op("relu"), op("dropout"))) == {2}
    assert overwrites(network(conv(8), op("leakyrelu"), op("dropout"))) == {2}
    assert overwrites(network(conv(8), op("gelu"), op("relu"))) == {3}


def test_views_and_what_may_be_one_are_not_overwritten():
    assert overwrites(network(conv(8), op("identity"), op("relu"))) == set()
    assert overwrites(network(conv(8), op("gelu"), op("dropout"), op("relu"))) == {3}
    assert overwrites(network(op("relu"))) == set()


def test_uses_of_one_module_overwrite_together_or_not_at_all():
    apart = network(conv(8), op("relu"), conv(8), op("relu"), (op("add"), (3, 4)))
    assert overwrites(apart) == {2}
    shared = network(conv(8), op("relu"), conv(8), op("relu"), (op("add"), (3, 4)), shares={4: 2})
    assert overwrites(shared) == set()


def test_the_peak_is_the_fullest_moment():
    net = network(conv(8), op("relu"), op("maxpool"), conv(8), size=(1, 8, 8))
    image, large, small = 64 * 4, 8 * 64 * 4, 8 * 16 * 4
    assert memory(net).peak == large + max(image, small)
    assert memory(net).outputs == 2 * large + 2 * small


def test_a_skip_lives_until_it_is_read():
    net = network(conv(1), conv(1), conv(1), (op("add"), (1, 3)), size=(1, 10, 10))
    assert memory(net).peak == 3 * 400  # the skip, what the third convolution reads, what it writes


def test_an_output_lives_to_the_end():
    kept = network(conv(1), conv(1), conv(1), outputs=(1, 3), size=(1, 10, 10))
    assert memory(kept).peak == 3 * 400
    assert memory(network(conv(1), conv(1), conv(1), size=(1, 10, 10))).peak == 2 * 400


def test_train_only_layers_are_not_alive_at_inference():
    alone = network(conv(8), conv(8))
    with_head = network(conv(8), (conv(500), (1,)), (conv(8), (1,)), outputs=(3,), train_only=(2,))
    assert memory(with_head).peak == memory(alone).peak
    assert memory(with_head).outputs == memory(alone).outputs
