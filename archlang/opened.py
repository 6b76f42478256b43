"""Texts that an editor holds of files: they count in place of what the disk has, for whoever imports the file.

Nothing is held unless somebody says so, and then only while what stands in their `with` runs.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from archlang.record import record


@record
class Held:
    """The texts of files, by resolved path, and the files asked for so far: held or not, there or not."""

    texts: Mapping[Path, str]
    asked: set[Path]


_HELD: ContextVar[Held | None] = ContextVar("held", default=None)


@contextmanager
def holding(texts: Mapping[Path, str]) -> Generator[Held]:
    """Let these texts stand for files; what is given says afterwards which files were asked for."""
    held = Held(texts, set())
    token = _HELD.set(held)
    try:
        yield held
    finally:
        _HELD.reset(token)


def has(path: Path) -> bool:
    """Whether a text is held of the file at `path`."""
    return text(path) is not None


def text(path: Path) -> str | None:
    """The text that is held of the file at `path`, None where the disk's counts."""
    held = _HELD.get()
    if held is None:
        return None
    held.asked.add(path)
    return held.texts.get(path)


def asked() -> set[Path]:
    """The files that were asked for so far."""
    held = _HELD.get()
    return held.asked if held is not None else set()


def beside(folder: Path) -> list[Path]:
    """The files of a folder of which a text is held."""
    held = _HELD.get()
    return [path for path in held.texts if path.parent == folder] if held is not None else []
