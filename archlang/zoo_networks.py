"""The zoo's networks, worked out: each net of a file as it is usually meant, or in every variant."""

from __future__ import annotations

from archlang import zoo_names
from archlang.diagnostics import ArchError, Diagnostic, Severity
from archlang.elaborate.check import in_order, load, networks, wholes
from archlang.elaborate.network import Ask, elaborate, meant
from archlang.elaborate.report import Report
from archlang.ir.network import Network
from archlang.locate import locate
from archlang.record import record
from archlang.source import Source
from archlang.syntax.parse import Parsed


@record
class Member:
    """A network of a file in one variant; `name` is how the command line calls it: `vgg`, `alphago:Value`."""

    name: str
    network: Network

    @property
    def title(self) -> str:
        """The name with the variant: `vgg@D`."""
        return f"{self.name}@{self.network.variant}" if self.network.variant else self.name


def usual() -> list[Member]:
    """Each network of the zoo in the variant that is meant where none is said. Raises `ArchError`."""
    return [member for name in zoo_names.names() for member in usual_of(name)]


def every() -> list[Member]:
    """Each network of the zoo in every variant. Raises `ArchError`."""
    return [member for name in zoo_names.names() for member in all_of(name)]


def all_of(name: str) -> list[Member]:
    """The networks of one file of the zoo in every variant. Raises `ArchError`."""
    located = locate(name)
    found, diagnostics = worked_out(name, located.source, located.parsed)
    if diagnostics:
        raise ArchError(diagnostics)
    return found


def worked_out(name: str, source: Source, parsed: Parsed | None = None) -> tuple[list[Member], list[Diagnostic]]:
    """The networks of a file in every variant, and the errors of those that are left out, claimed sizes included."""
    report = Report()
    module = load(source, report, parsed)
    main = meant(module, None)
    found = [_member(name, network, main.name if main else "") for network in networks(module, report)]
    return found, [each for each in in_order(report.found) if each.severity is Severity.ERROR]


def usual_of(name: str) -> list[Member]:
    """The networks of one file of the zoo, each in the variant that is meant where none is said."""
    located = locate(name)
    report = Report()
    module = load(located.source, report, located.parsed)
    main = meant(module, None)
    found = [elaborate(module, net, report, Ask()) for net in wholes(module)]
    if report.failed:
        raise ArchError(in_order(report.found))
    return [_member(name, network, main.name if main else "") for network in found if network is not None]


def _member(name: str, network: Network, main: str) -> Member:
    return Member(name if network.name == main else f"{name}:{network.name}", network)
