"""Text that means in TeX what it says."""

from __future__ import annotations

ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def escaped(text: str) -> str:
    """A text with every character that TeX would take for a command written as itself."""
    return "".join(ESCAPES.get(character, character) for character in text)
