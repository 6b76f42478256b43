"""How a text would change, as patches show it."""

from __future__ import annotations

from archlang.source import Source


def difference(source: Source, text: str) -> list[str]:
    """The lines of a unified diff from a source to `text`."""
    from difflib import unified_diff  # only a change needs it

    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    found = unified_diff(before, after, source.name, source.name)
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found]
