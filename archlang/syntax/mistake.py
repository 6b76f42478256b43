"""Where a text stops making sense."""

from __future__ import annotations

from archlang.record import record


@record
class Mistake:
    """Where the parser stopped.

    `statement` is where the statement began; `at` and `end` are the first
    token that does not fit; `accepted` are the terminals that would have;
    `bracket` is the offset of the innermost open `(` or `[`, if there is one;
    `row` says that the statement is a row of a table.
    """

    statement: int
    at: int
    end: int
    accepted: frozenset[str]
    bracket: int | None
    row: bool = False
