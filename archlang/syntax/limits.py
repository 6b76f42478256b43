"""How much a text may ask for; each limit is an error that names it."""

from __future__ import annotations

MAX_SOURCE = 1_000_000
"""Characters of a text: room for some 60,000 layers; of nothing but short words they take 400 MB."""

MOST_BYTES = 4 * (MAX_SOURCE + 1)
"""Read of a file: what is cut off here is still too long for the parser, which says so."""

MAX_NAME = 10_000
"""Characters of a name."""

MAX_STRING = 10_000
"""Characters between two quotes: a title, a reason."""

MAX_NESTING = 64
"""Brackets, and `else if` chains, inside one another."""

MAX_EXPRESSION = 100
"""Operators and calls inside one another in one expression."""

MAX_NUMBER = 10**12
"""The largest number that may be typed."""

MAX_ERRORS = 200
"""Errors told of one text; more than this is not an .arch file."""
