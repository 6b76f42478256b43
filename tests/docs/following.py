"""A page's steps done in a copy of archlang, to the letter: what a block says it goes `into`, goes there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pages import blocks
from run_page import ROOT


def _patched(text: str, hunk: str) -> str:
    """`text` with the lines of a hunk put in: ` ` stays, `+` is added, `-` goes."""
    rows = [(line[:1], line[1:]) for line in hunk.splitlines()]
    before = "".join(f"{row}\n" for sign, row in rows if sign in " -")
    after = "".join(f"{row}\n" for sign, row in rows if sign in " +")
    assert text.count(before) == 1, f"the page's context is not there once:\n{before}"
    return text.replace(before, after)


def followed(page: Path, root: Path, *parts: str) -> Path:
    """These parts of archlang copied to `root`, and the page's steps done in them."""
    for part in ("archlang", "grammars", "zoo", "pyproject.toml", *parts):
        source, copy = ROOT / part, root / part
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "images"))
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
    for block in blocks(page):
        if "into" in block.settings:
            path = root / block.settings["into"]
            text = _patched(path.read_text("utf-8"), block.text) if block.kind == "diff" else block.text
            path.write_text(text, "utf-8")
    return root


def run_in(tree: Path, *command: str, status: int = 0, **environment: str) -> str:
    """What Python says to a command in the copy, with the copy's archlang; it must end with `status`."""
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run([sys.executable, *command], cwd=tree, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout
