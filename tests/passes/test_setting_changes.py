"""What two networks say differently of the layers they share."""

from archlang import parse, read
from archlang.passes.difference import difference
from archlang.passes.setting_changes import SettingChange

PLAIN = "input 3x8x8\nconv3-4 as a\nconv3-4 as b\ngap\nFC-2 as c\n"


def changes(one, other):
    return difference(parse(one).network, parse(other).network).settings


def test_each_kind_of_line_is_told_with_the_layers_it_means():
    found = changes(PLAIN, PLAIN + "freeze a\nlr c = 10\ndecay b = 0.1\ninit a, b = gaussian(0.01)\n")
    assert found == (
        SettingChange("freeze", "learns", "frozen", ("a",), ("a",)),
        SettingChange("lr", "1", "10", ("c",), ("c",)),
        SettingChange("decay", "unset", "0.1", ("b",), ("b",)),
        SettingChange("init", "unset", "gaussian(0.01)", ("a", "b"), ("a", "b")),
    )


def test_a_rate_of_one_is_what_no_line_says():
    assert changes(PLAIN, PLAIN + "lr c = 1\n") == ()


def test_networks_that_differ_in_settings_alone_are_not_equal():
    found = difference(parse(PLAIN).network, parse(PLAIN + "freeze a\n").network)
    assert not found.equal


def test_a_layer_that_only_one_has_is_not_told_of():
    wider = "input 3x8x8\nconv3-4 as a\nconv3-4 as b\nconv5-4 as new\ngap\nFC-2 as c\nfreeze new\n"
    assert changes(PLAIN, wider) == ()


def test_parameters_are_told_as_they_are_typed():
    found = difference(read("resnet18").network, read("resnet50").network).settings
    assert found[:2] == (
        SettingChange("unit", "basic", "bottleneck"),
        SettingChange("n", "[2, 2, 2, 2]", "[3, 4, 6, 3]"),
    )


def test_a_head_whose_loss_weighs_otherwise_is_told_of():
    text = "input 3x8x8\nconv3-4\naux loss1(weight={}) {{ gap; FC-2 }}\ngap\nFC-2\n"
    assert changes(text.format(0.3), text.format(0.4)) == (SettingChange("loss1.weight", "0.3", "0.4"),)


def test_weights_that_are_asked_for_by_name_are_compared():
    assert (
        SettingChange("weights", "imagenet", "unset")
        in difference(read("flowers").network, read("resnet50").network).settings
    )
