"""One entry of the table of known mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

NAME = r"[A-Za-z_][\w.]*"
START = r"(?:^|[;{\n])\s*(?:@[\w.,\- ]+:\s*)?"
"""Where a statement may begin, a guard in front of it included."""
ITEM = frozenset({"_WHEN"})
"""What only a layer is followed by."""

_TEXT = re.ASCII | re.DOTALL
_AS_TYPED = {"inner", "rest"}  # groups whose spaces belong to the words
_AT_MOST = 500  # characters looked at on either side


class Fit(NamedTuple):
    """How a pattern fits: its groups, and how many characters before and after the place to underline."""

    groups: dict[str, str]
    back: int
    ahead: int


@dataclass(frozen=True)
class Pattern:
    """One known mistake.

    `before` must match up to the place where the reader stopped, `after` from
    there on; `inside` is the innermost open bracket and `accepts` are terminals
    of which one could have stood there, where that matters. The named groups
    of the two fill `message` and `help`, with all of `after` as `at`. Underlined is what lies between the
    beginning of the group `mark` and the end of the group `to`, else what
    `after` matches.
    """

    code: str
    before: str
    after: str
    message: str
    help: str
    inside: str = ""
    accepts: frozenset[str] = frozenset()

    def fits(self, before: str, after: str, opener: str, accepted: frozenset[str]) -> Fit | None:
        """How this pattern fits the text on either side of a place, or None."""
        if (self.inside and opener != self.inside) or (self.accepts and not self.accepts & accepted):
            return None
        before, after = before[-_AT_MOST:], after[:_AT_MOST]
        left = re.search(f"(?:{self.before})$", before, _TEXT)
        right = re.match(self.after, after, _TEXT)
        if not left or not right:
            return None
        groups = {k: v or "" for k, v in (left.groupdict() | right.groupdict()).items()}
        groups = {k: v if k in _AS_TYPED else v.strip() for k, v in groups.items()}
        back = len(before) - left.start("mark") if "mark" in groups else 0
        return Fit(groups | {"at": right.group()}, back, right.end("to") if "to" in groups else right.end())
