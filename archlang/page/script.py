"""The page's script: the files of `js/`, one after another, without comments and indents."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

LAYOUT = ("shown", "flow", "tracks", "wires", "column", "measure", "layout")
"""What puts a scene in its place: the twins of the modules of `archlang.draw` by the same names."""

VIEW = (
    "elements",
    "kept",
    "page",
    "panes",
    "pieces",
    "diagram",
    "gestures",
    "minimap",
    "table",
    "texts",
    "colours",
    "field",
    "search",
    "paper",
    "menu",
)
"""What shows it, and lets a reader do things with it."""


@cache
def script(names: tuple[str, ...] = LAYOUT, package: str = "archlang.page") -> str:
    """The text of these files of a package, as small as leaving out comments and indents makes it."""
    folder = files(package) / "js"
    lines = (line.strip() for name in names for line in (folder / f"{name}.js").read_text("utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
