"""A picture as TikZ: the rectangles, lines and words of its SVG text, one by one, at the same places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from archlang.tex import escaped

_SVG = "{http://www.w3.org/2000/svg}"
_POINTS = 0.75
_MOST_POINTS = 16_000  # what TeX can count to is a little more
_NUMBER = re.compile(r"[MLHQZ]|-?\d+(?:\.\d+)?(?:e-?\d+)?")
_PACKAGES = ("\\usepackage[T1]{fontenc}", "\\usepackage{lmodern}", "\\usepackage{textcomp}")
_WORDS = {
    "·": r"\textperiodcentered{}",
    "×": r"\texttimes{}",
    "…": r"\textellipsis{}",
    "→": r"\textrightarrow{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
}
_KNOWN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĆćČčĎďĐđĘęĞğŁłŃńŒœŘřŚśŞşŠšŤťŮůŸŹźŻżŽž"
)
_UNKNOWN = r"\unknown{}"
_MARK = r"\newcommand{\unknown}{\framebox[0.7em]{\rule{0pt}{1.1ex}}}"
_ANCHORS = {"middle": "base", "end": "base east"}


@dataclass(frozen=True, slots=True)
class _Pen:
    """What a group passes on to what it holds: where it stands, and how it is drawn if nothing else is said."""

    x: float = 0
    y: float = 0
    fill: str = ""
    stroke: str = ""
    width: str = "1"


def tikz(svg: str) -> str:
    """A LaTeX document that shows what `svg`, a picture that archlang drew, shows.

    It can be compiled as it is, and read into a paper with the package `standalone`. A pixel is three quarters
    of a point, as in a browser's print, less where the picture would be longer than TeX can count.
    A character that the font of LaTeX lacks becomes an empty box.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 - we wrote it, a moment ago
    *_, across, down = map(float, root.get("viewBox", f"0 0 {root.get('width')} {root.get('height')}").split())
    scale = float(root.get("width", across)) / across
    unit = min(_POINTS * scale, _MOST_POINTS / max(across, down))
    body = list(_children(root, _Pen(fill=root.get("fill", "")), unit))
    colours = dict.fromkeys(re.findall(r"\bc([0-9A-F]{6})\b", "\n".join(body)))
    return "\n".join(
        [
            "% needs the class standalone and the packages tikz, fontenc, lmodern and textcomp",
            "\\documentclass[tikz]{standalone}",
            *_PACKAGES,
            _MARK,
            *(f"\\definecolor{{c{colour}}}{{HTML}}{{{colour}}}" for colour in colours),
            "\\begin{document}",
            f"\\begin{{tikzpicture}}[x={unit:.6g}bp, y=-{unit:.6g}bp, inner sep=0, outer sep=0]",
            *body,
            "\\end{tikzpicture}",
            "\\end{document}",
            "",
        ]
    )


def _children(parent: ElementTree.Element, pen: _Pen, unit: float) -> Iterator[str]:
    for element in parent:
        match element.tag.removeprefix(_SVG):
            case "g":
                yield from _children(element, _moved(element, pen), unit)
            case "rect":
                yield _rect(element, pen, unit)
            case "path":
                yield _path(element, pen, unit)
            case "text":
                yield _text(element, pen, unit)
            case _:
                pass  # titles are for those who point at things


def _moved(group: ElementTree.Element, pen: _Pen) -> _Pen:
    shift = re.findall(r"-?[\d.]+", group.get("transform", "")) or ["0", "0"]
    return replace(
        pen,
        x=pen.x + float(shift[0]),
        y=pen.y + float(shift[1]),
        fill=group.get("fill", pen.fill),
        stroke=group.get("stroke", pen.stroke),
        width=group.get("stroke-width", pen.width),
    )


def _rect(rect: ElementTree.Element, pen: _Pen, unit: float) -> str:
    x, y, width, height = (float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
    style = _style(rect, pen, unit)
    if radius := float(rect.get("rx", "0")):
        style.append(f"rounded corners={radius * unit:.4g}bp")
    here, there = _at(x, y, pen), _at(x + width, y + height, pen)
    return f"\\path[{', '.join(style)}] {here} rectangle {there};"


def _path(path: ElementTree.Element, pen: _Pen, unit: float) -> str:
    style = ", ".join(_style(path, pen, unit))
    return f"\\path[{style}] {' '.join(_pieces(_NUMBER.findall(path.get('d', '')), pen))};"


def _pieces(words: list[str], pen: _Pen) -> Iterator[str]:
    x = y = 0.0
    numbers: list[float] = []
    command = ""
    for word in words:
        if word == "Z":
            yield "-- cycle"
        elif word in "MLHQ":
            command, numbers = word, []
        else:
            numbers.append(float(word))
            if len(numbers) < {"M": 2, "L": 2, "H": 1, "Q": 4}[command]:
                continue
            if command == "Q":
                yield _bent((x, y), (numbers[0], numbers[1]), (numbers[2], numbers[3]), pen)
            x, y = (numbers[0], y) if command == "H" else (numbers[-2], numbers[-1])
            if command != "Q":
                yield ("" if command == "M" else "-- ") + _at(x, y, pen)
            numbers = []


def _bent(start: tuple[float, float], corner: tuple[float, float], end: tuple[float, float], pen: _Pen) -> str:
    """A curve of SVG's with one control point, as one with two, which is what TikZ has."""
    one, other = (_at(x + (corner[0] - x) * 2 / 3, y + (corner[1] - y) * 2 / 3, pen) for x, y in (start, end))
    return f".. controls {one} and {other} .. {_at(*end, pen)}"


def _text(text: ElementTree.Element, pen: _Pen, unit: float) -> str:
    size = float(text.get("font-size", "10")) * unit
    bold = "\\bfseries" if text.get("font-weight") == "bold" else ""
    anchor = _ANCHORS.get(text.get("text-anchor", ""), "base west")
    font = f"\\fontsize{{{size:.4g}bp}}{{{1.2 * size:.4g}bp}}\\selectfont\\sffamily{bold}"
    place = _at(float(text.get("x", "0")), float(text.get("y", "0")), pen)
    colour = _colour(text.get("fill", pen.fill)) or "black"
    return f"\\node[anchor={anchor}, text={colour}, font={font}] at {place} {{{tex_text(text.text or '')}}};"


def tex_text(text: str) -> str:
    """A text that means in LaTeX what it says: no ligatures, and a box for what its font lacks."""
    apart = re.sub(r"([-<>,'`?!])(?=[-<>,'`])", "\\1\0", text)
    return "".join(_character(character) for character in apart)


def _character(character: str) -> str:
    if character == "\0":
        return "{}"
    if character in _WORDS:
        return _WORDS[character]
    if character.isascii():
        return escaped(character)
    return character if character in _KNOWN else _UNKNOWN


def _at(x: float, y: float, pen: _Pen) -> str:
    return f"({x + pen.x:.6g},{y + pen.y:.6g})"


def _style(element: ElementTree.Element, pen: _Pen, unit: float) -> list[str]:
    """The options of a path: what fills it, what draws it, how wide, with which gaps."""
    style: list[str] = []
    if fill := _colour(element.get("fill", pen.fill)):
        style.append(f"fill={fill}")
    if stroke := _colour(element.get("stroke", pen.stroke)):
        style += [f"draw={stroke}", f"line width={float(element.get('stroke-width', pen.width)) * unit:.4g}bp"]
        style += _dashes(element.attrib, unit)
    return style


def _dashes(attributes: Mapping[str, str], unit: float) -> Iterator[str]:
    if dashes := attributes.get("stroke-dasharray"):
        lengths = [f"{float(length) * unit:.4g}bp" for length in dashes.split()]
        yield "dash pattern=" + " ".join(f"{'off' if i % 2 else 'on'} {length}" for i, length in enumerate(lengths))
    if opacity := attributes.get("stroke-opacity"):
        yield f"draw opacity={opacity}"


def _colour(colour: str) -> str:
    """The name that the document gives a colour; nothing for none."""
    return f"c{colour.removeprefix('#').upper()}" if colour.startswith("#") else ""
