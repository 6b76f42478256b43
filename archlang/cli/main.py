"""The command `archlang`: reads what is asked, runs it, and turns what goes wrong into words and an exit status.

The status is 0 when it is done, 1 when the input has errors, and 2 when it was
asked wrongly: an unknown option, a file that is not there.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

from archlang import __version__
from archlang.cli import (
    bench,
    build,
    check,
    completion,
    diff,
    draw,
    explain,
    fmt,
    lsp,
    ops,
    screen,
    serve,
    solve,
    summary,
    table,
    zoo,
)
from archlang.cli.command import UsageError

COMMANDS = (check, explain, fmt, summary, table, draw, diff, solve, build, bench, serve, lsp, zoo, ops, completion)

EXAMPLES = """\
examples:
  archlang check net.arch            what is wrong with it
  archlang explain empty-output      what a message means
  archlang fmt net.arch              its text in the one form
  archlang summary resnet50          its table: parameters, MACs, memory
  archlang table vgg                 the table of the paper
  archlang draw googlenet            its picture
  archlang diff vgg@A vgg@D          what one has that the other has not
  archlang solve unet                the sizes of input it takes
  archlang build vgg@D -o vgg16.py   its PyTorch module
  archlang bench resnet50            how fast that runs
  archlang serve net.arch            write it in the browser, drawn as you type
  archlang zoo                       the networks that come along
  archlang ops                       the layers and blocks that there are
"""

SORRY = """\
archlang: sorry, this is a mistake in archlang itself, not in your file.
  {error}
Please report it, with the file and the command; set ARCHLANG_TRACEBACK=1 to see where it happened."""

INTERNAL, INTERRUPTED, PIPE_CLOSED = 70, 130, 141


def parser() -> ArgumentParser:
    """The command line, with every command on it."""
    top = ArgumentParser(
        prog="archlang",
        description="A language for CNN architectures: check, count, draw, compare and build them.",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"archlang {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run `archlang` with `argv` (the process's own by default) and return the exit status."""
    gc.set_threshold(200_000)  # a command ends soon: looking for what it can forget costs a twentieth of a check
    screen.prepare()
    try:
        status = _run(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        screen.abandon_output()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _run(argv: list[str] | None) -> int:
    top = parser()
    args = top.parse_args(argv)
    if not hasattr(args, "run"):
        top.print_help(sys.stderr)
        return 2
    try:
        return _carry_out(args)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except UsageError as error:
        print(f"archlang: {error}", file=sys.stderr)
    except OSError as error:
        print(f"archlang: {error.filename or 'the system'}: {error.strerror or error}", file=sys.stderr)
    except Exception as error:
        if os.environ.get("ARCHLANG_TRACEBACK"):
            raise
        print(SORRY.format(error=f"{type(error).__name__}: {error}"), file=sys.stderr)
        return INTERNAL
    return 2


def _carry_out(args: Namespace) -> int:
    from archlang.diagnostics import ArchError

    try:
        return args.run(args)
    except ArchError as error:
        from archlang.locate import LocateError

        screen.show(error.diagnostics)
        return 2 if isinstance(error, LocateError) else 1
