"""Colours: the grammar says what each piece is, and every editor is told the same."""

from __future__ import annotations

import importlib
import json
import re
import tomllib
from pathlib import Path

import pytest
from pygments.token import Keyword, Name

from archlang import resources
from archlang.colouring import rules as rules_module
from archlang.colouring.paint import painted
from archlang.colouring.pygments_lexer import ArchLexer
from archlang.colouring.rules import Colour, Inside, grammar, rules
from archlang.colouring.textmate import textmate
from archlang.elaborate.layers import kind_of
from archlang.syntax.parse_tokens import tokens

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ROOT / "editors" / "vscode" / "syntaxes" / "arch.tmLanguage.json"
ZOO = sorted(resources.zoo().rglob("*.arch"))

NAMES = {Colour.NAME, Colour.LAYER, Colour.DECLARED, Colour.LABEL, Colour.OPTION}
OF_TERMINAL = {
    "STRING": {Colour.STRING},
    **{key: {Colour.NUMBER} for key in ("NUMBER", "SHAPE", "KERNEL")},
    "VNAME": {Colour.VARIANT},
    "NAME": NAMES,
    "HEAD": {Colour.NAME, Colour.LAYER},
    **{key: {Colour.OPERATOR} for key in ("CMP", "_TIMES")},
    **{key: {Colour.KEYWORD} for key in ("_AS", "_NO", "_BARE", "_TO", "_WHEN", "_AND", "_OR", "_NOT", "SETTING")},
}
OF_RULE = {
    **dict.fromkeys(("net", "block", "extern", "let", "aux", "for_stmt"), Colour.DECLARED),
    **dict.fromkeys(("label", "copies", "stage"), Colour.LABEL),
    "binding": Colour.OPTION,
}
"""The colour of a NAME that stands in a rule of the grammar."""


def wanted(token, word):
    """The colours that the grammar leaves a token."""
    if token.kind not in OF_TERMINAL:  # written in a rule: a word or a sign
        return {Colour.KEYWORD} if word.isalpha() else {Colour.BRACKET} if word in "()[]{}" else {Colour.OPERATOR}
    if token.kind in {"NAME", "HEAD"} and token.rule in {"named", "dash"}:
        return {Colour.LAYER} if kind_of(word.rstrip("-")) else {Colour.NAME}
    if token.kind == "NAME" and token.rule in OF_RULE:
        return {OF_RULE[token.rule]}
    return OF_TERMINAL[token.kind]


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.name)
def test_every_token_of_the_zoo_has_the_colour_that_the_grammar_gives_it(path):
    text = path.read_text("utf-8")
    colours = [colour for _, piece, colour in painted(text) for _ in piece]
    assert len(colours) == len(text)
    for token in tokens(text):
        word = text[token.start : token.end]
        found = set(colours[token.start : token.end - word.endswith("-") or None])
        assert found <= wanted(token, word) or word == "-", (word, token, found)


def test_every_layer_of_the_cases_that_are_right_is_coloured_as_one():
    for word in ("conv3", "maxpool", "conv1x7", "concat", "FC"):
        assert [colour for _, piece, colour in painted(word) if piece == word] == [Colour.LAYER]


def test_every_terminal_of_the_grammar_has_a_colour():
    patterns = [each.pattern for each in rules()]
    patterns += [one.pattern for each in rules() if isinstance(each, Inside) for one in each.inside]
    missing = [name for name, form in grammar().terminals.items() if not any(form in pattern for pattern in patterns)]
    assert missing == ["HEAD", "_NL"]  # a NAME and a dash; and the end of a line


def test_what_is_written_for_editors_is_what_the_grammar_says():
    assert WRITTEN.read_text("utf-8") == textmate(), "run scripts/write_colours.py"


def test_a_change_of_the_grammar_changes_what_is_written(tmp_path, monkeypatch):
    changed = resources.grammar().read_text("utf-8").replace('"taps" NAME', '"taps" NAME | "keeps" NAME')
    (tmp_path / "arch.lark").write_text(changed.replace("NUMBER: /", "NUMBER: /0[xX][0-9a-f]+|"))
    monkeypatch.setattr(rules_module.resources, "grammar", lambda: tmp_path / "arch.lark")
    grammar.cache_clear()
    rules.cache_clear()
    try:
        new = textmate()
    finally:
        monkeypatch.undo()
        grammar.cache_clear()
        rules.cache_clear()
    assert "keeps" in new
    assert "0[xX]" in new
    assert new != textmate()


def test_the_groups_of_a_rule_are_all_of_it():
    for rule in rules():
        if not isinstance(rule, Inside) and len(rule.colours) > 1:
            assert re.compile(rule.pattern).groups == len(rule.colours)
            assert rule.pattern.startswith("(")


def test_what_no_text_of_the_language_is_has_no_colour_and_ends_nothing():
    text = "conv3-8 ☃ é € \x00 ``` \u2028x2"
    assert "".join(piece for _, piece, _ in painted(text)) == text


def test_pygments_finds_the_lexer_and_it_tells_words_apart():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["entry-points"]["pygments.lexers"]["arch"].partition(":")
    assert getattr(importlib.import_module(module), name) is ArchLexer
    text = "net A {\n  input 3x8x8\n  conv3-8 as c\n}\n"
    found = list(ArchLexer().get_tokens(text))
    assert "".join(piece for _, piece in found) == text
    assert (Keyword, "net") in found
    assert (Name.Function, "A") in found
    assert (Name.Builtin, "conv3") in found
    assert (Name.Label, "c") in found


def test_the_extension_says_what_its_files_are():
    folder = WRITTEN.parents[1]
    package = json.loads((folder / "package.json").read_text("utf-8"))
    contributes = package["contributes"]
    [language], [colours] = contributes["languages"], contributes["grammars"]
    assert (folder / colours["path"]).resolve() == WRITTEN
    assert colours["scopeName"] == json.loads(textmate())["scopeName"]
    assert (folder / language["configuration"]).is_file()
    assert (folder / package["main"]).is_file()
    assert language["extensions"] == [".arch"]
    json.loads((folder / "language-configuration.json").read_text("utf-8"))
