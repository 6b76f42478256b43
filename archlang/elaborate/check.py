"""Checking a file: every net, every variant, every error once."""

from __future__ import annotations

from collections.abc import Iterator

from archlang.diagnostics import Diagnostic, Severity
from archlang.elaborate.imports import Loader, Module
from archlang.elaborate.network import Ask, counted, elaborate, nets
from archlang.elaborate.report import Report
from archlang.elaborate.sizing import WORTH_COUNTING
from archlang.elaborate.uses import uses
from archlang.elaborate.variants import declared
from archlang.ir.network import Network
from archlang.source import Source
from archlang.syntax import ast
from archlang.syntax.parse import Parsed

MOST_VARIANTS = 200
"""Of one net; RegNet's paper has 24."""
MOST_TOGETHER = 100_000
"""Layers after which no further net or variant of a file is looked at."""


def load(source: Source, report: Report, parsed: Parsed | None = None) -> Module:
    """Read a file and what it imports; `parsed` is what `parse` says of it, where somebody asked already."""
    loader = Loader(report)
    module = loader.load(source, parsed)
    report.broken = loader.broken
    return module


def networks(module: Module, report: Report) -> Iterator[Network]:
    """Every net of a file in every variant; those with errors are left out, and told of in the report."""
    found = [net for net in wholes(module) if not _too_many_variants(net, report)]
    left = [(net, name) for net in found for name in _variants(net)]
    summed = False
    for net in found:
        for name in _variants(net):
            if report.full:
                return
            if not summed and report.placed > WORTH_COUNTING:
                summed = True
                if _too_many(module, left, report):
                    _too_much(report, net)
                    return
            if report.placed > MOST_TOGETHER or any(d.code == "too-many-layers" for d in report.found):
                _too_much(report, net)
                return
            left.pop(0)
            report.variant = name
            network = elaborate(module, net, report, Ask(variant=name))
            if network is not None:
                yield network  # what its reader says of it belongs to this variant too
        report.variant = None
        report.name_variants([name for name in _variants(net) if name is not None])


def _variants(net: ast.Net) -> list[str] | list[None]:
    """The variants a net is looked at in; `None` is the only one of a net that declares none."""
    return [name.name for name, _ in declared(net.body)] or [None]


def _too_many_variants(net: ast.Net, report: Report) -> bool:
    names = [name for name, _ in declared(net.body)]
    if len(names) <= MOST_VARIANTS:
        return False
    message = f"`{net.name}` has {len(names):,} variants; at most {MOST_VARIANTS} are looked at"
    report.add(Diagnostic("too-many-variants", message, names[MOST_VARIANTS].span, help="let parameters vary instead"))
    return True


def _too_many(module: Module, left: list[tuple[ast.Net, str | None]], report: Report) -> bool:
    """Whether the layers of the nets that are left, which are only counted, make too many of those there are."""
    total = report.placed
    for net, variant in left:
        total += counted(module, net, report, Ask(variant=variant))
        if total > MOST_TOGETHER:
            return True
    return False


def wholes(module: Module) -> list[ast.Net]:
    """The nets of a file that are networks by themselves."""
    return [net for net in nets(module) if not _is_part(module, net)]


def _is_part(module: Module, net: ast.Net) -> bool:
    """Whether a net is only there for others of the file, who give it the values it has no defaults for."""
    if all(parameter.default is not None for parameter in net.parameters):
        return False
    return any(net.name in uses(other.body) for other in module.nets if other is not net)


def _too_much(report: Report, net: ast.Net) -> None:
    if not report.failed:
        message = f"the nets of this file, in all their variants, have more than {MOST_TOGETHER:,} layers together"
        help_ = "check them one at a time, `--variant`, or put them into files of their own"
        report.add(Diagnostic("too-many-layers", message, net.name_span, help=help_))


def in_order(found: list[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics by file and place; errors before warnings before notes at one place."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    return sorted(found, key=lambda d: (d.span.source.name, d.span.start, rank[d.severity], d.span.end))
