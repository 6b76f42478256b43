"""The rules as a grammar of TextMate's, which VS Code and many other editors colour by."""

from __future__ import annotations

import json
from typing import Any

from archlang.colouring.rules import Colour, Inside, Rule, rules

SCOPES: dict[Colour, str] = {
    Colour.COMMENT: "comment.line.number-sign.arch",
    Colour.STRING: "string.quoted.double.arch",
    Colour.NUMBER: "constant.numeric.arch",
    Colour.KEYWORD: "keyword.control.arch",
    Colour.LAYER: "support.function.layer.arch",
    Colour.DECLARED: "entity.name.function.arch",
    Colour.LABEL: "entity.name.tag.label.arch",
    Colour.OPTION: "variable.parameter.arch",
    Colour.VARIANT: "constant.other.variant.arch",
    Colour.NAME: "variable.other.arch",
    Colour.OPERATOR: "keyword.operator.arch",
    Colour.BRACKET: "punctuation.section.brackets.arch",
}
"""What TextMate's themes call each colour."""

NOTE = "Written by scripts/write_colours.py from grammars/arch.lark: change that, and run it."


def textmate() -> str:
    """The grammar, as the JSON that such editors read."""
    names = [each.name for each in rules()]
    repository = {each.name: _pattern(each) for each in rules()}
    whole: dict[str, Any] = {
        "name": "archlang",
        "comment": NOTE,
        "scopeName": "source.arch",
        "fileTypes": ["arch"],
        "patterns": [{"include": f"#{name}"} for name in names],
        "repository": repository,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _pattern(rule: Rule | Inside) -> dict[str, Any]:
    if isinstance(rule, Inside):
        return {"match": rule.pattern, "captures": {"0": {"patterns": [_pattern(each) for each in rule.inside]}}}
    if len(rule.colours) == 1:
        return {"match": rule.pattern, "name": SCOPES[rule.colours[0]]}
    captures = {str(i): {"name": SCOPES[colour]} for i, colour in enumerate(rule.colours, 1) if colour in SCOPES}
    return {"match": rule.pattern, "captures": captures}
