"""How large a page is, and what it holds of a network with too many layers."""

import archlang
from archlang.page.draw import html, in_every_variant


def test_googlenets_page_is_under_100_kb(tmp_path):
    assert archlang.read("googlenet").draw(tmp_path / "net.html").stat().st_size < 100_000


def test_the_same_network_gives_the_same_page():
    assert html(archlang.read("vgg@D").network) == html(archlang.read("vgg@D").network)


def test_no_other_variant_is_made_for_a_page_that_one_fills():
    model = archlang.read("cifar_resnet@1202", n=600)
    assert len(model.graph) > 12_000
    assert in_every_variant(model.network, {"n": 600}) == [model.network]
