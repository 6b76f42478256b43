"""The code blocks of a page of the documentation, and what each of them promises.

The word after the backticks says what a block is:

    ```arch                   a program: it checks without an error or a warning
    ```arch wrong=CODE,CODE   a program with exactly these complaints
    ```arch file=NAME.arch    a program that the page's later blocks find under this name
    ```python                 runs, after the page's earlier ones and with their names; `>>>` shows results
    ```console                lines after `$ ` are commands; under one stands what it prints, `...` for any lines
    ```text                   is shown, not run; so is ```lua
    ```json, ```toml          can be read as such
    ```python into=FILE       is not run here: another test puts it into a file of a copy of archlang; so is
    ```diff into=FILE         lines to be put into one

A command in an indented block runs too, up to the two spaces before its comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = ("arch", "python", "console", "text", "json", "toml", "lua", "diff")
_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=ticks)$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}[^\n]*\n)+")


@dataclass(frozen=True)
class Block:
    """One block: its page, the line its text begins at (from 1), what it is, its settings, its text."""

    page: Path
    line: int
    kind: str
    settings: dict[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command of a console, and what the page shows of its output; None if it shows nothing."""

    line: str
    output: str | None


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order; an indented one that has commands is a console."""
    text = page.read_text("utf-8")
    fenced = list(_FENCE.finditer(text))
    found = [(m.start(), _fenced(page, text, m)) for m in fenced]
    outside = _FENCE.sub(lambda m: "\n" * (len(m[0])), text)
    for match in _INDENTED.finditer(outside):
        commands = [line[4:] for line in match[0].splitlines() if line.startswith("    archlang ")]
        if commands:
            console = "".join(f"$ {re.split('  +', command)[0]}\n" for command in commands)
            found.append((match.start(), Block(page, _line(outside, match.start()), "console", {}, console)))
    return iter([block for _, block in sorted(found, key=lambda pair: pair[0])])


def _fenced(page: Path, text: str, match: re.Match[str]) -> Block:
    kind, *settings = match["info"].split() or [""]
    pairs = dict((s.split("=", 1) if "=" in s else (s, "")) for s in settings)
    return Block(page, _line(text, match.start("text")), kind, pairs, match["text"])


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def commands(block: Block) -> Iterator[Command]:
    """The commands of a console."""
    line, shown = None, []
    for row in [*block.text.splitlines(), "$ "]:
        if not row.startswith("$ "):
            shown.append(row)
            continue
        if line is not None:
            yield Command(line, "\n".join(shown).strip("\n") if any(shown) else None)
        line, shown = row[2:].strip(), []


def agrees(shown: str, printed: str) -> bool:
    """Whether `printed` is what the page shows, where a line `...` stands for any lines."""
    return _agree(_rows(shown), _rows(printed))


def _rows(text: str) -> list[str]:
    return [row.rstrip() for row in text.strip("\n").splitlines()]


def _agree(shown: list[str], printed: list[str]) -> bool:
    if not shown:
        return not printed
    if shown[0].strip() == "...":
        return any(_agree(shown[1:], printed[i:]) for i in range(len(printed) + 1))
    return bool(printed) and shown[0] == printed[0] and _agree(shown[1:], printed[1:])
