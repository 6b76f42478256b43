"""The tree is as ruff would have it. Its types take pyright longer: `make lint` asks for those."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("asked", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_has_nothing_to_say_of_the_tree(root, asked):
    command = [sys.executable, "-m", "ruff", *asked, "--quiet", "--no-cache", "."]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, ""), found.stderr
