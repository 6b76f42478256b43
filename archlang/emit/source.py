"""The whole source of a network, from the header to the last method."""

from __future__ import annotations

import re

from archlang.emit.calls import Printer
from archlang.emit.classes import Class
from archlang.emit.fused import fused
from archlang.emit.header import header
from archlang.emit.imported import defined, imported, lines
from archlang.emit.methods import root_text
from archlang.emit.module import class_text, labels_of
from archlang.emit.names import RESERVED, Names, class_name
from archlang.emit.plan import Plan
from archlang.emit.units import tree
from archlang.emit.wiring import wire
from archlang.ir.most import SOURCE, few_enough
from archlang.ir.network import Network


def source(network: Network, *, command: str | None = None, kernels: bool = False) -> str:
    """PyTorch source of a network, which depends on torch alone, and on the modules of the file's own layers.

    With `kernels`, its forwards call `archlang.kernels` where one of them runs
    several layers, and it depends on archlang too; all else is the same.

    The last class is the network; made without arguments, its `state_dict` has the
    graph's names and shapes. `command` is what makes the source again. The same
    network gives the same text, byte for byte.
    Raises ArchError (`too-many-layers`) where it is too large.
    """
    few_enough(network, SOURCE)
    units = tree(network)
    wire(network, units)
    alias = _alias(network) if kernels else ""
    taken = {*RESERVED, *([alias] if alias else []), *defined(network)}
    called = imported(network, {*taken, class_of(network)})
    plan = Plan(network, units, Names({*taken, *called.values()}), called)
    runs: dict[str, Class] = fused(network, plan, alias) if kernels else {}
    printer = Printer(plan.classes)
    labels = labels_of(network, units.root)
    parts = [class_text(made, network, labels, printer, runs.get(made.name)) for made in plan.classes.values()]
    before, root, after = root_text(plan, network, labels, printer, runs.get(plan.root.name))
    parts = [*before, *parts, root]
    text = "\n\n\n".join("\n".join(part) for part in parts)
    imports = _imports(text, alias if runs else "", lines(called))
    return "\n".join([*header(network, command, kernels=bool(runs)), "", *imports]) + "\n\n\n" + text + "\n" + after


def class_of(network: Network) -> str:
    """The name of the class that is the whole network."""
    return class_name(network.name, "Network")


def _alias(network: Network) -> str:
    """What the source calls `archlang.kernels`: `K`, if that is not the network."""
    return "K" if class_of(network) != "K" else "kernels"


def _imports(text: str, alias: str, others: list[str]) -> list[str]:
    standard: list[str] = []
    if _uses(text, "OrderedDict"):
        standard.append("from collections import OrderedDict")
    if _uses(text, "Callable"):
        standard.append("from collections.abc import Callable")
    typing = [name for name in ("Any", "NamedTuple", "Self") if _uses(text, name)]
    if typing:
        standard.append(f"from typing import {', '.join(typing)}")
    torch = ["import torch"] if _uses(text, "torch") else []
    if alias:
        others.append("from archlang import kernels" + ("" if alias == "kernels" else f" as {alias}"))
    others.append("from torch import Tensor, nn" if _uses(text, "Tensor") else "from torch import nn")
    if _uses(text, "F"):
        others.append("from torch.nn import functional as F")
    others.sort(key=lambda line: line.split()[1])
    return [*standard, *([""] if standard else []), *torch, *others]


def _uses(text: str, name: str) -> bool:
    """Whether the source means the import by it, and not an attribute, a string or an argument of that name."""
    return name in text and re.search(rf"(?<![\w.\"]){name}(?![\w=\"])", text) is not None
