"""`archlang completion`: what makes TAB complete the command in a shell."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from typing import Any

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
    for action in top._actions:  # noqa: SLF001 - argparse offers no other way to its options
        if isinstance(action, _SubParsersAction):
            for command in action.choices.values():
                _complete_paths(command, shtab.FILE)
    print(shtab.complete(top, args.shell))
    return 0


def _complete_paths(command: ArgumentParser, how: dict[str, str]) -> None:
    for action in command._actions:  # noqa: SLF001 - as above
        if action.dest in PATHS:
            action.complete = how  # type: ignore[attr-defined]
