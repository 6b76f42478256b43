"""Classes of others that the source imports: what each is called in it, and the lines that bring them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from archlang.emit.layout import WIDTH
from archlang.emit.names import RESERVED, Names
from archlang.ir.network import Network
from archlang.ops.op import Code

Origin = tuple[str, str]
_DEFINED = re.compile(r"^class (\w+)", re.MULTILINE)


def imported(network: Network, taken: set[str]) -> dict[Origin, str]:
    """What the source calls each class that it imports: its own name, unless that means something else there."""
    origins = dict.fromkeys(node.op.origin for node in network.graph if node.op.origin is not None)
    if not origins:
        return {}
    names = Names({*RESERVED, *taken, *_typed(network)})
    return {origin: names.take(origin[1]) for origin in origins}


def _typed(network: Network) -> Iterator[str]:
    """The names that the file gives tensors and values, which may become names of the source."""
    for node in network.graph:
        if node.label is not None:
            yield node.label
        for scope in node.scope.chain():
            if scope.binding is not None:
                yield from scope.binding.parameters
                yield from scope.binding.lets


def defined(network: Network) -> set[str]:
    """The names of the classes that its layers bring along."""
    texts = {node.op.definition for node in network.graph if node.op.definition is not None}
    return {name for text in texts for name in _DEFINED.findall(text)}


def lines(called: Mapping[Origin, str]) -> list[str]:
    """`from mypkg.layers import DeformConv2d`; what goes by another name has a line of its own, as ruff sorts them."""
    plain: dict[str, list[str]] = {}
    found: list[tuple[str, tuple[int, str], str]] = []
    for (module, name), local in called.items():
        if name == local:
            plain.setdefault(module, []).append(name)
        else:
            found.append((module, _rank(name), f"from {module} import {name} as {local}"))
    for module, names in plain.items():
        names.sort(key=_rank)
        line = f"from {module} import {', '.join(names)}"
        if len(line) > WIDTH:
            line = "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
        found.append((module, _rank(names[0]), line))
    return [line for _, _, line in sorted(found)]


def _rank(name: str) -> tuple[int, str]:
    """Names in capitals first, then classes."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name)


def renamed(code: Code | None, origin: Origin | None, called: Mapping[Origin, str]) -> Code | None:
    """The code of a layer whose class goes by another name in this source."""
    if code is None or origin is None or called.get(origin, origin[1]) == origin[1]:
        return code
    return Code(re.sub(rf"(?<![\w.]){re.escape(origin[1])}(?=\()", called[origin], code.text), code.values)
