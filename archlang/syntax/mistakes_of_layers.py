"""Known mistakes in layers, their sizes and what modifies them."""

from __future__ import annotations

from archlang.syntax.mistake_pattern import Pattern

_NAME = r"[A-Za-z_][\w.]*"
_HEAD = rf"(?P<head>(?:{_NAME}-|\d+[x×]\d+,\s*))"
_WIDTH = r"(?P<width>[\w.]+(?:\s*[*+%]\s*[\w.]+)*)"
_START = r"(?:^|[;{\n])\s*"
_ITEM = frozenset({"_WHEN"})  # what only a layer is followed by

LAYERS: tuple[Pattern, ...] = (
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
        r"(?P<to>-(?P<next>[A-Za-z]\w*(?:-\w+)*))",
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
        r"(?<![x×\w])(?P<mark>(?P<a>\d+)[x×](?P<b>\d+)(?P<stride>/\w+)?\s+)",
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
        "dash-width",
        rf"(?P<mark>(?P<head>{_NAME}))",
        r"-(?![\w(>])(?!\s+[\w(])",
        "a dash is followed by a width",
        "write `{head}-64` or `{head}-(2*w)`",
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
        "options-bare",
        r"[\w)\]]\s+",
        r"(?P<to>[A-Za-z_]\w*\s*=\s*[\w.\"-]+)",
        "options stand in parentheses right after the layer",
        "write `({to})`",
        accepts=_ITEM,
    ),
    Pattern(
        "value-after-space",
        rf"(?:^|[;|\[:{{\n])\s*(?P<mark>(?P<left>{_NAME})\s+)",
        r"(?P<to>(?P<k>\d+)[x×]\d+)(?!\s*,)",
        "a kernel stands right after the name of its layer",
        "write `{left}{k}`",
        accepts=_ITEM,
    ),
    Pattern(
        "value-after-space",
        rf"(?:^|[;|\[:{{\n])\s*(?P<mark>(?P<left>{_NAME})\s+)",
        r"(?P<to>[\d.]+)(?![\w,])",
        "a number stands right after its layer",
        "write `{left}-{to}` for a width, `{left}({to})` for another value",
        accepts=_ITEM,
    ),
    Pattern(
        "repeat-first",
        r"(?:^|[;|\[:\n])\s*",
        rf"(?P<n>\d+)\s*[x×*]\s*(?P<to>{_NAME}(?:-\w+)?)",
        "a repeat stands after its layer",
        "write `{to} x{n}`",
    ),
    Pattern(
        "stride-twice",
        r"/\s*\w+\s*",
        r"(?P<to>/\s*\w+)",
        "this layer has a stride already",
        "leave one out",
        accepts=_ITEM,
    ),
    Pattern(
        "size-value",
        r"(?P<mark>\d+)",
        r"(?P<to>[x×]\d+(?:[x×]\d+)*)",
        "a size is no value",
        "a kernel stands right after the name: `conv3x3-64`",
        inside="(",
    ),
    Pattern(
        "options-twice",
        r"(?P<mark>\((?P<first>[^()]+)\)\s*)",
        r"(?P<to>\((?P<second>[^()]+)\))",
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
        rf"{_START}input\b[^;\n]*?(?P<mark>(?:(?P<c>\d+)\s*)?)",
        r"(?P<to>[(,x×\s]*(?P<h>\d+)[,x×\s]+(?P<w>\d+)(?:[,x×\s]+(?P<x>\d+))?\)?)",
        "an input is channels x height x width, joined by `x`",
        "write `input 3x224x224`",
    ),
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
        r"(?:=>|\binput)\s*(?P<mark>\b\d+\s*)",
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
)
