"""From text to the typed tree."""

from __future__ import annotations

from functools import cache
from threading import Lock

from lark import Lark

from archlang import resources
from archlang.diagnostics import Diagnostic
from archlang.source import Source
from archlang.syntax import ast
from archlang.syntax.build import Builder


class _NewLines:
    always_accept = ("_NL",)

    def process(self, s):
        stack = []
        for t in s:
            if t in ("(", "[", "{"):
                stack.append(str(t))
            elif t in (")", "]", "}") and stack:
                stack.pop()
            if t.type == "_NL" and stack and stack[-1] == "(":
                continue
            yield t


_lock = Lock()


@cache
def _parser() -> tuple[Lark, Builder]:
    builder = Builder()
    lark = Lark(
        resources.grammar().read_text("utf-8"),
        parser="lalr",
        lexer="contextual",
        postlex=_NewLines(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=builder,
    )
    return lark, builder


def parse(source: Source) -> tuple[ast.Program, list[Diagnostic]]:
    """The program of `source`, and everything its grammar has against it."""
    lark, builder = _parser()
    with _lock:
        builder.source = source
        return lark.parse(source.text), []
