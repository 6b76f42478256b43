"""The table of known mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.ASCII | re.DOTALL
_AT_MOST = 2_000  # characters looked at on either side


@dataclass(frozen=True)
class Pattern:
    """One known mistake.

    `before` must match up to the place where the reader stopped, `after` from
    there on; `inside` names the innermost open bracket, if it matters, and
    `ahead` what must be found between that bracket and the place.
    Their named groups fill `message` and `help`. Underlined is what the group
    `mark` of `before` begins and the group `to` of `after` ends.
    """

    code: str
    before: str
    after: str
    message: str
    help: str | None = None
    inside: str = ""
    ahead: str = ""

    def fits(self, before: str, after: str, opener: str, ahead: str) -> dict[str, str] | None:
        """The named groups, or None; `mark` and `to` hold all text between them and the place."""
        if self.inside and (not opener or opener not in self.inside):
            return None
        before, after = before[-_AT_MOST:], after[:_AT_MOST]
        left = re.search(f"(?:{self.before})$", before, _TEXT)
        right = re.match(self.after, after, _TEXT)
        if not left or not right or not re.search(self.ahead, ahead[-_AT_MOST:], _TEXT):
            return None
        found = {k: v or "" for k, v in (left.groupdict() | right.groupdict()).items()}
        found["mark"] = before[left.start("mark") :] if "mark" in found else ""
        found["to"] = after[: right.end("to")] if "to" in found else right.group()
        return found


_HEAD = r"[A-Za-z_][\w.]*-"
_LAYER = r"[A-Za-z_\[\d]"

PATTERNS: tuple[Pattern, ...] = ()
