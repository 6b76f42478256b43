from __future__ import annotations

import re

import pytest

from archlang import resources
from archlang.syntax import parse_tables

GRAMMAR = resources.grammar().read_text("utf-8")


def test_the_grammar_is_strict_lalr_without_a_conflict_or_a_collision():
    parse_tables.make(GRAMMAR, strict=True)


def test_a_conflict_in_the_grammar_would_be_found():
    broken = GRAMMAR.replace("?atom: number", "?atom: number | NUMBER")
    assert broken != GRAMMAR
    with pytest.raises(Exception, match=r"conflict|[Cc]ollision"):
        parse_tables.make(broken, strict=True)


def test_the_grammar_names_no_layer():
    rules = "\n".join(line.split("//")[0] for line in GRAMMAR.splitlines())
    layers = {
        "conv",
        "maxpool",
        "avgpool",
        "relu",
        "bn",
        "fc",
        "FC",
        "lrn",
        "LRN",
        "dropout",
        "softmax",
        "concat",
        "res",
    }
    assert not layers & set(re.findall(r"[A-Za-z]+", rules))
