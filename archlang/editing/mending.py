"""What mends the mistakes of a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from archlang.diagnostics import Diagnostic, Severity
from archlang.editing.names import Edit, applied
from archlang.model import check
from archlang.record import record
from archlang.source import Source, Span
from archlang.syntax.parse import parse

_WRITE = re.compile(r"write `(?P<text>[^`]+)`(?! in front| behind| after| before|[^,]*\.\.\.)")
_EXAMPLES = {"argument", "modifier-first"}  # whose help shows how it is done with some layer
_CHOICE = re.compile(r"\bor\b|\bfor\b|\band `")  # after what to write: there is more to it, or another way
_OF_OTHERS = {"unknown-layer", "unknown-wrap", "unknown-keyword"}  # where names of other tools stand
_MOST = 8  # helps that are tried: each costs a check


@record
class Fix:
    """What mends one mistake: what to do in words, the mistake, and the changes."""

    title: str
    diagnostic: Diagnostic
    edits: tuple[Edit, ...]

    @property
    def sure(self) -> bool:
        """Whether it only writes otherwise what stands there: no choice made, no number thought up, no name far off."""
        help_ = self.diagnostic.help or ""
        match = _WRITE.match(help_)
        if match and _CHOICE.search(help_, match.end()):
            return False
        if self.diagnostic.fix and not _near(self.diagnostic):
            return False
        old = Counter(number for edit in self.edits for number in re.findall(r"\d+", edit.span.text))
        return Counter(number for edit in self.edits for number in re.findall(r"\d+", edit.text)) <= old


def fixes(source: Source, within: tuple[int, int] | None = None, told: Iterable[Diagnostic] | None = None) -> list[Fix]:
    """What mends the mistakes of a text whose help says what to type, in the order of the text.

    `within` asks only for mistakes that touch these two offsets or stand between them; `told` is what `check` says of
    the text, where somebody has it.

    Where the help does not say in place of what (``write `conv1-(4*w)` ``), it is tried in place of what is pointed at,
    and offered if that leaves fewer mistakes.
    """
    found: list[Fix] = []
    told = [each for each in (check(source) if told is None else told) if each.span.source is source]
    start, end = within if within is not None else (0, len(source.text))
    tried = 0
    for fix in suggested(told):
        span = fix.diagnostic.span
        if span.end < start or end < span.start:
            continue
        if fix.diagnostic.fix is not None:
            found.append(fix)
        elif tried < _MOST:
            tried += 1
            if _mends(source, told, fix.edits[0]):
                found.append(fix)
    return found


def suggested(told: list[Diagnostic]) -> Iterator[Fix]:
    """What the helps of diagnostics say to type, tried or not."""
    for each in told:
        if each.fix is not None:
            title = f"write `{each.fix}`" if each.fix else f"leave out `{each.span.text}`"
            yield Fix(title, each, (Edit(each.span, each.fix),))
        elif (text := _meant(each)) is not None:
            yield Fix(f"write `{text}`", each, (_around(each.span, text),))


def _meant(diagnostic: Diagnostic) -> str | None:
    """What its help says to write, if that is whole and no example."""
    if diagnostic.severity is not Severity.ERROR or diagnostic.code in _EXAMPLES:
        return None
    match = _WRITE.match(diagnostic.help or "")
    return match["text"] if match and "..." not in match["text"] else None


def _around(span: Span, text: str) -> Edit:
    """`text` in place of a span, and of what stands beside it and is a part of `text` too: `input` before a size."""
    before, after = span.source.text[: span.start], span.source.text[span.end :]
    if text[0] in ",;":
        return Edit(Span(span.source, len(before.rstrip(" ")), span.end), text)
    most = range(len(text), 1, -1)
    first = text.partition(";")[0]
    if ";" in text and before.endswith(f"{first} ") and not _within_word(before[: -len(first) - 1], text):
        return Edit(Span(span.source, span.start - len(first) - 1, span.end), text)
    left = next((k for k in most if before.endswith(text[:k]) and not _within_word(before[:-k], text)), 0)
    right = next((k for k in most if after.startswith(text[-k:]) and not _within_word(text[:-k], after)), 0)
    return Edit(Span(span.source, span.start - left, span.end + (right if left + right <= len(text) else 0)), text)


def _near(diagnostic: Diagnostic) -> bool:
    """Whether a name is one slip of the fingers from the one that may be meant, or begins as it, as `Conv2d` does."""
    typed, meant = diagnostic.span.text, diagnostic.fix or ""
    if diagnostic.code in _OF_OTHERS and typed.lower().startswith(meant.lower()):
        return True
    start = next((i for i, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other), len(meant))
    rest, wanted = typed[start:], meant[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return wanted in (rest, rest[1:], swapped) or rest in (wanted[1:], wanted) or rest[1:] == wanted[1:]


def _within_word(before: str, after: str) -> bool:
    return before[-1:].isalnum() and after[:1].isalnum()


def _mends(source: Source, told: list[Diagnostic], edit: Edit) -> bool:
    """Whether a change leaves fewer errors, and none of a kind that was not there."""
    changed = Source(source.name, applied(source.text, [edit]), source.path)
    parsed = parse(source)[1]
    before = _errors(parsed or told)
    after = _errors(parse(changed)[1] if parsed else check(changed))
    return len(after) < len(before) and set(after) <= set(before)


def _errors(told: list[Diagnostic]) -> list[str]:
    return [each.code for each in told if each.severity is Severity.ERROR]
