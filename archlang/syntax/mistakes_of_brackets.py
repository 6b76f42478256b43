"""Known mistakes in the brackets around layers and values, and in the signs between what they hold."""

from __future__ import annotations

from archlang.syntax.mistake_pattern import NAME, START, Pattern

BRACKETS: tuple[Pattern, ...] = (
    # ---- round brackets around layers ----
    Pattern(
        "layers-in-parentheses",
        r"(?P<mark>\b(?P<name>res|concat|add|mul|seq)[ \t]*\((?P<inner>[^()\[\]]*))",
        r"(?P<to>(?P<rest>(?=[^\n]*[;|]|as\b|no\b|bare\b)(?:[^()\[\]\n]|\([^()\n]*\))*)\))",
        "`( )` hold numbers, layers stand in `[ ]`",
        "write `{name}[{inner}{rest}]`",
    ),
    Pattern(
        "missing-comma",
        rf"{NAME}(?:-\w+)?(?:/\w+)?\((?![^()]*[A-Za-z]\w*-)[\w.,=\s*+/-]*",
        r"(?P<to>;)\s*(?:\d|\w+\s*=|\w+\s*[,)])",
        "values are separated by commas",
        "write `,` in place of `;`",
        inside="(",
    ),
    Pattern(
        "missing-comma",
        r"[=(\s]\[[\w.,\s]*",
        r"(?P<to>;)",
        "values are separated by commas",
        "write `,` in place of `;`",
        accepts=frozenset({"COMMA"}),
    ),
    Pattern(
        "missing-comma",
        r"(?:^|\n)import\s+\"[^\"\n]*\":[\w, ]*",
        r"(?P<to>;)",
        "names are separated by commas",
        "write `,` in place of `;`",
    ),
    Pattern(
        "missing-comma",
        rf"{START}(?:lr|init|decay)\s+[\w., ]*",
        r"(?P<to>;)[\w., ]*=",
        "names are separated by commas",
        "write `,` in place of `;`",
    ),
    Pattern(
        "missing-comma",
        rf"{START}(?:taps|output|freeze)\s+[\w., ]*(?P<mark>;\s*[\w.]+)\s*",
        r"(?P<to>),",
        "names are separated by commas",
        "write `,` in place of `;`",
    ),
    Pattern(
        "layers-in-parentheses",
        rf"(?P<mark>(?P<name>{NAME})\((?P<inner>[^()\[\]]*))",
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
        "layers-in-braces",
        r"(?:^|[;|\[:{\n])\s*(?P<mark>(?P<name>res|concat|add|mul|seq|split(?:\(\w+\))?)\s*)",
        r"(?P<to>\{(?P<inner>[^{}\n]*)\}?)",
        "`{{ }}` hold statements, the layers of `{name}` stand in `[ ]`",
        "write `{name}[{inner}]`",
    ),
    Pattern(
        "comment",
        r"\s",
        r"(?://|/\*)(?:\s.*)?$",
        "comments begin with `#`",
        "write `# ...`",
    ),
    Pattern(
        "wrong-bar",
        r"\n\s*",
        r"(?P<to>/)\s",
        "`|` separates branches",
        "write `|` in place of `/`",
        inside="[",
    ),
    Pattern(
        "wrong-bar",
        r"[\w)\]]\s*(?P<mark>[/\\]\s+)",
        rf"(?P<to>)(?:{NAME}-|\d+[x×]\d+)",
        "`|` separates branches",
        "write `|` in place of `/`",
        inside="[",
    ),
    Pattern(
        "wrong-bar",
        rf"[\w)\]]\s+(?P<mark>/\s+{NAME})",
        r"(?P<to>)[-(/]",
        "`|` separates branches",
        "write `|` in place of `/`",
        inside="[",
    ),
    Pattern(
        "wrong-bar",
        r"[\w)\]]\s+",
        r"(?P<to>/)\s+[A-Za-z\[]",
        "`|` separates branches",
        "write `|` in place of `/`",
        inside="[",
    ),
)
