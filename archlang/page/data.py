"""What a page shows: the networks of a file in their variants, what differs between them, their text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from archlang.draw.theme import drawn, kin
from archlang.draw.words import network_title
from archlang.ir.most import PAGE
from archlang.ir.network import Network
from archlang.page.sheet import COLUMNS, sheet
from archlang.passes.difference import Change, Difference, difference

Record = dict[str, Any]

MOST_COMPARED = 2500
"""How many layers two variants may have together to be compared."""


def page_data(
    networks: Sequence[Network], chosen: int, code: Callable[[Network], str | None], *, command: str = ""
) -> Record:
    """The data of a page with a tab for each network, opened at `chosen`.

    `code` emits one as PyTorch source, or gives None where that has to wait.
    Variants that are too much for one page, or are not among `networks`, are named in `left_out`.
    """
    kept = _kept(networks, chosen)
    source = networks[chosen].span.source
    sheets = [sheet(networks[index], code(networks[index])) for index in kept]
    families = {family for one in networks for family in (drawn(node.op) for node in one.graph)}
    return {
        "title": network_title(networks[chosen]),
        "command": command,
        "source": {"name": source.name, "text": source.text},
        "columns": COLUMNS,
        "kin": {family: kin(family) for family in sorted(families) if kin(family) != family},
        "sheets": sheets,
        "chosen": kept.index(chosen),
        "left_out": [name for name in networks[chosen].variants if name not in {networks[i].variant for i in kept}],
        "differences": _differences([networks[index] for index in kept]),
    }


def _kept(networks: Sequence[Network], chosen: int) -> list[int]:
    """The networks that a page holds: of the variants beside the one asked for, as many as have room."""
    room = PAGE.layers - len(networks[chosen].graph)
    kept = {chosen}
    for index, network in enumerate(networks):
        if index not in kept and len(network.graph) <= room:
            kept.add(index)
            room -= len(network.graph)
    return sorted(kept)


def _differences(networks: Sequence[Network]) -> Record:
    """By `a-b`, the numbers of two tabs: what became of each layer of the one, and of each of the other.

    Layers are listed by what became of them; those that are the same are not.
    """
    found: Record = {}
    for (a, one), (b, other) in combinations(enumerate(networks), 2):
        if len(one.graph) + len(other.graph) > MOST_COMPARED:
            continue
        between = difference(one, other)
        found[f"{a}-{b}"] = [_marks(between, one), _marks(between, other)]
    return found


def _marks(between: Difference, network: Network) -> Record:
    side = between.before if network is between.left else between.after
    marks: Record = {}
    for id_, change in side.items():
        if change is not Change.SAME:
            marks.setdefault(change.value, []).append(id_)
    return marks
