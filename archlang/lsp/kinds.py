"""The protocol's words and numbers for kinds of completions, symbols and pieces of a text."""

from __future__ import annotations

from archlang.colouring.rules import Colour

COMPLETION_KINDS = {
    "layer": 7,
    "block": 3,
    "extern": 7,
    "net": 9,
    "word": 21,
    "value": 12,
    "parameter": 6,
    "label": 18,
    "input": 18,
    "stage": 18,
    "head": 18,
    "import": 9,
    "variant": 20,
    "option": 10,
    "function": 3,
    "file": 17,
    "keyword": 14,
    "subject": 12,
    "initializer": 12,
}
"""The protocol's numbers for the kinds of completions."""

SYMBOL_KINDS = {"net": 5, "block": 12, "extern": 11, "stage": 3, "head": 2, "word": 14, "label": 8}
"""The protocol's numbers for the kinds of symbols."""

COLOURS = {
    Colour.COMMENT: "comment",
    Colour.STRING: "string",
    Colour.NUMBER: "number",
    Colour.KEYWORD: "keyword",
    Colour.LAYER: "function",
    Colour.DECLARED: "class",
    Colour.LABEL: "property",
    Colour.OPTION: "parameter",
    Colour.VARIANT: "enumMember",
    Colour.NAME: "variable",
    Colour.OPERATOR: "operator",
}
"""The protocol's names for the colours."""
