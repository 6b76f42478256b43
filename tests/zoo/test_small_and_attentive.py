"""What the papers print of networks for telephones and of those that followed, and what only attention does."""

from __future__ import annotations

import pytest

from archlang.passes.depth import depth
from archlang.passes.field import fields
from archlang.report.counters import counted

# Table 1 of EfficientNet, B0: the size that a stage leaves, its maps, its units.
EFFICIENTNET_B0 = [
    ("features.0", (32, 112, 112), 1),
    ("features.1", (16, 112, 112), 1),
    ("features.2", (24, 56, 56), 2),
    ("features.3", (40, 28, 28), 2),
    ("features.4", (80, 14, 14), 3),
    ("features.5", (112, 14, 14), 3),
    ("features.6", (192, 7, 7), 4),
    ("features.7", (320, 7, 7), 1),
    ("features.8", (1280, 7, 7), 1),
]


@pytest.mark.parametrize(("stage", "shape", "units"), EFFICIENTNET_B0)
def test_a_stage_of_efficientnet_b0_has_the_papers_size_and_units(stage, shape, units, network):
    model = network("efficientnet", "B0")
    nodes = [node for node in model.graph if node.path.startswith(f"{stage}.")]
    assert model.shapes[nodes[-1].id] == shape
    depthwise = [node for node in nodes if node.op.word == "dwconv"]
    assert len(depthwise) == (units if 0 < int(stage[-1]) < 8 else 0)


@pytest.mark.parametrize(("name", "variant", "deepest"), [("efficientnet", "B0", 0.2), ("convnext", "tiny", 0.1)])
def test_the_deeper_a_unit_the_more_often_it_is_left_out(name, variant, deepest, network):
    drops = [node.op.p for node in network(name, variant).graph if node.op.word == "droppath"]
    assert drops == sorted(drops)
    assert deepest * 0.8 < drops[-1] <= deepest


def test_a_width_of_mobilenet_is_its_share_of_the_whole(network):
    widths = {v: [n.op.out for n in network("mobilenetv1", v).graph if n.op.word == "conv"] for v in ("1.0", "0.25")}
    assert [4 * width for width in widths["0.25"]] == widths["1.0"]


def test_attention_sees_the_whole_image_and_what_is_before_it_one_word(network):
    model = network("vit", "B-16")
    seen = {node.path: fields(model.network)[node.id] for node in model.graph}
    assert seen["encoder.layers.encoder_layer_0.ln_1"].size == (16, 16)
    assert seen["encoder.layers.encoder_layer_0.self_attention"].size == (224, 224)


def test_a_vision_transformer_counts_the_products_of_attention_and_says_so(network):
    model = network("vit", "B-16")
    length, channels = 197, 768
    (first, *_) = (node for node in model.graph if node.op.word == "attention")
    shapes = model.network.entering(first)
    assert first.op.macs(shapes, shapes[0]) == 4 * length * channels**2 + 2 * length**2 * channels
    assert "attention with its two products" in counted(model.network, None)
    assert "attention" not in counted(network("convnext", "tiny").network, None)


def test_layers_of_a_transformer_lie_on_its_path_one_after_the_other(network):
    assert depth(network("vit", "B-16").network) == 1 + 12 * 3 + 1
