"""The prelude's blocks: what each makes of its input, and whose words they use."""

from __future__ import annotations

import pytest

import archlang
from archlang import resources
from archlang.locate import read_file
from archlang.syntax import ast
from archlang.syntax.parse import parse

RESNET = "conv means [conv(bias=false); bn; relu]"
DENSENET = "conv means [bn; relu; conv(bias=false)]"

BLOCKS = [
    # call, input, the file's words, output, parameters counted by hand
    ("inception(64, 96, 128, 16, 32, 32)", "192x28x28", "", (256, 28, 28), 163_696),
    ("inception_naive(128, 192, 96)", "256x28x28", "", (672, 28, 28), 32_896 + 442_560 + 614_496),
    ("basic(128, stride=2)", "64x56x56", RESNET, (128, 28, 28), 73_728 + 147_456 + 8_192 + 3 * 256),
    ("basic(64)", "64x56x56", RESNET, (64, 56, 56), 2 * 36_864 + 2 * 128),
    ("bottleneck(64)", "64x56x56", RESNET, (256, 56, 56), 4_096 + 36_864 + 2 * 16_384 + 1_280),
    ("bottleneck(64)", "256x56x56", RESNET, (256, 56, 56), 16_384 + 36_864 + 16_384 + 768),
    ("bottleneck(64)", "64x56x56", "", (256, 56, 56), 4_160 + 36_928 + 2 * 16_640),
    (
        "bottleneck(128, stride=2, groups=32, base=4)",
        "256x56x56",
        RESNET,
        (512, 28, 28),
        65_536 + 18_432 + 2 * 131_072 + 3_072,
    ),
    ("preact(64)", "64x28x28", "", (64, 28, 28), 2 * 36_864 + 2 * 128),
    ("preact(128, stride=2)", "64x28x28", DENSENET, (128, 14, 14), 73_728 + 147_456 + 8_192 + 384),
    ("preact(160, drop=0.3)", "16x32x32", "", (160, 32, 32), 23_040 + 230_400 + 2_560 + 352),
    ("preact_bottleneck(64)", "64x56x56", "", (256, 56, 56), 4_096 + 36_864 + 2 * 16_384 + 384),
    ("mlpconv(5, 192, 160, 96)", "3x32x32", "", (96, 32, 32), 14_592 + 30_880 + 15_456),
    ("fire(16, 64)", "64x55x55", "", (128, 55, 55), 1_040 + 1_088 + 9_280),
    ("se", "256x14x14", RESNET, (256, 14, 14), 4_112 + 4_352),
    ("se(r=4)", "256x14x14", RESNET, (256, 14, 14), 16_448 + 16_640),
    ("dense", "64x56x56", DENSENET, (96, 56, 56), 128 + 8_192 + 256 + 36_864),
    ("dense(k=12)", "24x32x32", DENSENET, (36, 32, 32), 48 + 1_152 + 96 + 5_184),
    ("transition", "256x56x56", DENSENET, (128, 28, 28), 512 + 32_768),
    ("dwsep(64, stride=2)", "32x112x112", "", (64, 56, 56), 320 + 2_112),
    ("sepconv(128)", "64x74x74", "", (128, 74, 74), 576 + 8_320),
    ("invertedresidual(24, stride=2)", "16x112x112", "", (24, 56, 56), 1_536 + 864 + 2_304 + 432),
    ("invertedresidual(16, t=1)", "32x112x112", RESNET, (16, 112, 112), 288 + 512 + 96),
    ("invertedresidual(32)", "32x28x28", "", (32, 28, 28), 6_144 + 1_728 + 6_144 + 832),
    ("mbconv(40, k=5, stride=2)", "24x56x56", "", (40, 28, 28), 3_456 + 3_600 + 870 + 1_008 + 5_760 + 656),
    ("shuffleunit(116, stride=2)", "24x56x56", "", (116, 28, 28), 1_772 + 5_626),
    ("shuffleunit(116)", "116x28x28", "", (116, 28, 28), 7_598),
    ("spp", "256x13x13", "", (12_800,), 0),
    ("convbnrelu(64, k=7, stride=2)", "3x224x224", "", (64, 112, 112), 9_408 + 128),
    ("doubleconv(64)", "3x32x32", RESNET, (64, 32, 32), 1_728 + 36_864 + 256),
    ("conv3-8 as d1; maxpool; conv3-16; up(8, d1)", "1x64x64", "", (8, 64, 64), 80 + 1_168 + 520 + 1_160 + 584),
]


def model(call, size, words=""):
    return archlang.parse(f"{words}\ninput {size}\n{call}\n")


def prelude():
    for path in sorted((resources.zoo() / "std").glob("*.arch")):
        yield from parse(read_file(path))[0].body.statements


@pytest.mark.parametrize(("call", "size", "words", "output", "params"), BLOCKS)
def test_a_block_of_the_prelude_makes_what_its_paper_says(call, size, words, output, params):
    made = model(call, size, words)
    assert made.shapes[made.network.results[0].output] == output
    assert made.params == params


@pytest.mark.parametrize(("call", "size", "words", "output", "params"), BLOCKS)
def test_a_block_of_the_prelude_is_called_without_a_warning(call, size, words, output, params):
    assert [each.message for each in model(call, size, words).warnings if each.severity == "warning"] == []


def test_every_block_of_the_prelude_is_called_here():
    called = " ".join(call for call, *_ in BLOCKS)
    assert [s.name for s in prelude() if isinstance(s, ast.Block) and s.name not in called] == []


def test_no_block_of_the_prelude_is_written_twice():
    names = [s.name for s in prelude() if isinstance(s, ast.Block)]
    assert sorted(set(names)) == sorted(names)


def test_the_files_own_block_comes_before_the_preludes():
    text = "block basic(w) { conv1-w }\ninput 3x8x8\nbasic(4)\n"
    assert archlang.parse(text).params == 16


def test_a_block_uses_the_words_of_the_file_that_calls_it():
    plain = model("inception(1, 1, 1, 1, 1, 1)", "4x8x8")
    normed = model("inception(1, 1, 1, 1, 1, 1)", "4x8x8", RESNET)
    assert [node.op.word for node in plain.graph].count("bn") == 0
    assert [node.op.word for node in normed.graph].count("bn") == 6


def test_the_files_shortcut_comes_before_the_preludes():
    words = f"{RESNET}\nshortcut means [subsample(out.stride); padc(out.c)]"
    assert model("basic(128, stride=2)", "64x56x56", words).params == 73_728 + 147_456 + 2 * 256


def test_a_preludes_block_can_be_held_by_a_parameter():
    text = f"net T(unit=bottleneck(groups=32, base=4)) {{\n{RESNET}\ninput 64x8x8\nunit(64)\n}}\n"
    assert archlang.parse(text).params == 8_192 + 4_608 + 32_768 + 16_384 + 2 * (128 + 128 + 256 + 256)
