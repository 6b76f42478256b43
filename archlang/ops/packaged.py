"""Layers that other packages bring, found by their entry points, and not before a word is met that is unknown.

A package says `swish = "mypkg.layers:Swish"` under `archlang.ops`: the word, and the `Op` that it stands for. Its
module is imported when a file uses the word. archlang's own words come first; one that two packages give is refused.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

from archlang.ops import BY_WORD
from archlang.ops.op import Op

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

OPS = "archlang.ops"
PRELUDES = "archlang.preludes"
API = 1
"""What an op of a package must say, `api: ClassVar[int] = 1`: it rises when ops made for the one before would break."""


class PackageError(Exception):
    """A package's layer or block that cannot be used: what is wrong, and what to do about it."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message, self.help = message, help


@cache
def entries(group: str) -> dict[str, tuple[EntryPoint, ...]]:
    """What installed packages offer under a group, by name."""
    from importlib.metadata import entry_points  # takes longer than checking a file does

    found: dict[str, dict[tuple[str, str], EntryPoint]] = {}
    for entry in entry_points(group=group):
        found.setdefault(entry.name, {})[package(entry), entry.value] = entry  # a package may be on the path twice
    return {name: tuple(some.values()) for name, some in sorted(found.items())}


def package(entry: EntryPoint) -> str:
    """The package that an entry point is of."""
    return entry.dist.name if entry.dist is not None else entry.module.partition(".")[0]


def version(entry: EntryPoint) -> str:
    """The package and its version: `mypkg 1.2`."""
    return f"{package(entry)} {entry.dist.version}" if entry.dist is not None else package(entry)


def packaged(word: str) -> type[Op] | None:
    """The layer that a package has for a word; None if none has. `PackageError` if it cannot be used."""
    found = entries(OPS).get(word)
    if found is None:
        return None
    made = _loaded(word)
    if isinstance(made, PackageError):
        raise made
    return made


@cache
def _loaded(word: str) -> type[Op] | PackageError:
    """The layer of a word, once and for all: a module that cannot be imported is not tried again and again."""
    found = entries(OPS)[word]
    if len(found) > 1:
        names = " and ".join(sorted({package(entry) for entry in found}))
        return PackageError(f"`{word}` is a layer of several packages: {names}", "uninstall all of them but one")
    entry = next(iter(found))
    said = f"`{word}` of the package `{package(entry)}`"
    help_ = "this is for whoever made that package; without it, uninstall the package"
    if word in BY_WORD:
        return PackageError(f"{said} is never used: archlang has a layer of that name", help_)
    try:
        kind = entry.load()
    except Exception as error:  # noqa: BLE001 - whatever the module does as it is imported is its own
        return PackageError(f"{said} cannot be imported: {type(error).__name__}: {error}", help_)
    wrong = _wrong(kind, word)
    if wrong is not None:
        return PackageError(f"{said} {wrong}", help_)
    kind.package = version(entry)
    return kind


def _wrong(kind: Any, word: str) -> str | None:
    """What is wrong with what a package calls an op; None if nothing is."""
    if not (isinstance(kind, type) and issubclass(kind, Op)):
        return "is no kind of `archlang.ops.op.Op`"
    api = getattr(kind, "api", None)
    if api != API:
        made = "does not say which archlang it is made for" if api is None else f"is made for version {api} of ops"
        return f"{made}, and this archlang has version {API}: `api: ClassVar[int] = {API}`"
    own = getattr(kind, "word", None)
    if word not in (own, *kind.aliases):
        return f"calls itself `{own}`"
    if not isinstance(getattr(kind, "family", None), str):
        return "has no `family`, which names and colours go by"
    clashes = [name for name in (own, *kind.aliases) if name in BY_WORD]
    if clashes:
        return f"also calls itself `{clashes[0]}`, and archlang has a layer of that name"
    plain = [each.name for each in fields(kind) if "kind" not in each.metadata]
    return f"has an option `{plain[0]}` that is not made by `option(...)`" if plain else None


def words() -> list[str]:
    """The words of all packages' layers, whether they can be used or not."""
    return list(entries(OPS))


def forget() -> None:
    """Look for packages anew: after one was installed, in a process that goes on."""
    entries.cache_clear()
    _loaded.cache_clear()
