"""Folders and patterns in place of files, for commands that take many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path

from archlang.cli.command import UsageError


def expanded(names: Iterable[str]) -> Iterator[str]:
    """Each name, a folder as the `.arch` files in it and below, hidden folders left out; a pattern as what fits it.

    A pattern comes here where the shell leaves it alone. Raises UsageError for a folder or a pattern with no such file.
    """
    for name in names:
        place = Path(name)
        if place.is_dir():
            found = sorted(str(path) for path in place.rglob("*.arch") if path.is_file() and not _hidden(path, place))
        elif has_magic(name) and not place.exists():
            found = sorted(each for each in glob(name, recursive=True) if each.endswith(".arch"))  # noqa: PTH207 - an absolute one too
        else:
            yield name
            continue
        if not found:
            raise UsageError(
                f"there is no .arch file in `{name}`" if place.is_dir() else f"no .arch file fits `{name}`"
            )
        yield from found


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
