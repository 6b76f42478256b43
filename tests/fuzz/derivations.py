"""Texts that the grammar derives, at random: whatever `arch.lark` allows, its new forms too."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from lark import Lark

from archlang import resources

WORDS = """
conv conv3 conv1x7 relu bn maxpool maxpool3 avgpool gap FC fc softmax dropout concat add mul res seq split
identity upsample deconv2 again crop from copy tokens attention layernorm lstm embed inception basic bottleneck
se flatten dwconv3 a b w n in in.c in.h out.c out.stride params depth all range max round8 conv1 pool1 kernel
stride pad groups bias true false net lr H W Small
""".split()
SAMPLES: dict[str, list[str]] = {
    "HEAD": ["conv3-", "FC-", "conv1-", "conv1x7-", "deconv2-", "ResNet-", "a-", "embed-", "lstm-"],
    "KERNEL": ["3x3", "1x1", "7x7", "1×7", "0x0"],
    "SHAPE": ["3x32x32", "8x8x8", "1x28x28", "3xHxW", "64x?x?", "16x49", "CxHxW", "3x1x1"],
    "_TIMES": ["x", "×"],
    "SETTING": ["lr", "init", "decay"],
    "CMP": ["==", "!=", "<=", ">=", "<", ">"],
    "NAME": WORDS,
    "VNAME": ["A", "B", "C", "16", "50", "v1.0", "A-B"],
    "NUMBER": ["0", "1", "2", "3", "8", "16", "64", "1000", "0.5", "1e3", "2K", "1G", "999999999999", "1.5e-7"],
    "STRING": ['"a"', '""', '"blocks.arch"', '"0"', '"block1-0"', '"Net: a title"'],
    "_NL": ["\n", "\n", " # why\n", "\n\n"],
}
"""What each terminal of the grammar that is a pattern may look like."""


@cache
def _grammar() -> tuple[dict[str, list[tuple[list[Any], int]]], dict[str, list[str]]]:
    """For each rule its expansions, with how deep the shallowest tree of each is; and the texts of terminals."""
    lark = Lark(resources.grammar().read_text("utf-8"), parser="lalr", keep_all_tokens=True, maybe_placeholders=False)
    texts = {t.name: SAMPLES.get(t.name) or [_plain(t.pattern.type, t.pattern.value)] for t in lark.terminals}
    rules: dict[str, list[list[Any]]] = {}
    for rule in lark.rules:
        rules.setdefault(rule.origin.name, []).append([(s.name, s.is_term) for s in rule.expansion])
    depth = dict.fromkeys(rules, 10**6)
    while True:
        before = dict(depth)
        for name, expansions in rules.items():
            depth[name] = min(_depth(expansion, depth) for expansion in expansions)
        if depth == before:
            break
    return {name: [(e, _depth(e, depth)) for e in expansions] for name, expansions in rules.items()}, texts


def _depth(expansion: list[Any], depth: dict[str, int]) -> int:
    return 1 + max((0 if terminal else depth[name] for name, terminal in expansion), default=0)


def _plain(kind: str, pattern: str) -> str:
    """The text of a terminal that is a word or a sign; another pattern without samples stands for nothing."""
    word = pattern.removesuffix(r"\b")
    return word if kind == "str" or word.isalpha() else ""


def rules() -> list[str]:
    """The rules that a text may be derived from."""
    return sorted(name for name in _grammar()[0] if not name.startswith("__"))


def derived(r: Random, rule: str = "start", depth: int = 30) -> str:
    """A text of `rule`; trees get no deeper than `depth`, but for what the rule itself needs."""
    parts: list[str] = []
    _derive(r, rule, depth, parts)
    text = ""
    for part in parts:
        text += part if text.endswith(("-", "\n", "x", "/")) or part in {",", ";", "\n", "("} else f" {part}"
    return text.strip(" ")


def _derive(r: Random, rule: str, depth: int, parts: list[str]) -> None:
    rules, texts = _grammar()
    fit = [expansion for expansion, least in rules[rule] if least <= depth]
    if len(parts) > 400 or not fit:
        least = min(least for _, least in rules[rule])
        fit = [expansion for expansion, needed in rules[rule] if needed == least]
    for name, terminal in r.choice(fit):
        if terminal:
            parts.append(r.choice(texts[name]))
        else:
            _derive(r, name, depth - 1, parts)
