"""The grammar's terminals in words a reader knows."""

from __future__ import annotations

_SPOKEN = {
    "HEAD": "a layer",
    "KERNEL": "a layer",
    "NAME": "a name",
    "VNAME": "a variant",
    "NUMBER": "a number",
    "STRING": 'a string in `"`',
    "SHAPE": "a size like `3x224x224`",
    "CMP": "a comparison",
    "_TIMES": "a repeat like `x3`",
    "SETTING": "a statement",
    "_NL": "a new line",
    "$END": "the end",
    "SEMICOLON": "`;`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "EQUAL": "`=`",
    "VBAR": "`|`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "SLASH": "a stride like `/2`",
    "AT": "`@` and a variant",
    "_AS": "`as`",
    "_NO": "`no`",
    "_BARE": "`bare`",
    "_TO": "`to`",
    "_WHEN": "`when`",
    "MEANS": "`means`",
    "ELSE": "`else`",
    "IN": "`in`",
    "BUT": "`but`",
}
_OPERATORS = {"PLUS", "MINUS", "STAR", "PERCENT", "CMP", "_AND", "_OR"}
_STATEMENTS = {
    "NET",
    "BLOCK",
    "EXTERN",
    "STAGE",
    "LET",
    "INPUT",
    "TABLE",
    "VARIANT",
    "PAPER",
    "EXPECT",
    "FREEZE",
    "TAPS",
}
_MANY = 6


def could_stand(accepted: frozenset[str]) -> str | None:
    """`a name, a number or `(` could stand here`; None where too much could to be of help."""
    kinds = set(accepted)
    words: list[str] = []
    if kinds & _STATEMENTS:
        words.append("a statement")
        kinds -= {"NAME", "HEAD", "KERNEL", "SETTING", "LSQB", "AT"} | _STATEMENTS
    if len(kinds & _OPERATORS) > 1:
        words.append("an operator")
        kinds -= _OPERATORS | {"SLASH"}
    if "NUMBER" in kinds and "LPAR" in kinds and "NAME" in kinds:
        words.append("a number or a name")
        kinds -= {"NUMBER", "NAME", "STRING", "LPAR", "LSQB", "MINUS", "_NOT"}
    if {"_TIMES", "_AS"} <= kinds or {"_AS", "AT", "_NO"} <= kinds:
        words.append("`;` and another layer, or a word about this one such as `x3`, `as name` or `no relu`")
        kinds.clear()
    if "SEMICOLON" in kinds:
        kinds -= {"$END"}
    words += [_SPOKEN[k] for k in _SPOKEN if k in kinds]
    words = list(dict.fromkeys(words))
    if not words:
        return None
    if len(words) > _MANY:
        words = [*words[: _MANY - 1], "..."]
        return f"here could stand {', '.join(words)}"
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    return f"here could stand {listed}"
