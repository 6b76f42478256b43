"""What stands inside a box, line by line, and so how big the box is."""

from __future__ import annotations

from dataclasses import dataclass

from archlang.draw.metrics import clean, text_width
from archlang.draw.scene import Box, Row
from archlang.draw.theme import COMPANION_SIZE, MAIN_SIZE

_MAIN_HEIGHT = 22
_SMALL_HEIGHT = 13
_NOTE_HEIGHT = 11
_SIDES = 10
_LEAST = 66
_WIDEST = 150


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: `middle` is its middle, measured from the box's top; `rule` draws a thin line above it."""

    text: str
    size: float
    middle: int
    bold: bool = False
    rule: int | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """All lines of a box, and the least width and the height they need, in pixels."""

    lines: tuple[Line, ...]
    width: int
    height: int


def writing(box: Box) -> Writing:
    """The lines of a box: companions that run before it, its name, its note, companions that follow."""
    lines: list[Line] = []
    y = 0
    before = packed(box.rows[: box.main])
    for text in before:
        lines.append(Line(text, COMPANION_SIZE, y + _SMALL_HEIGHT // 2 + 1))
        y += _SMALL_HEIGHT
    name = clean(box.rows[box.main].text) + (f"  x{box.times}" if box.times > 1 else "")
    lines.append(Line(name, MAIN_SIZE, y + _MAIN_HEIGHT // 2, bold=True, rule=y if before else None))
    y += _MAIN_HEIGHT
    if box.note:
        lines.append(Line(clean(box.note), COMPANION_SIZE, y - 4 + _NOTE_HEIGHT // 2))
        y += _NOTE_HEIGHT - 1
    for number, text in enumerate(packed(box.rows[box.main + 1 :])):
        middle = y + _SMALL_HEIGHT // 2
        lines.append(Line(text, COMPANION_SIZE, middle, rule=None if number else y - 1))
        y += _SMALL_HEIGHT
    widest = max(text_width(line.text, line.size, bold=line.bold) for line in lines)
    width = max(_LEAST, widest + 2 * _SIDES)
    return Writing(tuple(lines), width + width % 2, y)


def packed(rows: tuple[Row, ...]) -> list[str]:
    """Companions side by side, `bn · relu`, as many to a line as are not too wide."""
    lines: list[str] = []
    for row in rows:
        text = clean(row.text)
        longer = f"{lines[-1]} · {text}" if lines else text
        if lines and text_width(longer, COMPANION_SIZE) <= _WIDEST:
            lines[-1] = longer
        else:
            lines.append(text)
    return lines
