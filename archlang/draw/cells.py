"""The room that everything takes in the cells of a terminal: across in characters, along in lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from archlang.draw.boxtext import Line, Writing
from archlang.draw.metrics import clean
from archlang.draw.scene import Box, Frame, Row
from archlang.draw.spacing import Spacing


@dataclass(frozen=True, slots=True)
class Cells(Spacing):
    """A box has a border, a line for its layer, one for its companions; without `labels` tensors bear none.

    `longest` is how many characters of a layer or a label are written.
    """

    track: int = 1
    stub: int = 1
    arrow: int = 1
    lane: int = 2
    spread: int = 2
    aside: int = 3
    give_way: int = 1
    foot: int = 1
    fork_foot: int = 0
    frame_pad: int = 3
    frame_head: int = 1
    bare_head: int = 1
    above_frame: int = 1
    stack: int = 0
    between: int = 2
    beside: int = 2
    labels: bool = True
    longest: int = 40

    def writing(self, box: Box) -> Writing:
        """The texts, each in a line of its own, and the room they need with a border."""
        name = shown(box.rows[box.main].text, self.longest) + (f" x{box.times}" if box.times > 1 else "")
        before, after = (_together(rows, self.longest) for rows in (box.rows[: box.main], box.rows[box.main + 1 :]))
        note = [shown(box.note, self.longest)] if box.note and self.labels else []
        texts = [*before, name, *note, *after]
        width = max(map(cells, texts)) + 4
        lines = tuple(Line(text, 1, row + 1, bold=row == len(before)) for row, text in enumerate(texts))
        return Writing(lines, width + 1 - width % 2, len(texts) + 2)

    def widened(self, lines: Writing, across: int) -> Writing:
        """Odd, so that it has a middle."""
        width = max(lines.width, across)
        return Writing(lines.lines, width + 1 - width % 2, lines.height)

    def label(self, text: str) -> tuple[int, int]:
        """A line of its own, on the tensor's."""
        return cells(shown(text, self.longest)) // 2 + 1, 1

    def titles(self, frame: Frame) -> tuple[int, int]:
        """Those of a frame stand in its border."""
        title, more = frame_titles(frame, self.longest)
        return cells(title) - 8 if title else 0, cells(more) - 8 if more else 0


def frame_titles(frame: Frame, longest: int) -> tuple[str, str]:
    """What stands at the left and at the right of a frame's upper border."""
    times = f"x{frame.times}" if frame.times > 1 else ""
    return shown(frame.title, longest), " ".join(filter(None, (shown(frame.sort, longest), times)))


def shown(text: str, longest: int) -> str:
    """A text on one line without what a terminal would obey."""
    return clean(text, max(longest, 4))


def cells(text: str) -> int:
    """How many cells of a terminal a text takes: two for a wide character, none for a mark on another."""
    return sum(width_of(character) for character in text)


def width_of(character: str) -> int:
    """The cells of one character."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _together(rows: Sequence[Row], longest: int) -> list[str]:
    """Companions side by side, as many to a line as it holds."""
    lines: list[str] = []
    for row in rows:
        text = shown(row.text, longest)
        longer = f"{lines[-1]} · {text}" if lines else text
        if lines and cells(longer) <= longest:
            lines[-1] = longer
        else:
            lines.append(text)
    return lines
