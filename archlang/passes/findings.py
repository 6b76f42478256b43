"""Everything there is to say about a file: its errors, warnings and notes."""

from __future__ import annotations

from archlang.diagnostics import Diagnostic
from archlang.elaborate.check import in_order, load, networks
from archlang.elaborate.lint import lint, lint_file
from archlang.elaborate.report import Report
from archlang.elaborate.static import unreached
from archlang.passes.claims import claims
from archlang.source import Source
from archlang.syntax.parse import Parsed


def check(source: Source, parsed: Parsed | None = None) -> list[Diagnostic]:
    """Everything there is to say about a file: all its nets, in all their variants, in the order of the text."""
    report = Report()
    module = load(source, report, parsed)
    for network in networks(module, report):
        for diagnostic in [*claims(network), *lint(network)]:
            report.add(diagnostic)
    for diagnostic in unreached(module):
        if report.full:
            break
        if not report.told(diagnostic.span):
            report.add(diagnostic)
    for diagnostic in lint_file(module):
        report.add(diagnostic)
    return in_order(report.found)
