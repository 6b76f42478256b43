"""The table of known mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_TEXT = re.ASCII | re.DOTALL
_AT_MOST = 2_000  # characters looked at on either side


class Fit(NamedTuple):
    """How a pattern fits: its groups, and how many characters before and after the place to underline."""

    groups: dict[str, str]
    back: int
    ahead: int


@dataclass(frozen=True)
class Pattern:
    """One known mistake.

    `before` must match up to the place where the reader stopped, `after` from
    there on; `inside` is the innermost open bracket and `accepts` are terminals
    of which one could have stood there, where that matters. The named groups
    of the two fill `message` and `help`, with all of `after` as `at`. Underlined is what lies between the
    beginning of the group `mark` and the end of the group `to`, else what
    `after` matches.
    """

    code: str
    before: str
    after: str
    message: str
    help: str
    inside: str = ""
    accepts: frozenset[str] = frozenset()

    def fits(self, before: str, after: str, opener: str, accepted: frozenset[str]) -> Fit | None:
        """How this pattern fits the text on either side of a place, or None."""
        if (self.inside and opener != self.inside) or (self.accepts and not self.accepts & accepted):
            return None
        before, after = before[-_AT_MOST:], after[:_AT_MOST]
        left = re.search(f"(?:{self.before})$", before, _TEXT)
        right = re.match(self.after, after, _TEXT)
        if not left or not right:
            return None
        groups = {k: (v or "").strip() for k, v in (left.groupdict() | right.groupdict()).items()}
        back = len(before) - left.start("mark") if "mark" in groups else 0
        return Fit(groups | {"at": right.group()}, back, right.end("to") if "to" in groups else right.end())


_NAME = r"[A-Za-z_][\w.]*"
_HEAD = rf"(?P<head>(?:{_NAME}-|\d+[x×]\d+,\s*))"
_WIDTH = r"(?P<width>[\w.]+(?:\s*[*+%]\s*[\w.]+)*)"
_LAYER = r"(?P<to>(?:\d+[x×]\d+,\s*)?[A-Za-z_\d][\w.]*(?:-[\w(]\w*)?|\[)"
_START = r"(?:^|[;{\n])\s*"
_ITEM = frozenset({"_WHEN"})  # what only a layer is followed by

PATTERNS: tuple[Pattern, ...] = (
    # ---- round brackets around layers ----
    Pattern(
        "layers-in-parentheses",
        rf"(?P<mark>(?P<name>{_NAME})\((?P<inner>[^()\[\]]*))",
        r"(?P<to>(?P<rest>[;|][^()\[\]]*)\))",
        "`( )` hold numbers, layers stand in `[ ]`",
        "write `{name}[{inner}{rest}]`",
        inside="(",
    ),
    Pattern(
        "layers-in-parentheses",
        "",
        r"[;|]",
        "`( )` hold numbers, layers stand in `[ ]`",
        "write `[` and `]` around the layers",
        inside="(",
    ),
    Pattern(
        "layers-in-parentheses",
        r"(?:^|[;|\[{:\n])\s*",
        r"\((?P<inner>[^()]*)\)?",
        "`( )` hold numbers, layers stand in `[ ]`",
        "write `[{inner}]`",
    ),
    Pattern(
        "comment",
        r"\s",
        r"(?://|/\*)(?:\s.*)?$",
        "comments begin with `#`",
        "write `# ...`",
    ),
    # ---- the dash ----
    Pattern(
        "variant-dash",
        r"(?P<mark>(?P<net>[A-Z]\w*)-(?P<first>[A-Za-z]\w*))",
        r"(?P<to>-(?P<rest>[A-Z]\w*))(?!\w)",
        "a dash cannot spell the variant `{first}-{rest}`",
        'write `{net}(variant="{first}-{rest}")`',
    ),
    Pattern(
        "layers-joined-by-dash",
        rf"(?P<mark>{_NAME}-\d+)",
        rf"(?P<to>-(?P<next>[A-Za-z]\w*(?:-\w+)*))",
        "a dash gives a layer its width; it does not join layers",
        "write `{mark}; {next}`",
    ),
    Pattern(
        "computed-width",
        rf"(?P<mark>{_HEAD}{_WIDTH}\s*)",
        r"(?P<to>(?P<op>[-+%]|\*\*?|//)\s*(?P<rest>[\w.]+(?:\s*[-+*%]\s*[\w.]+)*))",
        "a computed width takes parentheses",
        "write `{head}({width}{op}{rest})`",
    ),
    Pattern(
        "kernel-dash",
        r"(?P<mark>(?P<a>\d+)[x×](?P<b>\d+)(?P<stride>/\w+)?)",
        r"(?P<to>-(?P<width>\w+))",
        "a kernel and its width are joined by a comma",
        "write `{a}x{b}{stride},{width}`",
    ),
    Pattern(
        "kernel-comma",
        r"(?<![x×\d])(?P<mark>(?P<a>\d+)[x×](?P<b>\d+)(?P<stride>/\w+)?\s+)",
        r"(?P<to>\w+)",
        "a kernel and its width are joined by a comma",
        "write `{a}x{b}{stride},{to}`",
    ),
    Pattern(
        "kernel-comma",
        r"(?:^|[;|\[\n])\s*",
        r"(?P<to>(?P<a>\d+)[x×](?P<b>\d+)[x×](?P<c>\d+)(?![x×\d]))",
        "a kernel and its width are joined by a comma",
        "write `{a}x{b},{c}`, or `input {to}` for the input",
    ),
    Pattern(
        "kernel-width",
        r"(?P<mark>\d+[x×]\d+(?:/\w+)?\s*)",
        r"(?P<to>)(?:$|[;|\]}\n#]|as\b|no\b)",
        "this kernel has no width",
        "write `{mark},64` for 64 channels",
    ),
    Pattern(
        "dash-space",
        rf"(?P<mark>(?P<head>{_NAME})[ \t]*)",
        r"(?P<to>-[ \t]*(?P<width>\d+|[A-Za-z_]\w*|\([^)]*\)))(?!>)",
        "the dash of a layer stands without spaces",
        "write `{head}-{width}`",
    ),
    # ---- several layers ----
    Pattern(
        "branch-comma",
        r"",
        r",",
        "a comma does not separate layers",
        "`|` separates branches, `;` chains layers",
        inside="[",
    ),
    Pattern(
        "branch-comma",
        rf"{_NAME}(?:-[\w.]+)?(?:\([^()]*\))?(?:/\w+)?\s*",
        r",(?=\s*[A-Za-z\[])",
        "a comma does not separate layers",
        "`;` chains layers",
    ),
    Pattern(
        "empty-item",
        r";\s*",
        r";+",
        "nothing stands between two `;`",
        "leave one out",
    ),
    Pattern(
        "empty-item",
        r"(?:^|[:{])\s*",
        r";+",
        "nothing stands before this `;`",
        "leave it out",
    ),
    Pattern(
        "options-twice",
        r"(?P<mark>\((?P<first>[^()]*)\)\s*)",
        r"(?P<to>\((?P<second>[^()]*)\))",
        "options stand in one pair of parentheses",
        "write `({first}, {second})`",
    ),
    Pattern(
        "arrow",
        r"",
        r"->",
        "`->` is no part of the language",
        "layers are chained with `;`, an output size is claimed with `=> 56x56`",
    ),
    # ---- the input and claims ----
    Pattern(
        "input-shape",
        rf"{_START}input\s+(?:\w+\s+)?",
        r"\(?(?P<to>\d+)[^\n;]*",
        "an input is channels x height x width",
        "write `input 3x{to}x{to}`",
    ),
    Pattern(
        "input-shape",
        rf"{_START}input\b[^;\n]*",
        r"",
        "an input is channels x height x width",
        "write `input 3x224x224`",
    ),
    Pattern(
        "shape-spaces",
        r"(?P<mark>\b\d+\s*)",
        r"(?P<to>[x×]\s*\d+(?:\s*[x×]\s*\d+)*)",
        "a size is written without spaces",
        "write `=> 56x56`",
    ),
    Pattern(
        "claim-shape",
        r"=>\s*",
        r"\S*",
        "a claim is a size: numbers, capital letters or `?`, joined by `x`",
        "write `=> 56x56`, `=> 256x56x56` or `=> 4096`",
    ),
    # ---- modifiers ----
    Pattern(
        "repeat-late",
        r"(?:\bas\s+\w+(?:\.\.)?|\bas\s*\([^)]*\)|@[\w.,\- ]+|\bno\s+[\w, ]+|\bbare|\bto\s+\w+|=>\s*\w+)\s*",
        r"(?P<to>(?:[x×]\s*[\d(]\w*|[x×]\s+\w+|\*\s*\w+))",
        "a repeat stands right after its layer",
        "move `{to}` in front of the other words",
    ),
    Pattern(
        "when-last",
        r"\bwhen\b[^;|\n]*",
        r"(?:as|no|bare|to)\b|@|=>",
        "`when` is the last word of a layer",
        "move `{at}` and what follows it in front of `when`",
    ),
    Pattern(
        "missing-count",
        r"[\w)\]]\s+",
        r"(?P<to>[x×*])\s*(?:$|[;|\]}\n#])",
        "this repeat has no count",
        "write `x3`, `x n` or `x(n+1)`",
    ),
    Pattern(
        "missing-label",
        r"\bas\s*",
        r"(?P<to>[^\s;|\]]*)",
        "`as` is followed by a name",
        "write `as pool3`",
    ),
    Pattern(
        "guard-colon",
        r"(?:^|[{\n])\s*(?P<mark>@[\w.,\- ]+)",
        r"(?P<to>)[A-Za-z\[\d]",
        "a guard in front of a line ends in a colon",
        "write `{mark}: ...`, or put it after one layer",
    ),
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
