"""A short search with fixed seeds, and everything that a long one found before. The long one is `make fuzz`."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from derivations import SAMPLES, derived, rules
from lark import Lark
from mutators import LONGEST, a_text, corpus, mutated
from oracles import TARGETS, Finding, holds, sound

from archlang import resources
from archlang.diagnostics import Diagnostic
from archlang.source import Source, Span
from archlang.syntax.parse import parse

FOUND = sorted((Path(__file__).parent / "found").glob("*.arch"))
TEXTS = {"parse": 40, "elaborate": 20, "format": 20}


@pytest.mark.parametrize("target", TARGETS)
def test_texts_at_random_hold_what_must_hold_of_any(target):
    for seed in range(TEXTS[target]):
        text = a_text(Random(f"{target} {seed}"))
        try:
            TARGETS[target](text)
        except Exception as error:
            error.add_note(f'the text is a_text(Random("{target} {seed}")): {text!r}')
            raise


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_is_mended(path):
    for target in TARGETS.values():
        target(path.read_text("utf-8"))


def test_the_corpus_is_the_zoo_the_cases_and_what_the_grammar_derives():
    assert len(corpus()) > 500
    assert max(map(len, corpus())) <= LONGEST
    sound_texts = [text for text in corpus() if not parse(Source("a.arch", text))[1]]
    assert len(sound_texts) > 200


def test_the_grammar_derives_texts_that_it_accepts_now_and_then():
    assert {"start", "table", "for_stmt", "item", "means"} <= set(rules())
    accepted = [text for seed in range(60) if (text := derived(Random(seed))).strip() and not _errors(text)]
    assert len(accepted) > 5


def _errors(text):
    return parse(Source("a.arch", text))[1]


def test_every_pattern_of_the_grammar_has_samples():
    lark = Lark(resources.grammar().read_text("utf-8"), parser="lalr", keep_all_tokens=True)
    ignored = {"COMMENT", "NL_ELSE", *lark.ignore_tokens}
    patterns = {t.name for t in lark.terminals if t.pattern.type == "re" and t.name not in ignored}
    words = {t.name for t in lark.terminals if t.pattern.value.removesuffix(r"\b").isalpha()}
    assert patterns - words == set(SAMPLES)
    for terminal in lark.terminals:
        for sample in SAMPLES.get(terminal.name, []):
            followed = any(re.match(terminal.pattern.value, sample + after, re.ASCII) for after in ("(1)", " all"))
            assert followed, (terminal.name, sample)


def test_a_mutated_text_is_another_and_the_same_seed_gives_the_same():
    text = corpus()[0]
    assert mutated(Random(3), text) == mutated(Random(3), text)
    assert len({mutated(Random(seed), text) for seed in range(20)}) > 15


@pytest.mark.parametrize(
    "change",
    [
        {"code": "no-such-code"},
        {"message": "this is None"},
        {"message": "two\nlines"},
        {"message": "<archlang.ops.conv.Conv object at 0x7f3a>"},
        {"help": "write {'a': 1}"},
        {"span": Span(Source("text.arch", "relu"), 3, 9)},
        {"span": Span(Source("text.arch", "another text"), 0, 1)},
    ],
    ids=str,
)
def test_the_oracle_sees_a_diagnostic_that_is_not_for_people(change):
    good = {"code": "expect", "message": "that is wrong", "span": Span(Source("text.arch", "relu"), 0, 4)}
    sound([Diagnostic(**good)], "relu")
    with pytest.raises(Finding):
        sound([Diagnostic(**{**good, **change})], "relu")


def test_a_finding_is_raised_where_something_does_not_hold():
    holds(condition=True, words="")
    with pytest.raises(Finding, match="words"):
        holds(condition=False, words="words")
