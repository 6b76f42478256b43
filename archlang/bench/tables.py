"""Tables of what was measured, as text for a screen and as Markdown for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archlang.report import grid


def text(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned lines: the first column to the left, the others to the right; a column with nothing in it is left out."""
    head, rows = _filled(head, rows)
    return grid.aligned(head, rows, range(1, len(head)))


def _filled(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    kept = [i for i in range(len(head)) if not i or not rows or any(row[i] for row in rows)]
    return [head[i] for i in kept], [[row[i] for i in kept] for row in rows]


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The same as a Markdown table."""
    head, rows = _filled(head, rows)
    return grid.markdown(head, rows, range(1, len(head)))


def facts(found: Mapping[str, str], *, page: bool = False) -> list[str]:
    """What a measurement was made on and with: lines for a screen, a table for a page."""
    if page:
        return ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in found.items())]
    device, *rest = found.items()
    return [device[1], ", ".join(f"{name} {value}" if name != "date" else value for name, value in rest)]


def milliseconds(seconds: float | None) -> str:
    """`6.70`, or more digits for what is short; empty where there is none."""
    if seconds is None:
        return ""
    value = seconds * 1e3
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}" if value >= 0.1 else f"{value:.4f}"


def share(part: float | None) -> str:
    """`61 %`; empty where it is not known."""
    return "" if part is None else f"{part * 100:.0f} %"


def gigabytes(many: int | None) -> str:
    """`3.21 GB`; empty where it is not known."""
    return "" if many is None else f"{many / 1e9:.2f} GB"
