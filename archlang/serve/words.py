"""What the words of a text are, for colouring it: read from the grammar, so that nothing says it twice."""

from __future__ import annotations

import re
from functools import cache

from archlang import resources
from archlang.ops import BY_WORD

_TERMINAL = re.compile(r"^(_?[A-Z]+)(?:\.\d+)?: /(.+)/$", re.MULTILINE)
_KEYWORD = re.compile(r"\"([a-z]+)\"")
_RULE = re.compile(r"^(?!//)[?_a-z ]+[:|].*$", re.MULTILINE)

_SHOWN = (
    ("comment", ("COMMENT",)),
    ("string", ("STRING",)),
    ("number", ("KERNEL", "SHAPE", "NUMBER")),
    ("keyword", ("_AS", "_NO", "_BARE", "_TO", "_WHEN", "_AND", "_OR", "_NOT", "SETTING")),
    ("name", ("NAME",)),
)
"""The terminals of each colour, in the order they are tried."""


@cache
def words() -> dict[str, list[list[str]] | list[str]]:
    """`patterns`: pairs of a colour and a regular expression; `keywords` and `layers`: names with colours of their own.

    The expressions are those of the grammar, which a browser reads as Python does.
    """
    grammar = resources.grammar().read_text("utf-8")
    terminals = dict(_TERMINAL.findall(grammar))
    keywords = {word for line in _RULE.findall(grammar) for word in _KEYWORD.findall(line)}
    return {
        "patterns": [[colour, "|".join(terminals[name] for name in names)] for colour, names in _SHOWN],
        "keywords": sorted(keywords),
        "layers": sorted(BY_WORD),
    }
