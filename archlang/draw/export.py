"""The door: a network's picture, as text or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.raster import pdf, png
from archlang.draw.render import page_size, render_svg
from archlang.draw.scene import Scene
from archlang.draw.spacing import DOWN, RIGHT
from archlang.draw.style import Look, checked_look, error
from archlang.files import write
from archlang.ir.network import Network

SUFFIXES = (".svg", ".png", ".pdf", ".tex", ".dot", ".txt")
"""The formats a picture can have, by the end of its file's name."""

COLUMNS = 100
"""How wide a text is if nobody says."""

Drawing = tuple[str, tuple[int, int]]
"""A picture as SVG text, and its width and height in pixels."""


def svg(network: Network, **look: Unpack[Look]) -> str:
    """The picture as SVG text, whole in itself; `look` says how (see `Look`)."""
    checked_look(network, ".svg", look)
    return _drawing(network, look)[0]


def text(network: Network, columns: int = COLUMNS, *, expand: bool = False, colours: bool = False) -> str:
    """The picture in box characters, at most `columns` wide; `colours` paints it with escape sequences."""
    from archlang.draw.terminal import terminal

    return terminal(compose(network, expand=expand), columns, colours=colours)


def dot(network: Network, *, expand: bool = False) -> str:
    """The picture as DOT text, for Graphviz and its relatives."""
    from archlang.draw.dot import dot_text  # graphviz is slow to import, and few ask for it

    return dot_text(compose(network, expand=expand))


def draw(network: Network, path: Path | str, **look: Unpack[Look]) -> Path:
    """Writes the picture of a network and returns where; `look` says how (see `Look`).

    The end of the name says which format: `.svg`, `.png`, `.pdf`, `.tex`,
    `.dot` or `.txt`, in box characters. The file is written whole or not at all.

    Raises ArchError for another suffix, engine or style (`picture-format`,
    `picture-engine`, `picture-style`) and where Graphviz is asked for and not there
    (`no-graphviz`); OSError where the file cannot be written.
    """
    path = checked(network, path)
    suffix = path.suffix.lower()
    checked_look(network, suffix, look)
    if suffix == ".dot" or look.get("engine") == "dot":
        return write(path, _by_graphviz(network, compose(network, expand=look.get("expand", False)), suffix))
    if suffix == ".txt":
        return write(path, text(network, look.get("columns", COLUMNS), expand=look.get("expand", False)))
    return _write(path, _drawing(network, look))


def write_scene(scene: Scene, path: Path, network: Network) -> Path:
    """Writes a picture whose name is known to be good; `network` is the one to name if Graphviz fails."""
    suffix = path.suffix.lower()
    if suffix == ".txt":
        from archlang.draw.terminal import terminal

        return write(path, terminal(scene, COLUMNS))
    return write(path, _by_graphviz(network, scene, suffix)) if suffix == ".dot" else _write(path, _laid_out(scene, {}))


def checked(network: Network, path: Path | str, suffixes: tuple[str, ...] = SUFFIXES) -> Path:
    """The path, if it ends in one of the suffixes; raises ArchError (`picture-format`) if not."""
    path = Path(path)
    if path.suffix.lower() not in suffixes:
        message = f"`{path.name}` is no name for a picture"
        raise error(network, "picture-format", message, f"it ends in {', '.join(suffixes[:-1])} or {suffixes[-1]}")
    return path


def _drawing(network: Network, look: Look) -> Drawing:
    if look.get("style") == "blocks3d":
        from archlang.draw.blocks import blocks

        return blocks(network, expand=look.get("expand", False))
    if look.get("style") == "paper":
        from archlang.draw.paper import HEIGHT, WIDTH, paper

        right, mono = look.get("direction") == "right", look.get("mono", False)
        width, height = look.get("width", WIDTH), look.get("height", HEIGHT)
        return paper(network, width, height, expand=look.get("expand", False), right=right, mono=mono)
    return _laid_out(compose(network, expand=look.get("expand", False)), look)


def _laid_out(scene: Scene, look: Look) -> Drawing:
    picture = layout(scene, RIGHT if look.get("direction") == "right" else DOWN)
    return render_svg(picture), page_size(picture)


def _write(path: Path, drawing: Drawing) -> Path:
    svg_text, size = drawing
    match path.suffix.lower():
        case ".png":
            return write(path, png(svg_text, *size))
        case ".pdf":
            return write(path, pdf(svg_text))
        case ".tex":
            from archlang.draw.tikz import tikz

            return write(path, tikz(svg_text))
        case _:
            return write(path, svg_text)


def _by_graphviz(network: Network, scene: Scene, suffix: str) -> bytes:
    from archlang.draw.dot import NoGraphvizError, dot_picture, dot_text

    if suffix == ".dot":
        return dot_text(scene).encode()
    try:
        return dot_picture(scene, suffix.removeprefix("."))
    except NoGraphvizError as failed:
        help_ = "leave out `--engine dot`: the built-in layout needs nothing installed"
        raise error(network, "no-graphviz", str(failed), help_) from failed
