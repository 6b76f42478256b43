"""Known mistakes in what stands beside layers: the input's shape, claimed sizes, modifiers."""

from __future__ import annotations

from archlang.syntax.mistake_pattern import ITEM, NAME, START, Pattern

BESIDE_LAYERS: tuple[Pattern, ...] = (
    # ---- the input and claims ----
    Pattern(
        "input-shape",
        rf"{START}input\s+(?P<shape>\w+(?:x\w+)*)\s+",
        rf"(?P<to>as\s+(?P<name>{NAME}))",
        "an input's name stands before its shape",
        "write `input {name} {shape}`",
    ),
    Pattern(
        "input-shape",
        rf"{START}input\b[^;\n]*?(?P<mark>(?:(?P<c>\d+)\s*)?)",
        r"(?P<to>[(,x×\s]*(?P<h>\d+)[,x×\s]+(?P<w>\d+)(?:[,x×\s]+(?P<x>\d+))?\)?)",
        "an input is channels x height x width, joined by `x`",
        "write `input 3x224x224`",
    ),
    Pattern(
        "input-shape",
        rf"{START}input\s+(?:\w+\s+)?",
        r"\(?(?P<to>\d+)[^\n;]*",
        "an input is channels x height x width",
        "write `input 3x{to}x{to}`",
    ),
    Pattern(
        "missing-separator",
        rf"{START}(?P<input>input\s+(?:{NAME}\s+)?\w+(?:x\w+)*)[^\S\n]+",
        rf"(?P<to>{NAME}[^\s;|]*)",
        "a layer after the input's shape needs a `;` between them",
        "write `{input}; {to}`",
    ),
    Pattern(
        "input-shape",
        rf"{START}input\b[^;\n]*",
        r"",
        "an input is channels x height x width",
        "write `input 3x224x224`",
    ),
    Pattern(
        "claim-shape",
        r"=>\s*(?P<mark>(?P<c>[\d?]+)\s*)",
        r"(?P<to>[x×]?,\s*(?P<hw>[\d?x×]+))",
        "a size is numbers joined by `x`",
        "write `=> {c}x{hw}`",
    ),
    Pattern(
        "claim-shape",
        rf"\bexpect\s+(?P<name>{NAME})\s*(?P<mark>==\s*(?P<c>\d+))",
        r"(?P<to>(?:[x×][\dA-Z?]+)+)",
        "an output size is claimed with `=>`",
        "write `expect {name} => {c}{to}`",
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
        "modifier-first",
        r"(?:^|[;|\[:{\n])\s*(?P<mark>no\s+)",
        r"(?P<to>[A-Za-z]\w*)",
        "`no` stands after the layer that leaves something out",
        "write `conv3-64 no {to}`",
        accepts=ITEM,
    ),
    Pattern(
        "modifier-first",
        r"(?:^|[;|\[:{\n])\s*(?P<mark>bare\s+)",
        rf"(?P<to>{NAME}(?:-\w+)?|\d+[x×]\d+,\s*\w+)",
        "`bare` stands after its layer",
        "write `{to} bare`",
        accepts=ITEM,
    ),
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
        r"(?P<to>[x×*])\s*(?:$|[;|\]}\n#/]|=>)",
        "this repeat has no count",
        "write `x3`, `x n` or `x(n+1)`",
    ),
    Pattern(
        "missing-count",
        r"[\w)\]]\s+",
        r"(?P<to>[x×*]\s*(?:\"[^\"\n]*\"|-\s*[\w.]+))",
        "a repeat says how often: a whole number",
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
