"""How a forward reaches what its unit holds."""

from __future__ import annotations

from archlang.emit.names import attribute, quoted
from archlang.emit.units import Unit
from archlang.ir.graph import Node


def indexed(unit: Unit) -> bool:
    """Whether it is printed as an `nn.Sequential`, its members reached by number."""
    if unit.counted is None:
        names = [child.name for child in unit.children if _has_member(child)]
        by_label = unit.parent is not None and names and names == [str(n) for n in range(len(names))]
        unit.counted = not unit.bare and bool(by_label or (unit.numbered and all(name.isdigit() for name in names)))
    return unit.counted


def _has_member(child: Unit | Node) -> bool:
    if isinstance(child, Unit):
        return child.again is None and (child.stateful or not child.open)
    return child.op.stateful and child.shares is None


def access(unit: Unit, child: Unit | Node) -> str:
    """How a unit's forward reaches something in it: `self.conv1`, `self[0]`, `self.stage.conv1`."""
    text, at = "self", unit
    for name in unit.way(child):
        if name.isdigit() and indexed(at) and (at is unit or at.open):  # others may have a flattening among them
            text = f"{text}[{int(name)}]"
        else:
            text = attribute(text, name) if at is unit else f"getattr({text}, {quoted(name)})"
        at = at.inner.get(name, at)
    return text
