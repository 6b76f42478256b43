"""What `archlang check --fix` does to files."""

from __future__ import annotations

import sys
from pathlib import Path

from archlang import files
from archlang.cli.difference import difference
from archlang.editing import Fix, Mended, mended
from archlang.locate import parts
from archlang.source import Source


class Fixing:
    """Files that were mended, or with `diff` would be; what was changed is told on `told`, a line each."""

    def __init__(self, *, diff: bool) -> None:
        self.diff = diff
        self.fixed = 0
        self.told: list[str] = []
        self._seen: set[Path] = set()

    def fix(self, spec: str, source: Source) -> Source:
        """Mend the file that `spec` names, and return it as it is then; a network of the zoo stays as it is.

        Raises OSError where it cannot be written.
        """
        place = parts(spec)[0]
        if place != "-" and not Path(place).is_file():
            return source
        if source.path is not None:
            if source.path.resolve() in self._seen:
                return source
            self._seen.add(source.path.resolve())
        found = mended(source)
        self.fixed += len(found.fixes)
        self.told += map(_line, found.fixes)
        self._put(source, found)
        return found.source

    def _put(self, source: Source, found: Mended) -> None:
        if self.diff:
            sys.stdout.writelines(difference(source, found.source.text))
        elif source.path is None:
            sys.stdout.write(found.source.text)
        elif found.fixes:
            files.write(source.path, found.source.text)

    def sentence(self) -> str:
        """`2 mistakes fixed`."""
        return f"{self.fixed} mistake{'s' * (self.fixed != 1)} {'would be fixed' if self.diff else 'fixed'}"


def _line(fix: Fix) -> str:
    """`net.arch:2:10: wrote `maxpool` in place of `maxpol` (unknown-layer)`."""
    (edit,) = fix.edits
    where = f"{edit.span.source.name}:{edit.span.line}:{edit.span.column}"
    old, new = (" ".join(text.split()) for text in (edit.span.text, edit.text))
    change = f"`{old}` -> `{new}`" if old and new else f"added `{new}`" if new else f"left out `{old}`"
    return f"{where}: {change} ({fix.diagnostic.code})"
