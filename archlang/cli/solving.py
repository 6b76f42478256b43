"""What `archlang solve` does: reads a network again and again, on inputs of other sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archlang.cli.command import UsageError
from archlang.elaborate.check import load
from archlang.elaborate.network import Ask, elaborate, meant
from archlang.elaborate.report import Report
from archlang.ir.network import Network
from archlang.ops.op import Shape
from archlang.passes.legal_sizes import Again, NoMapError, formulas, input_shapes, legal_sizes
from archlang.report.solve import Solution


def solve(network: Network, parameters: Mapping[str, Any], most: int) -> Solution:
    """The sizes a network takes, and where they are rounded at its own, or else at the smallest.

    Raises `UsageError` where no input has height and width.
    """
    again = _reader(network, parameters)
    try:
        sizes = legal_sizes(network, again, most)
    except NoMapError:
        raise UsageError(f"{network.name} has no input with height and width: there is nothing to solve") from None
    by_symbols = formulas(network, again, depends=sizes.depends)
    if sizes.own is not None:
        return Solution(network, sizes, sizes.own, network, by_symbols)
    at = sizes.legal[0] if sizes.legal else None
    return Solution(network, sizes, at, None if at is None else again(input_shapes(network, at)), by_symbols)


def _reader(network: Network, parameters: Mapping[str, Any]) -> Again:
    module = load(network.source, Report())
    net = meant(module, network.name)

    def again(shapes: tuple[Shape, ...]) -> Network | None:
        report = Report()
        found = elaborate(module, net, report, Ask(None, network.variant, parameters, shapes)) if net else None
        return None if report.failed else found

    return again
