"""Which steps stand inside the expression of the next, and how one is put into the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archlang.emit.bodies import Step
from archlang.emit.fold import stem
from archlang.emit.units import Unit
from archlang.passes.fusion import Kernel


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
    found = re.findall(r"(.?)\{(?:x|xs|x0)\}(.?)", code)
    return len(found) == 1 and found[0][0] == "(" and found[0][1] in (",", ")")


def companion(step: Step) -> bool:
    """Whether it is written around what it follows: activations, batch norm, flattening."""
    if step.kernel is not None:
        return step.kernel == Kernel.BLOCK_END
    return not isinstance(step.what, Unit) and step.what is not None and step.what.op.pointwise


def flattens(step: Step) -> bool:
    """Whether it only flattens a map."""
    return step.code.startswith("torch.flatten")


def pools_all(step: Step) -> bool:
    """Whether it pools a whole map."""
    return not isinstance(step.what, Unit) and step.what is not None and step.what.op.sees_all


def goes_round(steps: Sequence[Step], at: int) -> bool:
    """Whether a unit is run as the two before it were, so that a loop will run them all."""
    run = steps[at - 2 : at + 1] if at > 1 else ()
    if not run or any(not isinstance(step.what, Unit) or step.code != run[0].code or not step.way for step in run):
        return False
    head, first = stem(run[0].way[-1])
    return first is not None and [stem(step.way[-1]) for step in run] == [(head, first + n) for n in range(3)]
