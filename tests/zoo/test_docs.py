"""`docs/zoo.md` has every network as its file is now, and every block of the prelude with its parameters."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from sampled import every

from archlang import resources, zoo_names
from archlang.locate import read_file
from archlang.passes.claims import Verdict
from archlang.report.proof import proofs
from archlang.report.zoo import year
from archlang.syntax import ast
from archlang.syntax.parse import parse
from archlang.zoo_networks import all_of, usual

DOCS = Path(__file__).parents[2] / "docs" / "zoo.md"


@pytest.fixture(scope="module")
def writer():
    """`scripts/write_zoo.py`."""
    spec = importlib.util.spec_from_file_location("write_zoo", DOCS.parents[1] / "scripts" / "write_zoo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows():
    """The tables' rows by what stands in their first cell."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    return {line.split("|")[1].strip(): line for line in lines if line.startswith("| `")}


def statements(path):
    return parse(read_file(path))[0].body.statements


def test_the_page_is_what_the_files_say_and_what_is_counted(writer):
    page = DOCS.read_text(encoding="utf-8")
    assert page == writer.page(page), "run: python scripts/write_zoo.py"


@pytest.mark.parametrize("name", zoo_names.names())
def test_a_networks_picture_is_as_it_is_drawn(name, writer):
    picture = DOCS.parent / "images" / "zoo" / f"{name}.svg"
    assert picture.read_text(encoding="utf-8") == writer.picture(name), "run: python scripts/write_zoo.py"


def test_there_is_no_picture_of_what_is_not_there():
    pictures = {path.stem for path in (DOCS.parent / "images" / "zoo").iterdir()}
    assert pictures == set(zoo_names.names())


@pytest.mark.parametrize("name", every(3, zoo_names.names()))
def test_every_disagreement_with_a_paper_is_explained(name):
    claims = [proof for member in all_of(name) for proof in proofs(member.title, member.network)]
    assert [proof for proof in claims if proof.verdict is Verdict.EXPLAINED and not proof.reason] == []


def test_every_paper_of_the_zoo_has_its_year():
    papers = [member.network.paper for member in usual() if member.network.paper]
    assert [paper for paper in papers if year(paper) is None] == []


@pytest.mark.parametrize("path", sorted((resources.zoo() / "std").glob("*.arch")), ids=lambda p: p.stem)
def test_a_block_of_the_prelude_stands_in_the_docs_with_its_parameters(path):
    said = " ".join(rows())
    for block in (s for s in statements(path) if isinstance(s, ast.Block)):
        parameters = [p.name + (f"={p.default.span.text}" if p.default else "") for p in block.parameters]
        assert f"`{block.name}({', '.join(parameters)})`" in said if parameters else f"`{block.name}`" in said
