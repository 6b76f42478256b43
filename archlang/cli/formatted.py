"""What a run of `archlang fmt` has done so far."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from archlang import files
from archlang.cli.difference import difference
from archlang.diagnostics import ArchError, Diagnostic
from archlang.formatting import format_text
from archlang.locate import LocateError, read_file, read_standard_input
from archlang.source import Source


class Formatted:
    """Files that were formatted, or with `check` or `diff` would be."""

    def __init__(self, *, check: bool, diff: bool) -> None:
        self.check = check
        self.diff = diff
        self.files = self.changed = self._failed = 0

    def format(self, name: str) -> Sequence[Diagnostic]:
        """Format the file `name`, or say what would change; the errors for which it stays as it is.

        Raises OSError where it cannot be written.
        """
        self.files += 1
        try:
            source = read_standard_input() if name == "-" else read_file(Path(name))
            self._format(source, format_text(source.text, source.name))
        except ArchError as error:
            self._failed = max(self._failed, 2 if isinstance(error, LocateError) else 1)
            return error.diagnostics
        return ()

    def _format(self, source: Source, text: str) -> None:
        changed = text != source.text
        self.changed += changed
        if self.diff:
            sys.stdout.writelines(difference(source, text))
        elif self.check:
            sys.stdout.write(f"{source.name}\n" * changed)
        elif source.path is None:
            sys.stdout.write(text)
        elif changed:
            files.write(source.path, text)

    @property
    def status(self) -> int:
        """The exit status: 2 if a file was not read, 1 if one has errors or is not as `check` wants it, else 0."""
        return max(self._failed, int(self.check and self.changed > 0))

    def sentence(self) -> str:
        """`3 files: 2 formatted`."""
        would = "would be formatted" if self.check or self.diff else "formatted"
        return f"{self.files} file{'s' * (self.files != 1)}: {self.changed or 'none'} {would}"
