# pyright: basic
"""The parser's loop: on a mistake, drop the statement and go on with the next."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from archlang.syntax.build_expressions import BROKEN_HEADER
from archlang.syntax.limits import MAX_NESTING
from archlang.syntax.mistake import Mistake
from archlang.syntax.parse_tables import Tables

_SKIP = re.compile(r'"[^"\n]*"?|#[^\n]*|[()\[\]{}]|\\\r?\n|\n')
_JOIN = re.compile(r"\b(?:res|concat|add|mul|seq|split[ \t]*\([^()\n]*\))[ \t]*\Z")
_TABLE = re.compile(r"\s*(?:@[\w.,\- ]+:\s*)?t[abel]{3,5}\b")  # with a letter too many, too few or out of place as well
_OPEN = {"LPAR", "LSQB", "LBRACE"}
_CLOSE = {"RPAR", "RSQB", "RBRACE"}
_NAMES = {"NAME", "HEAD"}
_HIGHEST = 40 * MAX_NESTING  # of the parser's stack: brackets are counted before, so only `else if` gets there


def _with_x(name: Token) -> Token:
    """The token of a name with `x` in the place of the sign for it: `conv1×7` is `conv1x7`."""
    return name.update(value=name.replace("×", "x"))


class TooDeep(Exception):
    """An `else if` chain that never ends; `at` is where patience did."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class _Unfit(Exception):
    """A token that the grammar has no place for."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


class Reader:
    """Feeds the tokens of one text to the grammar's tables.

    `typed` is the text before any of it was blanked. `report` is told of each
    mistake and says whether to go on; `broken` collects the statements that were dropped.
    """

    def __init__(self, tables: Tables, text: str, typed: str, missing: int, report: Callable[[Mistake], bool]) -> None:
        self.tables = tables
        self.text = text
        self.typed = typed
        self.missing = missing  # closing braces to add at the end
        self.report = report
        self.broken: list[tuple[int, int]] = []
        self.lexer = tables.lexer(text)
        self.states: list[int] = [tables.start]
        self.values: list[Any] = []
        self.brackets: list[Token] = []
        self.points: list[_Point] = [self._point(0)]
        self.fed: list[str] = []  # the kinds of the tokens since the last point
        self.resumed = -1
        self.crossed = "×" in text

    @property
    def position(self) -> int:
        """The state that the lexer chooses its terminals by."""
        return self.states[-1]

    def read(self) -> Any:
        """The value of the whole text, or None if there is no use in going on; raises `TooDeep`."""
        while True:
            try:
                for token in self.lexer.lex(self):
                    self._take(token if not self.crossed or token.type not in _NAMES else _with_x(token))
                return self._finish()
            except (_Unfit, UnexpectedCharacters, UnexpectedToken) as error:
                if not self._recover(*self._where(error)):
                    return None

    # ---- tokens ------------------------------------------------------------

    def _take(self, token: Token) -> None:
        """Feed one token, and note where statements begin."""
        kind = token.type
        if (kind, str(token)) == ("NAME", "else") and self.fed[-1:] == ["SEMICOLON"]:
            raise _Unfit(token)  # no layer is called so: on a line of its own it would be read otherwise
        if kind == "_NL":
            if self.brackets and self.brackets[-1] == "(":
                return
            self._feed(token, kind)
            if not self.brackets or self.brackets[-1] == "{":
                self.points[-1] = self._point(token.end_pos or 0)
                self.fed = []
                return
        else:
            self._feed(token, kind)
            if kind in _OPEN:
                self._opened(token)
            elif kind in _CLOSE:
                self._closed(token)
            if kind in {"LBRACE", "RBRACE"}:
                self.fed = []
                return
        self.fed.append(kind)

    def _opened(self, token: Token) -> None:
        self.brackets.append(token)
        if token.type == "LBRACE":
            self.points.append(self._point(token.end_pos or 0))

    def _closed(self, token: Token) -> None:
        if self.brackets:
            self.brackets.pop()
        if token.type == "RBRACE" and len(self.points) > 1:
            self.points.pop()
            self.points[-1].tail = self._point(token.end_pos or 0)

    def _feed(self, token: Token, kind: str) -> None:
        """Reduce as `kind` asks for, and shift it."""
        states, values, actions = self.states, self.values, self.tables.actions
        while True:
            action = actions[states[-1]].get(kind)
            if type(action) is int:
                states.append(action)
                values.append(token)
                return
            if action is None:
                raise _Unfit(token)
            size, make, origin = action
            if make is not None:
                made = make(values[-size:]) if size else make([])
                if size:
                    del values[-size:]
                values.append(made)
            if size:
                del states[-size:]
            states.append(actions[states[-1]][origin])
            if kind == "$END" and states[-1] == self.tables.end:
                return

    def _finish(self) -> Any:
        end = len(self.text)
        while self.missing:
            self._take(Token("RBRACE", "}", start_pos=end, end_pos=end))
            self.missing -= 1
        self._feed(Token("$END", "", start_pos=end, end_pos=end), "$END")
        return self.values[-1]

    # ---- mistakes ------------------------------------------------------------

    def _point(self, at: int) -> _Point:
        if len(self.states) > _HIGHEST:
            raise TooDeep(at)
        return _Point(at, self.states.copy(), self.values.copy())

    def _where(self, error: _Unfit | UnexpectedCharacters | UnexpectedToken) -> tuple[int, int]:
        if isinstance(error, UnexpectedCharacters):
            return error.pos_in_stream, error.pos_in_stream + 1
        return error.token.start_pos or 0, error.token.end_pos or 0

    def _recover(self, at: int, end: int) -> bool:
        """Report what stands at `at`, and stand where the next statement begins; False to give up."""
        point = self.points[-1]
        row = self._in_table(point)
        emptied = row and self.text[at:end] == "}" and not self.text[self._told() : at].strip()
        mistake = Mistake(point.at, at, end, self._accepted(point), self._bracket(), row)
        if not emptied and not self.report(mistake):
            return False
        resume, header = self._resume(point, at)
        if resume <= self.resumed:
            return False
        self.resumed = resume
        self._back_to(point)
        self.lexer.state.line_ctr.char_pos = resume
        if header:
            self._stand_in(point.at, resume)
        else:
            self.broken.append((point.at, resume))
        return True

    def _bracket(self) -> int | None:
        """Where the innermost open `(` or `[` is."""
        if not self.brackets or self.brackets[-1] == "{":
            return None
        return self.brackets[-1].start_pos

    def _accepted(self, point: _Point) -> frozenset[str]:
        """The terminals that could have stood at the mistake: the kinds since the last point are tried again."""
        states = (point.tail or point).states.copy()
        for kind in self.fed:
            self.tables.advance(states, kind)
        return frozenset(k for k in self.tables.terminals(states[-1]) if self.tables.advance(states.copy(), k))

    def _in_table(self, point: _Point) -> bool:
        """Whether what begins at `point` is a row of a table."""
        return not self.tables.advance(point.states.copy(), "IF")

    def _told(self) -> int:
        """Where the last statement ends that was told of and dropped."""
        return self.broken[-1][1] if self.broken else 0

    def _resume(self, point: _Point, at: int) -> tuple[int, bool]:
        """Where to go on after the statement with a mistake at `at`, and whether that is a `{` of statements."""
        depth: list[str] = []
        rows = bool(_TABLE.match(self.typed, point.at)) or self._in_table(point)
        for match in _SKIP.finditer(self.text, (point.tail or point).at):
            char, start = match.group(), match.start()
            if char == "{" and not depth and start >= at and not rows and not _JOIN.search(self.text, point.at, start):
                return start, True
            if char in "([{":
                depth.append(char)
            elif char in ")]}":
                if not depth:
                    return start, False
                depth.pop()
            elif char == "\n" and not depth and start >= at:
                return start, False
        return len(self.text), False

    def _back_to(self, point: _Point) -> None:
        self.states[:] = point.states
        self.values[:] = point.values
        while self.brackets and self.brackets[-1] != "{":
            self.brackets.pop()
        point.tail = None
        self.fed = []

    def _stand_in(self, statement: int, at: int) -> None:
        """Let the body of a broken header be read as that of an `if`."""
        for kind, value in (("IF", "if"), ("NUMBER", BROKEN_HEADER)):
            self._feed(Token(kind, value, start_pos=statement, end_pos=at), kind)


@dataclass(slots=True)
class _Point:
    """The parser at the beginning of a statement, to come back to.

    `tail` is the parser after a `}` of that statement, where its last words begin.
    """

    at: int
    states: list[int]
    values: list[Any]
    tail: _Point | None = None
