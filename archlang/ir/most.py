"""How many layers a network may have for each thing that is made of it.

A file is text from anywhere, and what is made of its network takes time and memory by the layer, each thing its own.
The largest network in print, ResNet-1202, has 6,000 layers.
"""

from __future__ import annotations

from archlang.diagnostics import ArchError, Diagnostic
from archlang.ir.network import Network
from archlang.record import record

CHECKED = 1_000_000
"""Layers of a network that is read, checked and counted: the most there may be."""


@record
class Most:
    """So many layers, for what is called `words`."""

    layers: int
    words: str

    def message(self) -> str:
        """What is said of a network that has more."""
        return f"this network has more than {self.layers:,} layers, the most {self.words}"

    @property
    def help(self) -> str:
        """What to do about it."""
        counts = "check the counts of the repeats around it"
        return counts if self.layers == CHECKED else f"{counts}; a part of it, as a net of its own, may be small enough"


CHECK = Most(CHECKED, "there may be")
SUMMARY = Most(20_000, "that a summary lists")
TABLE = Most(20_000, "that the table of a paper is made of")
DIFFERENCE = Most(20_000, "that are compared")
SOLVE = Most(20_000, "that `solve` reads again for each size")
SOURCE = Most(20_000, "that Python source is written for")
PICTURE = Most(20_000, "that a picture is made of")
PAGE = Most(12_000, "that a page holds")


def few_enough(network: Network, most: Most) -> None:
    """Raises ArchError (`too-many-layers`) for a network of more layers, before time is spent on it."""
    if len(network.graph) > most.layers:
        raise ArchError([Diagnostic("too-many-layers", most.message(), network.span, help=most.help)])
