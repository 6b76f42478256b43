"""The rules: regular expressions, made of the grammar's own, and the classes of what they match."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from archlang import resources
from archlang.ops import BY_WORD
from archlang.record import record

_TERMINAL = re.compile(r"^(_?[A-Z]+)(?:\.\d+)?: /(.+)/$", re.MULTILINE)
_LITERAL = re.compile(r"\"([^\"]+)\"")
_RULE = re.compile(r"^(?!//)[?_a-z ]+[:|].*$", re.MULTILINE)
_WORDS = ("_AS", "_NO", "_BARE", "_TO", "_WHEN", "_AND", "_OR", "_NOT", "SETTING")
_DECLARES = ("net", "block", "extern", "let", "aux")


class Colour(StrEnum):
    """What a piece of a text is."""

    COMMENT = "comment"
    STRING = "string"
    NUMBER = "number"
    KEYWORD = "keyword"
    LAYER = "layer"
    DECLARED = "declared"
    LABEL = "label"
    OPTION = "option"
    VARIANT = "variant"
    NAME = "name"
    OPERATOR = "operator"
    BRACKET = "bracket"
    SPACE = "space"


@record
class Rule:
    """What `pattern` matches has the colour `colours[0]`, or each of its groups, which are all of it, its own."""

    name: str
    pattern: str
    colours: tuple[Colour, ...]


@record
class Inside:
    """In what `pattern` matches the rules `inside` hold alone."""

    name: str
    pattern: str
    inside: tuple[Rule, ...]


@record
class Grammar:
    """What the grammar says: the expressions of its terminals, the words and the signs that its rules hold."""

    terminals: dict[str, str]
    keywords: tuple[str, ...]
    signs: tuple[str, ...]


@cache
def grammar() -> Grammar:
    """The grammar, as far as colours go."""
    text = resources.grammar().read_text("utf-8")
    literals = {literal for line in _RULE.findall(text) for literal in _LITERAL.findall(line)}
    keywords = sorted(filter(str.isalpha, literals))
    signs = sorted(literals.difference(keywords), key=_longest_first)
    return Grammar(dict(_TERMINAL.findall(text)), tuple(keywords), tuple(signs))


def _longest_first(text: str) -> tuple[int, str]:
    return -len(text), text


@cache
def rules() -> tuple[Rule | Inside, ...]:
    """The rules, in the order they are tried where several begin at one place."""
    known = grammar()
    terminals = known.terminals
    name, version = terminals["NAME"], terminals["VNAME"]
    several = rf"{version}(?:\.\.{version})?(?:[ \t]*,[ \t]*{version}(?:\.\.{version})?)*"
    versions = (
        Rule("variant-word", r"variant\b", (Colour.KEYWORD,)),
        Rule("version", version, (Colour.VARIANT,)),
        Rule("between", r"\.\.|[@,]", (Colour.OPERATOR,)),
    )
    declares = "|".join(_DECLARES)
    layers = "|".join(sorted(map(re.escape, BY_WORD), key=_longest_first))
    operators = [sign for sign in known.signs if sign not in "()[]{}"]
    end = r"(?![\w×.])"
    return (
        Rule("comment", terminals["COMMENT"], (Colour.COMMENT,)),
        Rule("string", terminals["STRING"], (Colour.STRING,)),
        Inside("guard", rf"@[ \t]*{several}", versions),
        Inside("variants", rf"variant[ \t]+{several}", versions),
        Rule("declaration", rf"({declares})([ \t]+)({name})", (Colour.KEYWORD, Colour.SPACE, Colour.DECLARED)),
        Rule("label", rf"({terminals['_AS']})([ \t]+)({name})", (Colour.KEYWORD, Colour.SPACE, Colour.LABEL)),
        Rule("stage", rf"(stage)([ \t]+)({name})(?=[ \t]*[:{{])", (Colour.KEYWORD, Colour.SPACE, Colour.LABEL)),
        Rule("loop", rf"(for)([ \t]+)({name})", (Colour.KEYWORD, Colour.SPACE, Colour.DECLARED)),
        Rule("number", "|".join(terminals[each] for each in ("KERNEL", "SHAPE", "NUMBER")), (Colour.NUMBER,)),
        Rule("times", terminals["_TIMES"], (Colour.OPERATOR,)),
        Rule("modifier", "|".join(terminals[each] for each in _WORDS), (Colour.KEYWORD,)),
        Rule("keyword", rf"(?:{'|'.join(known.keywords)}){end}", (Colour.KEYWORD,)),
        Rule("option", rf"{name}(?=[ \t]*=(?![=>]))", (Colour.OPTION,)),
        Rule("layer", rf"(?:{layers})(?:\d+(?:x\d+)?)?{end}", (Colour.LAYER,)),
        Rule("name", name, (Colour.NAME,)),
        Rule("bracket", r"[()\[\]{}]", (Colour.BRACKET,)),
        Rule("operator", "|".join([terminals["CMP"], *map(re.escape, operators)]), (Colour.OPERATOR,)),
    )


def words() -> dict[str, list[list[str]] | list[str]]:
    """`patterns`: pairs of a colour and a regular expression; `keywords` and `layers`: names with colours of their own.

    The expressions are those of the grammar, which a browser reads as Python does.
    """
    simple = [each for each in rules() if isinstance(each, Rule) and each.name in {"comment", "string", "number"}]
    patterns = [[str(each.colours[0]), each.pattern] for each in simple]
    terminals = grammar().terminals
    patterns.append(["keyword", "|".join(terminals[name] for name in _WORDS)])
    patterns.append(["name", terminals["NAME"]])
    return {"patterns": patterns, "keywords": list(grammar().keywords), "layers": sorted(BY_WORD)}
