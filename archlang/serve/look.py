"""What a window of the editor is shown of a text: the network as far as it is right, what is wrong, the module.

All here is plain data in and out, so that it can run in a process that may be stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

from archlang.diagnostics import ArchError, Diagnostic
from archlang.diagnostics.json import records
from archlang.elaborate.check import in_order, load
from archlang.elaborate.imports import Module
from archlang.elaborate.network import Ask, elaborate, meant, nets, no_network
from archlang.elaborate.partly import STOPPED
from archlang.elaborate.report import Report
from archlang.elaborate.variants import declared, default
from archlang.emit import source as emitted
from archlang.formatting import format_text
from archlang.ir.network import Network
from archlang.model import check
from archlang.page.data import page_data
from archlang.page.sheet import Offsets, kernels
from archlang.passes.claims import claims
from archlang.record import record
from archlang.report.emitted import Emitted
from archlang.source import Source
from archlang.syntax import ast

Record = dict[str, Any]

MOST_LINED = 2500
"""Layers of a network whose lines in the module are found: of more it takes longer than somebody who types waits."""


@record
class Asked:
    """A text as it stands in a window: `name` is what messages call it, `path` where imports look beside it.

    `net` and `variant` are those chosen there, `other` a variant to compare with; what the text does not have
    counts as not chosen.
    """

    text: str
    name: str = "network.arch"
    path: str | None = None
    net: str | None = None
    variant: str | None = None
    other: str | None = None

    @property
    def source(self) -> Source:
        """The text as a source."""
        return Source(self.name, self.text, Path(self.path) if self.path is not None else None)


def look(asked: Asked) -> Record:
    """What is drawn while somebody types: one net in one variant, and what is wrong with it.

    `data` is a page's (see `archlang.page.data`), without the emitted module; None where nothing could be placed.
    What is doubtful but not wrong is left to `rest`. Where a variant to compare with is right as well, the data has
    both, in the file's order, with the differences, and `other` names it.
    """
    begun = perf_counter()
    source, report = asked.source, Report()
    module = load(source, report)
    net, variant = _chosen(module, asked)
    network = None
    if net is None:
        report.add(no_network(module, None))
    else:
        network = elaborate(module, net, report, Ask(net.name, variant, partly=True))
    stopped = report.failed
    if network is not None and net is not None and not stopped:
        for diagnostic in claims(network):
            report.add(diagnostic)
    other = None
    if network is not None and net is not None and not stopped and asked.other != variant:
        other = _other(module, net, asked.other)
    return {
        "data": _data(network, other, stopped=stopped) if network is not None else None,
        "stopped": stopped,
        "diagnostics": told(in_order(report.found), source),
        "nets": [one.name for one in nets(module)],
        "net": net.name if net is not None else None,
        "variants": [word.name for word, _ in declared(net.body)] if net is not None else [],
        "variant": variant,
        "other": other.variant if other is not None else None,
        "took": _since(begun),
    }


def rest(asked: Asked) -> Record:
    """What can wait a moment: the module, its layers' lines and kernels, and what all nets and variants draw."""
    begun = perf_counter()
    source, report = asked.source, Report()
    module = load(source, report)
    net, variant = _chosen(module, asked)
    network = elaborate(module, net, report, Ask(net.name, variant)) if net is not None else None
    code, lines, groups = "", dict[int, list[int]](), dict[int, int]()
    if network is not None and not report.failed:
        code = emitted(network)
        places = Emitted(code).places(network) if len(network.graph) <= MOST_LINED else {}
        lines = {id_: [place.line, place.end] for id_, place in places.items()}
        groups = kernels(network)
    found = told(check(source), source)
    return {"code": code, "lines": lines, "kernels": groups, "diagnostics": found, "took": _since(begun)}


def formatted(text: str) -> Record:
    """The text in its one form; None while it has errors of form."""
    try:
        return {"text": format_text(text)}
    except ArchError:
        return {"text": None}


def told(diagnostics: Iterable[Diagnostic], source: Source) -> list[Record]:
    """Diagnostics as a window takes them: `here` says that a place is in its own text, counted in UTF-16 units."""
    offsets, found = Offsets(source), list(diagnostics)
    rows = records(found)
    for diagnostic, row in zip(found, rows, strict=True):
        _here(row, diagnostic.span.source is source, offsets)
        for label, one in zip(diagnostic.labels, row["labels"], strict=True):
            _here(one, label.span.source is source, offsets)
        for call, one in zip(diagnostic.trace, row["trace"], strict=True):
            one["text"] = call.text or call.span.text
            _here(one, call.span.source is source, offsets)
    return rows


def _here(row: Record, here: bool, offsets: Offsets) -> None:  # noqa: FBT001 - a fact of the row
    row["here"] = here
    if here:
        row["start"], row["end"] = offsets.at(row["start"]), offsets.at(row["end"])


def _chosen(module: Module, asked: Asked) -> tuple[ast.Net | None, str | None]:
    """The net and the variant that are shown: those asked for, where the text has them."""
    net = meant(module, asked.net) if asked.net is not None else None
    net = net or meant(module, None)
    if net is None:
        return None, None
    variants = [word.name for word, _ in declared(net.body)]
    return net, asked.variant if asked.variant in variants else default(net.body, net.parameters)


def _other(module: Module, net: ast.Net, variant: str | None) -> Network | None:
    """The same net in the variant to compare with; None where the text has no such variant, or it is not right."""
    if variant not in [word.name for word, _ in declared(net.body)]:
        return None
    report = Report()
    other = elaborate(module, net, report, Ask(net.name, variant))
    return None if report.failed else other


def _data(network: Network, other: Network | None, *, stopped: bool) -> Record:
    order = network.variants  # of two the later is what became of the earlier, as on a page
    shown = sorted([network, other], key=lambda one: order.index(one.variant)) if other is not None else [network]
    data = page_data(shown, shown.index(network), lambda _: None)
    data.pop("source")  # the window has it, and lists the variants
    data["left_out"] = []
    if stopped and len(network.results) == 1:
        scene = data["sheets"][0]["scene"]
        scene["names"] = dict.fromkeys(scene["names"], network.results[0].name)
    data["broken"] = [result.output for result in network.results if result.name == STOPPED]
    return data


def _since(begun: float) -> float:
    """Milliseconds."""
    return round(1000 * (perf_counter() - begun), 1)
