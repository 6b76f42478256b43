"""The door: a network drawn to any kind of file, a page among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from archlang.draw import draw as draw_picture
from archlang.draw.export import SUFFIXES, checked
from archlang.draw.style import Look, checked_look
from archlang.elaborate.check import load
from archlang.elaborate.network import Ask, elaborate, meant
from archlang.elaborate.report import Report
from archlang.emit import source
from archlang.files import write
from archlang.ir.network import Network
from archlang.page.data import page_data
from archlang.page.html import page

PAGE = ".html"
"""The end of a page's name."""


def draw(
    network: Network,
    path: Path | str,
    parameters: Mapping[str, Any] | None = None,
    command: str | None = None,
    **look: Unpack[Look],
) -> Path:
    """Writes a network as a picture, or, to an `.html` file, as an interactive page, and returns where.

    A page has a tab for each variant of the file, with the same `parameters` set;
    all it needs is in it. `look` says how a picture looks (see `Look`); `command`
    is what makes the emitted module again. Raises as `archlang.draw.draw` does.
    """
    path = checked(network, path, (*SUFFIXES, PAGE))
    if path.suffix.lower() != PAGE or look.get("engine") is not None:
        return draw_picture(network, path, **look)
    checked_look(network, PAGE, look)
    return write(path, html(network, parameters, command))


def html(network: Network, parameters: Mapping[str, Any] | None = None, command: str | None = None) -> str:
    """The page as text."""
    networks = in_every_variant(network, parameters)
    chosen = next(index for index, one in enumerate(networks) if one is network)
    return page(page_data(networks, chosen, lambda one: source(one, command=command if one is network else None)))


def in_every_variant(network: Network, parameters: Mapping[str, Any] | None = None) -> list[Network]:
    """The network and its file's other variants, in their order, with the same parameters and input sizes.

    A variant that these do not fit is left out.
    """
    if len(network.variants) < 2:
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
        other = elaborate(module, net, report, Ask(network.name, variant, parameters, inputs))
        if other is not None and not report.failed:
            found.append(other)
    return found
