"""Which steps stand inside the expression of the next, and how one is put into the other."""

from __future__ import annotations

from archlang.emit.bodies import Step
from archlang.emit.units import Unit


def fill(code: str, holes: dict[str, str]) -> str:
    """`code` with `{name}` replaced, all at once: what is filled in is never looked at again."""
    parts = code.split("{")
    done = parts[0]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        done += holes[name] + rest if brace and name in holes else "{" + part
    return done


def takes(code: str) -> bool:
    """Whether any expression may stand where the input does, and stands there once."""
    return code.count("{x}") + code.count("{xs}") + code.count("{x0}") == 1 and ("({x" in code)


def companion(step: Step) -> bool:
    """Whether it is written around what it follows: activations, batch norm, flattening."""
    return not isinstance(step.what, Unit) and step.what is not None and step.what.op.pointwise


def flattens(step: Step) -> bool:
    """Whether it only flattens a map."""
    return step.code.startswith("torch.flatten")


def pools_all(step: Step) -> bool:
    """Whether it pools a whole map."""
    return not isinstance(step.what, Unit) and step.what is not None and step.what.op.sees_all
