"""A first look at a text: its brackets, strings and characters, before the grammar.

What is wrong here would make every later message a consequence, so the
statement it stands in is blanked: the parser then sees only balanced text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archlang.diagnostics import Diagnostic, Label
from archlang.source import Source, Span
from archlang.syntax.characters import instead_of
from archlang.syntax.limits import MAX_ERRORS, MAX_NESTING
from archlang.syntax.scan_marks import MATTER, PARTNER, Open, outdented
from archlang.syntax.scan_reach import BARE_JOIN, STATEMENT, carried_from, carried_to, closes
from archlang.syntax.scan_slips import mended, with_brace

_SHOWN = 8  # characters of a heap of unknown ones
_NOT_SPACE = re.compile(r"[^ \t\r\n]")


@dataclass
class Scan:
    """What the first look found.

    `text` is the source's text with the broken statements blanked, `broken`
    those statements, `missing` the number of `}` to add at the end, and `unclosed` the headers of the bodies that they
    close. There is no use in parsing what is `hopeless`.
    """

    source: Source
    text: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    broken: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    missing: int = 0
    unclosed: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    hopeless: bool = False


def scan(source: Source) -> Scan:
    """Check the brackets, strings and characters of `source`."""
    text, told = mended(source)
    while True:
        scanner = _Scanner(source, text)
        found = scanner.run()
        opened = with_brace(source, text, scanner.stray) if scanner.stray is not None else None
        if opened is None or len(told) > MAX_NESTING:
            break
        text = opened.text
        told.append(opened.diagnostic)
    found.diagnostics[:0] = told
    return found


class _Scanner:
    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text  # the source's, with some slips mended in their places
        self.found = Scan(source)
        self.stack: list[Open] = []
        self.mark = False  # the text begins with a byte order mark
        self.braces: list[int] = []  # those that open or close a body, wherever they stand
        self.statement = 0  # where the statement at hand began
        self.begun: list[int] = []  # where those before it in its body began
        self.bad = False  # it has an error, so it will be blanked
        self.stray: int | None = None  # the first `}` that closes nothing
        self.unopened = False  # it has a closing bracket without an opening one
        self.garbled = False  # it has characters of no meaning, so its brackets may have none either
        self.let: list[str] = []  # brackets that a string without its end may have closed

    def run(self) -> Scan:
        text = self.text
        for match in MATTER.finditer(text):
            kind, at = match.lastgroup, match.start()
            if kind == "newline":
                self._newline(at)
            elif kind == "open":
                self._open(match.group(), at)
            elif kind == "close":
                self._close(match.group(), at)
            elif kind == "unclosed":
                self._quote(at, match.end())
            elif kind == "strange":
                self._strange(match.group(), at)
            if self.found.hopeless or len(self.found.diagnostics) >= MAX_ERRORS:
                self.found.hopeless = True
                break
        else:
            self._end()
        self.found.text = self._blanked()
        return self.found

    # ---- what is met -------------------------------------------------------

    def _newline(self, at: int) -> None:
        if self._inside():
            if not STATEMENT.match(self.text, at + 1):
                return
            while self._inside():
                self._pop_unclosed(None, blank=False)
        self._finish(at)
        self.begun.append(self.statement)
        self.statement = at + 1

    def _open(self, char: str, at: int) -> None:
        if char == "{":
            while self._inside():
                self._pop_unclosed(at, blank=False)
            self._finish(at)
        self.stack.append(Open(char, at, self.statement))
        if char == "{":
            self.braces.append(at)
            self.begun.clear()
            self.let.clear()
            self.statement = at + 1
        if len(self.stack) > MAX_NESTING:
            self._say(
                "too-deep",
                f"more than {MAX_NESTING} brackets inside one another",
                at,
                at + 1,
                help="give the inner layers a name: `block inner { ... }`",
            )
            self.found.hopeless = True

    def _close(self, char: str, at: int) -> None:
        partner = PARTNER[char]
        reach = "".join(opener.char for opener in self._reach(char))
        if (char == "}" and partner not in reach) or (char != "}" and not closes(self.text, reach, char, at)):
            self._stray(char, at)
            return
        if partner not in reach:
            self._mismatched(char, at)
            return
        while self.stack[-1].char != partner:
            self._pop_unclosed(at, blank=char == "}")
        self.stack.pop()
        if char == "}":
            self.braces.append(at)
            self._finish(at)
            self.begun.clear()
            self.let.clear()
            self.statement = at + 1

    def _pop_unclosed(self, at: int | None, *, blank: bool) -> None:
        """Report the innermost bracket as unclosed, and give its statement up."""
        opener = self.stack.pop()
        if not self.garbled:
            self._never_closed(opener, at)
        if blank and not self._inside():
            self._blank_from(opener)
        else:
            self.bad = True

    def _inside(self) -> bool:
        """Whether a `(` or `[` is open, in which a newline ends nothing."""
        return bool(self.stack) and self.stack[-1].char != "{"

    def _reach(self, char: str) -> list[Open]:
        """The brackets that `char` could close: a `)` or `]` never closes past a `{`."""
        if char == "}":
            return self.stack
        inner = [i for i, o in enumerate(self.stack) if o.char == "{"]
        return self.stack[inner[-1] + 1 :] if inner else self.stack

    def _mismatched(self, char: str, at: int) -> None:
        opener = self.stack.pop()
        self._say(
            "mismatched-bracket",
            f"`{opener.char}` is closed by `{char}`",
            at,
            at + 1,
            labels=(Label(self._span(opener.at, opener.at + 1), "opened here"),),
            help=f"close it with `{PARTNER[opener.char]}`: `( )` hold numbers, `[ ]` layers, `{{ }}` statements",
        )
        self.bad = True

    def _stray(self, char: str, at: int) -> None:
        if char == "}" and self.stray is None:
            self.stray = at
        doubled = char == "}" or self.text[:at].rstrip(" \t")[-1:] == char
        if PARTNER[char] in self.let:
            self.let.remove(PARTNER[char])
        elif not self.unopened:
            help = "leave it out" if doubled else f"leave it out, or write the `{PARTNER[char]}` that it closes"
            labels = self._not_opened(at) if char == "]" else ()
            self._say("stray-bracket", f"this `{char}` closes nothing", at, at + 1, labels=labels, help=help)
        self.found.broken.append((at, at + 1))
        self.unopened = char != "}"
        self.bad |= self.unopened

    def _not_opened(self, at: int) -> tuple[Label, ...]:
        """Where a `[` is missing that a `]` closes, if a join without one says so."""
        start = carried_from(self.text, self.begun, self.statement)
        joins = [*BARE_JOIN.finditer(self.text, start, at)][-1:]
        return tuple(Label(self._span(join.start(), join.end()), "`[` missing after this") for join in joins)

    def _quote(self, at: int, end: int) -> None:
        if re.search(r"\w\Z", self.text[max(0, at - 1) : at]):
            mine = self.source.position(at)[0]
            said = self.found.diagnostics
            said[:] = [d for d in said if d.code != "unknown-character" or d.span.line != mine]
            words = 'this `"` ends a string that nothing began'
            self._say("unclosed-string", words, at, at + 1, help='begin the string with `"` as well')
        else:
            self._say("unclosed-string", "this string is not closed on its line", at, end, help='end it with `"`')
        while self._inside():
            self.let.append(self.stack.pop().char)
        self.bad = True

    def _strange(self, chars: str, at: int) -> None:
        if at == 0 and chars[0] == "\ufeff":  # a byte order mark
            self.mark = True
            chars, at = chars[1:], 1
        if not chars:
            return
        words = f"`{chars if len(chars) <= _SHOWN else chars[:_SHOWN] + '…'}` is no part of the language"
        self._say("unknown-character", words, at, at + len(chars), help=instead_of(chars))
        self.bad = self.garbled = True

    def _end(self) -> None:
        end = len(self.text)
        while self._inside():
            self._pop_unclosed(None, blank=True)
        self._finish(end)
        if self.stack:
            self.found.missing = len(self.stack)
            self.found.unclosed = [(opener.statement, opener.at + 1) for opener in self.stack]
            for opener in self._unclosed_braces():
                self._never_closed(opener, None)

    # ---- what is said and blanked --------------------------------------------

    def _unclosed_braces(self) -> list[Open]:
        """The `{` to blame: one whose `}` stands further left than its own line, else those left over."""
        blamed = outdented(self.source, self.text)
        return [blamed] if blamed and len(self.stack) == 1 else self.stack

    def _never_closed(self, opener: Open, at: int | None) -> None:
        labels = () if at is None else (Label(self._span(at, at + 1), f"`{PARTNER[opener.char]}` missing before this"),)
        self._say(
            "unclosed-bracket",
            f"this `{opener.char}` is never closed",
            opener.at,
            opener.at + 1,
            labels=labels,
            help=f"close it with `{PARTNER[opener.char]}`",
        )

    def _blank_from(self, opener: Open) -> None:
        """Blank the statement of `opener`: its line, and the lines that carry on from it."""
        end = carried_to(self.text, opener.statement, opener.at)
        self.found.broken.append((opener.statement, end))
        self.bad = False
        self.statement = max(self.statement, end)

    def _finish(self, at: int) -> None:
        if self.bad:
            first = carried_from(self.text, self.begun, self.statement) if self.unopened else self.statement
            self.found.broken.append((first, at))
        self.bad = self.garbled = self.unopened = False

    def _blanked(self) -> str:
        """The text with the broken statements blanked, but for the braces that bodies need."""
        text = self.text
        spans = sorted([*self.found.broken, *([(0, 1)] if self.mark else [])])
        if not spans:
            return text
        parts: list[str] = []
        done = 0
        for first, last in spans:
            start, end = max(first, done), max(last, done)
            parts += [text[done:start], _NOT_SPACE.sub(" ", text[start:end])]
            done = end
        blanked = list("".join([*parts, text[done:]]))
        for at in self.braces:
            blanked[at] = text[at]
        return "".join(blanked)

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)

    def _say(
        self, code: str, message: str, start: int, end: int, *, labels: tuple[Label, ...] = (), help: str | None = None
    ) -> None:
        span = self._span(start, end)
        self.found.diagnostics.append(Diagnostic(code, message, span, labels=labels, help=help))
