"""`archlang check`: everything that is wrong with the files, in one run."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from archlang.cli.command import UsageError, declare

FORMATS = ("text", "json", "sarif", "github")

EXAMPLES = """
archlang check net.arch              every network in it, in every variant
archlang check nets                  every .arch file in a folder and below
archlang check --fix net.arch        and mend what can be mended without a choice
archlang check --format json - < net.arch
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "check", "say everything that is wrong with files", run, EXAMPLES)
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="path.arch, a folder, a zoo name, or - for standard input"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to say it (default: text)")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended without a choice")
    parser.add_argument("--diff", action="store_true", help="with --fix: show what would change, and change nothing")


def run(args: Namespace) -> int:
    """Check each file; 1 if any has an error, 2 if one could not be found."""
    from archlang.cli.findings import Findings
    from archlang.cli.fixing import Fixing
    from archlang.cli.folders import expanded

    if args.diff and not args.fix:
        raise UsageError("`--diff` shows what `--fix` would change: write `check --fix --diff`")
    texts = args.diff or (args.fix and "-" in args.files)
    if texts and args.format != "text":
        raise UsageError("a changed text goes to standard output, and so would this format: take `--format text`")
    findings = Findings(Fixing(diff=args.diff) if args.fix else None)
    for file in list(expanded(args.files)):
        findings.check(file)
    if args.format == "text":
        findings.show(sys.stderr if texts else sys.stdout)
    else:
        print(findings.told(args.format), end="")
    return findings.status
