"""What became of each layer between two networks, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from archlang.ir.graph import Node
from archlang.ir.most import DIFFERENCE, few_enough
from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.passes.align import Match, align, partners
from archlang.passes.cost import Cost, costs
from archlang.passes.setting_changes import SettingChange, setting_changes
from archlang.record import entity


class Change(StrEnum):
    """What became of a layer. A `RESIZED` one is the same on tensors of another size, a `REWIRED` one reads another."""

    SAME = "same"
    RESIZED = "resized"
    REWIRED = "rewired"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


Costs = Mapping[int, Cost]

FREE = Cost(0, 0, 0)


@entity
class Difference:
    """Two networks, their match, and by node id what became of each layer and what it costs at inference.

    Inputs and train-only layers cost nothing, as in the totals of a summary.
    """

    left: Network
    right: Network
    match: Match
    before: Mapping[int, Change]
    after: Mapping[int, Change]
    left_costs: Costs
    right_costs: Costs
    settings: tuple[SettingChange, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether nothing differs: equal layers with equal settings, wired alike, on tensors of the same sizes."""
        return not self.settings and all(
            change is Change.SAME for side in (self.before, self.after) for change in side.values()
        )

    def cost(self, one: Node | None, other: Node | None) -> Cost:
        """What a layer costs more on the right than on the left."""
        left = self.left_costs[one.id] if one is not None else FREE
        right = self.right_costs[other.id] if other is not None else FREE
        return less(right, left)


def less(one: Cost, other: Cost) -> Cost:
    """One cost less another."""
    macs: Size = one.macs - other.macs
    activation: Size = one.activation_bytes - other.activation_bytes
    return Cost(one.params - other.params, macs, activation, one.unsaid | other.unsaid)


def difference(left: Network, right: Network) -> Difference:
    """How the network `right` differs from `left`. Raises ArchError (`too-many-layers`) where one is too large."""
    for network in (left, right):
        few_enough(network, DIFFERENCE)
    match = align(left, right)
    pairs = list(partners(match))
    meant = {one.id: other.id for one, other in pairs if one is not None and other is not None}
    back = {other: one for one, other in meant.items()}
    before: dict[int, Change] = {}
    after: dict[int, Change] = {}
    for one, other in pairs:
        if one is None and other is not None:
            after[other.id] = Change.ADDED
        elif one is not None and other is None:
            before[one.id] = Change.REMOVED
        elif one is not None and other is not None:
            change = _change(left, right, one, other)
            if change in (Change.SAME, Change.RESIZED) and _rewired(one, other, meant, back):
                change = Change.REWIRED
            before[one.id] = after[other.id] = change
    said = setting_changes(left, right, meant)
    return Difference(left, right, match, before, after, _costs(left), _costs(right), said)


def _costs(network: Network) -> dict[int, Cost]:
    unseen = {*network.inputs, *network.train_only}
    return {id_: FREE if id_ in unseen else cost for id_, cost in costs(network).items()}


def _change(left: Network, right: Network, one: Node, other: Node) -> Change:
    if one.op != other.op and one.op.arity != 0:
        return Change.CHANGED
    if (one.id in left.train_only) != (other.id in right.train_only):
        return Change.CHANGED
    sizes = (*left.entering(one), left.shapes[one.id]), (*right.entering(other), right.shapes[other.id])
    return Change.SAME if sizes[0] == sizes[1] else Change.RESIZED


def _rewired(one: Node, other: Node, meant: Mapping[int, int], back: Mapping[int, int]) -> bool:
    """Whether two equal layers read, or take their weights from, layers that are not each other's counterparts.

    What reads a layer that was put in between, or lost one that was taken out, is
    not rewired: that follows from the other's change.
    """
    if (one.shares is None) != (other.shares is None):
        return True
    if one.shares is not None and meant.get(one.shares, other.shares) != other.shares:
        return True
    if any(i not in meant for i in one.inputs) or any(i not in back for i in other.inputs):
        return False
    return tuple(meant[i] for i in one.inputs) != other.inputs
