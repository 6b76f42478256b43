"""A network of nodes placed one by one, without the language."""

from __future__ import annotations

from typing import Any

from archlang.ir.graph import Graph, Node
from archlang.ir.network import Network, Result, Settings
from archlang.ir.scope import Scope
from archlang.ops.op import Shape
from archlang.source import Source, Span

SPAN = Span(Source("by hand", "nothing to see\n"), 0, 7)
"""Where everything made by hand stands."""


def assembled(
    nodes: list[Node], shapes: dict[int, Shape], scope: Scope, results: tuple[Result, ...], **more: Any
) -> Network:
    """The nodes as a network in one variant; `more` are facts that are not as empty as they can be."""
    facts: dict[str, Any] = {
        "name": scope.title,
        "variant": None,
        "inputs": tuple(node.id for node in nodes if node.op.arity == 0),
        "heads": (),
        "taps": {},
        "labels": {},
        "settings": Settings(),
        "expectations": (),
        "parameters": {},
        "variants": (),
        "paper": None,
        "weights": (),
        "train_only": frozenset(),
    }
    return Network(
        source=SPAN.source,
        span=SPAN,
        graph=Graph(nodes),
        shapes=shapes,
        scope=scope,
        results=results,
        **{**facts, **more},
    )
