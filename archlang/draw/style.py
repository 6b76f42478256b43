"""How a picture is asked for: what is drawn of a network, in which style, running which way."""

from __future__ import annotations

from typing import TypedDict

from archlang.diagnostics import ArchError, Diagnostic
from archlang.ir.network import Network

ENGINES = (None, "dot")
STYLES = ("netscope", "paper", "blocks3d")
DIRECTIONS = ("down", "right")

_OWN_LOOK = {".dot": "Graphviz", ".html": "a page", ".txt": "a text"}


class Look(TypedDict, total=False):
    """What may be said of a picture; what is left out is as usual.

    `expand` draws every copy of a repeat. `engine="dot"` has Graphviz lay the picture out. `style` is one of `STYLES`,
    netscope as usual; `direction` one of `DIRECTIONS`: down as usual, and right for blocks3d, which knows no other.
    `mono` draws a paper's figure in black, white and grey, `width` and `height` say how wide and how high it is at
    most, in millimetres.
    A text (`.txt`) is at most `columns` characters wide, 100 as usual.
    """

    expand: bool
    engine: str | None
    style: str
    direction: str | None
    columns: int
    mono: bool
    width: float
    height: float


def checked_look(network: Network, suffix: str, look: Look) -> None:
    """Raises ArchError where a look asks for what there is not: `picture-engine`, `picture-style`."""
    engine, style, direction = look.get("engine"), look.get("style", "netscope"), look.get("direction")
    if engine not in ENGINES:
        raise error(network, "picture-engine", f"there is no layout engine `{engine}`", "there is `dot`, and our own")
    if style not in STYLES:
        raise _no_style(network, f"there is no style `{style}`", f"there is {', '.join(STYLES[:-1])} and {STYLES[-1]}")
    if direction not in (None, *DIRECTIONS):
        raise _no_style(network, f"a picture cannot run `{direction}`", f"it runs {' or '.join(DIRECTIONS)}")
    if style == "blocks3d" and direction == "down":
        raise _no_style(network, "blocks in space run to the right alone", "leave the direction out")
    if engine == "dot" and suffix == ".txt":
        raise error(network, "picture-engine", "Graphviz draws no text", "leave out `--engine dot`")
    if style != "paper" and (look.get("mono") or "width" in look or "height" in look):
        what = "a width, a height, and black and white, are for a paper's figure"
        raise _no_style(network, what, "add the style: paper")
    for side, how in (("width", "wide"), ("height", "high")):
        if not 10 <= look.get(side, 100) <= 2000:
            raise _no_style(network, f"a figure cannot be {look.get(side)} mm {how}", "10 to 2000 mm it can be")
    usual = style == "netscope" and direction in (None, "down")
    if not usual and (engine == "dot" or suffix in _OWN_LOOK):
        what = _OWN_LOOK.get(suffix, "Graphviz")
        raise _no_style(network, f"{what} has a look of its own", "leave style and direction out, or write an SVG")


def error(network: Network, code: str, message: str, help_: str) -> ArchError:
    """An error of a picture, which names the network."""
    return ArchError([Diagnostic(code, message, network.span, help=help_)])


def _no_style(network: Network, message: str, help_: str) -> ArchError:
    return error(network, "picture-style", message, help_)
