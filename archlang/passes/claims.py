"""`expect` lines: what a file says of its network, held against what is counted."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor

from archlang.diagnostics import Diagnostic, Severity
from archlang.ir.network import SUBJECTS, Expectation, Network
from archlang.ops.dim import Size
from archlang.passes.cost import Cost, costs, total, totals, trainable
from archlang.passes.depth import depth
from archlang.record import record

SUFFIXES = {"K": 10**3, "M": 10**6, "G": 10**9}
COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Verdict(StrEnum):
    """What became of a claim.

    EXPLAINED: the figure is wrong as `but` says; OPEN: the input's size is not known; UNSAID: some layer of the file's
    own does not say what is claimed.
    """

    KEPT = "kept"
    EXPLAINED = "explained"
    BROKEN = "broken"
    OPEN = "open"
    UNSAID = "unsaid"


@record
class Weighed:
    """A claim, what is counted (None for a subject that is not counted), and what became of the claim.

    `without` are the words of the layers that do not say what the claim is about.
    """

    claim: Expectation
    value: Size | None
    verdict: Verdict
    without: tuple[str, ...] = ()


def claims(network: Network) -> list[Diagnostic]:
    """What is wrong with the network's `expect` lines, in their order.

    A figure agrees if it is within half a unit of its last digit: 138M is
    137.5M to 138.5M; a plain whole number or an expression is exact.
    """
    return [found for each in weighed(network) for found in _told(each)]


def weighed(network: Network) -> list[Weighed]:
    """The network's `expect` lines, in their order, each held against what is counted."""
    if not network.expectations:
        return []
    by_node = costs(network)
    measured = [
        (claim, _measured(network, by_node, claim), _without(network, by_node, claim)) for claim in network.expectations
    ]
    return [
        Weighed(claim, value, Verdict.UNSAID if without else _verdict(claim, value), without)
        for claim, value, without in measured
    ]


def _without(network: Network, by_node: Mapping[int, Cost], claim: Expectation) -> tuple[str, ...]:
    """The words of the layers that a claim is about and that do not say what it claims."""
    what = "params" if claim.subject.startswith("params") else claim.subject
    heads = frozenset[int]() if claim.subject in ("params_train", "params_trainable") else network.train_only
    ids = claim.nodes if claim.nodes is not None else by_node.keys() - heads
    return tuple(sorted({word for id_ in ids for each, word in by_node[id_].unsaid if each == what}))


def _verdict(claim: Expectation, value: Size | None) -> Verdict:
    if value is None:
        return Verdict.BROKEN
    if not isinstance(value, int):
        return Verdict.OPEN
    holds = agrees(value, claim.op, claim.value, claim.digits)
    if claim.but is None:
        return Verdict.KEPT if holds else Verdict.BROKEN
    right = agrees(value, "==", claim.but, claim.but_digits)
    return Verdict.EXPLAINED if right and not holds else Verdict.BROKEN


def _measured(network: Network, by_node: Mapping[int, Cost], claim: Expectation) -> Size | None:
    """What is counted of the network, or of a label's nodes; None for a subject that is not counted."""
    if claim.subject == "depth":
        return depth(network, claim.nodes)
    if claim.nodes is not None:
        if claim.subject == "params_trainable":
            return trainable(network, {id_: by_node[id_] for id_ in claim.nodes})
        part = total(by_node[id_] for id_ in claim.nodes)
        return {"params": part.params, "params_train": part.params, "macs": part.macs}.get(claim.subject)
    whole = totals(network, by_node)
    counted = {"params": whole.params, "params_train": whole.params_train, "params_trainable": whole.params_trainable}
    return {**counted, "macs": whole.macs}.get(claim.subject)


def agrees(value: int, op: str, claimed: float, digits: str | None) -> bool:
    """Whether `value op claimed` holds, with the tolerance of the digits for == and !=."""
    exact = Decimal(value)
    if op in COMPARE:
        return COMPARE[op](exact, Decimal(str(claimed)))
    equal = abs(exact - Decimal(str(claimed))) <= _tolerance(digits)
    return equal if op == "==" else not equal


def written_like(value: int, digits: str | None) -> str:
    """`value` with the suffix and the decimals of `digits`: 138357544 like "134M" is "138M"."""
    if digits is None or digits.isdigit():
        return str(value)
    scale, exponent = _unit(digits)
    if exponent > 0:
        return str(value)
    return f"{Decimal(value) / scale:.{-exponent}f}{digits[-1] if scale != 1 else ''}"


def _tolerance(digits: str | None) -> Decimal:
    if digits is None or digits.isdigit():
        return Decimal(0)
    scale, exponent = _unit(digits)
    return Decimal(10) ** exponent * scale / 2


def _unit(digits: str) -> tuple[int, int]:
    """What the last digit is worth: its suffix and its power of ten, within reason."""
    suffix = digits[-1] if digits[-1] in SUFFIXES else ""
    exponent = Decimal(digits.removesuffix(suffix)).as_tuple().exponent
    return SUFFIXES.get(suffix, 1), max(-30, min(30, exponent if isinstance(exponent, int) else 0))


def _told(each: Weighed) -> list[Diagnostic]:
    claim, value, name = each.claim, each.value, each.claim.name
    if value is None:
        help_ = f"what is counted is {', '.join(SUBJECTS[:-1])} and {SUBJECTS[-1]}"
        return [Diagnostic("expect-subject", f"`{name}` is not counted", claim.line.subject.span, help=help_)]
    if each.without:
        message = f"`{name}` is not checked: {_listed(each.without)} not say {_own(each)}"
        help_ = f"say it where the layer is declared: `{'macs' if claim.subject == 'macs' else 'params'} = ...`"
        return [Diagnostic("expect-unsaid", message, claim.line.span, help=help_, severity=Severity.WARNING)]
    if not isinstance(value, int):
        message = f"`{name}` is {value}, so this is not checked until the input's size is given"
        note = Severity.NOTE
        return [Diagnostic("expect-symbolic", message, claim.line.span, help="`--input 3x224x224`", severity=note)]
    found = _always(claim, name)
    if each.verdict is Verdict.BROKEN:
        found.append(_wrong(claim, name, value) if claim.but is None else _miscorrected(claim, name, value))
    return found


def _listed(words: tuple[str, ...]) -> str:
    names = [f"`{word}`" for word in words]
    return f"{', '.join(names[:-1])} and {names[-1]} do" if len(names) > 1 else f"{names[0]} does"


def _own(each: Weighed) -> str:
    what = "MACs" if each.claim.subject == "macs" else "parameters"
    return f"{'its' if len(each.without) == 1 else 'their'} {what}"


def _wrong(claim: Expectation, name: str, value: int) -> Diagnostic:
    said = said_as(claim.value, claim.digits)
    if claim.op == "==":
        message = f"`{name}` is {value:,}, not {said}"
        like = written_like(value, claim.digits)
        help_ = f"if the network is right, write `{like}`"
    else:
        message = f"`{name}` is {value:,}, which is not {claim.op} {said}"
        help_ = None
    return Diagnostic("expect", message, claim.line.value.span, text=f"counted: {value:,}", help=help_)


def _miscorrected(claim: Expectation, name: str, value: int) -> Diagnostic:
    """`== 364K but 376K`: the first figure must not agree, and the second must."""
    said, right = said_as(claim.value, claim.digits), said_as(claim.but or 0, claim.but_digits)
    if claim.but is None or agrees(value, "==", claim.but, claim.but_digits):
        message = f"`{name}` is {value:,}, so {said} is right after all"
        return Diagnostic("expect-but", message, claim.line.value.span, help=f"leave out `but {right}`")
    like = written_like(value, claim.but_digits)
    message = f"`{name}` is {value:,}, not {right}"
    span = (claim.line.but or claim.line.value).span
    return Diagnostic("expect-but", message, span, help=f"if the network is right, write `{like}`")


def _always(claim: Expectation, name: str) -> list[Diagnostic]:
    """A warning for what no network could break: counts are whole and not negative."""
    always = {
        ">": claim.value < 0,
        ">=": claim.value <= 0,
        "!=": not _some_count(claim),
    }
    if not always.get(claim.op, False):
        return []
    message = f"`{name} {claim.op} {said_as(claim.value, claim.digits)}` holds for every network"
    return [Diagnostic("expect-always", message, claim.line.span, severity=Severity.WARNING)]


def _some_count(claim: Expectation) -> bool:
    """Whether a whole number from 0 up agrees with the figure."""
    value, slack = Decimal(str(claim.value)), _tolerance(claim.digits)
    if not value.is_finite():
        return False
    return max(0, ceil(value - slack)) <= floor(value + slack)


def said_as(value: float, digits: str | None) -> str:
    """The figure as the file has it, or worked out."""
    return digits if digits is not None else f"{value:,}"
