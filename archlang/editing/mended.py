"""A text with its mistakes mended, as far as their helps know how."""

from __future__ import annotations

from collections.abc import Iterable

from archlang.diagnostics import Diagnostic, Severity
from archlang.editing.mending import Fix, suggested
from archlang.editing.names import applied
from archlang.elaborate.report import SHAPED
from archlang.model import check
from archlang.record import record
from archlang.source import Source
from archlang.syntax.parse import parse

MOST_CHECKS = 200
"""How often a text is checked on the way; what is left then is left."""

MOST_BEHIND = 4
"""How many mistakes of one line are mended behind one another, where only that leaves fewer."""


@record
class Mended:
    """A text after its fixes, and those: in the order they were made, each with its place in the text of its time."""

    source: Source
    fixes: tuple[Fix, ...]


def mended(source: Source) -> Mended:
    """A text with every fix made that is sure and leaves fewer mistakes, again and again until there is none.

    Those of syntax count first, then those of names and values, then those of sizes: each may hide others behind it.
    A fix is sure where it writes otherwise what stands there. What a help only shows by an example, or leaves to choose
    (``write `=> 10`, or look at what leads here``), is not made, for a network is not to change in silence.
    """
    mending = _Mending(_State(source))
    while mending.round():
        pass
    return Mended(mending.now.source, tuple(mending.made))


class _State:
    """A text, and its mistakes by kind: of syntax, of names and values, of sizes. Each kind may hide the next ones."""

    def __init__(self, source: Source) -> None:
        self.source = source
        parsed = parse(source)
        every = _errors(check(source, parsed))
        syntax = _errors(parsed[1])
        others = [each for each in every if each not in syntax]
        sizes = [each for each in others if each.code in SHAPED]
        self.kinds = (syntax, [each for each in others if each not in sizes], sizes)

    def after(self, fixes: Iterable[Fix]) -> _State:
        """The text with some fixes made."""
        text = applied(self.source.text, [edit for fix in fixes for edit in fix.edits])
        return _State(Source(self.source.name, text, self.source.path))

    def fixes(self, told: list[Diagnostic]) -> list[Fix]:
        """The sure fixes of some of its mistakes, in the order of the text, of several for one place the first."""
        own = [each for each in told if each.span.source is self.source]
        found: list[Fix] = []
        end = -1
        for fix in sorted((fix for fix in suggested(own) if fix.sure), key=_start):
            if _start(fix) > end:
                found.append(fix)
                end = max(edit.span.end for edit in fix.edits)
        return found


class _Mending:
    def __init__(self, state: _State) -> None:
        self.now = state
        self.made: list[Fix] = []
        self.checks = 1

    def round(self) -> bool:
        """Make the fixes of the text as it is now, of its syntax first; whether there were any."""
        before = len(self.made)
        for kind in range(3):
            fixes = self.now.fixes(self.now.kinds[kind])
            if fixes and not self._make(fixes, kind):
                for fix in reversed(fixes):  # from the end, so that the places of the others stay where they are
                    self._follow(fix, kind)
        self.made[before:] = sorted(self.made[before:], key=_start)
        return len(self.made) > before

    def _make(self, fixes: list[Fix], kind: int) -> bool:
        """Make fixes together, if that leaves fewer mistakes by as many as they are."""
        after = self._tried(self.now, fixes)
        if after is None or not _fewer(self.now, after, kind, len(fixes)):
            return False
        self.now = after
        self.made += fixes
        return True

    def _follow(self, fix: Fix, kind: int) -> None:
        """Make one fix, and those that come to light behind it on its line, if the last leaves fewer mistakes."""
        state = self.now
        chain: list[Fix] = [fix]
        for _ in range(MOST_BEHIND):
            after = self._tried(state, chain[-1:])
            if after is None:
                return
            if _fewer(self.now, after, kind, 1):
                self.now = after
                self.made += chain
                return
            line = fix.diagnostic.span.line
            further = [each for each in after.fixes(after.kinds[kind]) if each.diagnostic.span.line == line]
            if not further:
                return
            state, chain = after, [*chain, further[0]]

    def _tried(self, state: _State, fixes: list[Fix]) -> _State | None:
        if self.checks >= MOST_CHECKS:
            return None
        self.checks += 1
        return state.after(fixes)


def _fewer(before: _State, after: _State, kind: int, by: int) -> bool:
    """Whether there are fewer mistakes of a kind, by that many, and no more of those that may hide it."""
    outer = all(len(after.kinds[k]) <= len(before.kinds[k]) for k in range(kind))
    return outer and len(after.kinds[kind]) <= len(before.kinds[kind]) - by


def _start(fix: Fix) -> int:
    return min(edit.span.start for edit in fix.edits)


def _errors(told: list[Diagnostic]) -> list[Diagnostic]:
    return [each for each in told if each.severity is Severity.ERROR]
