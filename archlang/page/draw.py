"""The door: a network drawn to any kind of file, a page among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack, cast

from archlang.diagnostics import ArchError, Diagnostic
from archlang.draw import draw as draw_picture
from archlang.draw.export import SUFFIXES, checked
from archlang.draw.style import Look, checked_look
from archlang.elaborate.check import load
from archlang.elaborate.network import Ask, elaborate, meant
from archlang.elaborate.report import Report
from archlang.emit import source
from archlang.files import write
from archlang.ir.most import PAGE, PICTURE, few_enough
from archlang.ir.network import Network
from archlang.page.data import page_data
from archlang.page.html import page
from archlang.page.times import read_times

SUFFIX = ".html"
"""The end of a page's name."""


class PageLook(Look, total=False):
    """A `Look`, and for a page the file of measured `times` that it shows (see `read_times`)."""

    times: str | Path | None


def draw(
    network: Network,
    path: Path | str,
    parameters: Mapping[str, Any] | None = None,
    command: str | None = None,
    **look: Unpack[PageLook],
) -> Path:
    """Writes a network as a picture, or, to an `.html` file, as an interactive page, and returns where.

    A page has a tab for each variant of the file, with the same `parameters` set;
    all it needs is in it. `look` says how a picture looks and which times a page shows
    (see `PageLook`); `command` is what makes the emitted module again.
    Raises as `archlang.draw.draw` and `read_times` do, and ArchError (`times-picture`)
    where times are given for a picture.
    """
    path = checked(network, path, (*SUFFIXES, SUFFIX))
    times = look.pop("times", None)
    of_picture = cast("Look", look)
    if path.suffix.lower() == SUFFIX and look.get("engine") is None:
        checked_look(network, SUFFIX, of_picture)
        seconds = None if times is None else read_times(times, network)
        return write(path, html(network, parameters, command, seconds))
    if times is not None:
        message, help_ = f"`{path.name}` is a picture, and times are shown on a page", "let its name end in .html"
        raise ArchError([Diagnostic("times-picture", message, network.span, help=help_)])
    few_enough(network, PICTURE)
    return draw_picture(network, path, **of_picture)


def html(
    network: Network,
    parameters: Mapping[str, Any] | None = None,
    command: str | None = None,
    times: Mapping[str, float] | None = None,
) -> str:
    """The page as text; `times` are the seconds of the network's layers, by their paths.

    Raises ArchError (`too-many-layers`) for a network that is too large for one.
    """
    few_enough(network, PAGE)
    networks = in_every_variant(network, parameters)
    chosen = next(index for index, one in enumerate(networks) if one is network)
    data = page_data(networks, chosen, lambda one: source(one, command=command if one is network else None))
    if times is not None:
        data["sheets"][data["chosen"]]["times"] = dict(times)
    return page(data)


def in_every_variant(network: Network, parameters: Mapping[str, Any] | None = None) -> list[Network]:
    """The network and its file's other variants, in their order, with the same parameters and input sizes.

    A variant that these do not fit is left out, and so are all where one fills a page.
    """
    if len(network.variants) < 2 or len(network.graph) >= PAGE.layers:
        return [network]
    module = load(network.span.source, Report())
    inputs = tuple(network.shapes[node.id] for node in network.graph if not node.inputs)
    found: list[Network] = []
    net = meant(module, network.name)
    for variant in network.variants:
        if variant == network.variant or net is None:
            found.append(network)
            continue
        report = Report()
        other = elaborate(module, net, report, Ask(network.name, variant, parameters, inputs, most=PAGE))
        if other is not None and not report.failed:
            found.append(other)
    return found
