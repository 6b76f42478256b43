"""Known mistakes in statements, and what is missing between two things."""

from __future__ import annotations

from archlang.syntax.mistake_pattern import Pattern

_NAME = r"[A-Za-z_][\w.]*"
_LAYER = r"(?P<to>\d+[x×]\d+(?:/\w+)?,\s*\w+|[A-Za-z_][\w.]*(?:-[\w(]\w*)?|\[)"
_START = r"(?:^|[;{\n])\s*"
_ITEM = frozenset({"_WHEN"})  # what only a layer is followed by

STATEMENTS: tuple[Pattern, ...] = (
    # ---- statements ----
    Pattern(
        "assignment",
        rf"{_START}(?P<mark>(?P<name>{_NAME})\s*)",
        r"=\s*(?P<to>\[[^\n]*)",
        "`=` gives a name to a value, not to layers",
        "write `{name} means {to}` for a word of the table, or put `as {name}` after the layers",
    ),
    Pattern(
        "assignment",
        rf"{_START}(?P<mark>(?P<name>{_NAME})\s*)",
        rf"=\s*(?P<to>{_NAME}-[^\n;]*|\d+[x×]\d+,[^\n;]*)",
        "`=` gives a name to a value, not to a layer",
        "write `{to} as {name}`",
    ),
    Pattern(
        "assignment",
        rf"{_START}(?P<mark>(?P<name>{_NAME})\s*)",
        r"=(?!=|>)\s*(?P<to>[^\n;#]*)",
        "a value gets its name with `let`",
        "write `let {name} = {to}`",
    ),
    Pattern(
        "missing-equals",
        rf"{_START}let\s+(?P<name>{_NAME})\s*",
        r"(?::=?\s*)?(?P<to>[\w(\[\"-][^\n;#]*)",
        "`let` takes a name, `=` and a value",
        "write `let {name} = {to}`",
    ),
    Pattern(
        "missing-equals",
        rf"{_START}let\s+(?P<name>{_NAME})\s*",
        r"(?P<to>[^\n;#]*)",
        "`let` takes a name, `=` and a value",
        "write `let {name} = 64`",
    ),
    Pattern(
        "missing-equals",
        rf"{_START}(?P<line>(?:lr|init|decay)\s+[\w., ]*\w)\s+",
        r"(?P<to>[^\n;#]*)",
        "a setting takes names, `=` and a value",
        "write `{line} = {to}`",
    ),
    Pattern(
        "single-equals",
        r"(?:^|[;{\n}])\s*(?:else\s+)?if\b[^\n{]*",
        r"=(?!=)",
        "`=` gives a value, it does not compare",
        "write `==`",
    ),
    Pattern(
        "single-equals",
        r"\b(?:when|expect)\b[^\n;]*",
        r"=(?![=>])",
        "`=` gives a value, it does not compare",
        "write `==`",
    ),
    Pattern(
        "missing-braces",
        r"(?:^|[;{\n}])\s*(?P<word>if|for|else|else\s+if|net|block|aux)\b[^\n{]*",
        r":",
        "the body of `{word}` stands in `{{ }}`",
        "write `{{` here and `}}` after the body",
    ),
    Pattern(
        "missing-braces",
        r"(?:^|[;{\n}])\s*(?P<word>if|for|else|net|block|aux|table)\b[^\n{]*",
        r"(?P<to>)\s*(?:$|\n|#)",
        "the body of `{word}` stands in `{{ }}`",
        "write `{{` here and `}}` after the body",
    ),
    Pattern(
        "unquoted",
        r"(?:^|[{\n])\s*(?P<mark>from\s+)",
        r"\"(?P<file>[^\"\n]*)\"\s*import\s+(?P<names>[\w, ]+)",
        "another language imports so",
        'write `import "{file}": {names}`',
    ),
    Pattern(
        "bad-name",
        r"(?:^|[{\n;])\s*(?P<word>stage|net|block|aux|let|for)\s+",
        r"(?P<to>\d\w*)",
        "a name begins with a letter",
        "write `{word} {word}{to}`, for one",
    ),
    Pattern(
        "missing-colon",
        r"(?:^|[{\n])\s*(?P<mark>(?P<line>from\s+[\w., ]*?\w)\s*)",
        r"(?P<to>)[A-Za-z_\[\d]",
        "`from` takes labels, then a colon",
        "write `{line}: ...`",
    ),
    Pattern(
        "stage-colon",
        r"(?:^|[{\n])\s*stage\s+(?P<name>\w+)\s*:\s*",
        r"\{",
        "a stage takes the rest of its line after `:`, or a body in `{{ }}`, not both",
        "write `stage {name} {{`",
    ),
    Pattern(
        "statement-inside-line",
        r"[;:]\s*(?P<mark>(?P<word>if|for|stage|net|block|aux|table|import|from)\s+)",
        r"(?P<to>)\S",
        "`{word}` begins a line of its own",
        "start a new line before it",
    ),
    Pattern(
        "statement-inside-line",
        r"[;:\]\w)]\s*",
        r"(?:if|for|stage|net|block|aux|table|import|from)\b(?=[ \t]+\S|[ \t]*\{)",
        "`{at}` begins a line of its own",
        "start a new line before it",
    ),
    Pattern(
        "else-alone",
        r"(?:^|[{\n;])\s*",
        r"else\b",
        "this `else` has no `if`",
        "`else` follows the `}}` of an `if`",
    ),
    Pattern(
        "else-if",
        r"\}\s*",
        r"(?:elif|elsif|elseif)\b",
        "`{at}` is written as two words",
        "write `else if`",
    ),
    Pattern(
        "missing-newline",
        r"\}\s*",
        r"(?P<to>)[\w\[@]",
        "a statement after `}}` begins a line of its own",
        "start a new line before it",
    ),
    Pattern(
        "comment",
        r"/\s*",
        r"[/*]",
        "comments begin with `#`",
        "write `# ...`",
    ),
    Pattern(
        "comment",
        r"(?:^|\n|;)\s*",
        r"/[/*]|--|%",
        "comments begin with `#`",
        "write `# ...`",
    ),
    Pattern(
        "doubled-operator",
        r"",
        r"\|\|",
        "`||` is no operator",
        "write `or`",
    ),
    Pattern(
        "doubled-operator",
        r"\|",
        r"\|",
        "nothing stands between these two `|`",
        "leave one out, or write `identity` for a branch that does nothing; in a condition, write `or`",
    ),
    Pattern(
        "unquoted",
        r"(?:^|[{\n])\s*(?:paper|import)\s+",
        r"(?P<to>[^\s\";]+)",
        "this takes a string",
        'write `"{to}"`',
    ),
    Pattern(
        "missing-separator",
        rf"(?:^|[;|\[:{{\n])\s*(?P<left>{_NAME}(?:-\w+)?(?:/\w+)?|\d+[x×]\d+,\w+)\s+",
        _LAYER,
        "two layers need a `;` between them",
        "write `{left}; {to}`",
        accepts=_ITEM,
    ),
    Pattern(
        "missing-separator",
        r"[\w)\]\"]\s*",
        _LAYER,
        "two layers need a `;` between them",
        "write `; {to}`",
        accepts=_ITEM,
    ),
    Pattern(
        "missing-comma",
        r"[\w)\]\"]\s+",
        r"(?P<to>[\w\"(\[-]+)",
        "values are separated by commas",
        "write `, {to}`",
        accepts=frozenset({"COMMA"}),
    ),
)
