"""What is placed of a net that has errors: its layers up to them, wired among themselves."""

from __future__ import annotations

import pytest

from archlang.elaborate.check import load
from archlang.elaborate.network import Ask, elaborate, meant
from archlang.elaborate.partly import STOPPED
from archlang.elaborate.report import Report
from archlang.ir.network import Network
from archlang.page.sheet import sheet
from archlang.source import Source


def partly(text: str, variant: str | None = None) -> Network | None:
    report = Report()
    module = load(Source("net.arch", text), report)
    net = meant(module, None)
    assert net is not None
    return elaborate(module, net, report, Ask(variant=variant, partly=True))


def words(network: Network | None) -> list[str]:
    assert network is not None
    sheet(network, None)  # and it can be shown
    return [node.op.word for node in network.graph]


def test_layers_above_an_error_are_placed_and_those_that_follow_it_are_not() -> None:
    network = partly("input 3x32x32\nconv3-8; relu\nmaxpol2/2\nconv3-16; relu\n")
    assert words(network) == ["input", "conv", "relu"]
    assert [(one.name, one.output) for one in network.results] == [(STOPPED, 2)]


def test_the_branches_that_are_right_stay_beside_the_one_that_is_wrong() -> None:
    network = partly("input 3x32x32\nconcat[conv3-8 | cnv3-8 | conv1-8; relu]\nFC-10\n")
    assert words(network) == ["input", "conv", "conv", "relu"]
    assert [one.output for one in network.results] == [1, 3]


def test_a_line_that_cannot_be_read_ends_what_is_placed_where_it_stands() -> None:
    network = partly("input 3x32x32\nconv3-8\nconv3-(8\nmaxpool2/2\nFC-10\n")
    assert words(network) == ["input", "conv"]


def test_a_line_that_cannot_be_read_and_places_nothing_ends_nothing() -> None:
    network = partly("input 3x32x32\nconv3-8\nexpect params = 3\nmaxpool2/2\nFC-10\n")
    assert words(network) == ["input", "conv", "maxpool", "FC"]


def test_a_wrong_claim_leaves_the_whole_network_placed() -> None:
    network = partly("input 3x32x32\nconv3-8 => 9x32x32\nrelu\nFC-10\n")
    assert words(network) == ["input", "conv", "relu", "FC"]
    assert [one.name for one in network.results] == ["logits"]


def test_a_label_that_does_not_exist_leaves_both_ways_to_the_merge() -> None:
    network = partly("input 3x32x32\nconv3-8 as a\nconv3-8\nadd(b)\nrelu\n")
    assert words(network) == ["input", "conv", "conv"]


def test_an_error_in_the_body_of_a_repeat_leaves_what_stands_above_the_repeat() -> None:
    network = partly("input 3x32x32\nconv3-8\n[conv3-8; relu; add(q)] x3\nFC-10\n")
    assert words(network)[:2] == ["input", "conv"]
    assert "FC" not in words(network)


@pytest.mark.parametrize("text", ["conv3-", "conv3-(1])\n", "x\n"])
def test_where_nothing_could_be_placed_there_is_no_network(text: str) -> None:
    report = Report()
    module = load(Source("net.arch", text), report)
    net = meant(module, None)
    found = None if net is None else elaborate(module, net, report, Ask(partly=True))
    assert found is None or [node.op.word for node in found.graph] == ["input"]
