"""Where a source is, as seen from a folder."""

from __future__ import annotations

import os
from pathlib import Path

from archlang.source import Source


def below(source: Source, root: Path) -> Path | None:
    """The path from `root` to the file of a source, if it is below; a link is where it stands, else where it leads."""
    if source.path is None:
        return None
    for path in (Path(os.path.abspath(source.path)), source.path.resolve()):  # noqa: PTH100 - follows no links
        if path.is_relative_to(root):
            return path.relative_to(root)
    return None
