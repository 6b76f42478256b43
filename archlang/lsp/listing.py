"""The .arch files of the folders that a client works in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

MOST_FILES = 1000
"""Files that are listed."""

MOST_FOLDERS = 2000
"""Folders that are looked into."""


def listed(roots: Iterable[str], home: Path) -> list[Path]:
    """The files in the innermost of `roots` that holds `home`; those beside it where none does."""
    home = home.resolve()
    around = [root for each in roots if home.is_relative_to(root := Path(each).resolve())]
    if not around:
        return sorted(islice(home.parent.glob("*.arch"), MOST_FILES))
    return sorted(islice(_found(max(around, key=lambda root: len(root.parts))), MOST_FILES))


def _found(root: Path) -> Iterator[Path]:
    for folder, folders, names in islice(os.walk(root), MOST_FOLDERS):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one != "node_modules")
        paths = (Path(folder, name) for name in names if name.endswith(".arch"))
        yield from (path for path in paths if not path.is_symlink() or path.resolve().is_relative_to(root))
