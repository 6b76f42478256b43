"""Which inputs a network takes: worked out by hand, printed by papers, and tried with the checker."""

import pytest
from handmade import network, op

from archlang import ArchError, parse, read
from archlang.passes.legal_sizes import legal_sizes
from archlang.passes.rounding import Rounded, rounded_windows
from archlang.passes.size_rule import Rule, rule
from archlang.passes.solve import solve
from archlang.passes.trial import NoMapError


def sizes(name, most=400):
    return solve(read(name).network, {}, most).sizes


def sizes_of(text, most=128):
    return solve(parse(text).network, {}, most).sizes


def test_the_u_net_takes_188_and_every_16_more_without_rounding():
    found = sizes("unet")
    assert found.legal[0] == 188
    assert rule(found.kept.exact, found.most) == Rule((), (188,), 16)
    assert found.kept.same == found.legal  # nothing in it hangs on the size


def test_a_residual_network_takes_every_size():
    found = sizes("resnet50")
    assert rule(found.legal, found.most) == Rule((), (1,), 1)
    assert rule(found.kept.exact, found.most) == Rule((), (1,), 32)


def test_pools_that_round_up_lead_from_32_sizes_to_seven_by_seven():
    found = sizes("vgg@D")
    assert (found.kept.same[0], found.kept.same[-1], len(found.kept.same)) == (193, 224, 32)


def test_inception_v3_takes_75_without_its_head():
    found = sizes("inceptionv3")
    assert (found.legal[0], found.kept.takes[0]) == (299, 75)


def test_weights_of_a_board_take_no_other_board():
    assert sizes("alphago").kept.same == (19,)


def test_a_valid_network_begins_where_its_windows_fit():
    # 5 needs 5; halved, 3 needs 3: 2 * 3 + 4 = 10.
    found = sizes_of("input 1x28x28\nconv5-4(pad=0)\nmaxpool\nconv3-4(pad=0)\ngap\nFC-2")
    assert found.legal[0] == 10
    assert rule(found.kept.exact, found.most) == Rule((), (10,), 2)


def test_a_file_that_makes_other_layers_at_other_sizes_is_read_anew():
    text = "net Z {\n input 3x64x64\n if in.h > 32 { conv5-8(pad=0) }\n conv3-16(pad=0)\n gap\n FC-10\n}"
    found = sizes_of(text)
    assert found.depends
    assert found.legal == tuple(range(3, 129))
    assert found.kept.same[0] == 33


def test_no_formula_is_claimed_for_layers_that_are_made_for_one_size():
    text = "net Z {\n input 3x64x64\n block b() { gap; upsample(in.h) }\n conv3-8/2\n b()\n conv1-2 bare as out\n}"
    net = parse(text).network
    found = solve(net, {}, 64)
    assert found.sizes.depends
    assert net.shapes[net.labels["out"]] == (2, 32, 32)
    assert net.labels["out"] not in found.formulas


@pytest.mark.parametrize("name", ["unet", "googlenet", "alexnet", "inceptionv3"])
def test_the_checker_says_the_same_at_the_border(name):
    model = read(name)
    first = solve(model.network, {}, 400).sizes.legal[0]
    channels = model.shapes[0][0]
    assert read(name, input=(channels, first, first)).shapes
    with pytest.raises(ArchError):
        read(name, input=(channels, first - 1, first - 1))


def test_height_and_width_go_by_themselves_where_nothing_ties_them():
    found = sizes("unet")
    assert (found.sides, found.apart) == (None, True)
    assert read("unet", input=(1, 188, 572)).shapes


def test_windows_that_are_not_square_give_each_side_its_own_rule():
    # Seven rows and two columns at least.
    found = sizes_of("input 1x28x40\nconv7x2-4(pad=0)\ngap\nFC-2")
    heights, widths = found.sides
    assert (found.legal[0], heights.takes[0], widths.takes[0]) == (7, 7, 2)
    assert found.apart


def test_weights_of_a_rectangle_are_kept_by_its_sides_and_by_no_square():
    found = sizes_of("input 3x8x32\nmaxpool\nFC-2")
    heights, widths = found.sides
    assert heights.same == (8, 9)
    assert widths.same == (32, 33)


def test_a_network_without_maps_has_nothing_to_solve():
    flat = network(op("FC", 2), size=(10,))
    with pytest.raises(NoMapError):
        legal_sizes(flat, lambda _: flat)


def test_sides_that_hang_together_are_told_of():
    # (H - 2) * W rows of one and H * (W - 2) of the other are as many in squares alone.
    found = sizes_of("input 1x8x8\nconv3x1-4(pad=0); flatten as a\nfrom data: conv1x3-4(pad=0); flatten; add(a)\nFC-2")
    heights, widths = found.sides
    assert rule(found.legal, found.most) == Rule((), (3,), 1)
    assert heights.takes == widths.takes == (8,)


def test_a_smaller_input_keeps_its_ratio_to_the_first():
    text = (
        "input image 3x64x64\ninput depth 1x32x32\nfrom image: conv3-8/2 as a\nfrom depth: conv3-8; add(a)\ngap\nFC-2"
    )
    found = sizes_of(text)
    assert found.legal == tuple(range(2, 129, 2))
    assert found.alone == {0: (63, 64), 1: (32,)}


def test_of_two_inputs_that_are_joined_each_takes_alone_what_leads_to_the_same_map():
    found = sizes("fcn_nyud", 600)
    assert list(found.alone.values()) == [tuple(range(411, 443))] * 2


def test_the_sizes_of_each_window_are_those_that_fit_it():
    found = sizes("vgg@D")
    assert rule(found.whole["pool1"], found.most) == Rule((), (2,), 2)
    assert rule(found.whole["pool2"], found.most) == Rule((), (3, 4), 4)


def test_the_work_for_a_network_of_thousands_of_layers_has_an_end():
    model = read("cifar_resnet@1202")
    found = solve(model.network, {}, 4096).sizes
    assert len(model.graph) * found.most < 1_000_000
    assert found.legal[0] == 1


@pytest.mark.parametrize("name", ["unet", "googlenet", "squeezenet", "fcn8s"])
def test_the_checker_says_the_same_of_rectangles(name):
    model = read(name)
    found = solve(model.network, {}, 300).sizes
    assert found.apart
    first, channels = found.kept.takes[0], model.shapes[0][0]
    assert read(name, input=(channels, first, 2 * first + 1)).shapes
    if first > 1:
        with pytest.raises(ArchError):
            read(name, input=(channels, 2 * first, first - 1))


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
