"""The whole page as text: style, script, and what it shows, compressed; nothing is fetched from anywhere."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from archlang.draw.theme import families
from archlang.page.script import LAYOUT, VIEW, script

Record = dict[str, Any]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:"
"""What the page may do: run what it holds, and ask nobody for anything."""


_OPEN = """
(async () => {
const raw = Uint8Array.from(atob(document.getElementById("page").textContent), (char) => char.charCodeAt(0));
const text = await new Response(new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
const page = JSON.parse(text), script = document.createElement("script");
script.textContent = page.script;
document.head.append(script);
showPage(page.data);
})();"""
"""Unpacks the script and the data: together they are a third of what they are in plain text."""


def page(data: Record) -> str:
    """The page that shows `data` (see `archlang.page.data`)."""
    packed = b64encode(gzip.compress(_plain({"script": script((*LAYOUT, *VIEW)), "data": data}).encode(), mtime=0))
    title = escape(str(data["title"]))
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{style()}</style>",
            "</head>",
            "<body>",
            "<noscript>This page draws a network with a script of its own, and scripts are switched off.</noscript>",
            f'<script type="application/octet-stream" id="page">{packed.decode()}</script>',
            f"<script>{_OPEN}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def style() -> str:
    """The style sheet, with the colours of the families as the pictures have them."""
    sheet = (files("archlang.page") / "js" / "page.css").read_text("utf-8")
    lines = (line.strip() for line in sheet.splitlines())
    return "".join(line for line in lines if line and not line.startswith("/*")) + _painted(families())


def _painted(paints: Mapping[str, Sequence[str]]) -> str:
    """A rule for each family: the colour of its box, of its text, of its border."""
    rules = [(".box,.swatch" if name == "other" else f'[data-f="{name}"]', paint) for name, paint in paints.items()]
    rules.sort(key=lambda rule: rule[0] != ".box,.swatch")  # what all share comes first, to be overruled
    return "".join(f"{of}{{--fill:{fill};--text:{text};--line:{line}}}" for of, (fill, text, line) in rules)


def _plain(data: Record) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
