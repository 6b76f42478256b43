"""Checking a file: every net, every variant, every error once."""

from __future__ import annotations

from collections.abc import Iterator

from archlang.diagnostics import Diagnostic, Severity
from archlang.elaborate.imports import Loader, Module
from archlang.elaborate.network import Ask, elaborate, nets
from archlang.elaborate.variants import declared
from archlang.elaborate.work import Report
from archlang.ir.network import Network
from archlang.source import Source


def load(source: Source, report: Report) -> Module:
    """Read a file and what it imports."""
    loader = Loader(report)
    module = loader.load(source)
    report.broken = loader.broken
    return module


def networks(module: Module, report: Report) -> Iterator[Network]:
    """Every net of a file in every variant; those with errors are left out, and told of in the report."""
    for net in nets(module):
        names = [name.name for name, _ in declared(net.body)] or [None]
        for name in names:
            network = elaborate(module, net, report, Ask(variant=name))
            if network is not None:
                yield network


def in_order(found: list[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics by file and place; errors before warnings before notes at one place."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    return sorted(found, key=lambda d: (d.span.source.name, d.span.start, rank[d.severity], d.span.end))
