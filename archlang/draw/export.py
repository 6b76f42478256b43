"""The door: a network's picture, as text or in a file."""

from __future__ import annotations

from pathlib import Path

from archlang.diagnostics import ArchError, Diagnostic
from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.raster import pdf, png
from archlang.draw.render import page_size, render_svg
from archlang.draw.scene import Scene
from archlang.files import write
from archlang.ir.network import Network

SUFFIXES = (".svg", ".png", ".pdf", ".tex", ".dot")
"""The formats a picture can have, by the end of its file's name."""

ENGINES = (None, "dot")


def svg(network: Network, *, expand: bool = False) -> str:
    """The picture as SVG text, whole in itself; `expand` draws every copy of a repeat."""
    return render_svg(layout(compose(network, expand=expand)))


def dot(network: Network, *, expand: bool = False) -> str:
    """The picture as DOT text, for Graphviz and its relatives."""
    from archlang.draw.dot import dot_text  # graphviz is slow to import, and few ask for it

    return dot_text(compose(network, expand=expand))


def draw(network: Network, path: Path | str, *, expand: bool = False, engine: str | None = None) -> Path:
    """Writes the picture of a network and returns where.

    The end of the name says which format: `.svg`, `.png`, `.pdf`, `.tex` or
    `.dot`. `expand` draws every copy of a repeat; `engine="dot"` has Graphviz lay it
    out. The file is written whole or not at all.

    Raises ArchError for another suffix or engine (`picture-format`, `picture-engine`)
    and where Graphviz is asked for and not there (`no-graphviz`); OSError where
    the file cannot be written.
    """
    path = checked(network, path)
    if engine not in ENGINES:
        raise _error(network, "picture-engine", f"there is no layout engine `{engine}`", "there is `dot`, and our own")
    return write_scene(network, compose(network, expand=expand), path, engine)


def write_scene(network: Network, scene: Scene, path: Path, engine: str | None = None) -> Path:
    """Writes a picture whose name and engine are known to be good; `network` is the one to name if Graphviz fails."""
    suffix = path.suffix.lower()
    if suffix == ".dot" or engine == "dot":
        return write(path, _by_graphviz(network, scene, suffix))
    picture = layout(scene)
    text = render_svg(picture)
    match suffix:
        case ".png":
            return write(path, png(text, *page_size(picture)))
        case ".pdf":
            return write(path, pdf(text))
        case ".tex":
            from archlang.draw.tikz import tikz

            return write(path, tikz(text))
        case _:
            return write(path, text)


def checked(network: Network, path: Path | str, suffixes: tuple[str, ...] = SUFFIXES) -> Path:
    """The path, if it ends in one of the suffixes; raises ArchError (`picture-format`) if not."""
    path = Path(path)
    if path.suffix.lower() not in suffixes:
        message = f"`{path.name}` is no name for a picture"
        raise _error(network, "picture-format", message, f"it ends in {', '.join(suffixes[:-1])} or {suffixes[-1]}")
    return path


def _by_graphviz(network: Network, scene: Scene, suffix: str) -> bytes:
    from archlang.draw.dot import NoGraphvizError, dot_picture, dot_text

    if suffix == ".dot":
        return dot_text(scene).encode()
    try:
        return dot_picture(scene, suffix.removeprefix("."))
    except NoGraphvizError as error:
        help_ = "leave out `--engine dot`: the built-in layout needs nothing installed"
        raise _error(network, "no-graphviz", str(error), help_) from error


def _error(network: Network, code: str, message: str, help_: str) -> ArchError:
    return ArchError([Diagnostic(code, message, network.span, help=help_)])
