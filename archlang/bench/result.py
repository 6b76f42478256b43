"""The records of what was measured: a contest of whole networks, a device's ceilings, kernel by kernel."""

from __future__ import annotations

from collections.abc import Mapping

from archlang.bench.harness import Outcome
from archlang.passes.devices import Device
from archlang.passes.steps import Setting
from archlang.record import record


@record
class Times:
    """Seconds: to `measure` all ways together, the `limit` of each to its first result, and `within` which all ends."""

    measure: float
    limit: float
    within: float = float("inf")


@record
class Contest:
    """What was measured: `facts` are the machine's, `floor` the roofline's seconds (None where it is not known)."""

    network: str
    input: str
    setting: Setting
    facts: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    floor: float | None
    device: Device | None
    notes: tuple[str, ...]


@record
class Ceilings:
    """What a device can do at all, measured.

    `copy` and `cached` are bytes a second of a copy in memory and in cache, what is
    read and what is written both counted; `product` is operations a second.
    """

    copy: float
    product: float
    cached: float

    def floor(self, operations: int, moved: int) -> float:
        """The least seconds that so many operations and bytes take, whichever takes more."""
        return max(operations / self.product, moved / self.copy)


@record
class Measured:
    """One kernel at one shape: `count` fusions of the networks are such.

    `floor` are the seconds that memory and arithmetic ask for; a run of `outcomes`
    walks through `sets` sets of inputs.
    """

    kernel: str
    shape: str
    count: int
    floor: float
    sets: int
    outcomes: tuple[Outcome, ...]

    def seconds(self, way: str) -> float | None:
        """What one call takes by a way; None where it was not timed."""
        found = next((one.seconds for one in self.outcomes if one.name == way), None)
        return None if found is None else found / self.sets


@record
class Measurements:
    """Kernel by kernel, as far as measured: of `asked` pieces; `networks` are those whose shapes these are."""

    facts: Mapping[str, str]
    networks: tuple[str, ...]
    setting: Setting
    ceilings: Ceilings
    pieces: tuple[Measured, ...]
    asked: int


@record
class LayerTimes:
    """A network's layers in inference: the `seconds` of each by its path, the median of so many `passes`."""

    network: str
    input: str
    setting: Setting
    facts: Mapping[str, str]
    passes: int
    seconds: Mapping[str, float]
