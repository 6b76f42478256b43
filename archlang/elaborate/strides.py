"""Where the stride of a group goes, to the first layer or block that takes one, and the stride of a repeat."""

from __future__ import annotations

from archlang.diagnostics import Diagnostic, Severity
from archlang.elaborate.kinds import kind_of
from archlang.elaborate.layers import held
from archlang.elaborate.packages import usable_block
from archlang.elaborate.prelude import prelude_block
from archlang.elaborate.values import Partial
from archlang.elaborate.work import Where
from archlang.source import Span
from archlang.syntax import ast


def takes_stride(core: ast.Core, where: Where) -> bool:
    """Whether a stride given to this core has somewhere to go."""
    if not isinstance(core, ast.Call):
        return any(takes_stride(it.core, where) for branch in core.branches for it in branch.items)
    value = held(core.name, where)
    definition = value.definition if isinstance(value, Partial) else where.env.block(core.name)
    if definition is None:
        kind = kind_of(core.name, where.env)
        if kind is not None:
            return kind.stride_option is not None
        definition = prelude_block(core.name) or usable_block(core.name)
    return definition is not None and any(p.name == "stride" for p in definition.node.parameters)


def stride_on_copies(span: Span) -> Diagnostic:
    """What is said of a stride that every copy of a repeat has."""
    help = f"for the first copy only, write it last: `x n /{span.text}`"
    return Diagnostic("stride-on-copies", "every copy has this stride", span, help=help, severity=Severity.WARNING)
