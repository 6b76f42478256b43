"""Slips that are mended before a text's brackets are looked at.

They are comments of other languages, braces around branches, and a body's missing `{`.

Each of them would make every later line look wrong, and each can be mended for certain.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archlang.diagnostics import Diagnostic
from archlang.source import Source, Span
from archlang.syntax.scan_marks import MATTER

_AFTER = r"(?!(?:and|or|when|as|no|bare|to|but|in)\b)"
_COMMENT = re.compile(
    rf"""
      "[^"\n]*"? | \#[^\n]*
    | (?P<first>^[ \t]*)? (?P<comment> /\*(?:[^*]|\*(?!/))*\*/ | /\*[^\n]*
                          | (?(first)//[^\n]*|(?<=[ \t])//[ \t]*[A-Za-z][\w']*(?::|[ \t]+{_AFTER}\w)[^\n]*) )
    """,
    re.VERBOSE | re.ASCII | re.MULTILINE,
)
_HEADER = re.compile(
    r"""
    ^[ \t]* (?:@[\w.,\- ]+:[ \t]*)?
            (?: (?:(?P<word>net|block|aux)[ \t]+\w+[ \t]*(?:\([^\n{]*\))?
              | (?P<stage>stage)(?:[ \t]+\w+)?
              | (?P<table>table)[ \t][^\n{#]*[^\s{#]
              | (?P<choice>if|for)\b[^\n{#]*[^\s{#]
              | (?:\}[ \t]*)?(?P<other>else)
              | @[\w.,\- ]+:) )
    (?P<space>[ \t\r]*)(?P<rest>\#[^\n]*)?(?P<newline>\n)
    """,
    re.VERBOSE | re.ASCII | re.MULTILINE,
)
_JOIN = re.compile(r"[\[;|:\n]\s*(?P<name>res|concat|add|mul|seq)[ \t]*\Z")
_BRACED = re.compile(r"\b(?:res|concat|add|mul|seq)[ \t]*\{")
_LAYERS = re.compile(r"\{[^{}]*\}")
_NEAR = 80  # characters in front of a brace that are looked at
_NOT_NEWLINE = re.compile(r"[^\n]")


class Opened(NamedTuple):
    """A text in which a header got its `{`, and what there is to say of that."""

    text: str
    diagnostic: Diagnostic


def mended(source: Source) -> tuple[str, list[Diagnostic]]:
    """The text without comments of other languages and braces around branches, and what there is to say of them."""
    text, told = _without_comments(source)
    if not _BRACED.search(text):
        return text, told
    chars = list(text)
    outer: list[str] = []
    for match in MATTER.finditer(text):
        at = match.start()
        if match["open"]:
            joined = _JOIN.search(text, max(0, at - _NEAR), at) if outer[-1:] == ["["] and chars[at] == "{" else None
            end = _LAYERS.match(text, at) if joined else None
            if joined and end:
                name = joined["name"]
                words = f"`{{ }}` hold statements, the layers of `{name}` stand in `[ ]`"
                span = Span(source, joined.start("name"), end.end())
                told.append(Diagnostic("layers-in-braces", words, span, help=f"write `{name}[...]`"))
                chars[at], chars[end.end() - 1] = "[", "]"
            outer.append(chars[at])
        elif match["close"] and outer:
            outer.pop()
    return "".join(chars), told


def _without_comments(source: Source) -> tuple[str, list[Diagnostic]]:
    """The text with comments that begin with `//` or `/*` blanked; of neighbours the first is told."""
    text = source.text
    if "//" not in text and "/*" not in text:
        return text, []
    found: list[Diagnostic] = []
    parts: list[str] = []
    done = 0
    for match in _COMMENT.finditer(text):
        if match["comment"] is None:
            continue
        start, end = match.span("comment")
        if text[done:start].strip() or not found:
            words = "comments begin with `#`"
            found.append(Diagnostic("comment", words, Span(source, start, start + 2), help="write `# ...`"))
        parts += [text[done:start], _NOT_NEWLINE.sub(" ", text[start:end])]
        done = end
    return "".join([*parts, text[done:]]), found


def with_brace(source: Source, text: str, stray: int) -> Opened | None:
    """The text with the `{` that the `}` at `stray` misses; None where no header before it lacks one."""
    for match in reversed(list(_HEADER.finditer(text, 0, stray))):
        following = text[match.end() :]
        line = following[: len(following) - len(following.lstrip())].rpartition("\n")[2]
        before = match.group()[: len(match.group()) - len(match.group().lstrip())]
        if (match["rest"] and not match["space"]) or len(line) <= len(before):
            continue
        at = match.start("space") if match["space"] else match.start("newline")
        word = next((w for w in match.group("word", "stage", "table", "choice", "other") if w), "@")
        end = match.start("space")
        what = "a guard" if word == "@" else f"`{word}`"
        words = f"the body of {what} stands in `{{ }}`"
        diagnostic = Diagnostic("missing-braces", words, Span(source, end, end), help="write `{` here")
        return Opened(f"{text[:at]}{{{text[at + 1 :]}", diagnostic)
    return None
