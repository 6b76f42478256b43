"""Parameters, operations and depth of whole networks."""

from handmade import conv, network, op, residual, vgg_like

from archlang.ir.network import Settings
from archlang.ops.dim import symbol
from archlang.passes.cost import costs, totals
from archlang.passes.depth import depth


def whole(net):
    return totals(net, costs(net))


def test_parameters_and_operations_are_summed():
    total = whole(network(conv(8), op("bn"), op("relu"), op("FC", 5), size=(3, 4, 4)))
    assert total.params == 8 * 3 * 9 + 8 + 16 + 5 * 128 + 5
    assert total.macs == 8 * 3 * 9 * 16 + 5 * 128
    assert total.activation_bytes == 4 * (3 * 128 + 5)


def test_train_only_layers_count_in_params_train_alone():
    total = whole(network(conv(8), (op("FC", 9), (1,)), (op("gap"), (1,)), outputs=(3,), train_only=(2,)))
    assert total.params_train - total.params == 9 * 8 * 32 * 32 + 9
    assert total.macs == 8 * 27 * 32 * 32


def test_what_is_frozen_or_at_a_rate_of_zero_is_counted_and_does_not_learn():
    settings = Settings(frozenset({1}), lr={2: 0.0, 3: 0.1})
    total = whole(network(conv(8), op("bn"), op("FC", 5), settings=settings, size=(3, 4, 4)))
    assert total.params_train == 8 * 3 * 9 + 8 + 16 + 5 * 128 + 5
    assert total.params_trainable == 5 * 128 + 5


def test_weights_used_once_more_count_once_and_their_operations_twice():
    one = whole(network(conv(8), conv(8)))
    again = whole(network(conv(8), conv(8), conv(8), shares={3: 2}))
    assert again.params == one.params
    assert again.macs == one.macs + 8 * 8 * 9 * 32 * 32


def test_depth_is_the_longest_path_without_gates():
    assert depth(vgg_like()) == 4
    assert depth(residual()) == 4  # stem, two of the bottleneck, classifier; not the two of the gate
    assert depth(residual(), frozenset({14, 15, 16, 17})) == 2  # the gate itself


def test_a_symbolic_input_has_symbolic_operations():
    total = whole(network(conv(8, 3, 2), size=(3, symbol("H"), symbol("W"))))
    assert str(total.macs) == "216*ceil(H/2)*ceil(W/2)"
    assert total.params == 8 * 28
