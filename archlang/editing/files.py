"""Files that a text may import."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from archlang import files, opened, resources
from archlang.source import Source
from archlang.syntax.limits import MOST_BYTES

_MOST = 1000
_IMPORT = re.compile(r'\bimport\s*"([^"\n]*)"')


def beside(folder: Path) -> list[Path]:
    """The .arch files of a folder, those that are held open too."""
    return sorted({*folder.glob("*.arch"), *(path for path in opened.beside(folder) if path.suffix == ".arch")})[:_MOST]


def text_of(path: Path) -> str:
    """What a file says: as an editor holds it, else as it stands on the disk; empty where it cannot be read."""
    held = opened.text(path.resolve())
    if held is not None:
        return held
    try:
        return files.read(path, MOST_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def importers(paths: Iterable[Path], home: Path) -> list[Source]:
    """Those of the files that import `home`, or one which does, as far as names in their imports tell."""
    texts = {path: text for path in paths if path != home and "import" in (text := text_of(path))}
    reached, found = {home.name}, dict[Path, str]()
    while more := {path: text for path, text in texts.items() if path not in found and reached & _imports(text)}:
        found |= more
        reached |= {path.name for path in more}
    return [Source(str(path), text, path) for path, text in texts.items() if path in found]


def _imports(text: str) -> set[str]:
    return {name.rpartition("/")[2] for name in _IMPORT.findall(text)}


def importable(source: Source) -> list[tuple[str, str]]:
    """The files beside a text and in the folders below it, then those of the zoo: each by name, and where it is."""
    found: dict[str, str] = {}
    if source.path is not None:
        folder = source.path.resolve().parent
        for path in beside(folder):
            if path.name != source.path.name:
                found[path.name] = "beside this file"
    for path in sorted(resources.zoo().glob("*.arch")):
        found.setdefault(path.name, "the zoo")
    return list(found.items())
