"""What a window asks about a place of a text: what could be typed there, and what stands there."""

from __future__ import annotations

from typing import Any

from archlang.editing import completions, hover
from archlang.page.sheet import Offsets
from archlang.serve.look import Asked

Record = dict[str, Any]

MOST = 100
"""Things that are offered."""


def completed(asked: Asked, offset: int) -> Record:
    """What could stand at `offset`, in UTF-16 units as those that it begins at, likeliest first."""
    source = asked.source
    offsets = Offsets(source)
    found = completions(source, _characters(asked.text, offset))
    return {
        "offers": [
            {
                "label": one.label,
                "kind": one.kind,
                "detail": one.detail,
                "insert": one.insert,
                "documentation": one.documentation,
                "start": offsets.at(one.start),
            }
            for one in found[:MOST]
        ]
    }


def pointed(asked: Asked, offset: int) -> Record:
    """What to say of the place, as Markdown; None where there is nothing to say."""
    found = hover(asked.source, _characters(asked.text, offset))
    return {"text": found.text if found is not None else None}


def _characters(text: str, offset: int) -> int:
    """The offset in characters that a browser has in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * offset].decode("utf-16-le", "ignore"))
