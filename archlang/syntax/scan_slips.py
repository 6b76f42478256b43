"""Two slips that are mended before a text's brackets are looked at: comments of other languages, a body's missing `{`.

Each of them would make every later line look wrong, and each can be mended for certain.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from archlang.diagnostics import Diagnostic
from archlang.source import Source, Span

_AFTER = r"(?!(?:and|or|when|as|no|bare|to|but|in)\b)"
_COMMENT = re.compile(
    rf"""
      "[^"\n]*"? | \#[^\n]*
    | (?P<first>^[ \t]*)? (?P<comment> /\*(?:[^*]|\*(?!/))*\*/ | /\*[^\n]*
                          | (?(first)//[^\n]*|(?<=[ \t])//[ \t]*[A-Za-z][\w']*[ \t]+{_AFTER}\w[^\n]*) )
    """,
    re.VERBOSE | re.ASCII | re.MULTILINE,
)
_HEADER = re.compile(
    r"""
    ^[ \t]* (?: (?:(?P<word>net|block|aux)[ \t]+\w+[ \t]*(?:\([^\n{]*\))?
              | (?P<stage>stage)(?:[ \t]+\w+)?
              | (?P<table>table)[ \t][^\n{#]*[^\s{#]
              | (?P<choice>if|for)\b[^\n{#]*[^\s{#]
              | (?:\}[ \t]*)?(?P<other>else)
              | @[\w.,\- ]+:) )
    (?P<space>[ \t\r]*)(?P<rest>\#[^\n]*)?(?P<newline>\n)
    """,
    re.VERBOSE | re.ASCII | re.MULTILINE,
)
_NOT_NEWLINE = re.compile(r"[^\n]")


class Opened(NamedTuple):
    """A text in which a header got its `{`, and what there is to say of that."""

    text: str
    diagnostic: Diagnostic


def without_comments(source: Source) -> tuple[str, list[Diagnostic]]:
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
