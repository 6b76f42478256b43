"""The page by keys, by touch, on paper, with measured times, with odd names, and with very many layers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import archlang

pytestmark = pytest.mark.browser

SELECTED = "[...archlang.page.selected].map(id => archlang.page.sheet.byId.get(id).name)"


@pytest.fixture
def touched(browser: Any, pages: Callable[[str], Path]) -> Iterator[Callable[[str], Any]]:
    """Opens a page on a telephone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)

    def open_(name: str) -> Any:
        page = context.new_page()
        page.set_default_timeout(5000)
        page.goto(pages(name).as_uri())
        page.wait_for_function("window.archlang")
        return page

    yield open_
    context.close()


def fingers(session: Any, kind: str, *points: tuple[float, float]) -> None:
    """Puts fingers down, moves them or lifts them, as the screen does."""
    at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})


def test_a_network_is_walked_folded_and_opened_by_keys_alone(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    for _ in range(9):
        page.keyboard.press("n")
    assert page.evaluate(SELECTED)[0].startswith("i3a")
    page.keyboard.press("c")
    assert page.locator(".box.closed.selected", has_text="i3a").count() == 1
    told = page.locator(".diagram").get_attribute("aria-activedescendant")
    assert page.locator(f"[id='{told}']").get_attribute("aria-label").startswith("i3a")
    assert "i3a" in page.locator(".spoken").inner_text()
    page.keyboard.press("Enter")
    assert page.locator(".box.closed").count() == 0


def test_closing_around_folds_a_repeats_copies_first(opened: Callable[..., Any]) -> None:
    page = opened("resnet50")
    before = page.locator(".box").count()
    page.locator(".badge", has_text="x2").first.click()
    page.evaluate("archlang.page.select([archlang.page.sheet.order.find(l => l.name === 'layer1.1.conv1').id], 'test')")
    page.keyboard.press("c")
    page.keyboard.press("c")
    assert page.locator(".box").count() <= before


def test_a_question_mark_lists_the_keys(opened: Callable[..., Any]) -> None:
    page = opened("lenet")
    page.keyboard.press("?")
    assert "search" in page.locator("dialog.keys").inner_text()
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    assert not page.locator("dialog.keys").is_visible()


def test_keys_of_a_button_are_its_own(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    page.keyboard.press("n")
    page.get_by_role("button", name="CSV").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("archlang.table.copied").startswith("layer,")


def test_rows_are_walked_by_arrows_and_one_of_them_is_a_stop_of_the_tabulator(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    assert page.locator("tbody tr[tabindex='0']").count() == 1
    page.locator("tbody tr[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate(SELECTED) == ["relu1"]


def test_one_finger_moves_and_two_zoom(touched: Callable[[str], Any]) -> None:
    page = touched("googlenet")
    before, screen = page.evaluate("({...archlang.diagram.view})"), page.context.new_cdp_session(page)
    fingers(screen, "touchStart", (200, 300))
    fingers(screen, "touchMove", (200, 250))
    fingers(screen, "touchMove", (200, 200))
    fingers(screen, "touchEnd")
    moved = page.evaluate("({...archlang.diagram.view})")
    assert moved["y"] < before["y"] - 40
    assert moved["scale"] == before["scale"]
    fingers(screen, "touchStart", (180, 300), (220, 300))
    fingers(screen, "touchMove", (150, 300), (250, 300))
    fingers(screen, "touchMove", (120, 300), (280, 300))
    fingers(screen, "touchEnd")
    assert page.evaluate("archlang.diagram.view.scale") > 2 * moved["scale"]


def test_a_tap_selects(touched: Callable[[str], Any]) -> None:
    page = touched("googlenet")
    page.locator(".box", has_text="conv7-64/2").tap()
    assert page.evaluate(SELECTED) == ["conv1", "relu1"]


def test_nothing_of_the_page_is_wider_than_a_telephone(touched: Callable[[str], Any]) -> None:
    page = touched("vgg")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("main > .stage").bounding_box()["height"] > 300


def test_paper_has_every_box_once_and_cuts_through_none(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    page.evaluate("layOutPaper(archlang.diagram)")
    cuts = page.locator(".strip").evaluate_all("all => all.map(({viewBox: {baseVal: at}}) => [at.y, at.height])")
    boxes = page.evaluate("archlang.page.sheet.places.boxes.map(at => [at.y, at.y + at.height])")
    assert len(cuts) > 1
    for top, bottom in boxes:
        assert sum(start <= top and bottom <= start + high for start, high in cuts) == 1
    page.evaluate("putPaperAway(archlang.diagram)")
    assert page.locator(".strip").count() == 0


def test_what_is_hidden_on_paper_moves_nothing_on_it(opened: Callable[..., Any]) -> None:
    page = opened("googlenet")
    page.evaluate("layOutPaper(archlang.diagram)")
    page.emulate_media(media="print")
    page.wait_for_timeout(200)
    assert page.evaluate("document.getElementById('network').getAttribute('transform')") == ""
    assert page.locator("#network .box").count() == page.evaluate("archlang.page.sheet.places.boxes.length")
    page.emulate_media(media="screen")
    page.evaluate("putPaperAway(archlang.diagram)")
    assert "scale" in page.evaluate("document.getElementById('network').getAttribute('transform')")


def test_a_page_that_was_hidden_when_it_opened_fits_when_it_is_seen(
    opened: Callable[..., Any], pages: Callable[[str], Path], tmp_path: Path
) -> None:
    frame = tmp_path / "frame.html"
    inner = pages("lenet").as_uri()
    frame.write_text(f'<script>archlang = 1</script><iframe src="{inner}" width="900" height="700" hidden></iframe>')
    page = opened(frame)
    page.wait_for_timeout(500)
    page.evaluate("document.querySelector('iframe').hidden = false")
    page.frame_locator("iframe").locator(".box").first.wait_for()
    page.wait_for_timeout(500)
    box = page.frame_locator("iframe").locator(".box", has_text="conv5").first.bounding_box()
    assert box["width"] > 40


def test_a_page_prints_its_first_strip_under_its_title(opened: Callable[..., Any]) -> None:
    printed = opened("googlenet").pdf(prefer_css_page_size=True)
    assert 3 <= printed.count(b"/Type /Page\n") <= 5


def test_measured_times_colour_the_diagram_and_stand_in_the_table(opened: Callable[..., Any], tmp_path: Path) -> None:
    model = archlang.read("vgg@D")
    times = {layer.name: 0.001 for layer in model.layers} | {"conv3": 0.5}
    file = tmp_path / "times.json"
    file.write_text(json.dumps({"network": "VGG@D", "layers": times}))
    page = opened(model.draw(tmp_path / "vgg.html", times=file))
    page.locator("select.colours").select_option("time")
    hottest = page.locator(".box:has(.face[data-heat='1.00'])").evaluate_all("all => all.map(one => one.dataset.key)")
    assert len(hottest) == 1
    page.locator("th [data-column=time]").click()
    assert page.locator("tr.layer td:last-child").first.inner_text() == "500 ms"
    assert "to 501 ms" in page.locator(".legend").inner_text()
    page.locator("header .tabs button", has_text="E").click()
    assert "not known of this network" in page.locator(".legend").inner_text()


def test_text_on_any_heat_has_the_contrast_that_wcag_asks_for(opened: Callable[..., Any]) -> None:
    page = opened("lenet")
    least = page.evaluate(
        """Math.min(...Array.from({length: 101}, (_, i) => {
            const fill = COLD.map((cold, part) => Math.round(cold + i / 100 * (HOT[part] - cold)));
            return contrast(fill, readableOn(fill));
        }))"""
    )
    assert least >= 4.5


def test_what_a_variant_costs_more_than_another_is_said(opened: Callable[..., Any]) -> None:
    page = opened("vgg@D")
    page.locator("select.compare").select_option("5")
    said = page.locator(".difference").inner_text()
    layers = {name: archlang.read(f"vgg@{name}") for name in "DE"}
    fewer = len(layers["E"].layers) - len(layers["D"].layers)
    assert said.startswith(f"D instead of E: -{fewer} layers, -5.31 M parameters, -")
    page.locator("header .tabs button", has_text="E").click()
    assert page.locator(".difference").inner_text().startswith(f"E instead of D: +{fewer} layers")


def test_open_sizes_give_no_nonsense(opened: Callable[..., Any], tmp_path: Path) -> None:
    text = "net Open {\n input 3xHxW\n conv3-8; conv3-16/2; gap; FC-10\n}\n"
    page = opened(archlang.parse(text).draw(tmp_path / "open.html"))
    for heat in ("macs", "params", "bytes", "intensity"):
        page.locator("select.colours").select_option(heat)
    page.get_by_title("memory alive at each step").click()
    page.locator(".box", has_text="conv3-8").hover()
    page.locator("th [data-column=macs]").click()
    drawn = page.locator(".diagram").evaluate("one => one.outerHTML")
    for nonsense in ("NaN", "undefined", "Infinity"):
        assert nonsense not in drawn + page.locator("body").inner_text()
    assert "unknown: sizes are open" in drawn


def test_a_very_long_name_stays_in_its_place(opened: Callable[..., Any], tmp_path: Path) -> None:
    name = "n" * 10_000
    lines = (
        f"paper {name!r}".replace("'", '"'),
        f"variant {name}, b",
        "input 3x32x32",
        f"conv3-8 as {name[:-1]}2",
        "conv3-8 @b",
        "gap; FC-10",
    )
    text = f"net {name} {{\n  " + "\n  ".join(lines) + "\n}\n"
    page = opened(archlang.parse(text).draw(tmp_path / "long.html"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400
    assert page.locator("main > .stage").bounding_box()["height"] > 500
    page.locator(".box", has_text="conv3-8").first.hover()
    assert page.locator(".hint").bounding_box()["height"] < 900


def test_ten_thousand_layers_open_folded_and_stay_quick_unfolded(opened: Callable[..., Any], tmp_path: Path) -> None:
    model = archlang.read("cifar_resnet@1202", n=480)
    assert len(model.graph) > 10_000
    page = opened(model.draw(tmp_path / "many.html"))
    assert page.locator(".box").count() < 100
    now = "performance.now()"
    took = page.evaluate(f"(() => {{ const began = {now}; archlang.page.unfoldAll(); return {now} - began; }})()")
    assert page.evaluate("archlang.page.sheet.places.boxes.length") > 4000
    assert page.locator(".box").count() < 700
    assert took < 5000  # a tenth of it where nobody else is at work
    page.locator("select.colours").select_option("macs")
    page.get_by_title("memory alive at each step").click()
    page.keyboard.press("f")
    assert page.locator(".box").count() < 20
