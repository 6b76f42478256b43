"""How long the language server takes to answer while somebody types in a network's file.

    python tests/bench/keystrokes.py [NETWORK] [ROUNDS]

It starts `archlang lsp`, opens the file, types a line in its middle letter by letter, and asks after each letter what
an editor asks. It prints the time from the keystroke to each answer, asked alone and all together as VS Code asks them,
and the processor's time that each answer takes in its worker, which a busy machine does not change. It asserts nothing.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lsp"))

from editor import Editor
from lsprotocol import types

from archlang.locate import locate
from archlang.lsp.answers import ANSWERS
from archlang.lsp.asked import Asked
from archlang.lsp.kept import LAST

LINE = "  conv3-64 as extra; relu"
URI = "file:///nets/typed.arch"
START = types.Range(types.Position(0, 0), types.Position(60, 0))
KINDS = ("complete", "shapes", "symbols", "folds", "hover", "check", "act")


def times(found: list[float]) -> str:
    """The middle and the 19th of 20, in ms."""
    ordered = sorted(found)
    return f"{statistics.median(ordered):6.0f} {ordered[int(0.95 * len(ordered))]:6.0f}"


def texts(text: str, line: int) -> list[tuple[str, int]]:
    """The text after each letter that is typed into a new line, and where the cursor stands in that."""
    rows = text.split("\n")
    return [("\n".join([*rows[:line], LINE[:k], *rows[line:]]), k) for k in range(3, len(LINE) + 1)]


def params(kind: str, line: int, column: int) -> tuple[str, Any]:
    """The request of a kind."""
    about, place = types.TextDocumentIdentifier(URI), types.Position(line, column)
    here = types.Range(place, place)
    asked: dict[str, tuple[str, Any]] = {
        "complete": ("textDocument/completion", types.CompletionParams(about, place)),
        "hover": ("textDocument/hover", types.HoverParams(about, types.Position(line + 2, 3))),
        "shapes": ("textDocument/inlayHint", types.InlayHintParams(about, START)),
        "symbols": ("textDocument/documentSymbol", types.DocumentSymbolParams(about)),
        "folds": ("textDocument/foldingRange", types.FoldingRangeParams(about)),
        "act": ("textDocument/codeAction", types.CodeActionParams(about, here, types.CodeActionContext([]))),
    }
    return asked[kind]


class Typist:
    """Types, and keeps how long each answer took, in ms, by kind."""

    def __init__(self, text: str, line: int) -> None:
        self.line = line
        self.editor = Editor()
        self.version = 1
        self.took: dict[str, list[float]] = defaultdict(list)
        self.editor.open(URI, text)
        self.editor.diagnostics(URI)
        for kind in KINDS:
            if kind != "check":
                self.editor.ask(*params(kind, line, 0))

    def type(self, text: str, column: int, kinds: tuple[str, ...]) -> None:
        """One keystroke, and what is asked after it."""
        self.version += 1
        begun = time.perf_counter()
        self.editor.change(URI, text, self.version)

        def done(kind: str) -> Any:
            return lambda _: self.took[kind].append(1000 * (time.perf_counter() - begun))

        async def ask() -> list[Any]:
            futures = []
            for kind in kinds:
                if kind != "check":
                    futures.append(self.editor.client.protocol.send_request(*params(kind, self.line, column)))
                    futures[-1].add_done_callback(done(kind))
            return futures

        for future in self.editor.run(ask()):
            future.result(60)
        self.editor.diagnostics(URI, self.version)
        if "check" in kinds:
            done("check")(None)


def processor(text: str, line: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The processor's time of each answer in a worker, in ms: asked first of a new text, and after those before it."""
    ANSWERS.warm()
    first: dict[str, list[float]] = defaultdict(list)
    after: dict[str, list[float]] = defaultdict(list)
    place = {"line": line, "character": 6}
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 60, "character": 0}}
    given: dict[str, tuple[Any, ...]] = {"complete": (place,), "hover": ({"line": line + 2, "character": 3},)}
    given |= {"shapes": (span,), "act": ({"start": place, "end": place},)}
    for _ in range(rounds):
        for typed, _ in texts(text, line):
            for kept, took in ((False, first), (True, after)):
                LAST.clear()
                for kind in KINDS:
                    if not kept or kind == "check":  # which another process answers
                        LAST.clear()
                    begun = time.process_time()
                    ANSWERS.answer(kind, Asked(URI, typed), *given.get(kind, ()))
                    took[kind].append(1000 * (time.process_time() - begun))
    return first, after


def main(network: str = "googlenet", rounds: str = "3") -> None:
    """Types the line so often, asking each by itself, then all together."""
    text = locate(network).source.text
    line = text.count("\n") * 2 // 5
    alone, together = Typist(text, line), Typist(text, line)
    for _ in range(int(rounds)):
        for typed, column in texts(text, line):
            for kind in KINDS:
                alone.type(typed, column, (kind,))
            together.type(typed, column, KINDS)
    for each in (alone, together):
        each.editor.end()
    first, after = processor(text, line, int(rounds))
    print(f"{network}, {int(rounds) * len(texts(text, line))} keystrokes, ms: half of them, 19 of 20")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{'':10} {'alone':>13} {'together':>13} {'processor':>13} {'after others':>13}")
    for kind in KINDS:
        columns = (alone.took, together.took, first, after)
        print(f"{kind:10} {' '.join(times(column[kind]) for column in columns)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
