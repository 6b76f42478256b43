"""`docs/zoo.md` names all there is: every network with its variants, every block with its parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from archlang import resources
from archlang.locate import read_file
from archlang.syntax import ast
from archlang.syntax.parse import parse

DOCS = Path(__file__).parents[2] / "docs" / "zoo.md"


def rows():
    """The tables' rows by what stands in their first cell."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    return {line.split("|")[1].strip(): line for line in lines if line.startswith("| `")}


def statements(path):
    return parse(read_file(path))[0].body.statements


@pytest.mark.parametrize("path", sorted(resources.zoo().glob("*.arch")), ids=lambda p: p.stem)
def test_a_network_stands_in_the_docs_with_its_variants(path):
    row = rows()[f"`{path.stem}`"]
    cell = row.split("|")[2].replace(";", ",")
    said = [part.strip() for part in cell.split(",") if part.strip()]
    nets = [s for s in statements(path) if isinstance(s, ast.Net)]
    assert sorted(said) == sorted(
        name.name for s in nets[-1].body.statements if isinstance(s, ast.Variant) for name in s.names
    )


@pytest.mark.parametrize("path", sorted((resources.zoo() / "std").glob("*.arch")), ids=lambda p: p.stem)
def test_a_block_of_the_prelude_stands_in_the_docs_with_its_parameters(path):
    said = " ".join(rows())
    for block in (s for s in statements(path) if isinstance(s, ast.Block)):
        parameters = [p.name + (f"={p.default.span.text}" if p.default else "") for p in block.parameters]
        assert f"`{block.name}({', '.join(parameters)})`" in said if parameters else f"`{block.name}`" in said


def test_the_docs_name_no_network_that_is_not_there():
    names = {path.stem for path in resources.zoo().glob("*.arch")}
    text = DOCS.read_text(encoding="utf-8")
    table = text[text.index("## Networks") : text.index("## The prelude")]
    assert {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")} == names
