"""`archlang completion`: what makes TAB complete the command in a shell."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any, cast

from archlang.cli.command import declare

SHELLS = ("bash", "zsh", "fish")
PATHS = {"files", "network", "output"}

EXAMPLES = """
eval "$(archlang completion bash)"                      # in ~/.bashrc
archlang completion zsh > ~/.zfunc/_archlang            # a folder of your fpath
archlang completion fish > ~/.config/fish/completions/archlang.fish
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "completion", "print what completes the command in your shell", run, EXAMPLES)
    parser.add_argument("shell", choices=SHELLS, help="your shell")


def run(args: Namespace) -> int:
    """Print the script."""
    import shtab

    from archlang.cli.main import parser

    top = parser()
    for action in _arguments(top):
        if action.dest in PATHS:
            setattr(action, "complete", shtab.FILE)  # noqa: B010 - an attribute of shtab's, unknown to argparse
    print(shtab.complete(top, args.shell))
    return 0


def _arguments(parser: ArgumentParser) -> Iterator[Action]:
    """Every argument of `parser` and of its commands, for which argparse has no public way."""
    for action in parser._actions:  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        yield action
        choices: Any = action.choices
        if isinstance(choices, dict):
            for command in cast("dict[str, ArgumentParser]", choices).values():
                yield from _arguments(command)
