"""The parser's loop: on a mistake, drop the statement and go on with the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from archlang.syntax.build import BROKEN_HEADER
from archlang.syntax.mistake import Mistake

_SKIP = re.compile(r'"[^"\n]*"?|#[^\n]*|[()\[\]{}]|\\\r?\n|\n')
_TABLE = re.compile(r"\s*table\b")


class Reader:
    """Feeds the tokens of one text to the parser.

    `report` is told of each mistake; `broken` collects the statements dropped.
    """

    def __init__(self, lark: Lark, text: str, missing: int, report: Callable[[Mistake], bool]) -> None:
        self.text = text
        self.missing = missing
        self.report = report
        self.broken: list[tuple[int, int]] = []
        start = lark.parse_interactive(text)
        self.parser = start.parser_state
        self.lexer = start.lexer_thread
        self.interactive = start
        self.brackets: list[Token] = []
        self.points: list[_Point] = [self._point(0)]
        self.resumed = -1
        self.fed: list[Token] = []  # the tokens of the statement at hand

    def read(self) -> Any:
        """The value of the whole text, or None if even its rest makes no sense."""
        while True:
            try:
                for token in self._tokens():
                    self._feed(token)
                return self._finish()
            except UnexpectedInput as error:
                if not self._recover(error):
                    return None

    # ---- tokens ------------------------------------------------------------

    def _tokens(self) -> Iterator[Token]:
        return self.lexer.lex(self.parser)

    def _feed(self, token: Token) -> None:
        kind = token.type
        brackets = self.brackets
        if kind == "_NL":
            if brackets and brackets[-1] == "(":
                return
            self.parser.feed_token(token)
            if not brackets or brackets[-1] == "{":
                self.points[-1] = self._point(token.end_pos)
                self.fed = []
                return
        elif kind in _OPEN:
            self.parser.feed_token(token)
            brackets.append(token)
            if kind == "LBRACE":
                self.points.append(self._point(token.end_pos))
                self.fed = []
                return
        elif kind in _CLOSE:
            self.parser.feed_token(token)
            if brackets:
                brackets.pop()
            if kind == "RBRACE" and len(self.points) > 1:
                self.points.pop()
                self.fed = []
                self.points[-1].tail = self._point(token.end_pos)
                return
        else:
            self.parser.feed_token(token)
        self.fed.append(token)

    def _finish(self) -> Any:
        end = len(self.text)
        while self.missing:
            self._feed(Token("RBRACE", "}", start_pos=end, end_pos=end))
            self.missing -= 1
        return self.parser.feed_token(Token("$END", "", start_pos=end, end_pos=end), True)

    # ---- mistakes ------------------------------------------------------------

    def _point(self, at: int) -> _Point:
        return _Point(at, list(self.parser.state_stack), list(self.parser.value_stack))

    def _recover(self, error: UnexpectedInput) -> bool:
        """Report `error`, and stand where the next statement begins; False if there is no use in going on."""
        at, end = self._where(error)
        point = self.points[-1]
        if not self.report(Mistake(point.at, at, end, self._accepted(point), self._bracket())):
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

    def _where(self, error: UnexpectedInput) -> tuple[int, int]:
        if isinstance(error, UnexpectedToken):
            token = error.token
            start = token.start_pos if token.start_pos is not None else len(self.text)
            return start, token.end_pos if token.end_pos is not None else start
        assert isinstance(error, UnexpectedCharacters)
        return error.pos_in_stream, error.pos_in_stream + 1

    def _accepted(self, point: _Point) -> frozenset[str]:
        """The terminals that could have stood at the mistake: the statement is read again up to there."""
        origin = point.tail or point
        parser = copy(self.parser.parse_conf)
        parser.callbacks = {}
        again = self.interactive.copy(deepcopy_values=False)
        state = again.parser_state
        state.parse_conf = parser
        state.state_stack, state.value_stack = list(origin.states), list(origin.values)
        try:
            for token in self.fed:
                state.feed_token(token)
        except UnexpectedInput:
            return frozenset()
        return frozenset(again.accepts())

    def _resume(self, point: _Point, at: int) -> tuple[int, bool]:
        """Where to go on after the statement with a mistake at `at`, and whether that is a `{` of its own."""
        depth: list[str] = []
        table = bool(_TABLE.match(self.text, point.at))
        for match in _SKIP.finditer(self.text, (point.tail or point).at):
            char, start = match.group(), match.start()
            if char == "{" and not depth and start >= at and not table:
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
        self.parser.state_stack[:] = point.states
        self.parser.value_stack[:] = point.values
        depth = 0
        for index, char in enumerate(self.brackets):
            depth = index + 1 if char == "{" else depth
        del self.brackets[depth:]
        point.tail = None
        self.fed = []

    def _stand_in(self, statement: int, at: int) -> None:
        """Let the body of a broken header be read as that of an `if`."""
        for kind, value in (("IF", "if"), ("NUMBER", BROKEN_HEADER)):
            self.parser.feed_token(Token(kind, value, start_pos=statement, end_pos=at))


@dataclass(slots=True)
class _Point:
    """The parser at the beginning of a statement, to come back to.

    `tail` is the parser after a `}` of that statement, where its last words begin.
    """

    at: int
    states: list[Any]
    values: list[Any]
    tail: _Point | None = None


_OPEN = {"LPAR", "LSQB", "LBRACE"}
_CLOSE = {"RPAR", "RSQB", "RBRACE"}
