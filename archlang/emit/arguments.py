"""The arguments that a class may have by itself: the channels that enter, and the parameters of its block."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.emit.forms import Each
from archlang.emit.names import Names, legal
from archlang.emit.params import Param, same
from archlang.emit.units import Unit
from archlang.emit.written import bindings, listed, plain
from archlang.ir.network import Shapes

_PLAIN = (bool, int, float, str, Each)


def known_arguments(units: Sequence[Unit], shapes: Shapes) -> list[Param]:
    """The parameters of the block, and of those it stands in, where they differ and are plain values.

    The channels that enter come first, as the candidates of `choose` have them last.
    """
    found: list[Param] = []
    if len(units) < 2:
        return found
    if units[0].reads:
        found.append(Param("in_channels", [shapes[unit.reads[0]][0] for unit in units]))
    around = [bindings(unit) for unit in units]
    seen: set[str] = set()
    for depth in range(min(map(len, around))):
        given = [chain[depth] for chain in around]
        for parameter in given[0].definition.parameters:
            values = [listed(binding.parameters.get(parameter.name)) for binding in given]
            differs = any(not same(v, values[0]) for v in values)
            if parameter.name in seen or not differs or not all(isinstance(v, _PLAIN) for v in values):
                continue
            if depth and any(p.name == "in_channels" and p.values == values for p in found):
                continue  # the block around has a name of its own for it
            seen.add(parameter.name)
            declared = plain(parameter.default)
            default = declared if any(same(v, declared) for v in values) else ...
            name = Names({p.name for p in found}).take(legal(parameter.name))
            found.append(Param(name, values, default))
    return found
