"""A scene as the page's script takes it: plain data, with every text measured, so that the script only adds up.

The names are short, as there are many of each. A box: `k` its key, `r` the keys it reads, `x` how many copies it
stands for, `d` dashed, `f` its family, `n` its layers' ids, `z` the keys it takes the size of alone, `L` what is
written on its tensor outside and inside a folded repeat, `w` its lines. A frame: `F` its name, `t` and `s` its title
and what it is a call of with their widths `tw` and `sw`, `xw` that of its multiplier, `K` its kind, `a` aside, `b` its
items, `w` its lines when closed, `n` its tip. A fork: `c` its columns, `st` the straight one, `lv` level. A repeat:
`R` its name, `o` what stands for its copies, `a` the copies, and title and lines as a frame has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archlang.draw.boxtext import Writing, writing
from archlang.draw.metrics import clean, text_width
from archlang.draw.scene import CLOSED, Box, Column, Fork, Frame, Item, Repeat, Row, Scene
from archlang.draw.shown import UNFOLDED, titles, unfolded_title
from archlang.draw.theme import FRAME_SIZE, FRAME_TITLE, LABEL_SIZE

Record = dict[str, Any]


def scene_record(scene: Scene) -> Record:
    """The scene of `compose_to_fold`, as data."""
    halves: dict[str, int] = {}
    body = _column(scene.body, halves)
    names = {str(key): name for key, name in scene.results.items()}
    return {
        "title": clean(scene.title, 60),
        "subtitle": scene.subtitle,
        "body": body,
        "results": list(scene.results),
        "names": names,
        "halves": halves,
    }


def _column(column: Column | Iterable[Item], halves: dict[str, int]) -> list[Record]:
    items = column.items if isinstance(column, Column) else column
    return [_item(item, halves) for item in items]


def _item(item: Item, halves: dict[str, int]) -> Record:
    match item:
        case Box():
            return _box(item, halves)
        case Frame():
            return _frame(item, halves)
        case Fork():
            record: Record = {"c": [_column(column, halves) for column in item.columns]}
            return record | ({} if item.straight is None else {"st": item.straight}) | _said(lv=item.level)
        case Repeat():
            return {
                "R": item.name,
                "o": _item(item.folded, halves),
                "a": [_column(copy, halves) for copy in item.copies],
                **_titles(_unfolded(item)),
            }


def _box(box: Box, halves: dict[str, int]) -> Record:
    pairs = [[clean(text) for text in pair] for pair in box.labels]
    for pair in pairs:
        halves.update({text: text_width(text, LABEL_SIZE) // 2 + 4 for text in pair})
    return {
        "k": box.key,
        "r": list(box.reads),
        "f": box.family,
        "n": [row.node for row in box.rows],
        "L": pairs,
        "w": _writing(writing(box)),
        **_said(x=box.times if box.times > 1 else 0, d=box.dashed, z=sorted(box.sizes)),
    }


def _frame(frame: Frame, halves: dict[str, int]) -> Record:
    return {
        "F": frame.name,
        "K": frame.kind,
        "b": _column(frame.body, halves),
        "n": frame.tip,
        **_titles(frame),
        **_said(x=frame.times if frame.times > 1 else 0, d=frame.dashed, a=frame.aside),
    }


def _titles(frame: Frame) -> Record:
    """What is written on a frame, open and closed, and how wide it is."""
    title, sort = clean(frame.title, FRAME_TITLE), clean(frame.sort, FRAME_TITLE)
    name, more = titles(frame)
    closed = Box(0, (Row(0, name, CLOSED),), 0, (), note=more, times=frame.times)
    return {
        "t": title,
        "s": sort,
        "tw": text_width(title, FRAME_SIZE, bold=True),
        "sw": text_width(sort, FRAME_SIZE) if sort else 0,
        "xw": text_width(f"x{frame.times}", FRAME_SIZE, bold=True) if frame.times > 1 else 0,
        "w": _writing(writing(closed)),
    }


def _unfolded(repeat: Repeat) -> Frame:
    return Frame(repeat.name, unfolded_title(repeat), UNFOLDED, Column(()))


def _writing(written: Writing) -> Record:
    """Width, height, and each line: text, size, middle, bold, and the y of the rule above it."""
    lines = [
        [line.text, line.size, line.middle, int(line.bold), *([] if line.rule is None else [line.rule])]
        for line in written.lines
    ]
    return {"w": written.width, "h": written.height, "t": lines}


def _said(**values: Any) -> Record:
    """Those that say something: what is absent is false, none or empty."""
    return {name: int(value) if isinstance(value, bool) else value for name, value in values.items() if value}
