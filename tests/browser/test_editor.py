"""The editor, used as somebody uses it: typing, breaking and mending, two windows, saving, a file changed elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archlang.resources import zoo

pytestmark = pytest.mark.browser

SMALL = "input 3x32x32\nstage one: conv3-8; relu; conv3-8; relu\nstage two { maxpool2/2; conv3-16; relu }\nFC-10\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editor").resolve()


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The real server on a free port, in a folder of its own."""
    command = [sys.executable, "-m", "archlang", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "http://" in line)
        yield said.strip()
        process.terminate()


@pytest.fixture
def open_(browser: Any, address: str, folder: Path) -> Iterator[Callable[..., Any]]:
    """Opens a window on a file of the folder; what a script complains of fails the test."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    wrong: list[str] = []

    def open_(name: str, text: str | None = None) -> Any:
        if text is not None:
            (folder / name).write_text(text)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(home) else None)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{address}&file={name}")
        until(page, "window.archlang && window.archlang.editor && archlang.page.sheet.order.length")
        return page

    home = address.partition("?")[0]
    yield open_
    context.close()
    assert wrong == []


def until(page: Any, condition: str) -> None:
    """Waits as `wait_for_function` does, which the page's policy forbids: it evaluates text in the page."""
    for _ in range(150):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never came: {condition}")


def came(page: Any, held: list[Any]) -> None:
    """Waits until a request is held."""
    for _ in range(150):
        if held:
            return
        page.wait_for_timeout(100)
    pytest.fail("no request came")


def drawn(page: Any, count: int) -> None:
    until(page, f"archlang.page.sheet.order.length === {count} && !archlang.editor.asking.behind")


def put(page: Any, before: str, typed: str) -> None:
    """Puts the cursor before a text, and types."""
    page.evaluate("before => archlang.editor.writing.goTo(archlang.editor.writing.text.indexOf(before))", before)
    page.keyboard.type(typed)


def source(page: Any) -> str:
    return page.locator("textarea").input_value()


def test_what_is_typed_is_drawn(open_: Callable[..., Any]) -> None:
    page = open_("typed.arch", SMALL)
    drawn(page, 8)
    put(page, "FC-10", "conv5-7\n")
    drawn(page, 9)
    assert page.locator(".box", has_text="conv5-7").count() == 1
    assert page.locator("tr.layer td:first-child").all_inner_texts()[-2:] == ["conv1", "fc1"]


def test_what_comes_and_goes_in_the_bar_moves_nothing(open_: Callable[..., Any]) -> None:
    page = open_("bar.arch", SMALL)
    drawn(page, 8)
    both = """() => {
      const parts = ["header", "header .choice", "h1", ".search", ".switches", ".stage", "aside"];
      const places = () => parts.map((part) => {
        const at = document.querySelector(part).getBoundingClientRect();
        return [part, at.x, at.y];
      });
      const { documents, asking } = archlang.editor, clean = places();
      documents.saved = "another";
      documents.titled();
      asking.progress(1.5);
      const busy = places(), seen = !asking.stopping.hidden && documents.title.matches(".dirty");
      documents.saved = archlang.editor.writing.text;
      documents.titled();
      asking.progress(null, "12 ms");
      return [clean, busy, seen];
    }"""
    for width in range(900, 1500, 20):  # at one of these a wider bar would break its line elsewhere
        page.set_viewport_size({"width": width, "height": 900})
        clean, busy, seen = page.evaluate(both)
        assert seen
        assert busy == clean, width


def test_what_looks_as_before_keeps_its_elements_wherever_it_stands_now(open_: Callable[..., Any]) -> None:
    page = open_("kept.arch", SMALL)
    until(page, "archlang.page.sheet.code")
    mark = "document.querySelectorAll('.box, .frame, .edge, .tag, tr.layer').forEach((one) => { one.kept = true; })"
    page.evaluate(mark)
    at = SMALL.index("conv3-8")
    page.evaluate(f"archlang.editor.writing.put({at}, {at}, 'conv3-8; relu; ')")
    drawn(page, 10)
    made = "[...document.querySelectorAll('{}')].filter((one) => !one.kept).map((one) => one.textContent)"
    assert page.evaluate(made.format(".box")) == ["conv3-8relu"]
    assert len(page.evaluate(made.format(".frame"))) == 1  # the one that grew
    page.locator(".box", has_text="FC-10").click()
    assert page.locator("tr.selected").inner_text().startswith("fc1")
    page.locator(".frame .head", has_text="two").click()
    assert page.locator(".box.closed", has_text="two").count() == 1
    page.locator(".box.closed .sign").click()
    assert page.locator(".box.closed").count() == 0


def test_an_error_is_underlined_listed_and_mended_and_what_is_right_stays_drawn(open_: Callable[..., Any]) -> None:
    page = open_("broken.arch", SMALL)
    put(page, "axpool", "x")
    drawn(page, 4)
    assert page.locator(".shade .is-error").inner_text().startswith("mxaxpool")
    assert "line 3" in page.locator(".problems li").inner_text()
    assert page.locator(".diagram .result", has_text="stops here").count() == 1
    page.get_by_role("button", name="mend").click()
    drawn(page, 8)
    page.locator(".count", has_text="nothing is wrong").wait_for()
    assert page.locator(".is-error").count() == 0
    assert source(page) == SMALL


def test_what_cannot_be_read_at_all_leaves_the_last_drawing(open_: Callable[..., Any]) -> None:
    page = open_("nothing.arch", SMALL)
    page.evaluate("archlang.editor.writing.put(0, archlang.editor.writing.text.length, '???')")
    page.locator("div.stage.stale").wait_for()
    assert page.evaluate("archlang.page.sheet.order.length") == 8
    page.evaluate("text => archlang.editor.writing.put(0, 3, text)", SMALL)
    page.locator("div.stage:not(.stale)").wait_for()


def test_folds_and_the_selection_outlive_edits_above_them_and_a_break(open_: Callable[..., Any]) -> None:
    page = open_("folds.arch", SMALL)
    page.locator(".frame .head", has_text="two").click()
    page.locator(".box.closed", has_text="two").wait_for()
    put(page, "stage one", "")
    page.locator(".box", has_text="FC-10").click()
    before = page.locator(".box", has_text="FC-10").bounding_box()
    page.locator("textarea").focus()
    page.keyboard.type("conv1-4\n")
    drawn(page, 9)
    assert page.locator(".box.closed", has_text="two").count() == 1
    assert "FC-10" in page.locator(".box.selected").text_content()
    after = page.locator(".box", has_text="FC-10").bounding_box()
    assert abs(after["y"] - before["y"]) < 3
    page.keyboard.type("q")
    until(page, "archlang.page.sheet.order.length < 5")
    page.keyboard.press("Backspace")
    drawn(page, 9)
    assert page.locator(".box.closed", has_text="two").count() == 1
    assert "FC-10" in page.locator(".box.selected").text_content()


def test_the_cursor_selects_the_layer_its_row_and_its_line_of_the_module_and_a_box_its_word(
    open_: Callable[..., Any],
) -> None:
    page = open_("cursor.arch", SMALL)
    until(page, "archlang.page.sheet.code")
    put(page, "16; relu", "")
    assert "conv3-16" in page.locator(".box.selected").text_content()
    assert (
        page.locator("tr.selected").first.inner_text().split()[0].endswith("conv3")
        or page.locator("tr.selected").count()
    )
    page.get_by_role("tab", name="PyTorch").click()
    assert page.locator(".emitted .own").count() == 1
    page.locator(".box", has_text="FC-10").click()
    assert page.locator(".shade .is-own").all_inner_texts() == ["FC", "-", "10"]


def test_pointing_at_a_word_shows_shapes_and_what_is_wrong(open_: Callable[..., Any]) -> None:
    page = open_("hover.arch", SMALL.replace("relu }", "rellu }"))
    page.locator(".is-error").wait_for()
    box = page.locator(".shade span", has_text=re.compile("^conv3$")).first.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.locator(".tip", has_text="8x32x32").wait_for()
    box = page.locator(".is-error").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.locator(".tip", has_text="rellu").wait_for()


def test_what_could_be_typed_is_offered_and_taken(open_: Callable[..., Any]) -> None:
    page = open_("offers.arch", SMALL)
    put(page, "FC-10", "maxp")
    page.locator(".offers li", has_text="maxpool").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("\n")
    until(page, "archlang.editor.writing.text.includes('maxpool\\nFC-10')")
    drawn(page, 9)
    put(page, "maxpool\nFC", "")
    page.keyboard.type("conv3-8(gro")
    page.locator(".offers li", has_text="groups").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".completing").is_hidden()
    page.keyboard.press("Control+Space")
    page.locator(".offers li", has_text="groups").wait_for()
    page.keyboard.press("Enter")
    assert "conv3-8(groups" in source(page)


def test_enter_is_a_new_line_unless_an_offer_was_chosen(open_: Callable[..., Any]) -> None:
    page = open_("enter.arch", SMALL)
    put(page, "FC-10", "rel")
    page.locator(".offers li", has_text="relu").first.wait_for()
    page.keyboard.press("Enter")
    assert "rel\nFC-10" in source(page)


def test_nothing_is_written_until_it_is_saved(open_: Callable[..., Any], folder: Path) -> None:
    page = open_("saved.arch", SMALL)
    put(page, "FC-10", "relu\n")
    drawn(page, 9)
    assert (folder / "saved.arch").read_text() == SMALL
    assert page.title().startswith("●")
    page.keyboard.press("Control+s")
    until(page, "!archlang.editor.documents.dirty")
    assert (folder / "saved.arch").read_text() == SMALL.replace("FC-10", "relu\nFC-10")


def test_what_is_saved_is_formatted_unless_that_is_switched_off(open_: Callable[..., Any], folder: Path) -> None:
    page = open_("format.arch", SMALL)
    put(page, "FC-10", "relu  ;   relu\n")
    page.keyboard.press("Control+s")
    until(page, "!archlang.editor.documents.dirty")
    assert (folder / "format.arch").read_text() == SMALL.replace("FC-10", "relu; relu\nFC-10")
    page.get_by_role("button", name="format", exact=True).click()
    put(page, "FC-10", "relu  ;   relu\n")
    page.keyboard.press("Control+s")
    until(page, "!archlang.editor.documents.dirty")
    assert "relu  ;   relu" in (folder / "format.arch").read_text()


def test_what_was_read_before_a_save_is_not_taken_for_what_came_after(open_: Callable[..., Any], folder: Path) -> None:
    page = open_("late.arch", SMALL)
    late: list[tuple[Any, Any]] = []
    page.route("**/api/file?*", lambda route: late.append((route, route.fetch())) if not late else route.continue_())
    page.evaluate("archlang.editor.documents.forget()")
    came(page, late)
    put(page, "FC-10", "relu\n")
    page.keyboard.press("Control+s")
    until(page, "!archlang.editor.documents.dirty")
    saved = (folder / "late.arch").read_text()
    route, answer = late[0]
    route.fulfill(response=answer)
    until(page, "archlang.editor.documents.trace")
    assert source(page) == saved == SMALL.replace("FC-10", "relu\nFC-10")
    assert page.locator(".banner").is_hidden()


def test_a_second_save_waits_for_the_first(open_: Callable[..., Any], folder: Path) -> None:
    page = open_("twice.arch", SMALL)
    held: list[Any] = []
    page.route("**/api/save", lambda route: held.append(route) if not held else route.continue_())
    put(page, "FC-10", "relu\n")
    page.keyboard.press("Control+s")
    put(page, "FC-10", "softmax\n")
    page.keyboard.press("Control+s")
    came(page, held)
    held[0].continue_()
    until(page, "!archlang.editor.documents.dirty")
    assert not page.locator("dialog[open]").count()
    assert (folder / "twice.arch").read_text() == SMALL.replace("FC-10", "relu\nsoftmax\nFC-10")


def test_a_text_that_is_opened_while_another_is_written_keeps_its_own_name(
    open_: Callable[..., Any], folder: Path
) -> None:
    page = open_("first.arch", SMALL)
    (folder / "second.arch").write_text(SMALL + "softmax\n")
    held: list[Any] = []
    page.route("**/api/save", lambda route: held.append(route) if not held else route.continue_())
    put(page, "FC-10", "relu\n")
    page.keyboard.press("Control+s")
    came(page, held)
    page.keyboard.press("Control+s")
    page.evaluate("archlang.editor.documents.open('second.arch')")
    held[0].continue_()
    page.evaluate("archlang.editor.documents.writes")
    assert page.evaluate("archlang.editor.documents.name") == "second.arch"
    assert source(page) == (folder / "second.arch").read_text() == SMALL + "softmax\n"
    assert (folder / "first.arch").read_text() == SMALL.replace("FC-10", "relu\nFC-10")
    assert not page.locator("dialog[open]").count()
    assert page.title().startswith("second.arch")


def test_a_file_changed_elsewhere_is_shown_where_nothing_would_be_lost(open_: Callable[..., Any], folder: Path) -> None:
    page = open_("elsewhere.arch", SMALL)
    drawn(page, 8)
    (folder / "elsewhere.arch").write_text(SMALL + "softmax\n")
    drawn(page, 9)
    assert "changed elsewhere" in page.locator(".banner").inner_text()


def test_a_file_changed_here_and_elsewhere_is_never_written_over_unasked(
    open_: Callable[..., Any], folder: Path
) -> None:
    page = open_("conflict.arch", SMALL)
    put(page, "FC-10", "relu\n")
    theirs = SMALL + "softmax\n"
    (folder / "conflict.arch").write_text(theirs)
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    assert "relu" in dialog.locator(".gone").inner_text()
    assert "softmax" in dialog.locator(".come").inner_text()
    dialog.get_by_role("button", name="decide later").click()
    assert (folder / "conflict.arch").read_text() == theirs
    page.keyboard.press("Control+s")
    dialog.get_by_role("button", name="keep mine").click()
    until(page, "!archlang.editor.documents.dirty")
    assert (folder / "conflict.arch").read_text() == SMALL.replace("FC-10", "relu\nFC-10")


def test_two_windows_see_each_others_saves_and_keep_their_own_folds(open_: Callable[..., Any], folder: Path) -> None:
    one, other = open_("two.arch", SMALL), open_("two.arch")
    other.locator(".frame .head", has_text="two").click()
    put(one, "FC-10", "relu\n")
    drawn(one, 9)
    drawn(other, 8)
    one.keyboard.press("Control+s")
    drawn(other, 9)
    assert other.locator(".box.closed", has_text="two").count() == 1
    assert one.locator(".box.closed").count() == 0
    put(other, "FC-10", "dropout\n")
    other.keyboard.press("Control+s")
    drawn(one, 10)


def test_a_network_of_the_zoo_is_opened_and_saved_under_a_name(open_: Callable[..., Any], folder: Path) -> None:
    page = open_("zoo.arch", SMALL)
    page.keyboard.press("Control+o")
    page.get_by_label("filter names").fill("googlenet")
    page.get_by_role("dialog").locator("button.name", has_text=re.compile("^googlenet$")).click()
    until(page, "archlang.page.sheet.order.length > 100")
    page.locator("select.variant").select_option("places205")
    until(page, "archlang.page.sheet.variant === 'places205'")
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_label("name").fill("mine")
    page.get_by_role("dialog").get_by_role("button", name="save").click()
    until(page, "archlang.editor.documents.name === 'mine.arch'")
    assert (folder / "mine.arch").read_text() == (zoo() / "googlenet.arch").read_text()


def test_what_one_kernel_runs_is_marked_while_somebody_types(open_: Callable[..., Any]) -> None:
    page = open_("kernels.arch", SMALL)
    page.get_by_role("button", name="kernels").click()
    until(page, "document.querySelectorAll('.box .kernel').length > 0")
    marked = page.locator(".box .kernel").count()
    put(page, "FC-10", "conv5-7; relu\n")
    drawn(page, 10)
    assert page.locator(".box .kernel").count() >= marked  # those of before are kept by name
    until(page, f"document.querySelectorAll('.box .kernel').length === {marked + 1}")


def test_two_variants_are_compared_while_one_of_them_is_written(open_: Callable[..., Any]) -> None:
    text = "net N {\n  variant a, b\n  input 3x32x32\n  conv3-8\n  conv5-16 @b\n  FC-10\n}\n"
    page = open_("compared.arch", text)
    drawn(page, 2)
    page.locator("select.other").select_option("b")
    until(page, "archlang.page.other === '1'")
    assert page.locator(".box[data-change=resized]", has_text="FC-10").count() == 1
    assert page.locator(".difference").inner_text().startswith("a instead of b: -1 layers")
    assert page.locator("header .tabs button").count() == 0
    page.locator("select.variant").select_option("b")
    until(page, "archlang.page.sheet.variant === 'b'")
    page.locator("select.other").select_option("a")
    page.locator(".box[data-change=added]", has_text="conv5-16").wait_for()
    put(page, "  FC-10", "conv1-4 @b\n")
    page.locator(".box[data-change=added]", has_text="conv1-4").wait_for()
    page.locator("select.other").select_option("")
    until(page, "archlang.page.other === ''")
    assert page.locator("[data-change]").count() == 0


def test_names_and_texts_are_never_markup(open_: Callable[..., Any], folder: Path) -> None:
    script = "</textarea><script>window.hit = 1</script>"
    text = f'input 3x8x8\npaper "<img src=x onerror=alert(1)>"\nconv3-8 # {script}\n<b>hit</b>\n'
    page = open_("<img src=x onerror=hit=1>.arch", text)
    page.locator(".is-error").first.wait_for()
    assert page.evaluate("window.hit") is None
    assert page.locator(".shade img, .shade b, .problems b, .file img").count() == 0
    page.locator(".shade .is-error").first.hover(force=True)


def test_very_long_names_emoji_and_text_from_right_to_left_stay_in_their_places(open_: Callable[..., Any]) -> None:
    long = "n" * 10_000
    odd = "\N{GRINNING FACE} \u202eright to left \u05d0\u05d1 'quoted' \"twice\""
    head = f"# {odd} {'c' * 10_000}\nnet N {{\n  variant {long}, b\n  input 3x8x8\n"
    page = open_("long.arch", f"{head}  conv3-8 as {long[2:]}\n  conv3-4 @b\n}}\n")
    until(page, "archlang.page.sheet.order.length >= 1 && !archlang.editor.asking.behind")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400
    assert page.locator("main > .stage").bounding_box()["height"] > 300
    assert odd in source(page)
    page.locator(".box", has_text="conv3-8").click()
    assert page.locator(".shade .is-own").count() >= 1
    page.locator("select.variant").select_option("b")
    until(page, "archlang.page.sheet.variant === 'b' && archlang.page.sheet.order.length === 2")
    page.evaluate("archlang.editor.writing.put(0, archlang.editor.writing.text.length, 'n'.repeat(10000) + ' = 1')")
    page.locator(".problems li.error").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400


def test_undo_takes_back_what_was_mended(open_: Callable[..., Any]) -> None:
    page = open_("undo.arch", SMALL.replace("maxpool", "maxpol"))
    page.get_by_role("button", name="mend").click()
    drawn(page, 8)
    page.keyboard.press("Control+z")
    until(page, "archlang.page.sheet.order.length === 4")


def test_a_network_of_10_000_layers_opens_folded_and_is_edited_so(open_: Callable[..., Any]) -> None:
    stage = "stage {} {{ for i in range(0, 1666) {{ conv1-(8 + i % 7); relu; relu }} }}\n"
    page = open_("large.arch", "input 3x8x8\n" + stage.format("one") + stage.format("two") + "FC-10\n")
    until(page, "archlang.page.sheet.order.length > 9990")
    assert page.evaluate("archlang.page.sheet.places.boxes.length") < 10
    page.keyboard.press("Control+End")
    page.keyboard.type("softmax")
    until(page, "archlang.page.sheet.order.at(-1).kind === 'softmax'")
    assert page.locator(".box.closed").count() == 2
    page.locator(".box.closed .sign").first.click()
    until(page, "archlang.page.sheet.places.boxes.length > 1000")
    assert page.locator(".box").count() < 200


def test_a_drawing_that_takes_long_says_so_and_can_be_stopped(open_: Callable[..., Any]) -> None:
    page = open_("slow.arch", SMALL)
    page.evaluate("archlang.editor.writing.put(0, 0, '[conv3-8; relu] x 60000\\n')")
    page.locator(".asking .said", has_text="drawing,").wait_for()
    page.get_by_role("button", name="stop").click()
    page.locator(".asking .said", has_text="stopped").wait_for()
    page.keyboard.press("Control+z")
    drawn(page, 8)
