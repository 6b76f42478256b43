"""Files that a text may import."""

from __future__ import annotations

from archlang import resources
from archlang.source import Source

_MOST = 1000


def importable(source: Source) -> list[tuple[str, str]]:
    """The files beside a text and in the folders below it, then those of the zoo: each by name, and where it is."""
    found: dict[str, str] = {}
    if source.path is not None:
        folder = source.path.resolve().parent
        for path in sorted(folder.glob("*.arch"))[:_MOST]:
            if path.name != source.path.name:
                found[path.name] = "beside this file"
    for path in sorted(resources.zoo().glob("*.arch")):
        found.setdefault(path.name, "the zoo")
    return list(found.items())
