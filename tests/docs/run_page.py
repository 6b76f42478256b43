"""Runs the blocks of a page in a folder, and says of each what is not as the page shows it.

    python tests/docs/run_page.py docs/tutorial.md

prints what is wrong with the page; `--show` prints every command's output too.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import sys
import tempfile
import tomllib
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pages import KINDS, Block, agrees, blocks, commands

from archlang.cli import main
from archlang.diagnostics import Diagnostic, Severity
from archlang.diagnostics.text import render
from archlang.model import check
from archlang.source import Source

ROOT = Path(__file__).resolve().parents[2]
_REFUSED = ("error[", '"severity": "error"', "::error ")
_WRONG = (Severity.ERROR, Severity.WARNING)


def complaints(page: Path, folder: Path, *, show: bool = False) -> Iterator[str]:
    """What is not as the page says, a text for each block concerned."""
    names: dict[str, Any] = {"__name__": "__main__"}
    runners: dict[str, Callable[[Block], str]] = {
        "arch": lambda block: _arch(block, folder),
        "python": lambda block: _python(block, names),
        "console": lambda block: _console(block, show=show),
        "text": lambda _: "",
        "json": lambda block: _read(json.loads, block),
        "toml": lambda block: _read(tomllib.loads, block),
        "lua": lambda _: "",
        "diff": lambda _: "a diff must say what it goes into",
    }
    with contextlib.chdir(folder):
        for block in blocks(page):
            if "into" in block.settings:
                continue
            if block.kind not in KINDS:
                yield f"{block}: a block must say what it is, one of {', '.join(KINDS)}"
            elif words := _guarded(runners[block.kind], block):
                yield f"{block}: {words}"


def _guarded(runner: Callable[[Block], str], block: Block) -> str:
    try:
        return runner(block)
    except Exception:  # noqa: BLE001 - the other blocks are still worth running
        return traceback.format_exc()


def _read(reader: Callable[[str], object], block: Block) -> str:
    try:
        reader(block.text)
    except ValueError as error:
        return f"this is no {block.kind}: {error}"
    return ""


# ---- programs ----------------------------------------------------------------


def _arch(block: Block, folder: Path) -> str:
    name = block.settings.get("file", "example.arch")
    path = folder / name
    if "file" in block.settings:
        path.write_text(block.text, "utf-8")
    found = [d for d in check(Source(name, block.text, path)) if d.severity in _WRONG]
    if "wrong" not in block.settings:
        return _told("it should check", found) if found else ""
    expected = sorted(block.settings["wrong"].split(","))
    if sorted(d.code for d in found) != expected:
        return _told(f"it should be refused with {', '.join(expected)}", found)
    return ""


def _told(words: str, found: list[Diagnostic]) -> str:
    return "\n".join([words + ", and archlang says:", *(render(d) for d in found)])


# ---- Python ------------------------------------------------------------------


def _python(block: Block, names: dict[str, Any]) -> str:
    if "torchvision" in block.text:
        import_module("with_torchvision")  # its compiled part may not fit the torch that is here
    if ">>> " in block.text:
        return _session(block, names)
    try:
        code = compile("\n" * (block.line - 1) + block.text, str(block.page), "exec")
        exec(code, names)  # noqa: S102 - the page is ours
    except Exception as error:  # noqa: BLE001 - whatever it is, the page is wrong
        return f"{type(error).__name__}: {error}"
    return ""


def _session(block: Block, names: dict[str, Any]) -> str:
    test = doctest.DocTestParser().get_doctest(block.text, names, block.page.name, str(block.page), block.line - 1)
    test.globs = names
    out: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
    runner.run(test, out=out.append, clear_globs=False)
    return "".join(out)


# ---- commands ----------------------------------------------------------------


def _console(block: Block, *, show: bool) -> str:
    wrong: list[str] = []
    for command in commands(block):
        status, printed = _run(command.line)
        if show:
            sys.stdout.write(f"$ {command.line}\n{printed}")
        refused = command.output is not None and any(sign in command.output for sign in _REFUSED)
        if (status != 0) != refused:
            wrong.append(f"`{command.line}` ends with status {status}:\n{printed}")
        elif command.output is not None and not agrees(command.output, printed):
            wrong.append(f"`{command.line}` prints:\n{printed}")
    return "\n".join(wrong)


def _run(line: str) -> tuple[int, str]:
    """The exit status of a command, and all that it prints."""
    words = line.partition("#")[0].split()
    if words[0] == "cat":
        return 0, Path(words[1]).read_text("utf-8")
    if words[0] != "archlang":
        return 1, f"a page's commands are archlang's, or cat: {line}"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            status = main.main(words[1:])
        except SystemExit as end:
            status = int(end.code or 0)
    return status, printed.getvalue()


def run(page: Path, *, show: bool = False) -> list[str]:
    """The complaints of a page, run in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return list(complaints(page.resolve(), Path(folder).resolve(), show=show))


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "120")
    for place in (a for a in sys.argv[1:] if a != "--show"):
        for text in run(Path(place), show="--show" in sys.argv):
            sys.stdout.write(f"{text}\n\n")
