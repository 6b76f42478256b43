"""Which inputs a network takes: worked out by hand, printed by papers, and tried with the checker."""

import pytest

from archlang import ArchError, parse, read
from archlang.cli.solving import solve
from archlang.passes.legal_sizes import Rule, rule
from archlang.passes.rounding import Rounded, rounded_windows


def sizes(name, most=400):
    return solve(read(name).network, {}, most).sizes


def sizes_of(text, most=128):
    return solve(parse(text).network, {}, most).sizes


def test_the_u_net_takes_188_and_every_16_more_without_rounding():
    found = sizes("unet")
    assert found.legal[0] == 188
    assert rule(found.exact, found.most) == Rule((), (188,), 16)
    assert found.same == found.legal  # nothing in it hangs on the size


def test_a_residual_network_takes_every_size():
    found = sizes("resnet50")
    assert rule(found.legal, found.most) == Rule((), (1,), 1)
    assert rule(found.exact, found.most) == Rule((), (1,), 32)


def test_pools_that_round_up_lead_from_32_sizes_to_seven_by_seven():
    found = sizes("vgg@D")
    assert (found.same[0], found.same[-1], len(found.same)) == (193, 224, 32)


def test_inception_v3_takes_75_without_its_head():
    found = sizes("inceptionv3")
    assert (found.legal[0], found.inference[0]) == (299, 75)


def test_weights_of_a_board_take_no_other_board():
    assert sizes("alphago").same == (19,)


def test_a_valid_network_begins_where_its_windows_fit():
    # 5 needs 5; halved, 3 needs 3: 2 * 3 + 4 = 10.
    found = sizes_of("input 1x28x28\nconv5-4(pad=0)\nmaxpool\nconv3-4(pad=0)\ngap\nFC-2")
    assert found.legal[0] == 10
    assert rule(found.exact, found.most) == Rule((), (10,), 2)


def test_a_file_that_makes_other_layers_at_other_sizes_is_read_anew():
    text = "net Z {\n input 3x64x64\n if in.h > 32 { conv5-8(pad=0) }\n conv3-16(pad=0)\n gap\n FC-10\n}"
    found = sizes_of(text)
    assert found.depends
    assert found.legal == tuple(range(3, 129))
    assert found.same[0] == 33


def test_no_formula_is_claimed_for_layers_that_are_made_for_one_size():
    text = "net Z {\n input 3x64x64\n block b() { gap; upsample(in.h) }\n conv3-8/2\n b()\n conv1-2 bare as out\n}"
    network = parse(text).network
    found = solve(network, {}, 64)
    assert found.sizes.depends
    assert network.shapes[network.labels["out"]] == (2, 32, 32)
    assert network.labels["out"] not in found.formulas


@pytest.mark.parametrize("name", ["unet", "googlenet", "alexnet", "inceptionv3"])
def test_the_checker_says_the_same_at_the_border(name):
    model = read(name)
    first = solve(model.network, {}, 400).sizes.legal[0]
    channels = model.shapes[0][0]
    assert read(name, input=(channels, first, first)).shapes
    with pytest.raises(ArchError):
        read(name, input=(channels, first - 1, first - 1))


def test_rows_past_the_last_window_are_lost_unless_they_are_padding():
    lost = parse("input 1x8x8\nmaxpool3/2\nconv1-1 bare").network
    padding = parse("input 1x8x8\nconv3-1/2(pad=1) bare").network
    hanging = parse("input 1x8x8\nmaxpool3/2(ceil=true)\nconv1-1 bare").network
    assert [next(rounded_windows(net.graph, net.shapes)) for net in (lost, padding, hanging)] == [
        Rounded(1, 0, 1, 1, up=False),
        Rounded(1, 0, 1, 0, up=False),
        Rounded(1, 0, 1, 0, up=True),
    ]


@pytest.mark.parametrize(
    ("found", "most", "said"),
    [
        ((), 9, Rule(())),
        ((5,), 99, Rule(((5, 5),))),
        (range(193, 225), 999, Rule(((193, 224),))),
        (range(33, 100), 99, Rule((), (33,), 1)),
        ([3, *range(10, 100, 4)], 99, Rule(((3, 3),), (10,), 4)),
        ([n for n in range(8, 101) if n % 8 < 3], 100, Rule((), (8, 9, 10), 8)),
    ],
)
def test_a_rule_says_what_it_was_made_of(found, most, said):
    assert rule(list(found), most) == said
