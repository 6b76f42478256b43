"""Changes of texts that know what an .arch file is made of: pieces, statements, brackets, numbers, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from damage import DAMAGES, STRAY, TOKEN, programs
from derivations import derived, rules
from runner import cases

LONGEST = 4096
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"[A-Za-z_]\w*")
_BRACKETED = re.compile(r"\[[^][]*\]|\([^()]*\)|\{[^{}]*\}")
_ITEM = re.compile(r"[^\n;|{}]+")
_NUMBERS = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "16",
    "100",
    "255",
    "1000",
    "65536",
    "999999999999",
    "0.5",
    "1e9",
    "-1",
    "n",
    "(n+1)",
]
_AROUND = [
    ("[", "]"), ("(", ")"), ("{", "}"), ("res[", "]"), ("concat[", "| identity]"), ("seq[", "]"), ("[", "] x2"),
    ("if a {\n", "\n} else { b }"), ("for i in range(0, 2) {\n", "\n}"), ("block b(w=1) {\n", "\n}"), ("[", "] x 3 /2"),
    ("net N(n=2) {\ninput 3x8x8\n", "\n}"), ("aux h(weight=0.3) {\n", "\n}"), ("stage s {\n", "\n}"), ("@A: ", ""),
    ("w means [", "]"), ("let a = ", ""), ("from a: ", ""), ("", " as a"), ("", " when n > 1"), ("split(2)[", "]"),
    ("table ", " {\na, n\n1, 2\n}"), ("", " no relu"), ("", " => 8x8x8"), ("mul[identity | ", "]"), ("again(", ")"),
]  # fmt: skip

Mutator = Callable[[Random, str], str]


@cache
def corpus() -> tuple[str, ...]:
    """What texts are made from: the zoo's files, the programs of the cases, and some that the grammar derives.

    The cases of limits take seconds each; they have their own tests.
    """
    texts = [text for _, text in programs()] + [case.program for case in cases() if case.path.stem != "limits"]
    texts += [derived(Random(seed)) for seed in range(100)]
    return tuple(dict.fromkeys(text for text in texts if len(text) <= LONGEST))


def _span(r: Random, pattern: re.Pattern[str], text: str) -> tuple[int, int]:
    found = [m.span() for m in pattern.finditer(text)]
    return r.choice(found) if found else (len(text), len(text))


def _put(text: str, span: tuple[int, int], part: str) -> str:
    return text[: span[0]] + part + text[span[1] :]


def _damage(r: Random, text: str) -> str:
    parts = TOKEN.findall(text)
    r.choice(DAMAGES)(r, parts)
    return "".join(parts)


def _stray(r: Random, text: str) -> str:
    at = r.randrange(len(text) + 1)
    return _put(text, (at, at), r.choice([f" {r.choice(STRAY)} ", r.choice(STRAY)]))


def _number(r: Random, text: str) -> str:
    span = _span(r, _NUMBER, text)
    near = str(max(int(text[slice(*span)] or "0") + r.choice([-1, 1]), 0))[:20] if span[1] - span[0] < 20 else "1"
    return _put(text, span, r.choice([*_NUMBERS, near, near, near]))


def _name(r: Random, text: str) -> str:
    names = _NAME.findall(text) or ["a"]
    return _put(text, _span(r, _NAME, text), r.choice(names))


def _derived(r: Random, text: str) -> str:
    span = _span(r, r.choice([_ITEM, _BRACKETED, _NAME, _NUMBER]), text)
    if r.random() < 0.5:
        span = (span[1], span[1])
    return _put(text, span, r.choice([" ", "\n", "; ", ""]) + derived(r, r.choice(rules()), r.choice([8, 12, 20])))


def _around(r: Random, text: str) -> str:
    span = _span(r, r.choice([_ITEM, _BRACKETED]), text)
    before, after = r.choice(_AROUND)
    return _put(text, span, before + text[slice(*span)] + after)


def _lines(r: Random, text: str) -> str:
    lines = text.split("\n")
    at, to = r.randrange(len(lines)), r.randrange(len(lines) + 1)
    some = lines[at : at + r.choice([1, 1, 2, 5])]
    if r.random() < 0.5:
        del lines[at : at + len(some)]
    lines[to:to] = some
    return "\n".join(lines)


def _part_of_another(r: Random, text: str) -> str:
    other = r.choice(corpus())
    pattern = r.choice([_ITEM, _BRACKETED, re.compile(r"[^\n]*\n")])
    span = _span(r, pattern, text)
    return _put(text, (span[r.randrange(2)], span[1]), other[slice(*_span(r, pattern, other))])


def _joined(r: Random, text: str) -> str:
    return text + "\n" + r.choice(corpus())


def _space(r: Random, text: str) -> str:
    span = _span(r, re.compile(r"[ \n]+|(?=[^\w\s])"), text)
    return _put(text, span, r.choice(["", " ", "\n", "  ", "\t", " \\\n", " # c\n", "\n\n", ";", "\r\n"]))


MUTATORS: Sequence[Mutator] = (
    _damage, _damage, _stray, _number, _number, _name, _name, _derived, _derived, _around, _around, _lines,
    _part_of_another, _part_of_another, _joined, _space,
)  # fmt: skip


def mutated(r: Random, text: str) -> str:
    """`text`, changed in a few places; at most `LONGEST` characters."""
    for _ in range(r.choice([1, 1, 1, 2, 2, 3, 5])):
        text = r.choice(MUTATORS)(r, text)[:LONGEST]
    return text


def a_text(r: Random) -> str:
    """A text to try: one of the corpus, changed, or one that the grammar derives."""
    return derived(r) if r.random() < 0.1 else mutated(r, r.choice(corpus()))
