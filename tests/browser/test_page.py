"""The page, used as a reader uses it: folding, pointing, clicking from one pane to the others, sorting, searching."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archlang

pytestmark = pytest.mark.browser


def boxes(page: Any) -> list[str]:
    """What is written in the boxes, the first line of each."""
    return page.locator(".box").evaluate_all("all => all.map(one => one.getAttribute('aria-label').split(',')[0])")


def choose(page: Any, menu: str, value: str) -> None:
    page.locator(f"select.{menu}").select_option(value)


def test_a_part_closes_and_opens_with_a_click_and_the_table_with_it(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    before = boxes(page)
    page.locator(".frame .head", has_text="i3a").click()
    assert "i3a" in boxes(page)
    assert len(boxes(page)) == len(before) - 7
    assert page.locator("tr.group", has_text="i3a").locator("button.fold").inner_text() == "▸"
    assert page.locator("tr", has_text="i3a.conv1").count() == 0
    page.locator("tr.group", has_text="i3a").locator("button.fold").click()
    assert boxes(page) == before


def test_a_repeat_shows_every_copy_and_folds_again(opened: Callable[..., Any]) -> None:
    page = opened("resnet50")
    before = page.locator(".box").count()
    page.locator(".badge", has_text="x2").first.click()
    assert page.locator(".box").count() == before + 4
    page.locator(".frame.copies .head").first.click()
    assert page.locator(".box").count() == before


def test_what_was_clicked_stays_where_it_was(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    head = page.locator(".frame .head", has_text="i3b")
    before = head.bounding_box()
    head.click()
    after = page.locator(".box.closed", has_text="i3b").bounding_box()
    assert abs(after["y"] - before["y"]) < 3


def test_a_layer_clicked_is_selected_in_the_table_the_source_and_the_module(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    page.locator(".box", has_text="conv7-64/2").click()
    assert page.locator("tr.selected td:first-child").all_inner_texts() == ["conv1", "relu1"]
    page.get_by_role("tab", name="source").click()
    assert "conv7-64/2" in page.locator(".source .own").all_inner_texts()
    page.get_by_role("tab", name="PyTorch").click()
    assert any("self.conv1(" in text for text in page.locator(".emitted .own").all_inner_texts())


def test_a_row_a_word_of_the_source_and_a_line_of_the_module_select_it_back(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    page.locator("tr.layer", has_text="i4a.conv3").click()
    assert page.locator(".box.selected").get_attribute("aria-label").startswith("conv3-208")
    page.get_by_role("tab", name="source").click()
    page.locator(".source [data-at]", has_text="conv7-64/2").click()
    assert page.locator(".box.selected").get_attribute("aria-label").startswith("conv7-64/2")
    page.get_by_role("tab", name="PyTorch").click()
    page.locator(".emitted .line", has_text="self.i4a(").click()
    names = page.evaluate("[...archlang.page.selected].map(id => archlang.page.sheet.byId.get(id).name)")
    assert names
    assert all(name.startswith(("i4a", "loss")) for name in names)


def test_pointing_at_a_box_says_what_it_costs_and_sees(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    page.locator(".box", has_text="conv7-64/2").hover()
    said = page.locator(".hint").inner_text()
    for part in ("conv1: conv(out=64, k=7", "3ch · 224x224", "64ch · 112x112", "9,472", "118 M", "7, stride 2"):
        assert part in said


@pytest.mark.parametrize("column", ["macs", "params", "bytes"])
def test_the_table_sorts_by_a_column(opened: Callable[..., Any], column: str) -> None:
    page = opened("vgg@D")
    page.keyboard.press("u")
    page.locator(f"th [data-column={column}]").click()
    rows = page.locator("tr.layer td:first-child").all_inner_texts()
    key = {"macs": "macs", "params": "params", "bytes": "activation_bytes"}[column]
    layers = archlang.read("vgg@D").layers
    most = max(getattr(layer, key) for layer in layers)
    assert getattr(next(layer for layer in layers if layer.name == rows[0]), key) == most


def test_the_table_filters_and_copies_what_it_shows(opened: Callable[..., Any]) -> None:
    page = opened("vgg@D")
    page.locator(".tools input").fill("fc")
    names = page.locator("tr.layer td:first-child").all_inner_texts()
    assert names
    assert all("fc" in text for text in names)
    page.get_by_role("button", name="CSV").click()
    copied = page.evaluate("archlang.table.copied").splitlines()
    assert copied[0].startswith("layer,kind,output,params")
    assert len(copied) == 1 + len(names)
    page.get_by_role("button", name="Markdown").click()
    assert page.evaluate("archlang.table.copied").splitlines()[1].count("---") == 8


def test_the_totals_of_the_table_are_those_of_the_network(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    assert page.locator("tfoot td").nth(3).inner_text() == "6.999 M"
    assert page.locator("tfoot td").nth(4).inner_text() == "1.583 G"


def test_search_finds_what_is_hidden_and_opens_it(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    page.keyboard.press("f")
    assert page.locator(".box.closed", has_text="i5b").count() == 1
    page.keyboard.press("/")
    page.keyboard.type("i5b conv5")
    assert "1 found" in page.locator(".search .said").inner_text()
    page.keyboard.press("Enter")
    assert page.locator(".box.selected").count() == 1
    assert page.locator(".box.closed", has_text="i5b").count() == 0


def test_heat_follows_the_measure_chosen(opened: Callable[..., Any]) -> None:
    page = opened("vgg@D")
    choose(page, "colours", "params")
    hottest = page.locator(".face[data-heat='1.00']").evaluate_all("all => all.map(one => one.parentNode.textContent)")
    assert any("4096" in text for text in hottest)
    choose(page, "colours", "")
    assert page.locator(".face[data-heat]").count() == 0


def test_memory_alive_has_its_peak_where_the_summary_has_it(opened: Callable[..., Any]) -> None:
    page = opened("vgg@D")
    page.get_by_title("memory alive at each step").click()
    assert page.locator(".timeline rect.peak").count() >= 1
    peak = page.evaluate("Math.max(...archlang.page.sheet.order.map(layer => layer.live))")
    assert peak == json.loads(archlang.read("vgg@D").summary("json"))["totals"]["peak_bytes"]


def test_variants_are_tabs_and_two_can_be_compared(opened: Callable[..., Any]) -> None:
    page = opened("vgg@D")
    assert page.locator("header .tabs button").all_inner_texts() == ["A", "A-LRN", "B", "C", "D", "E"]
    assert page.locator("header .tabs [aria-selected=true]").inner_text() == "D"
    choose(page, "compare", "5")  # with E
    page.get_by_role("tab", name="E", exact=True).click()
    choose(page, "compare", "4")  # with D
    added = page.locator("[data-change=added]").count()
    assert added > 0
    assert page.locator("[data-change=same]").count() > added


def test_the_receptive_field_is_drawn_to_scale(opened: Callable[..., Any]) -> None:
    page = opened("vgg@D")
    page.get_by_role("tab", name="layer", exact=True).click()
    page.locator(".box", has_text="conv3-64").first.click()
    field, whole = page.locator(".field .sees"), page.locator(".field .whole")
    assert field.get_attribute("width") == field.get_attribute("height") == "3"
    assert whole.get_attribute("width") == "224"


TWO = """net Two {
  input left 3x64x64
  input right 1x32x48
  conv5-8/2; relu as a
  from right: conv3-8; relu as b
  from a: gap as c
  from b: gap as d
  from c, d: concat as both
  FC-10 as action
  from d: FC-4 as motion
  output action, motion
  taps a, b
}
"""


def test_what_is_seen_of_several_inputs_is_drawn_on_each(opened: Callable[..., Any], tmp_path: Path) -> None:
    page = opened(archlang.parse(TWO).draw(tmp_path / "two.html"))
    page.get_by_role("tab", name="layer", exact=True).click()
    page.locator(".box", has_text="conv5-8/2").click()
    assert page.locator(".one figcaption").all_inner_texts() == [
        "what the middle value sees of left, 64x64, padding included"
    ]
    assert page.locator(".field .sees").get_attribute("width") == "5"
    page.locator(".box", has_text="both").click()
    wholes = page.locator(".field .whole")
    assert [wholes.nth(i).get_attribute("width") for i in range(2)] == ["64", "48"]
    terms = page.locator(".one dt").all_inner_texts()
    assert terms[-2:] == ["receptive field in left", "receptive field in right"]


def test_taps_and_outputs_have_their_names_on_the_page(opened: Callable[..., Any], tmp_path: Path) -> None:
    page = opened(archlang.parse(TWO).draw(tmp_path / "taps.html"))
    assert page.locator(".box", has_text="tap a").count() == 1
    assert page.locator(".box", has_text="tap b").count() == 1
    assert sorted(page.locator(".diagram .result").all_text_contents()) == ["action", "motion"]
    assert page.locator(".box[data-f=input]").count() == 2
    page.locator("th [data-column=params]").click()
    page.get_by_role("tab", name="source").click()
    page.locator(".box", has_text="tap b").click()
    assert "conv3" in "".join(page.locator(".source .own").all_inner_texts())


def test_keys_move_zoom_and_walk(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    before = page.evaluate("({...archlang.diagram.view})")
    page.keyboard.press("+")
    page.keyboard.press("ArrowDown")
    after = page.evaluate("({...archlang.diagram.view})")
    assert after["scale"] > before["scale"]
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.locator(".box.selected").get_attribute("aria-label").startswith("conv7-64/2")
    page.keyboard.press("0")
    assert page.evaluate("archlang.diagram.view.scale") == before["scale"]


def test_the_wheel_zooms_around_the_pointer(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    box = page.locator(".box", has_text="conv7-64/2").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    after = page.locator(".box", has_text="conv7-64/2").bounding_box()
    assert after["width"] > 1.2 * box["width"]
    assert abs(after["x"] + after["width"] / 2 - x) < 3


def test_dark_mode_follows_the_system_and_a_button(opened: Callable[..., Any]) -> None:
    page = opened("lenet")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(colour)
    assert dark != light
    page.get_by_role("button", name="◐").click()
    assert page.evaluate(colour) == light


def test_a_long_network_draws_what_one_looks_at(opened: Callable[..., Any]) -> None:
    page = opened("cifar_resnet@1202")
    page.keyboard.press("u")
    assert page.evaluate("archlang.page.sheet.places.boxes.length") > 1500
    assert page.locator(".box").count() < 700
    page.evaluate("archlang.diagram.look({scale: 1, x: 300, y: 400 - archlang.page.sheet.places.height})")
    assert "FC-10" in " ".join(boxes(page))


def test_names_are_text_whatever_is_in_them(opened: Callable[..., Any], tmp_path: Path) -> None:
    nasty = [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(2)</script>",
        "`${alert(3)}`",
        "\N{GRINNING FACE} \u202eright to left",
        "é\N{COMBINING ACUTE ACCENT}" * 3000,
    ]
    comments = "".join(f"# {text}\n" for text in nasty)
    text = f'{comments}net Odd {{\n  paper "{nasty[0]} \N{GRINNING FACE}"\n  input 3x32x32\n  conv3-8; conv3-8\n}}\n'
    page = opened(archlang.parse(text).draw(tmp_path / "odd.html"))
    page.get_by_role("tab", name="source").click()
    assert nasty[1] in page.locator(".source").inner_text()
    page.locator(".box", has_text="conv3-8").first.click()
    assert page.locator(".source .own").all_inner_texts() == ["conv3-8"]
    assert page.locator("img").count() == 0
