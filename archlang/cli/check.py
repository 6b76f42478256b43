"""`archlang check`: everything that is wrong with the files, in one run."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from archlang.cli.command import declare

EXAMPLES = """
archlang check net.arch              every network in it, in every variant
archlang check nets/*.arch           many files at once
archlang check --format json - < net.arch
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "check", "say everything that is wrong with files", run, EXAMPLES)
    parser.add_argument("files", metavar="FILE", nargs="+", help="path.arch, a zoo name, or - for standard input")
    parser.add_argument(
        "--format", choices=("text", "json", "sarif", "github"), default="text", help="how to say it (default: text)"
    )


def run(args: Namespace) -> int:
    """Check each file; 1 if any has an error, 2 if one could not be found."""
    from archlang.cli.findings import Findings

    findings = Findings()
    for file in args.files:
        findings.check(file)
    if args.format != "text":
        said = {"json": findings.json, "sarif": findings.sarif, "github": findings.github}[args.format]()
        print(said, end="\n" if said else "")
    else:
        from archlang.cli.screen import show

        show(findings.diagnostics, sys.stdout)
        print(findings.sentence())
        if findings.diagnostics and sys.stdout.isatty():
            print(f"more about a message: archlang explain {findings.diagnostics[0].code}")
    return findings.status
