"""Measures our layout against Graphviz's on every network of the zoo; run it where `dot` is installed.

Writes tests/draw/graphviz.json and the table of docs/drawing.md.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TypeVar

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "draw"))

from measures import graphviz, ours, table  # noqa: E402 - found there

import archlang  # noqa: E402
from archlang.draw.compose import compose  # noqa: E402
from archlang.draw.dot import dot_text  # noqa: E402
from archlang.draw.layout import layout  # noqa: E402
from archlang.zoo_names import names  # noqa: E402

_TIMES = 3
_DOT = shutil.which("dot") or "dot"
Result = TypeVar("Result")


def main() -> None:
    """Measure them all."""
    found = {}
    for name in names():
        scene = replace(compose(archlang.read(name).network), title="", subtitle="")
        picture, mine = _timed(lambda scene=scene: layout(scene))
        text = dot_text(scene)
        laid, theirs = _timed(lambda text=text: _dot("-Tjson", text).stdout)
        found[name] = {
            "ours": {**ours(picture), "milliseconds": mine},
            "graphviz": {**graphviz(laid), "milliseconds": theirs},
        }
    version = _dot("-V").stderr.strip()
    record = {
        "graphviz": version,
        "archlang": archlang.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "networks": found,
    }
    (ROOT / "tests" / "draw" / "graphviz.json").write_text(json.dumps(record, indent=1) + "\n")
    page = ROOT / "docs" / "drawing.md"
    text = re.sub(r"\| network \| crossings .*?\n(?=\n|\Z)", lambda _: table(found), page.read_text(), flags=re.DOTALL)
    page.write_text(text)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result and the shortest of a few times, in milliseconds."""
    times: list[float] = []
    while True:
        start = perf_counter()
        result = work()
        times.append(perf_counter() - start)
        if len(times) == _TIMES:
            return result, round(1000 * min(times), 1)


def _dot(option: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([_DOT, option], input=text, capture_output=True, text=True, check=True)  # noqa: S603


if __name__ == "__main__":
    main()
