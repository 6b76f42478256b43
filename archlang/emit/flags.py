"""What only some calls of a class run, and the attribute that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archlang.emit.bodies import Ref, Step
from archlang.emit.expr import Expr
from archlang.emit.forms import Form
from archlang.emit.units import Unit
from archlang.ir.scope import Kind


@dataclass(slots=True)
class Flag:
    """Steps that only some calls run: the attribute that says so, and what it is set to.

    `otherwise` where the others run a step in their place: the one before, which makes `instead`.
    """

    name: str
    condition: Expr
    start: int
    end: int
    result: Ref
    instead: Ref
    otherwise: bool = False


def flag_name(steps: Sequence[Step]) -> str:
    """What the attribute is called after what the steps do: `project`, `residual`, `has_conv4`."""
    nodes = [step.what for step in steps if step.what is not None]
    scopes = [
        scope for node in nodes for scope in (node.scopes if isinstance(node, Unit) else tuple(node.scope.chain()))
    ]
    if any(scope.kind is Kind.SHORTCUT for scope in scopes):
        return "project"
    if len(steps) == 1 and steps[0].member is None and "+" in steps[0].code:
        return "residual"
    members = [step.way[0] for step in steps if step.way]
    return f"has_{members[0]}" if members else "extra"


def members_under(
    flags: Sequence[Flag], steps: Sequence[Step], members: Mapping[str, Sequence[Form | None]]
) -> dict[str, str]:
    """The flag under which a member exists that some calls lack."""
    owner: dict[str, str] = {}
    for flag in flags:
        for step in steps[flag.start : flag.end]:
            if step.way and any(one is None for one in members.get(step.way[0], ())):
                owner[step.way[0]] = flag.name
    return owner
