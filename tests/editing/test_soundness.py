"""Whatever the text is, every question has an answer; and none of them works anything out twice."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from damage import damaged
from sampled import every

from archlang import editing
from archlang.editing import look
from archlang.resources import zoo
from archlang.source import Source


@pytest.mark.parametrize("seed", every(2, range(80)))
def test_a_damaged_text_can_be_asked_about_anywhere(seed):
    name, text = damaged(seed)
    at = random.Random(seed).randrange(len(text) + 1)
    source = Source(name, text, zoo() / name)
    for each in editing.completions(source, at):
        assert 0 <= each.start <= at
    for found in (editing.hover(source, at), editing.definition(source, at)):
        assert found is None or found
    for span in editing.references(source, at):
        assert 0 <= span.start < span.end <= len(span.source.text)
    for each in editing.inlay(source):
        assert text[each.offset :][:1] in ("", "\n", "\r")
    assert all(part.span.start <= part.name_span.start for part in editing.symbols(source))
    with suppress(editing.RenameError):
        editing.rename(source, at, "zzz")


@pytest.mark.parametrize("ask", [editing.completions, editing.hover, editing.definition, editing.references])
def test_a_question_about_googlenet_reads_it_once_and_works_it_out_at_most_once(monkeypatch, ask):
    counted = {"load": 0, "elaborate": 0}

    def counting(name):
        right = getattr(look, name)

        def run(*args):
            counted[name] += 1
            return right(*args)

        return run

    for name in counted:
        monkeypatch.setattr(look, name, counting(name))
    source = Source("googlenet.arch", (zoo() / "googlenet.arch").read_text("utf-8"))
    ask(source, source.text.index("conv1-n1") + 1)
    assert counted["load"] == 1
    assert counted["elaborate"] <= 1
