"""What a notebook shows of a model."""

from __future__ import annotations

from base64 import b64decode
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import archlang
from archlang.page.draw import html
from archlang.page.notebook import notebook

NASTY = "a<b>&\"c\"'d'</iframe></details><script>alert(1)</script>"


class Reader(HTMLParser):
    """Elements with their attributes, and the text inside them; what closes must be what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in self.found
        self.found[tag] = dict(attrs)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] = dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    assert list(reader.found) == ["iframe", "details", "summary", "img", "pre"]
    return reader


def test_a_model_shows_its_page_in_a_frame() -> None:
    model = archlang.read("lenet")
    frame = read(model._repr_html_()).found["iframe"]
    assert frame["srcdoc"] == html(model.network, command=model._command)
    assert "allow-same-origin" not in (frame["sandbox"] or "")


def test_where_frames_are_dropped_the_picture_and_the_table_stay() -> None:
    model = archlang.read("lenet")
    reader = read(model._repr_html_())
    source = reader.found["img"]["src"] or ""
    start = "data:image/svg+xml;base64,"
    assert source.startswith(start)
    picture = b64decode(source.removeprefix(start)).decode()
    assert picture == model.svg()
    ElementTree.fromstring(picture)  # noqa: S314 - our own
    assert reader.texts["pre"] == model.summary()


@pytest.mark.parametrize("place", range(4))
def test_whatever_stands_in_it_is_text(place: int) -> None:
    parts = ["title", "page", "picture", "table"]
    parts[place] = NASTY
    reader = read(notebook(*parts))
    assert reader.found["iframe"]["title"] == parts[0]
    assert reader.found["iframe"]["srcdoc"] == parts[1]
    assert reader.found["img"]["alt"] == parts[0]
    assert reader.texts["pre"] == parts[3]
    assert "<script" not in notebook(*parts)
