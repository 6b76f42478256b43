"""A first look at a text: its brackets, strings and characters, before the grammar.

What is wrong here would make every later message a consequence, so the
statement it stands in is blanked: the parser then sees only balanced text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from archlang.diagnostics import Diagnostic, Label
from archlang.source import Source, Span
from archlang.syntax.characters import instead_of
from archlang.syntax.limits import MAX_ERRORS, MAX_NESTING

_MATTER = re.compile(
    r"""
      (?P<string>"[^"\n]*")
    | (?P<unclosed>"[^\n]*)
    | (?P<skipped>\#[^\n]*|\\\r?\n)
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<newline>\n)
    | (?P<strange>'[^'"\n]*'
                 |\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}"\n]*\N{RIGHT DOUBLE QUOTATION MARK}
                 |\N{LEFT SINGLE QUOTATION MARK}[^\N{RIGHT SINGLE QUOTATION MARK}"\n]*\N{RIGHT SINGLE QUOTATION MARK}
                 |(?:[^\w\s.,:;|/*+\-=<>@!?%×()\[\]{}"\#\\]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f])+
                 |\\)
    """,
    re.VERBOSE | re.ASCII,
)
_SHOWN = 8  # characters of a heap of unknown ones
_PARTNER = {"(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{"}
_STATEMENT = re.compile(
    r"[ \t]*(?:(?:stage|net|block|let|aux|table|variant|expect|import|if|for|freeze|taps|paper)[ \t]+[\w\"]"
    r"|input[ \t]+\w*[ \t]*\d|from[ \t]+\w+[ \t]*[:,]|\w+[ \t]+means\b|stage[ \t]*\{)",
    re.ASCII,
)
_NOT_SPACE = re.compile(r"[^ \t\r\n]")
_CONTINUES = re.compile(r"[ \t]*[|;,]")


class _Open(NamedTuple):
    char: str
    at: int
    statement: int  # where the statement began that the bracket stands in


@dataclass
class Scan:
    """What the first look found.

    `text` is the source's text with the broken statements blanked, `broken`
    those statements, and `missing` the number of `}` to add at the end. There is no use in parsing
    what is `hopeless`.
    """

    source: Source
    text: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    broken: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    missing: int = 0
    hopeless: bool = False


def scan(source: Source) -> Scan:
    """Check the brackets, strings and characters of `source`."""
    return _Scanner(source).run()


class _Scanner:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found = Scan(source)
        self.stack: list[_Open] = []
        self.mark = False  # the text begins with a byte order mark
        self.braces: list[int] = []  # those that open or close a body, wherever they stand
        self.statement = 0  # where the statement at hand began
        self.bad = False  # it has an error, so it will be blanked
        self.garbled = False  # it has characters of no meaning, so its brackets may have none either

    def run(self) -> Scan:
        text = self.source.text
        for match in _MATTER.finditer(text):
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
            if not _STATEMENT.match(self.source.text, at + 1):
                return
            while self._inside():
                self._pop_unclosed(None, blank=False)
        self._finish(at)
        self.statement = at + 1

    def _open(self, char: str, at: int) -> None:
        if char == "{":
            while self._inside():
                self._pop_unclosed(at, blank=False)
            self._finish(at)
        self.stack.append(_Open(char, at, self.statement))
        if char == "{":
            self.braces.append(at)
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
        partner = _PARTNER[char]
        if not any(o.char == partner for o in self._reach(char)):
            self._nothing_to_close(char, at)
            return
        while self.stack[-1].char != partner:
            self._pop_unclosed(at, blank=char == "}")
        self.stack.pop()
        if char == "}":
            self.braces.append(at)
            self._finish(at)
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

    def _reach(self, char: str) -> list[_Open]:
        """The brackets that `char` could close: a `)` or `]` never closes past a `{`."""
        if char == "}":
            return self.stack
        inner = [i for i, o in enumerate(self.stack) if o.char == "{"]
        return self.stack[inner[-1] + 1 :] if inner else self.stack

    def _nothing_to_close(self, char: str, at: int) -> None:
        if self._inside():
            opener = self.stack.pop()
            self._say(
                "mismatched-bracket",
                f"`{opener.char}` is closed by `{char}`",
                at,
                at + 1,
                labels=(Label(self._span(opener.at, opener.at + 1), "opened here"),),
                help=f"close it with `{_PARTNER[opener.char]}`: `( )` hold numbers, `[ ]` layers, `{{ }}` statements",
            )
            self.bad = True
            return
        self._say("stray-bracket", f"this `{char}` closes nothing", at, at + 1, help="leave it out")
        self.found.broken.append((at, at + 1))

    def _quote(self, at: int, end: int) -> None:
        self._say("unclosed-string", "this string is not closed on its line", at, end, help='end it with `"`')
        while self._inside():
            self.stack.pop()
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
        end = len(self.source.text)
        while self._inside():
            self._pop_unclosed(None, blank=True)
        self._finish(end)
        if self.stack:
            self.found.missing = len(self.stack)
            for opener in self._unclosed_braces():
                self._never_closed(opener, None)

    # ---- what is said and blanked --------------------------------------------

    def _unclosed_braces(self) -> list[_Open]:
        """The `{` to blame: one whose `}` stands further left than its own line, else those left over."""
        blamed = self._outdented()
        return [blamed] if blamed and len(self.stack) == 1 else self.stack

    def _outdented(self) -> _Open | None:
        stack: list[_Open] = []
        for match in _MATTER.finditer(self.source.text):
            char, at = match.group(), match.start()
            if char == "{":
                stack.append(_Open(char, at, at))
            elif char == "}" and stack:
                opener = stack.pop()
                line = self.source.position(at)[0]
                if self.source.line(line).lstrip().startswith("}") and self._indent(at) < self._indent(opener.at):
                    return opener
        return None

    def _indent(self, at: int) -> int:
        line = self.source.line(self.source.position(at)[0])
        return len(line) - len(line.lstrip())

    def _never_closed(self, opener: _Open, at: int | None) -> None:
        labels = (
            () if at is None else (Label(self._span(at, at + 1), f"`{_PARTNER[opener.char]}` missing before this"),)
        )
        self._say(
            "unclosed-bracket",
            f"this `{opener.char}` is never closed",
            opener.at,
            opener.at + 1,
            labels=labels,
            help=f"close it with `{_PARTNER[opener.char]}`",
        )

    def _blank_from(self, opener: _Open) -> None:
        """Blank the statement of `opener`: its line, and the lines that carry on from it."""
        text = self.source.text
        end = self._line_end(opener.at)
        while end < len(text) and (
            _CONTINUES.match(text, end + 1) or text[max(opener.at, end - 80) : end].rstrip()[-1:] in {",", "|"}
        ):
            end = self._line_end(end + 1)
        self.found.broken.append((opener.statement, end))
        self.bad = False
        self.statement = max(self.statement, end)

    def _line_end(self, at: int) -> int:
        end = self.source.text.find("\n", at)
        return len(self.source.text) if end < 0 else end

    def _finish(self, at: int) -> None:
        if self.bad:
            self.found.broken.append((self.statement, at))
        self.bad = self.garbled = False

    def _blanked(self) -> str:
        """The text with the broken statements blanked, but for the braces that bodies need."""
        text = self.source.text
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
