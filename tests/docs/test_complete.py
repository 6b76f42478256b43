"""The reference leaves nothing out that the code has."""

from __future__ import annotations

import re

import pytest
from run_page import ROOT

from archlang.elaborate.evaluate import FUNCTIONS
from archlang.ops import ALL
from archlang.ops.init import INITIALIZERS
from archlang.passes.claims import SUBJECTS

LANGUAGE = (ROOT / "docs/language.md").read_text("utf-8")
LAYERS = (ROOT / "docs/layers.md").read_text("utf-8")
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
