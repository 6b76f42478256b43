"""Every code has a page: what it means, what draws it, that mended. That examples do so is tested with all pages."""

from __future__ import annotations

import pytest
from pages import blocks

from archlang import resources
from archlang.cli import main
from archlang.diagnostics.codes import CODES
from archlang.diagnostics.explanations import explanation, nearest


def test_every_code_has_a_page_and_every_page_a_code():
    assert {path.stem for path in resources.errors().glob("*.md")} == set(CODES)


def draws(block, code):
    """Whether a block shows the code, and is held to it when the pages are run."""
    if block.kind == "arch":
        return block.settings.get("wrong") == code
    return f"[{code}]" in block.text if block.kind == "console" else f'"{code}"' in block.text


@pytest.mark.parametrize("code", CODES)
def test_a_page_shows_what_draws_its_code_and_then_that_mended(code):
    path = resources.errors() / f"{code}.md"
    shown = list(blocks(path))
    wrong = [index for index, block in enumerate(shown) if draws(block, code)]
    assert len(wrong) == 1
    after = shown[wrong[0] + 1 :]
    assert after
    assert not any("wrong" in block.settings or "error[" in block.text for block in after)


@pytest.mark.parametrize("code", CODES)
def test_a_page_says_what_the_code_means_and_at_its_end_why(code):
    lines = explanation(code).markdown.splitlines()
    assert lines[:2] == [f"# `{code}`", ""]
    assert lines[2][0].isupper() or lines[2][0] in "`="
    assert lines[-1].endswith((".", "`"))
    assert "```" not in (lines[2], lines[-1])


def test_a_page_is_found_by_its_code_as_a_message_shows_it():
    assert explanation("error[expect]:") == explanation("expect") == explanation(" [expect] ")
    assert explanation("warning[partial-window]").meaning == CODES["partial-window"]
    for wrong in ("", "../codes", "expects", "error[]"):
        with pytest.raises(KeyError):
            explanation(wrong)


def test_a_slip_leads_to_the_nearest_code():
    assert nearest("Unknown_Layers") == "unknown-layer"
    assert nearest("qqq") is None


def test_a_terminal_is_shown_the_page_without_marks():
    text = explanation("symbolic").text
    assert text.startswith("symbolic\n\nA layer needs a size")
    assert "\n    conv3-8; FC-10\n" in text
    shown = [explanation(code).text for code in CODES]
    assert not [text for text in shown if "```" in text or "](" in text or text.startswith("#")]


def test_explain_prints_a_page_or_all_codes(capsys):
    assert main.main(["explain", "expect"]) == 0
    assert capsys.readouterr().out == explanation("expect").text
    assert main.main(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == sorted(CODES)


def test_explain_of_a_code_that_there_is_not_is_wrong_usage(capsys):
    assert main.main(["explain", "unknown-leyer"]) == 2
    assert capsys.readouterr().err == "archlang: there is no code `unknown-leyer`: did you mean `unknown-layer`?\n"
    assert main.main(["explain", "zzz"]) == 2
    assert "lists them all" in capsys.readouterr().err


def test_check_leads_to_a_page_once_where_somebody_looks(tmp_path, capsys, monkeypatch):
    (tmp_path / "bad.arch").write_text("conv3-8 -> relu\nmaxpol\n")
    monkeypatch.chdir(tmp_path)
    main.main(["check", "bad.arch"])
    assert "explain" not in capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    main.main(["check", "bad.arch"])
    assert capsys.readouterr().out.count("archlang explain arrow") == 1
    main.main(["check", "lenet"])
    assert "explain" not in capsys.readouterr().out
