"""How much room everything takes: in pixels down the page, in pixels across it, or in the cells of a terminal.

A layout runs downwards. `across` is the direction in which columns stand side by side, `along` the one in which
tensors flow. A picture whose network runs to the right is laid out downwards with the two changed, and turned then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from archlang.draw.boxtext import Writing, writing
from archlang.draw.metrics import clean, text_width
from archlang.draw.scene import Box, Frame
from archlang.draw.theme import FRAME_SIZE, FRAME_TITLE, LABEL_SIZE


@dataclass(frozen=True, slots=True)
class Spacing:
    """The room of pictures that run down the page, in pixels."""

    track: int = 8
    stub: int = 4
    arrow: int = 11
    lane: int = 11
    spread: int = 14
    aside: int = 16
    give_way: int = 5
    foot: int = 7
    fork_foot: int = 2
    frame_pad: int = 9
    frame_head: int = 17
    bare_head: int = 5
    above_frame: int = 5
    stack: int = 3
    between: int = 14
    beside: int = 8

    @property
    def turned(self) -> bool:
        """Whether the picture is to be turned when all is placed."""
        return False

    def writing(self, box: Box) -> Writing:
        """What stands in a box, and the room it needs upright."""
        return writing(box)

    def widened(self, lines: Writing, across: int) -> Writing:
        """The same with at least so much room across."""
        return replace(lines, width=max(lines.width, across))

    def box(self, lines: Writing) -> tuple[int, int]:
        """How far a box reaches across and along."""
        return lines.width, lines.height

    def label(self, text: str) -> tuple[int, int]:
        """Half of what a tensor's label takes across, and all that it takes along."""
        return text_width(clean(text), LABEL_SIZE) // 2 + 4, 12

    def frame(self, frame: Frame) -> tuple[int, int, int, int]:
        """A frame's least room from the ports to the left and to the right, at its head, and along."""
        title, more = self.titles(frame)
        head = self.frame_head if frame.title or frame.times > 1 else self.bare_head
        return title + 16 if title else 0, more + 16 if more else 0, head, 0

    def titles(self, frame: Frame) -> tuple[int, int]:
        """The widths of a frame's title, and of what it is a call of with its multiplier."""
        title = text_width(clean(frame.title, FRAME_TITLE), FRAME_SIZE, bold=True)
        sort = text_width(clean(frame.sort, FRAME_TITLE), FRAME_SIZE) if frame.sort else 0
        times = text_width(f"x{frame.times}", FRAME_SIZE, bold=True) + 8 if frame.times > 1 else 0
        return title, sort + times

    def over_frame(self, frame: Frame) -> int:
        """The room that a frame's title takes across, beyond its left side."""
        return 0


@dataclass(frozen=True, slots=True)
class Turned(Spacing):
    """The room of pictures that run to the right: what is written stays upright."""

    fork_foot: int = 4
    frame_head: int = 9
    lane: int = 10

    @property
    def turned(self) -> bool:
        """It is."""
        return True

    def widened(self, lines: Writing, across: int) -> Writing:
        """Taller, by an even number of pixels in all, what is written in its middle."""
        more = max(0, across - lines.height)
        more += (lines.height + more) % 2
        moved = tuple(
            replace(line, middle=line.middle + more // 2, rule=None if line.rule is None else line.rule + more // 2)
            for line in lines.lines
        )
        return Writing(moved, lines.width, lines.height + more)

    def box(self, lines: Writing) -> tuple[int, int]:
        """Its height is across, its width along."""
        return lines.height, lines.width

    def label(self, text: str) -> tuple[int, int]:
        """A label lies along its line."""
        return 8, text_width(clean(text), LABEL_SIZE) + 4

    def frame(self, frame: Frame) -> tuple[int, int, int, int]:
        """The titles lie along the frame."""
        title, more = self.titles(frame)
        return 0, 0, self.frame_head, title + more + 24

    def over_frame(self, frame: Frame) -> int:
        """A row of text."""
        return 13 if frame.title or frame.sort or frame.times > 1 else 0


DOWN = Spacing()
RIGHT = Turned()
