"""Receptive fields, against what gradients reach and what papers print."""

import pytest
from handmade import conv, network, op

import archlang
from archlang.ops.dim import symbol
from archlang.passes.field import fields


def last(net):
    return fields(net)[len(net.graph) - 1]


def test_three_by_three_twice_sees_five_by_five():
    field = last(network(conv(4), conv(4)))
    assert (field.size, field.stride, field.offset) == ((5, 5), (1, 1), (0, 0))


def test_vgg16_sees_212_before_its_last_pool_s_end():
    layers = [layer for n in (2, 2, 3, 3, 3) for layer in (*[conv(4)] * n, op("maxpool"))]
    field = last(network(*layers, size=(3, 224, 224)))
    assert (field.size, field.stride) == ((212, 212), (32, 32))


def test_padding_moves_the_centre_and_oblong_kernels_see_oblong_fields():
    field = last(network(op("conv", 4, (1, 7), (1, 2), (0, 0))))
    assert (field.size, field.stride, field.offset) == ((1, 7), (1, 2), (0, 3))


def test_a_join_sees_what_any_branch_sees():
    net = network(conv(4, 1), (conv(4, 5), (0,)), (op("concat"), (1, 2)))
    assert last(net).size == (5, 5)


def test_global_pooling_and_fully_connected_layers_see_everything():
    for layer in (op("gap"), op("FC", 3), op("adaptiveavgpool", (1, 1))):
        assert last(network(conv(4), layer)).size == (32, 32)
        assert last(network(conv(4), layer)).whole


def test_a_symbolic_input_has_the_same_fields():
    net = network(conv(4, 7, 2), op("maxpool", (3, 3), (2, 2)), size=(3, symbol("H"), symbol("W")))
    assert last(net).size == (11, 11)


def test_upsampling_undoes_the_stride():
    field = last(network(conv(4, 3, 2), op("upsample")))
    assert field.size == (3, 3)
    assert field.stride == (1, 1)
    finer = last(network(op("upsample"), conv(4)))
    assert (finer.size, [float(s) for s in finer.stride]) == ((2, 2), [0.5, 0.5])


WHERE = {
    "plain": lambda: network(conv(1, 3, 2), conv(1, 3), size=(1, 40, 40)),
    "dilated": lambda: network(conv(1, 3, dilation=(2, 3)), op("conv", 1, (2, 5), (2, 1), (0, 1)), size=(1, 40, 40)),
    "pool": lambda: network(op("avgpool", (3, 3), (2, 2), (1, 1)), conv(1, 3), size=(1, 40, 40)),
    "deconv": lambda: network(conv(1, 3, 2), op("deconv", 1, (4, 4), (2, 2), (1, 1)), conv(1), size=(1, 40, 40)),
    "deconv3": lambda: network(conv(1, 3, 4), op("deconv", 1, (6, 6), (3, 3), (2, 2)), size=(1, 60, 60)),
    "nearest": lambda: network(conv(1, 3, 2), op("upsample", (2, 2)), conv(1, 3), size=(1, 40, 40)),
    "nearest3": lambda: network(conv(1, 3, 4), op("upsample", (3, 2)), size=(1, 60, 60)),
    "bilinear": lambda: network(conv(1, 3, 2), op("upsample", (2, 3), mode="bilinear"), size=(1, 40, 40)),
    "resized": lambda: network(conv(1, 3, 2), (op("resize", "bilinear"), (1, 0)), size=(1, 40, 60)),
    "resized by nearest": lambda: network(conv(1, 3, 2), (op("resize"), (1, 0)), conv(1, 3), size=(1, 40, 60)),
    "made smaller": lambda: network(conv(1, 9, 4), (conv(1, 3), (0,)), (op("resize"), (2, 1)), size=(1, 40, 60)),
    "crop": lambda: network(
        conv(1, 3, 2), (conv(1, 7, 2, pad=(0, 0)), (0,)), (op("crop", (2, 1)), (1, 2)), size=(1, 40, 40)
    ),
    "adaptive": lambda: network(conv(1, 3), op("adaptiveavgpool", (5, 8)), size=(1, 40, 40)),
    "pad": lambda: network(op("pad", (0, 1, 2, 3)), conv(1, 3, pad=(0, 0)), size=(1, 40, 40)),
    "subsample": lambda: network(op("subsample", (2, 3)), conv(1, 3), size=(1, 40, 40)),
}


@pytest.mark.parametrize("name", WHERE)
def test_a_field_is_where_gradients_come_from(name):
    torch = pytest.importorskip("torch")
    from test_memory import Executed

    net = WHERE[name]()
    field = last(net)
    module = Executed(net).eval()
    for parameter in module.parameters():
        torch.nn.init.ones_(parameter)
    rows, columns = net.shapes[len(net.graph) - 1][1:]
    widest = [0, 0]
    for y, x in [(rows // 2 + i, columns // 2 + j) for i in range(3) for j in range(2) if rows // 2 + i < rows]:
        image = torch.rand(1, *net.shapes[0], requires_grad=True)
        module(image)[0][0, 0, y, x].backward()
        for axis, (position, other) in enumerate(((y, 2), (x, 1))):
            hit = image.grad[0, 0].abs().sum(other - 1).nonzero().flatten()
            first, end = int(hit.min()), int(hit.max())
            widest[axis] = max(widest[axis], end - first + 1)
            middle = field.offset[axis] + position * field.stride[axis]
            slack = (
                field.stride[axis]
                if name
                in ("deconv", "deconv3", "nearest", "nearest3", "bilinear", "adaptive", "resized", "resized by nearest")
                else 0
            )
            reach = (field.size[axis] - 1) / 2
            assert middle - reach - slack <= first, (axis, position)
            assert end <= middle + reach + slack, (axis, position)
    assert tuple(widest) == field.size


def test_of_several_inputs_each_is_seen_in_its_own_way():
    text = """net Two { input left 3x64x64
      input right 1x32x32
      conv5-8/2 as a
      from right: conv3-8 as b
      from a, b: concat as both
      from b: conv3-8 as alone }"""
    net = archlang.parse(text).network
    ids = {node.path: node.id for node in net.graph}
    left, right = (fields(net, ids[name]) for name in ("left", "right"))
    assert (left[ids["both"]].size, right[ids["both"]].size) == ((5, 5), (3, 3))
    assert left[ids["alone"]] is None
    assert right[ids["alone"]].size == (5, 5)
    assert fields(net)[ids["both"]].size == (5, 5)
