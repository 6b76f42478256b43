"""The reference leaves nothing out that the code has."""

from __future__ import annotations

import re
import tomllib

import pytest
from run_page import ROOT

from archlang.cli import main
from archlang.elaborate.evaluate import FUNCTIONS
from archlang.model import Model
from archlang.ops import ALL
from archlang.ops.init import INITIALIZERS
from archlang.passes.claims import SUBJECTS

LANGUAGE = (ROOT / "docs/language.md").read_text("utf-8")
LAYERS = (ROOT / "docs/layers.md").read_text("utf-8")
DESIGN = (ROOT / "docs/design.md").read_text("utf-8")
COMMANDS = (ROOT / "docs/commands.md").read_text("utf-8")
PAGES = "".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))
GRAMMAR = (ROOT / "grammars/arch.lark").read_text("utf-8")


def _said(word, page=LANGUAGE):
    """Whether a page has the word in code."""
    code = " ".join(re.findall(r"^```arch.*?^```$|`[^`\n]+`", page, re.MULTILINE | re.DOTALL))
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", code) is not None


@pytest.mark.parametrize("word", sorted(set(re.findall(r'"([a-z]{2,})"', GRAMMAR))))
def test_every_keyword_of_the_grammar_is_in_the_reference(word):
    assert _said(word)


@pytest.mark.parametrize("word", ["as", "no", "bare", "to", "when", "and", "or", "not", "lr", "init", "decay"])
def test_every_small_word_is_in_the_reference(word):
    assert _said(word)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_in_the_reference(name):
    assert _said(name)


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_every_initialisation_is_in_the_reference(name):
    assert _said(name)


@pytest.mark.parametrize("name", SUBJECTS)
def test_everything_that_is_counted_is_in_the_reference(name):
    assert _said(name)


@pytest.mark.parametrize("op", ALL, ids=lambda op: op.word)
def test_every_layer_is_in_the_list(op):
    assert all(_said(word, LAYERS) for word in (op.word, *op.aliases))


SUBPARSERS = next(action for action in main.parser()._actions if action.choices)


@pytest.mark.parametrize("command", sorted(SUBPARSERS.choices))
def test_every_command_has_a_section_and_its_options_are_spoken_of(command):
    assert f"\n## {command}\n" in COMMANDS
    options = [a.option_strings for a in SUBPARSERS.choices[command]._actions if "--help" not in a.option_strings]
    asked = [names for names in options if names]
    assert [names for names in asked if not any(re.search(rf"`[^`\n]*{n}(?![\w-])", PAGES) for n in names)] == []


def test_every_public_name_of_a_model_is_in_the_table():
    table = COMMANDS.partition("| of a `Model` |")[2].partition("\n\n")[0]
    assert [name for name in dir(Model) if not name.startswith("_") and not re.search(rf"`{name}\b", table)] == []


def test_the_floors_of_the_design_are_those_that_imports_are_held_to():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    held = [re.findall(r"\w+", layer) for layer in contracts[0]["layers"]]
    table = DESIGN.split("## Floors")[1].split("\n## ")[0]
    shown = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines() if row.startswith("| `")]
    assert shown == held


def test_every_folder_the_design_speaks_of_is_there():
    for place in re.findall(r"`((?:archlang|tests|zoo|docs|syntax|draw|ir)/[\w/.]+)`", DESIGN):
        assert (ROOT / place).exists() or (ROOT / "archlang" / place).exists(), place


@pytest.mark.parametrize(
    ("folder", "page"), [("draw", "drawing"), ("page", "page"), ("serve", "serve"), ("lsp", "editors")]
)
def test_every_file_of_these_folders_is_in_the_table_of_its_page(folder, page):
    named = set(re.findall(r"[\w/]+\.(?:py|js)", (ROOT / f"docs/{page}.md").read_text("utf-8")))
    files = [*(ROOT / "archlang" / folder).glob("*.py"), *(ROOT / "archlang" / folder).glob("js/*.js")]
    known = {name.rpartition("/")[2] for name in named} | {"__init__.py"}
    assert sorted(file.name for file in files if file.name not in known) == []
