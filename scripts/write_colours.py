"""Writes what editors colour texts by: a grammar of TextMate's, made of grammars/arch.lark.

python scripts/write_colours.py

rewrites editors/vscode/syntaxes/arch.tmLanguage.json.
"""

from __future__ import annotations

from pathlib import Path

from archlang.colouring.textmate import textmate

PLACE = Path(__file__).resolve().parents[1] / "editors" / "vscode" / "syntaxes" / "arch.tmLanguage.json"

if __name__ == "__main__":
    PLACE.write_text(textmate(), "utf-8", newline="\n")
    print(PLACE)
