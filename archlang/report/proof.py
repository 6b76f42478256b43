"""The claims of networks, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from archlang.ir.network import Expectation, Network
from archlang.passes.claims import Verdict, said_as, weighed
from archlang.record import record
from archlang.report.cells import number
from archlang.report.grid import aligned

HEADINGS = ("network", "claim", "claimed", "computed", "proof", "why")
RIGHT = (2, 3)


@record
class Proof:
    """One claim of a network that the command line calls `network`.

    `claimed` is the figure as the file has it; `verdict` what became of it, and
    `reason` what the file says of a figure that is wrong. A network's claimed
    output sizes are one proof, of which `sizes` is how many there are, and `kept`
    how many of them hold.
    """

    network: str
    claim: str
    claimed: str
    computed: str
    verdict: Verdict
    reason: str = ""
    sizes: int = 0
    kept: int = 0


def proofs(name: str, network: Network) -> list[Proof]:
    """Every claim of the network: its output sizes together, then its `expect` lines in their order."""
    found = [_sizes(name, network)] if network.sizes else []
    for each in weighed(network):
        claim = each.claim
        counted = number(each.value) if each.value is not None else ""
        found.append(Proof(name, claim.name, claimed(claim), counted, each.verdict, claim.reason or ""))
    return found


def _sizes(name: str, network: Network) -> Proof:
    stated, kept = len(network.sizes), sum(network.sizes.values())
    verdict = Verdict.KEPT if kept == stated else Verdict.BROKEN
    return Proof(name, "=>", several(stated, "size"), several(kept, "size"), verdict, sizes=stated, kept=kept)


def claimed(claim: Expectation) -> str:
    """`138M`, or `<= 4.1G` where the claim is a bound."""
    figure = said_as(claim.value, claim.digits)
    return figure if claim.op == "==" else f"{claim.op} {figure}"


def table(found: Sequence[Proof]) -> str:
    """A line for each claim, network by network."""
    rows: list[tuple[str, ...]] = []
    before = ""
    for each in found:
        name = each.network if each.network != before else ""
        rows.append((name, each.claim, each.claimed, each.computed, each.verdict.value, each.reason))
        before = each.network
    return "\n".join(aligned(HEADINGS, rows, RIGHT)) + "\n"


def sentence(found: Sequence[Proof], networks: int, errors: int) -> str:
    """`3 networks: 20 sizes and 30 figures kept, 4 figures explained, none broken`.

    `errors` is the number of other mistakes, for which networks were left out.
    """
    figures = Counter(each.verdict for each in found if not each.sizes)
    kept = f"{several(sum(each.kept for each in found), 'size')} and {several(figures[Verdict.KEPT], 'figure')} kept"
    explained = f"{several(figures[Verdict.EXPLAINED], 'figure')} explained"
    many = figures[Verdict.BROKEN] + sum(each.sizes - each.kept for each in found)
    said = [kept, explained, f"{many or 'none'} broken"]
    if figures[Verdict.UNSAID]:
        said.append(f"{figures[Verdict.UNSAID]} not checked, as layers of the file's own do not say theirs")
    if figures[Verdict.OPEN]:
        said.append(f"{figures[Verdict.OPEN]} open until the input's size is given")
    if errors:
        said.append(several(errors, "other error"))
    return f"{several(networks, 'network')}: {', '.join(said)}"


def broken(found: Sequence[Proof]) -> bool:
    """Whether any claim is."""
    return any(each.verdict is Verdict.BROKEN for each in found)


def several(count: int, what: str) -> str:
    """`1 size`, `1,204 sizes`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
