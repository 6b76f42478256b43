"""The site that is made of the pages: nothing in it leads nowhere, and nothing in it comes from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from run_page import ROOT

import archlang

_FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


def _built(pages, site):
    """What Sphinx says of pages that it makes a site of, every warning an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", ROOT / "docs", pages, site]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


class _Page(HTMLParser):
    """Where a page's links lead, what a browser fetches to show it, and the places in it that can be led to."""

    def __init__(self, text):
        super().__init__()
        self.links, self.fetched, self.places = [], [], {""}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = {key: value or "" for key, value in attributes}
        self.places |= {found.get("id", ""), found.get("name", "")}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        fetched = found.get(_FETCHED.get(tag, ""))
        if fetched and found.get("rel") not in ("canonical", "search", "index", "next", "prev"):
            self.fetched.append(fetched)


def _pages(site):
    return {path: _Page(path.read_text("utf-8")) for path in site.rglob("*.html")}


def _lost(site):
    """Links within a site that lead to no file, or to no place in one."""
    pages = _pages(site)
    for path, page in pages.items():
        for link in page.links + page.fetched:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not goal.exists() or (goal in pages and unquote(parts.fragment) not in pages[goal].places):
                yield f"{path.relative_to(site)}: {link}"


def _reached(site):
    """The pages that links lead to from the first one."""
    pages, todo, seen = _pages(site), [site / "index.html"], set()
    while todo:
        path = todo.pop()
        if path not in pages or path in seen:
            continue
        seen.add(path)
        parts = [urlsplit(link) for link in pages[path].links]
        todo += [(path.parent / unquote(part.path)).resolve() for part in parts if not part.netloc]
    return {path.relative_to(site).with_suffix("") for path in seen}


def _fetched_elsewhere(site):
    """What a browser would ask another machine for, to show a page."""
    for path, page in _pages(site).items():
        yield from (f"{path.name}: {each}" for each in page.fetched if urlsplit(each).netloc)
    for path in site.rglob("*.css"):
        text = path.read_text("utf-8")
        yield from (f"{path.name}: {mark}" for mark in ("@import", "url(http", "url(//", 'url("http') if mark in text)


@pytest.mark.slow
def test_the_site_is_whole_and_stands_by_itself(tmp_path):
    done = _built(ROOT / "docs", tmp_path)  # once: it takes ten seconds
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(_lost(tmp_path)) == []
    assert list(_fetched_elsewhere(tmp_path)) == []
    written = {path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")}
    assert written - _reached(tmp_path) == set()
    places = _Page((tmp_path / "reference.html").read_text("utf-8")).places
    assert {f"archlang-{name.lower()}" for name in archlang.__all__ if name != "__version__"} <= places


def test_links_that_lead_nowhere_are_found_out(tmp_path):
    (tmp_path / "a.html").write_text('<h1 id="one">1</h1><a href="#one"></a><a href="#two"></a><a href="b.html"></a>')
    assert list(_lost(tmp_path)) == ["a.html: #two", "a.html: b.html"]


def test_a_page_that_nothing_leads_to_is_found_out(tmp_path):
    for name, link in (("index", "a.html"), ("a", "index.html#top"), ("b", "a.html")):
        (tmp_path / f"{name}.html").write_text(f'<a href="{link}"></a>')
    assert {path.name for path in _reached(tmp_path)} == {"index", "a"}


def test_what_comes_from_elsewhere_is_found_out(tmp_path):
    (tmp_path / "a.html").write_text('<script src="https://a.example/a.js"></script><img src="//b.example/b.png">')
    assert len(list(_fetched_elsewhere(tmp_path))) == 2


def test_broken_links_and_a_page_in_no_chapter_stop_the_site(tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.md").write_text("# Pages\n")
    (pages / "more.md").write_text("# More\n\n[a](gone.md)\n\n[b](#lost)\n\n[c](index.md#missed)\n")
    done = _built(pages, tmp_path / "site")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "more.md" in line]
    assert all(any(word in line for line in said) for word in ("gone.md", "lost", "missed", "toctree")), done.stderr
