"""The command line's help and version."""

from __future__ import annotations

import re
import shlex
from argparse import _SubParsersAction

import pytest

import archlang
from archlang.cli import main


def commands():
    (action,) = [action for action in main.parser()._actions if isinstance(action, _SubParsersAction)]
    return action.choices


def examples(parser):
    """The command lines of a help's examples, without what the shell or a reader makes of them."""
    text = parser.format_help().partition("examples:\n")[2]
    for line in text.splitlines():
        command = re.sub(r"^eval \"\$\((.*)\)\"", r"\1", line.strip())
        yield shlex.split(re.split(r" [|<>] |\s{2,}|\s#", command)[0])


@pytest.mark.parametrize("name", commands())
def test_every_commands_help_has_examples_that_it_accepts(name):
    found = list(examples(commands()[name]))
    assert found
    for words in found:
        assert words[:2] == ["archlang", name]
        main.parser().parse_args(words[1:])


def test_the_commands_own_help_has_an_example_of_each_main_command():
    shown = {words[1] for words in examples(main.parser()) if words}
    assert {"check", "summary", "draw", "build"} <= shown


@pytest.mark.parametrize("name", commands())
def test_every_option_of_every_command_is_explained(name):
    assert [action.dest for action in commands()[name]._actions if not action.help] == []


def test_each_command_is_a_file_of_about_forty_lines(root):
    for command in main.COMMANDS:
        path = root / "archlang" / "cli" / (command.__name__.rpartition(".")[2] + ".py")
        assert path.read_text().count("\n") <= 60, path


def test_the_version_stands_in_one_place(root):
    files = [root / "pyproject.toml", root / "README.md", *(root / "archlang").rglob("*.py")]
    pattern = re.compile(rf"(?<![\d.]){re.escape(archlang.__version__)}(?![\d.])")
    assert [path.name for path in files if pattern.search(path.read_text("utf-8"))] == ["__init__.py"]


def test_every_public_name_is_there():
    for name in archlang.__all__:
        assert getattr(archlang, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        archlang.nothing  # noqa: B018 - looking is the test
