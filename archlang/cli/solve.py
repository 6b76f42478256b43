"""`archlang solve`: which inputs a network takes."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from typing import Any

from archlang.cli.command import UsageError, declare, read, takes_network

EXAMPLES = """
archlang solve unet                    188 + 16k, and what is cropped between
archlang solve vgg@D                   the sizes that its weights take
archlang solve resnet50 --inside       labels inside blocks too
archlang solve net.arch --most 512 --format json
"""
_LARGEST = 4096
"""A network is gone through that often, so there is an end."""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(
        commands, "solve", "say which sizes of input a network takes, and what its labels see", run, EXAMPLES
    )
    takes_network(parser)
    parser.add_argument("--most", metavar="N", type=_most, default=1024, help="the largest to try (default: 1024)")
    parser.add_argument("--inside", action="store_true", help="tell of what is labelled inside blocks too")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (default: text)")


def run(args: Namespace) -> int:
    """Print the rules."""
    from archlang.ir.most import SOLVE

    model = read(args, SOLVE)
    from archlang.passes.trial import NoMapError

    try:
        text = model.solve(args.format, most=args.most, inside=args.inside)
    except NoMapError:
        message = f"{model.name} has no input with height and width: there is nothing to solve"
        raise UsageError(message) from None
    print(text, end="")
    return 0


def _most(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _LARGEST:
        raise ArgumentTypeError(f"`{text}` is no size to try up to: a number from 1 to {_LARGEST}")
    return int(text)
