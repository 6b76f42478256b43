"""The same program with its spaces, lines and comments otherwise."""

from __future__ import annotations

import re
from random import Random

_PIECE = re.compile(r'"[^"\n]*"|#[^\n]*|\\\n|[^\S\n]+|\n|\w+|.')
_ENDS = ("\n\n\n", "  \n", "\r\n", " # c\n", "\n# alone\n", "\n\t", " \\\n")


def respaced(seed: int, text: str) -> str:
    """`text` with other space between its pieces; now and then it is another program by that, or none."""
    r = Random(seed)
    return "".join(_respaced(r, piece) for piece in _PIECE.findall(text))


def _respaced(r: Random, piece: str) -> str:
    if piece == "\n":
        return r.choice(_ENDS) if r.random() < 0.15 else piece
    if piece.isspace():
        return " " * r.choice([1, 1, 2, 3, 7]) if r.random() < 0.7 else piece
    if piece in ",;|=[](){}" and r.random() < 0.3:
        return " " * r.choice([0, 1, 3]) + piece + " " * r.choice([0, 1, 2])
    return r.choice([";\n", " ;  "]) if piece == ";" and r.random() < 0.2 else piece
