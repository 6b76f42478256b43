"""Rows of cells as aligned text, and as a Markdown table."""

from __future__ import annotations

from collections.abc import Container, Sequence

Row = Sequence[str]


def aligned(head: Row, rows: Sequence[Row], right: Container[int]) -> list[str]:
    """A line for the heading, a rule, a line for each row; the columns `right` are flush right."""
    widths = widest(head, rows)
    return [line(head, widths, right), ruler(widths), *(line(row, widths, right) for row in rows)]


def widest(head: Row, rows: Sequence[Row]) -> list[int]:
    """How wide each column is."""
    return [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]


def ruler(widths: Sequence[int]) -> str:
    """A rule as wide as the table."""
    return "-" * (sum(widths) + 2 * (len(widths) - 1))


def line(row: Row, widths: Sequence[int], right: Container[int]) -> str:
    """One row of aligned text."""
    cells = enumerate(zip(row, widths, strict=True))
    return "  ".join(cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in cells).rstrip()


def markdown(head: Row, rows: Sequence[Row], right: Container[int]) -> list[str]:
    """The same as a Markdown table; what a cell holds is Markdown already."""
    rule = " | ".join("---:" if i in right else "---" for i in range(len(head)))
    return [f"| {' | '.join(row)} |" for row in (head, rule.split(" | "), *rows)]


def escaped(text: str) -> str:
    """A text that means in Markdown what it says."""
    for character in "\\|*_`<>[]":
        text = text.replace(character, f"\\{character}")
    return text
