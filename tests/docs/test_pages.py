"""Every block of every page does what the page says."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages import KINDS, agrees, blocks
from run_page import ROOT, run

from archlang.diagnostics.codes import CODES

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_block_does_what_its_page_shows(page):
    wrong = run(page)
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_block_says_what_it_is(page):
    assert not [str(b) for b in blocks(page) if b.kind not in KINDS]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_file_and_a_heading(page):
    words = re.sub(r"^```.*?^```$|`[^`\n]+`", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", words):
        file, _, heading = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        assert place.exists(), target
        assert not heading or heading in _anchors(place), target


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# ---- the runner itself: a page that lies is found out ---------------------------


@pytest.mark.parametrize(
    "block",
    [
        "```arch\nconv3-64 maxpool\n```\n",
        "```arch wrong=branch-comma\nconv3-64\n```\n",
        "```arch wrong=branch-comma\nconv3-64 maxpool\n```\n",
        "```python\nassert 1 == 2\n```\n",
        "```python\n>>> 1 + 1\n3\n```\n",
        "```console\n$ archlang check nothing.arch\n```\n",
        "```console\n$ archlang --version\narchlang 0.0.0\n```\n",
        "```console\n$ rm page.md\n```\n",
        "Words.\n\n    archlang sumary resnet50   its table\n",
        "```\nwhat am I\n```\n",
        "```bash\nls\n```\n",
    ],
)
def test_a_page_that_is_not_true_is_found_out(tmp_path, block):
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n" + block)
    assert len(run(page)) == 1


def test_blocks_of_a_page_share_files_and_names(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```arch file=a.arch\nconv3-64\n```\n```console\n$ archlang check a.arch\n...\n1 file: no errors\n```\n"
        "```python\nx = 1\n```\n```python\n>>> x + 1\n2\n```\n"
    )
    assert run(page) == []


def test_three_dots_stand_for_any_lines():
    assert agrees("a\n...\nd", "a\nb\nc\nd\n")
    assert agrees("...\nd", "d")
    assert not agrees("a\n...\nd", "a\nb\n")
    assert not agrees("a", "a\nb\n")


def test_a_page_can_be_run_by_hand(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ archlang --version\narchlang 0.0.0\n```\n")
    command = [sys.executable, str(ROOT / "tests/docs/run_page.py"), str(page)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "`archlang --version` prints:" in said.stdout


# ---- what is written by scripts/write_docs.py ----------------------------------------


def _writer():
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts/write_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_of_layers_is_that_of_the_code():
    assert (ROOT / "docs/layers.md").read_text("utf-8") == _writer().layers(), "run: python scripts/write_docs.py"


def test_the_list_of_codes_is_that_of_the_code():
    page = (ROOT / "docs/errors.md").read_text("utf-8")
    assert page == _writer().errors(page), "run: python scripts/write_docs.py"
    assert all(f"| [`{code}`](errors/{code}.md) | " in page for code in CODES)
