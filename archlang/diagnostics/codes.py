"""Every code a diagnostic can carry, with what it means in a line.

Sorted by floor; one entry a line, added by whoever reports it.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # ---- syntax ----
    "unexpected": "something stands where it cannot",
    # ---- the name of a network ----
    "bad-network-name": "a name that is none of the forms a network can be named in",
    "no-such-file": "there is no such file",
    "no-such-network": "the zoo has no network of that name",
    "not-utf8": "the file is not UTF-8 text",
    "unreadable-file": "the file is there and cannot be read",
}
