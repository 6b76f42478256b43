"""Every code a diagnostic can carry, with what it means in a line.

Sorted by floor; one entry a line, added by whoever reports it.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # ---- syntax ----
    "unexpected": "something stands where it cannot",
}
