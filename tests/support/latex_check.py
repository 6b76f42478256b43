"""Whether a text is a table that LaTeX takes with `booktabs` alone, read strictly: what is not meant does not pass."""

import re

COMMANDS = frozenset(
    "centering caption toprule midrule addlinespace bottomrule multicolumn textbf textbackslash textasciitilde "
    "textasciicircum textless textgreater textbar left right mbox times".split()
)
"""All that a table says, the rules being `booktabs`'s, the rest LaTeX's own."""

ESCAPED = frozenset("&%$#_{},\\")
"""What may stand behind a backslash without being a word; two of them end a line."""

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}$&#_^~%\n]|[^\\{}$&#_^~%\n]+", re.DOTALL)


def assert_latex(text, width):
    """Environments and groups close as they open, rows have `width` cells, no special character stands bare."""
    first, *rest = text.splitlines()
    assert first == "% needs \\usepackage{booktabs}"
    body = "\n".join(rest)
    _assert_groups(body)
    for line in _rows(body):
        cells = 1 + _separators(line)
        spanned = sum(int(many) - 1 for many in re.findall(r"\\multicolumn\{(\d+)\}", line))
        assert cells + spanned == width, line
    declared = re.search(r"\\begin\{tabular\}\{([lrc]+)\}\n", body)
    assert declared is not None
    assert len(declared[1]) == width


def _assert_groups(body):
    """What opens closes, and nothing closes across another: braces, environments, mathematics, brackets in it."""
    open_ = []
    words = _TOKEN.findall(body)
    for i, word in enumerate(words):
        assert _is_meant(word), word
        opens, closes = _group(word, words[i + 2 : i + 3], within=open_[-1:])
        if closes:
            assert open_.pop() == closes, word
        if opens:
            open_.append(opens)
    assert open_ == []


def _is_meant(word):
    if word.startswith("\\"):
        return word[1:] in COMMANDS | {"begin", "end"} | ESCAPED
    return word not in tuple("#_^~%")


def _group(word, behind, within):
    """What a word opens, and what it closes; `behind` is the word in braces behind it, `within` what is open."""
    if word == "$":
        return ("", "$") if within == ["$"] else ("$", "")
    return {
        "{": ("{", ""),
        "}": ("", "{"),
        "\\left": ("left", ""),
        "\\right": ("", "left"),
        "\\begin": (*behind, ""),
        "\\end": ("", *behind),
    }.get(word, ("", ""))


def _rows(body):
    lines = body.partition("\\toprule\n")[2].partition("\\bottomrule")[0].splitlines()
    rows = [line for line in lines if line not in ("\\midrule", "\\addlinespace")]
    assert all(line.endswith(" \\\\") for line in rows)
    return rows


def _separators(line):
    """The `&` that part cells of the table; one within a cell would part the cell instead."""
    depth = found = 0
    for word in _TOKEN.findall(line):
        depth += (word in ("{", "\\begin")) - (word in ("}", "\\end"))
        if word == "&":
            assert depth == 0
            found += 1
    return found
