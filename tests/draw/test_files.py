"""The files that drawing writes: SVG, PNG, PDF and DOT."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import graphviz
import hand_made
import pytest
from hand_made import Builder

import archlang
from archlang.diagnostics import ArchError
from archlang.diagnostics.codes import CODES
from archlang.draw import draw, svg
from archlang.draw.export import dot
from archlang.draw.metrics import clean, text_width
from archlang.draw.theme import LABEL_SIZE
from archlang.ir.network import Network
from archlang.ir.scope import Kind

NASTY = "a<b>&\"c\"'d'\x07\x1b[31m{}|\\n\u202e"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314  (we wrote it ourselves, a line ago)


def nasty() -> Network:
    b = Builder(NASTY)
    b.input(3, 8, 8)
    with b.scope(Kind.BLOCK, NASTY, label=NASTY * 40):
        b.conv(8)
    return b.network()


def test_svg_is_well_formed_whatever_the_names_are() -> None:
    root = parsed(svg(nasty()))
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert "a<b>&\"c\"'d'[31m{}|\\n" in texts
    assert not any(ord(char) < 32 or char == "\u202e" for text in texts for char in text)


def test_svg_runs_nothing_and_fetches_nothing() -> None:
    text = svg(hand_made.googlenet_like())
    assert not re.search(r"<script|<foreignObject|\bon\w+=|href|@import|url\(", text)


def test_every_id_in_an_svg_is_unique_and_the_text_is_the_same_every_time() -> None:
    text = svg(hand_made.resnet_like(), expand=True)
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids)) > 40
    assert text == svg(hand_made.resnet_like(), expand=True)


def test_every_layer_is_found_by_its_id_and_tells_its_parameters_and_shapes() -> None:
    b = Builder()
    b.input(3, 8, 8)
    b.conv(16, after=("bn", "relu"))
    root = parsed(svg(b.network()))
    layer = next(element for element in root.iter(f"{SVG}g") if element.get("id") == "n3")
    assert layer.get("data-nodes") == "1 2 3"
    assert layer.get("class") == "layer conv"
    tip = layer.findtext(f"{SVG}title")
    assert tip is not None
    assert "conv1: conv (out=16, k=3" in tip
    assert "3ch · 8x8 -> 16ch · 8x8" in tip
    assert "448 params" in tip


def test_edges_carry_their_tensor_and_name_their_ends() -> None:
    text = svg(hand_made.googlenet_like())
    assert ">64ch · 112x112</text>" in text
    assert 'data-from="n0" data-to="n2"' in text
    assert 'data-to="output"' in text


def test_outputs_are_named_where_there_are_several() -> None:
    b = Builder()
    b.input(3, 8, 8)
    first = b.conv(8)
    text = svg(b.network(first, b.conv(4)))
    assert ">out0</text>" in text
    assert ">out1</text>" in text


def test_names_of_outputs_that_end_side_by_side_do_not_touch() -> None:
    layers = "conv3-8 as edges0\n" + "".join(f"from edges{i}: conv3-8 as edges{i + 1}\n" for i in range(4))
    net = f"net A {{ input 3x8x8\n{layers} output edges0, edges1, edges2, edges3, edges4 }}"
    root = parsed(svg(archlang.parse(net).network))
    names = [element for element in root.iter(f"{SVG}text") if element.get("class") == "output"]
    assert {name.text for name in names} == {f"edges{i}" for i in range(5)}
    places = sorted((float(name.get("y", "")), float(name.get("x", ""))) for name in names)
    width = text_width("edges0", LABEL_SIZE, bold=True)
    assert all(low[0] > high[0] or low[1] - high[1] > width for high, low in pairwise(places))
    assert max(y for y, _ in places) < float(root.get("height", "")) - 20


def test_the_legend_names_each_colour_once() -> None:
    root = parsed(svg(hand_made.googlenet_like()))
    legend = [element.text for element in root.iter(f"{SVG}text") if element.get("class") == "legend"]
    assert sorted(legend) == ["concat", "conv", "fc", "input", "pool", "softmax"]


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".svg", b"<svg "), (".png", b"\x89PNG\r\n"), (".pdf", b"%PDF-"), (".dot", b"digraph"), (".SVG", b"<svg ")],
)
def test_the_suffix_says_the_format(tmp_path: Path, suffix: str, start: bytes) -> None:
    path = draw(nasty(), tmp_path / f"net{suffix}")
    assert path == tmp_path / f"net{suffix}"
    assert path.read_bytes().startswith(start)
    assert [file.name for file in tmp_path.iterdir()] == [f"net{suffix}"]


def test_pixels_show_text() -> None:

    from archlang.draw.raster import png

    page = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20">{}</svg>'
    text = '<text x="4" y="14" font-size="11" font-family="No Such Font, sans-serif">conv3</text>'
    assert png(page.format(text), 80, 20) != png(page.format(""), 80, 20)


def test_a_pdf_carries_its_font_and_no_pixels(tmp_path: Path) -> None:
    content = draw(hand_made.googlenet_like(), tmp_path / "net.pdf").read_bytes()
    assert b"BitstreamVeraSans" in content
    assert b"/Subtype /Image" not in content


@pytest.mark.parametrize("name", ["net.jpg", "net", "svg"])
def test_another_suffix_is_an_error_that_lists_those_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchError) as caught:
        draw(nasty(), tmp_path / name)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "picture-format"
    assert diagnostic.code in CODES
    assert ".svg, .png, .pdf, .tex, .dot or .txt" in (diagnostic.help or "")
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArchError) as caught:
        draw(nasty(), tmp_path / "net.svg", engine="dagre")
    assert caught.value.diagnostics[0].code == "picture-engine"


def test_without_graphviz_its_engine_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ArchError) as caught:
        draw(nasty(), tmp_path / "net.svg", engine="dot")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "no-graphviz"
    assert "built-in layout" in (diagnostic.help or "")
    assert list(tmp_path.iterdir()) == []
    assert draw(nasty(), tmp_path / "net.dot", engine="dot").exists()


def test_a_file_that_cannot_be_drawn_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.png"
    path.write_text("old")
    monkeypatch.setattr("archlang.draw.export.png", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        draw(nasty(), path)
    assert path.read_text() == "old"


def test_dot_text_quotes_names_and_nests_clusters() -> None:
    text = dot(nasty())
    assert r"a<b>&\"c\"" in text
    assert r"{}|\\n" in text
    assert text.count("subgraph cluster_") == 1
    assert "\x1b" not in text
    text = dot(hand_made.resnet_like())
    assert text.count("subgraph cluster_") == 6
    assert "bottleneck x3" in text
    assert re.search(r'n0 -> n3 \[label="3ch · 224x224"', text)


def test_dot_text_dashes_what_only_training_runs() -> None:
    assert 'style="rounded,filled,dashed"' in dot(hand_made.googlenet_like())


def test_graphviz_reads_the_dot_text_back() -> None:
    try:
        graphviz.version()
    except graphviz.ExecutableNotFound:
        assert dot(nasty()).endswith("}\n")  # there is nobody to read it here
        return
    for network in (nasty(), hand_made.dense_like()):
        assert graphviz.Source(dot(network)).pipe(format="plain").startswith(b"graph ")


def test_a_long_name_loses_its_middle_and_keeps_both_ends() -> None:
    assert clean("x" * 30 + "y" * 30, 20) == "x" * 13 + "…" + "y" * 6


def test_text_is_at_least_as_wide_as_its_font_draws_it() -> None:
    from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
    from reportlab.pdfbase.ttfonts import TTFont

    text = "conv3-64 (groups=32) · 56x56 … [WQ@%]{}|~"
    for bold, file in ((False, "Vera"), (True, "VeraBd")):
        registerFont(TTFont(file, f"{file}.ttf"))
        drawn = stringWidth(text, file, 11)
        assert drawn <= text_width(text, 11, bold=bold) <= 1.1 * drawn
