"""What there is to say of a text, each thing once, and nothing that only follows from another."""

from __future__ import annotations

import re
from dataclasses import replace

from archlang.diagnostics import Diagnostic, Severity
from archlang.source import Span
from archlang.syntax.limits import MAX_ERRORS

SHAPED = frozenset(
    "branch-shapes channels crop empty-output groups inputs not-a-map padding split symbolic words"
    " again-shape net-input res-shapes shape-claim shortcut-shape stride-nowhere"
    " expect expect-but expect-always partial-window empty-net default-input no-variants"
    " unused-block unused-parameter".split()
)
"""Complaints that a line which could not be read may have led to."""
LOCAL = SHAPED - frozenset(
    "expect expect-but expect-always empty-net default-input no-variants unused-block unused-parameter".split()
)
"""Those of them that only a line above them may have led to, if it is one of plain layers."""
MOST_REMARKS = 1_000
"""Warnings and notes that are told of one file; of errors `MAX_ERRORS`."""
MOST_NAMED = 8
"""Variants that a note names."""
_ASIDE = re.compile(r"\s*(?:expect|paper|output|taps|freeze|lr|decay|init)\b")
_FAR = re.compile(r"[{}]|\b(?:means|let|import|variant|input|block|net|table)\b")


class Report:
    """Collects diagnostics; the same complaint about the same place is told once.

    `broken` are the lines that could not be read: what may follow from one is not told.
    `placed` counts the layers of all the networks read so far, and `again` says
    whether a text uses that word, for which the items must be kept. `variant` is
    the one that is being looked at, while a file's variants are gone through.
    """

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.broken: list[Span] = []
        self._seen: set[tuple[str, int, int, int]] = set()
        self._variants: dict[tuple[str, int, int, int], list[str]] = {}
        self.variant: str | None = None
        self.placed = 0
        self.again = False
        self.complaints = 0
        self._errors = self._remarks = 0

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep it, unless that place was complained of in these words before."""
        self.complaints += 1
        key = _key(diagnostic)
        if self.variant is not None and self.variant not in (told := self._variants.setdefault(key, [])):
            told.append(self.variant)
        if key not in self._seen and not self._follows(diagnostic):
            self._seen.add(key)
            self._keep(diagnostic)

    def _keep(self, diagnostic: Diagnostic) -> None:
        """Have it told, unless there is enough of its kind already."""
        if diagnostic.severity is Severity.ERROR and self._errors < MAX_ERRORS:
            self._errors += 1
            self.found.append(diagnostic)
        elif diagnostic.severity is not Severity.ERROR and self._remarks < MOST_REMARKS:
            self._remarks += 1
            self.found.append(diagnostic)

    def name_variants(self, names: list[str]) -> None:
        """Say of each complaint that some of a net's variants drew, and not others, which ones they were."""
        for i, diagnostic in enumerate(self.found):
            drew = self._variants.pop(_key(diagnostic), names)
            if 0 < len(drew) < len(set(names)):
                shown = ", ".join(f"`{name}`" for name in drew[:MOST_NAMED]) + ", ..." * (len(drew) > MOST_NAMED)
                note = f"in the variant{'s' * (len(drew) > 1)} {shown}"
                self.found[i] = replace(diagnostic, notes=(*diagnostic.notes, note))

    def _follows(self, diagnostic: Diagnostic) -> bool:
        """Whether it may be a consequence of a line that could not be read."""
        if not self.broken:
            return False
        if diagnostic.code in SHAPED:
            return any(_may_shape(broken, diagnostic) for broken in self.broken)
        typed = diagnostic.span.text
        if diagnostic.code == "unknown-variant":
            names = typed.split("..")
        else:
            names = re.split(r"[^\w.]", typed, maxsplit=1)[0].split(".")
        named = "|".join(map(re.escape, names))
        declared = rf"\b(?:{named})\b|\b(?:block|net)\s+(?:{named})"
        return any(re.search(declared, broken.text) for broken in self.broken)

    def told(self, span: Span) -> bool:
        """Whether something was said of exactly that place."""
        return any(
            d.span.source is span.source and (d.span.start, d.span.end) == (span.start, span.end) for d in self.found
        )

    def wrong_within(self, span: Span) -> bool:
        """Whether something in that place, or all of it, has been told to be wrong."""
        inside = (d.span for d in self.found if d.severity is Severity.ERROR and d.span.source is span.source)
        return any(span.start <= one.start and one.end <= span.end for one in inside)

    @property
    def full(self) -> bool:
        """Whether there are so many errors that no more are looked for."""
        return self._errors >= MAX_ERRORS

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return self._errors > 0


def _key(diagnostic: Diagnostic) -> tuple[str, int, int, int]:
    span = diagnostic.span
    return diagnostic.code, id(span.source), span.start, span.end


def _nearly_variant(line: str) -> list[str]:
    from difflib import get_close_matches  # only a slip needs it

    return get_close_matches(re.split(r"\W", line, maxsplit=1)[0].lower(), ["variant"])


def _may_shape(broken: Span, diagnostic: Diagnostic) -> bool:
    """Whether a line that could not be read may have to do with the sizes that are complained of."""
    if _ASIDE.match(broken.text):
        return False
    if diagnostic.code == "no-variants":
        return "variant" in broken.text or bool(_nearly_variant(broken.text))
    if diagnostic.code not in LOCAL or _FAR.search(broken.text):
        return True
    places = [diagnostic.span, *(called.span for called in diagnostic.trace)]
    return any(place.source is not broken.source or broken.start < place.end for place in places)
