"""The notation of lecture slides, `[(CONV-RELU)*N-POOL?]*M-(FC-RELU)*K-SOFTMAX`, in this language."""

from __future__ import annotations

import re

_SLIDES = re.compile(r"[\[(]\s*(?:\[\s*|\(\s*)*[A-Z]{2,}\s*(?:-|->)\s*[A-Z]{2,}")
_SIGN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+|[()\[\]*?+]|->|[-,;>]|\s+")
_LONGEST = 500  # characters; no slide is wider
_LAYERS = {"CONV": "conv3-w", "POOL": "maxpool", "FC": "FC-n", "RELU": "relu", "BN": "bn", "SOFTMAX": "softmax"}


def from_slides(line: str) -> str | None:
    """`line` as it is written here, or None if it is not in the slides' notation."""
    if len(line) > _LONGEST:
        return None
    line = line.split("#", 1)[0].strip()
    signs: list[str] = _SIGN.findall(line)
    if not _SLIDES.search(line) or "".join(signs) != line:
        return None
    words: list[str] = []
    for sign in signs:
        if sign in {"(", "["}:
            words.append("[")
        elif sign in {")", "]"}:
            words.append("]")
        elif sign in {"-", "->", ",", ";", ">"}:
            words.append("; ")
        elif sign == "?":
            words.append(f" when {_switch(words)}")
        elif sign.isspace():
            continue
        else:
            words.append(_LAYERS.get(sign, sign))
    return "".join(words).rstrip("; ")


def _switch(words: list[str]) -> str:
    """The parameter that turns the layer before on and off."""
    return "pool" if words and words[-1] == "maxpool" else "wanted"
