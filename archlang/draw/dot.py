"""A scene as DOT text, and laid out by Graphviz for those who have it."""

# pyright: basic
from __future__ import annotations

import graphviz

from archlang.draw.metrics import clean
from archlang.draw.scene import Box, Column, Fork, Frame, Repeat, Scene, boxes
from archlang.draw.theme import FRAMES, INK, LABEL_SIZE, MAIN_SIZE, MUTED, PAGE, RULE, paint

_FONT = "Helvetica"


class NoGraphvizError(Exception):
    """The `dot` program is not installed, or it failed; the message says what it said."""


def dot_text(scene: Scene) -> str:
    """The scene in Graphviz's language, frames as clusters."""
    return _digraph(scene).source


def dot_picture(scene: Scene, suffix: str) -> bytes:
    """The scene laid out by the `dot` program, as `svg`, `png` or `pdf`; raises `NoGraphvizError`."""
    try:
        return _digraph(scene).pipe(format=suffix)
    except graphviz.ExecutableNotFound as error:
        raise NoGraphvizError("the `dot` program of Graphviz is not installed") from error
    except graphviz.CalledProcessError as error:
        said = (error.stderr or b"").decode(errors="replace").strip()
        raise NoGraphvizError(f"the `dot` program of Graphviz failed: {clean(said, 200)}") from error


def _digraph(scene: Scene) -> graphviz.Digraph:
    graph = graphviz.Digraph(
        "network",
        graph_attr={
            "label": _lines(clean(scene.title, 60), scene.subtitle),
            "labelloc": "t",
            "bgcolor": PAGE,
            "fontname": _FONT,
            "fontcolor": INK,
        },
        node_attr={"shape": "box", "style": "rounded,filled", "fontname": _FONT, "fontsize": f"{MAIN_SIZE:g}"},
        edge_attr={
            "fontname": _FONT,
            "fontsize": f"{LABEL_SIZE:g}",
            "color": INK,
            "fontcolor": INK,
            "arrowsize": "0.6",
        },
    )
    _column(graph, scene.body, 0)
    dashed = {box.key for box in boxes(scene.body) if box.dashed}
    for box in boxes(scene.body):
        for key in box.reads:
            style = {"style": "dashed"} if {key, box.key} & dashed else {}
            graph.edge(f"n{key}", f"n{box.key}", label=_lines(scene.labels.get(key, "")), **style)
    return graph


def _column(graph: graphviz.Digraph, column: Column, depth: int) -> None:
    for item in column.items:
        match item:
            case Box():
                _box(graph, item)
            case Fork():
                for inner in item.columns:
                    _column(graph, inner, depth)
            case Repeat():
                _column(graph, Column((item.folded,)), depth)
            case Frame():
                title = " ".join(text for text in (item.title, f"x{item.times}" if item.times > 1 else "") if text)
                attributes = {
                    "label": _lines(clean(title, 60)),
                    "labeljust": "l",
                    "style": "rounded,filled" + (",dashed" if item.dashed else ""),
                    "fillcolor": FRAMES[depth % len(FRAMES)],
                    "color": RULE,
                    "fontcolor": MUTED,
                }
                key = next(box.key for box in boxes(item))
                inside = graphviz.Digraph(f"cluster_{depth}_{key}", graph_attr=attributes)
                _column(inside, item.body, depth + 1)
                graph.subgraph(inside)


def _box(graph: graphviz.Digraph, box: Box) -> None:
    colours = paint(box.family)
    texts = [clean(row.text) for row in box.rows]
    if box.times > 1:
        texts[box.main] += f" x{box.times}"
    graph.node(
        f"n{box.key}",
        _lines(*texts, *([clean(box.note)] if box.note else [])),
        fillcolor=colours.fill,
        color=colours.line,
        fontcolor=colours.text,
        tooltip=_lines(*(clean(line, 120) for line in box.tip.splitlines())),
        **({"style": "rounded,filled,dashed"} if box.dashed else {}),
    )


def _lines(*texts: str) -> str:
    """Text that means itself, line by line."""
    return graphviz.nohtml("\\n".join(graphviz.escape(text) for text in texts))
