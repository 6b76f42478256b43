"""What a tensor of a forward is called that has no name of its own: by the part that its layer plays."""

from __future__ import annotations

from collections.abc import Mapping

from archlang.emit.bodies import Ref, Step
from archlang.emit.classes import Class
from archlang.emit.names import legal
from archlang.emit.units import Unit
from archlang.ir.scope import Kind, Scope


def hint(made: Class, same: Mapping[Ref, Ref], at: int, port: int = 0) -> str:
    """`shortcut`, `branch1`, `gate`, `out`; `same` are the outputs that are what another step made."""
    for scope in _scopes(made.steps[at], port):
        if made.unit.scopes and scope is made.unit.scopes[-1]:
            break
        if scope.kind is Kind.SHORTCUT:
            return "shortcut"
        if scope.kind is Kind.BRANCH and scope.title:
            return legal(scope.title, "branch")
        if scope.kind is Kind.BRANCH and scope.parent is not None and scope.parent.title != "res":
            if scope.parent.title == "mul":
                return "gate"
            return "branch1" if _branches(made, same, scope.parent) > 1 else "out"
        if scope.kind is Kind.WRAP:
            break
    return "out"


def fresh(name: str, live: set[str]) -> str:
    """The name, with the lowest number that none of these has."""
    if name not in live:
        return name
    stem, number = name.rstrip("0123456789") or name, 2
    while f"{stem}{number}" in live:
        number += 1
    return f"{stem}{number}"


def _branches(made: Class, same: Mapping[Ref, Ref], wrap: Scope) -> int:
    """How many branches of a merge do something."""
    steps = [step for at, step in enumerate(made.steps) if Ref(at) not in same]
    busy = [_scopes(step, port) for step in steps for port in range(len(step.parts) or 1)]
    return len({id(s) for chain in busy for s in chain if s.kind is Kind.BRANCH and s.parent is wrap})


def _scopes(step: Step, port: int = 0) -> list[Scope]:
    what = step.made_by(port)
    if isinstance(what, Unit):
        return list(what.scopes[0].chain()) if what.scopes else []
    return [] if what is None else list(what.scope.chain())
