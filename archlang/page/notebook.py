"""What a notebook shows of a network: the page in a frame, and under it a picture and a table that stand still."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from typing import Any

from archlang.draw import svg
from archlang.ir.network import Network
from archlang.page.draw import html
from archlang.report.summary import summary

_HEIGHT = 640
_FRAME = (
    f'width="100%" height="{_HEIGHT}" style="border:1px solid #C9AE9B;border-radius:6px" loading="lazy"'
    ' sandbox="allow-scripts allow-downloads" allow="clipboard-write"'
)


def of_network(network: Network, parameters: Mapping[str, Any] | None = None, command: str | None = None) -> str:
    """What a notebook shows of a network; `parameters` and `command` as in `archlang.page.draw.draw`."""
    return notebook(network.name, html(network, parameters, command), svg(network), summary(network))


def notebook(title: str, page: str, picture: str, table: str) -> str:
    """Markup for a notebook's cell.

    The `page` runs in a frame of its own that can reach nothing of the notebook. Viewers that show no frames drop
    it, so what stands under it, to be opened by a click, needs neither frames nor scripts: `picture`, an SVG text,
    as an image, and `table`, plain text.
    """
    image = b64encode(picture.encode()).decode()
    named = escape(title)
    return (
        f'<iframe title="{named}" {_FRAME} srcdoc="{escape(page)}"></iframe>'
        f"<details><summary>{named}: picture and table</summary>"
        f'<img alt="{named}" style="max-width:100%" src="data:image/svg+xml;base64,{image}"/>'
        f"<pre>{escape(table)}</pre></details>"
    )
