"""What the editor's workers may be asked of a text."""

from __future__ import annotations

from archlang.serve.help import completed, pointed
from archlang.serve.look import Asked, formatted, look, rest
from archlang.workers.worker import Answers

WARM = "input 3x8x8\nconv3-8; relu; FC-2"
"""A text to begin with, so that the first window need not wait for the grammar."""


def warm() -> None:
    """Look at a text once."""
    look(Asked(WARM))


ANSWERS = Answers({"look": look, "rest": rest, "format": formatted, "complete": completed, "hover": pointed}, warm)
