"""Cases in Markdown: a sentence, a program, and exactly what archlang says of it.

    ## A comma between layers is refused

    ```arch
    concat[conv1-64, conv3-64]
    ```

    ```text
    error[branch-comma]: ...
    ```

A program without complaint has `ok` for its text. A further file of a case is
a block of its own, opened with ```arch file=NAME.arch; the first block without
a name is the program. Cases under `syntax/` are only parsed, the others checked.

    python tests/cases/runner.py --accept

writes what archlang says now into the files, for people to look at the diff.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archlang.diagnostics import Diagnostic
from archlang.diagnostics.text import render
from archlang.source import Source

FOLDER = Path(__file__).resolve().parent
_BLOCK = re.compile(
    r"^## (?P<title>[^\n]+)$|^```arch(?: file=(?P<file>\S+))?\n(?P<arch>.*?)^```$|^```text\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|t|r)")
_ESCAPED = {"t": "\t", "r": "\r"}


@dataclass(frozen=True)
class Case:
    """One case: where it stands, its program, its other files, what is expected, and where that text is."""

    path: Path
    title: str
    program: str
    files: dict[str, str]
    expected: str
    span: tuple[int, int]

    @property
    def floor(self) -> str:
        """The folder the case is in: `syntax`, `shapes`, ..."""
        return self.path.relative_to(FOLDER).parts[0]

    @property
    def name(self) -> str:
        """A name for a test report."""
        return f"{self.path.relative_to(FOLDER).with_suffix('')}: {self.title}"


def cases() -> Iterator[Case]:
    """Every case of every file, in order."""
    for path in sorted(FOLDER.glob("**/*.md")):
        yield from _cases_of(path)


def _cases_of(path: Path) -> Iterator[Case]:
    title, program, files = "", None, {}
    for match in _BLOCK.finditer(path.read_text("utf-8")):
        if match["title"]:
            title, program, files = match["title"], None, {}
        elif match["file"]:
            files[match["file"]] = match["arch"]
        elif match["arch"] is not None:
            program = match["arch"]
        elif program is None:
            msg = f"{path}: the case '{title}' has no program before its text"
            raise ValueError(msg)
        else:
            yield Case(path, title, _plain(program), files, match["text"], match.span("text"))


def _plain(program: str) -> str:
    r"""The program with `\x00`, `\t` and `\r` as the characters they stand for, and no final newline."""
    return _ESCAPE.sub(lambda m: _ESCAPED.get(m[1]) or chr(int(m[1][1:], 16)), program).removesuffix("\n")


def said(case: Case) -> str:
    """What archlang says of the case now."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case.files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        source = Source("case.arch", case.program, Path(folder) / "case.arch")
        found = _parsed(source) if case.floor == "syntax" else _checked(source)
        words = "\n\n".join(render(d) for d in found) or "ok"
        return words.replace(str(Path(folder).resolve()) + "/", "").replace(folder + "/", "") + "\n"


def _parsed(source: Source) -> list[Diagnostic]:
    from archlang.syntax.parse import parse

    return parse(source)[1]


def _checked(source: Source) -> list[Diagnostic]:
    from archlang.model import check

    return check(source)


def accept() -> list[Path]:
    """Write what archlang says into every file where it differs; the files that changed."""
    changed: list[Path] = []
    for path in sorted(FOLDER.glob("**/*.md")):
        text = path.read_text("utf-8")
        parts, done = [], 0
        for case in _cases_of(path):
            parts += [text[done : case.span[0]], said(case)]
            done = case.span[1]
        new = "".join([*parts, text[done:]])
        if new != text:
            path.write_text(new, "utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    if sys.argv[1:] != ["--accept"]:
        sys.exit("usage: python tests/cases/runner.py --accept")
    for changed in accept():
        sys.stdout.write(f"rewrote {changed.relative_to(FOLDER.parent.parent)}\n")
