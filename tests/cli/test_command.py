from __future__ import annotations

from types import SimpleNamespace

import pytest

from archlang.cli.command import file_name, title


@pytest.mark.parametrize(
    ("network", "variant", "name"),
    [
        ("googlenet", None, "googlenet"),
        ("ResNet-50", None, "ResNet-50"),
        ("nets/vgg.arch@D", None, "vgg-D"),
        ("vgg.arch", "A-LRN", "vgg-A-LRN"),
        ("nets/two.arch:Small@50", None, "two-Small-50"),
        ("vgg@../../etc", None, "vgg-.._.._etc"),
        ("-", None, "Net"),
        ("-@B", None, "Net-B"),
    ],
)
def test_a_file_is_named_as_the_network_was_asked_for(network, variant, name):
    args = SimpleNamespace(network=network, variant=variant)
    assert file_name(args, SimpleNamespace(name="Net")) == name


@pytest.mark.parametrize(
    ("macs", "said"),
    [(15470264320, "15.47 G"), (10**9, "1.00 G"), (40554880, "40.55 M"), (999_999, "999999"), (0, "0")],
)
def test_a_title_counts_parameters_in_full_and_macs_in_short(macs, said):
    model = SimpleNamespace(name="VGG", variant="D", params=138357544, macs=macs, unsaid=())
    assert title(model) == f"VGG@D: 138,357,544 parameters, {said} MACs"


def test_a_title_leaves_symbolic_sizes_as_they_are():
    model = SimpleNamespace(name="F", variant=None, params=10, macs="27*H*W", unsaid=())
    assert title(model) == "F: 10 parameters, 27*H*W MACs"


def test_a_title_says_where_layers_are_left_out():
    model = SimpleNamespace(name="F", variant=None, params=10, macs=20, unsaid={("macs", "deform")})
    assert title(model) == "F: 10 parameters, 20 + ? MACs"
