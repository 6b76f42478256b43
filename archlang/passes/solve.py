"""Which inputs a network takes: it is read again and again, on inputs of other sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archlang.elaborate.check import load
from archlang.elaborate.network import Ask, elaborate, meant
from archlang.elaborate.report import Report
from archlang.ir.most import SOLVE, few_enough
from archlang.ir.network import Network
from archlang.ops.op import Shape
from archlang.passes.legal_sizes import MOST, Again, Sizes, formulas, legal_sizes
from archlang.passes.trial import Shapes, input_shapes
from archlang.record import record


@record
class Solution:
    """A network, its sizes, and the same network on the size `at` that roundings are told of.

    `formulas` are the shapes of layers, by id, for an input of height H and width W, where symbols can say them.
    """

    network: Network
    sizes: Sizes
    at: tuple[int, int] | None
    at_network: Network | None
    formulas: Mapping[int, Shape]


def solve(network: Network, parameters: Mapping[str, Any], most: int = MOST) -> Solution:
    """The sizes a network takes, and where they are rounded at its own, or else at the smallest.

    `parameters` are those that it was read with. Raises `NoMapError` where no input has height and width, and
    ArchError (`too-many-layers`) where the network is too large to be read so often.
    """
    few_enough(network, SOLVE)
    again = _reader(network, parameters)
    sizes = legal_sizes(network, again, most)
    by_symbols = formulas(network, again, depends=sizes.depends)
    if sizes.own is not None:
        return Solution(network, sizes, sizes.own, network, by_symbols)
    shapes = input_shapes(network, sizes.legal[0], sizes.legal[0]) if sizes.legal else None
    at = (sizes.legal[0], sizes.legal[0]) if shapes else None
    return Solution(network, sizes, at, again(shapes) if shapes else None, by_symbols)


def _reader(network: Network, parameters: Mapping[str, Any]) -> Again:
    module = load(network.source, Report())
    net = meant(module, network.name)

    def again(shapes: Shapes) -> Network | None:
        report = Report()
        ask = Ask(None, network.variant, parameters, shapes, most=SOLVE)
        found = elaborate(module, net, report, ask) if net else None
        return None if report.failed else found

    return again
