"""What the server answers of a text, of the folder's files and of the zoo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

import archlang
from archlang.page.script import LAYOUT, VIEW
from archlang.page.sheet import COLUMNS
from archlang.serve.html import SCRIPTS
from archlang.serve.look import Asked, look, rest

RIGHT = "input 3x32x32\nconv3-8; relu\nmaxpool2/2\nFC-10\n"


def named(answer: dict[str, Any]) -> list[str]:
    return [row[COLUMNS.index("name")] for row in answer["data"]["sheets"][0]["layers"]]


def test_a_text_is_drawn_as_the_page_draws_it(tell: Any) -> None:
    answer = tell("look", text=RIGHT).json()
    assert named(answer) == ["conv1", "relu1", "pool1", "fc1"]
    assert answer["diagnostics"] == []
    assert not answer["stopped"]


def test_what_is_right_stays_drawn_and_the_end_is_marked(tell: Any) -> None:
    answer = tell("look", text=RIGHT.replace("maxpool", "maxpol")).json()
    assert named(answer) == ["conv1", "relu1"]
    assert answer["stopped"]
    assert list(answer["data"]["sheets"][0]["scene"]["names"].values()) == ["stops here"]
    [error] = answer["diagnostics"]
    assert (error["code"], error["line"], error["fix"]) == ("unknown-layer", 3, "maxpool2")


def test_a_text_of_which_nothing_can_be_placed_has_no_drawing_and_says_why(tell: Any) -> None:
    answer = tell("look", text="").json()
    assert answer["data"] is None
    assert answer["diagnostics"]


def test_places_are_counted_as_a_browser_counts() -> None:
    text = f"# {chr(0x1F600)}\nmaxpol2\n"
    [error] = [one for one in look(Asked(text))["diagnostics"] if one["severity"] == "error"]
    assert text.encode("utf-16-le")[2 * error["start"] : 2 * error["end"]].decode("utf-16-le").startswith("maxpol")


def test_the_variant_and_the_net_that_were_chosen_are_drawn_while_the_text_has_them() -> None:
    text = "net A { input 3x8x8\n variant a, b\n conv3-8\n @b: relu }\nnet B { input 3x8x8\n conv3-4 }\n"
    assert look(Asked(text))["net"] == "B"
    chosen = look(Asked(text, net="A", variant="b"))
    assert (chosen["net"], chosen["variant"], chosen["variants"]) == ("A", "b", ["a", "b"])
    assert named(chosen) == ["conv1", "relu1"]
    assert chosen["data"]["left_out"] == []
    gone = look(Asked(text.replace("variant a, b", "variant a, c").replace("@b", "@c"), net="A", variant="b"))
    assert gone["variant"] == "a"


def test_the_rest_is_the_module_with_the_lines_of_its_layers_and_what_every_variant_draws() -> None:
    text = "net A { input 3x8x8\n variant a, b\n conv3-8\n @b: conv9-8(pad=0) }\n"
    assert look(Asked(text))["diagnostics"] == []
    answer = rest(Asked(text))
    assert [one["code"] for one in answer["diagnostics"]] == ["empty-output"]
    whole = rest(Asked(RIGHT))
    assert whole["code"] == archlang.parse(RIGHT).code()
    lines = whole["code"].splitlines()
    assert "self.conv1(" in lines[whole["lines"][1][0] - 1]
    assert whole["kernels"] == {1: 1, 2: 1}  # conv and relu
    assert {row[COLUMNS.index("kernel")] for row in look(Asked(RIGHT))["data"]["sheets"][0]["layers"]} == {0}


def test_a_newer_question_of_a_window_is_answered_and_those_of_others_too(tell: Any) -> None:
    for window in ("one", "two", "three"):
        assert named(tell("look", text=RIGHT, window=window).json())[0] == "conv1"


def test_a_file_is_read_and_saved_over_what_was_read_alone(client: TestClient, tell: Any, folder: Path) -> None:
    (folder / "a.arch").write_text(RIGHT)
    read = client.get("/api/file", params={"name": "a.arch"}).json()
    assert read["text"] == RIGHT
    saved = tell("save", name="a.arch", text="conv3-4\n", stamp=read["stamp"])
    assert saved.status_code == 200
    assert (folder / "a.arch").read_text() == "conv3-4\n"
    (folder / "a.arch").write_text("conv3-5\n")
    conflict = tell("save", name="a.arch", text="conv3-6\n", stamp=saved.json()["stamp"])
    assert conflict.status_code == 409
    assert conflict.json()["text"] == "conv3-5\n"
    assert (folder / "a.arch").read_text() == "conv3-5\n"
    over = tell("save", name="a.arch", text="conv3-6\n", stamp=conflict.json()["stamp"])
    assert over.status_code == 200
    assert (folder / "a.arch").read_text() == "conv3-6\n"


def test_a_new_file_is_made_and_one_that_appeared_meanwhile_is_not_written_over(tell: Any, folder: Path) -> None:
    assert tell("save", name="new/deep.arch", text="conv3-8\n", stamp=None).status_code == 200
    assert (folder / "new" / "deep.arch").read_text() == "conv3-8\n"
    again = tell("save", name="new/deep.arch", text="other\n", stamp=None)
    assert again.status_code == 409
    assert (folder / "new" / "deep.arch").read_text() == "conv3-8\n"


def test_a_file_that_is_gone_is_a_conflict_without_a_stamp(client: TestClient, tell: Any, folder: Path) -> None:
    (folder / "gone.arch").write_text(RIGHT)
    stamp = client.get("/api/file", params={"name": "gone.arch"}).json()["stamp"]
    (folder / "gone.arch").unlink()
    answer = tell("save", name="gone.arch", text=RIGHT, stamp=stamp)
    assert (answer.status_code, answer.json()["stamp"]) == (409, None)
    assert not (folder / "gone.arch").exists()


def test_lines_that_end_as_windows_ends_them_still_do_when_saved(client: TestClient, tell: Any, folder: Path) -> None:
    (folder / "dos.arch").write_bytes(RIGHT.replace("\n", "\r\n").encode())
    read = client.get("/api/file", params={"name": "dos.arch"}).json()
    assert read["text"] == RIGHT
    tell("save", name="dos.arch", text=RIGHT + "relu\n", stamp=read["stamp"], windows=read["windows"])
    assert (folder / "dos.arch").read_bytes() == (RIGHT + "relu\n").replace("\n", "\r\n").encode()


def test_a_file_that_is_no_text_is_refused_in_words(client: TestClient, folder: Path) -> None:
    (folder / "bytes.arch").write_bytes(b"\xff\xfe\x00")
    answer = client.get("/api/file", params={"name": "bytes.arch"})
    assert (answer.status_code, answer.json()["refused"]) == (403, "`bytes.arch` is not UTF-8 text")


def test_a_change_of_a_file_is_seen_in_its_trace(client: TestClient, folder: Path) -> None:
    def trace() -> Any:
        return client.get("/api/trace", params={"name": "t.arch"}).json()["trace"]

    assert trace() is None
    (folder / "t.arch").write_text("conv3-8")
    first = trace()
    assert first == trace()
    (folder / "t.arch").write_text("conv3-88")
    assert trace() != first


def test_the_files_of_the_folder_are_listed_and_hidden_ones_are_not(client: TestClient, folder: Path) -> None:
    for name in ("b/c/one.arch", ".git/two.arch", "node_modules/three.arch", "four.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("conv3-8")
    listed = client.get("/api/files").json()
    assert "b/c/one.arch" in listed
    assert not [name for name in listed if "two" in name or "three" in name or "four" in name]


def test_a_network_of_the_zoo_is_opened_as_a_text_of_no_file(client: TestClient) -> None:
    assert "googlenet" in client.get("/api/start").json()["zoo"]
    found = client.get("/api/zoo", params={"name": "lenet"}).json()
    assert "net LeNet" in found["text"]
    assert client.get("/api/zoo", params={"name": "../zoo/lenet"}).status_code == 403


def test_imports_are_looked_for_beside_the_file(tell: Any, folder: Path) -> None:
    (folder / "blocks.arch").write_text("block twice(w) { conv3-w; conv3-w }\n")
    text = 'import "blocks.arch": twice\ninput 3x8x8\ntwice(4)\n'
    assert len(named(tell("look", text=text, name="net.arch").json())) == 2


def test_the_words_of_the_grammar_and_the_layers_have_their_colours(client: TestClient) -> None:
    words = client.get("/api/start").json()["words"]
    assert {"input", "stage", "variant", "means", "expect"} <= set(words["keywords"])
    assert {"conv", "maxpool", "concat"} <= set(words["layers"])
    assert [colour for colour, _ in words["patterns"]] == ["comment", "string", "number", "keyword", "name"]


def test_the_page_comes_with_its_script_and_style(client: TestClient) -> None:
    page = client.get("/")
    assert "<script>" not in page.text  # what its policy would not run
    script = client.get("/page.js").text
    assert "class Diagram" in script
    assert "class Writing" in script
    assert "--left" in client.get("/page.css").text
    assert not set(SCRIPTS) & {*LAYOUT, *VIEW}


def test_a_text_is_brought_into_its_one_form_but_for_one_that_cannot_be_read(tell: Any) -> None:
    assert tell("format", text="conv3-8;relu\nnet").json() == {"text": None}
    assert tell("format", text="input  3x8x8\n\n\n\nconv3-8\n").json() == {"text": "input 3x8x8\n\nconv3-8\n"}


def test_what_could_be_typed_and_what_stands_at_a_place_is_told_in_the_browsers_units(tell: Any) -> None:
    text = f"# {chr(0x1F600)}\ninput 3x8x8\nconv3-8\nmaxp"
    end = len(text) + 1  # in UTF-16 units
    offers = tell("complete", text=text, offset=end).json()["offers"]
    assert (offers[0]["label"], offers[0]["start"]) == ("maxpool", end - 4)
    place = text.index("conv3") + 1 + 2
    assert "8x8x8" in tell("hover", text=text, offset=place).json()["text"]
    assert tell("hover", text=text, offset=0).json()["text"] is None
    assert tell("complete", text=text, offset="0").status_code == 400
    assert tell("complete", text="", offset=10**12).status_code == 200


def test_a_variant_to_compare_with_comes_along_while_it_is_right() -> None:
    text = "net N {\n variant a, b\n input 3x8x8\n conv3-8\n conv3-4 @b\n}\n"
    found = look(Asked(text, variant="a", other="b"))
    assert found["other"] == "b"
    assert [sheet["variant"] for sheet in found["data"]["sheets"]] == ["a", "b"]
    assert set(found["data"]["differences"]) == {"0-1"}
    for other, variant in (("a", "a"), ("none", "a"), (None, "a")):
        alone = look(Asked(text, variant=variant, other=other))
        assert alone["other"] is None
        assert len(alone["data"]["sheets"]) == 1
    broken = look(Asked(text.replace("conv3-4 @b", "conf3-4 @b"), variant="a", other="b"))
    assert broken["other"] is None
    assert broken["data"] is not None
