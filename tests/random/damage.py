"""Programs of the zoo, damaged: a piece lost, doubled, swapped or put where it does not belong."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from random import Random

from archlang.resources import zoo

TOKEN = re.compile(r"\w+|[^\S\n]+|\n|[^\w\s]")
STRAY = [
    *"()[]{}|;:,=@#.*/-+\"\\\n\t\0\r×~é中'`<>",
    *("x3", "x", "x 99", "*", "/2", "/0", "as a", "as (a, b)", "as a..", "no relu", "bare", "to pool5", "@A", "@A..Z"),
    *(
        "when true",
        "when",
        "=> 56x56",
        "=> 7",
        "in.c",
        "out.c",
        "in",
        "net",
        "block",
        "stage",
        "input 3xHxW",
        "let a =",
    ),
    *("if 1 {", "else", "for i in", "from a, b:", "aux h {", "table", "expect params == 1K", "variant B: k=1", "means"),
    *("import", "output", "taps", "freeze all", "lr all = 0.1", "init all = msra", "again(conv1)", "split(2)[", "res["),
    *(
        "0",
        "1",
        "-1",
        "1e9",
        "2.5",
        "999999999999",
        "10**10",
        "1/0",
        "[1, 2]",
        '"text"',
        "true",
        "..",
        "=>",
        "//",
        "**",
    ),
    *("conv3-64", "FC-10", "maxpool", "gap", "concat", "add", "identity", "seq", "x0", "conv", "relu", "softmax"),
]


@cache
def programs() -> tuple[tuple[str, str], ...]:
    """Every file of the zoo, the prelude's included: its name, its text."""
    return tuple((path.name, path.read_text("utf-8")) for path in sorted(zoo().glob("**/*.arch")))


def _spot(r: Random, parts: list[str]) -> int:
    return r.randrange(len(parts)) if parts else 0


def _delete(r: Random, parts: list[str]) -> None:
    at = _spot(r, parts)
    del parts[at : at + r.choice([1, 1, 1, 2, 5])]


def _double(r: Random, parts: list[str]) -> None:
    at = _spot(r, parts)
    parts[at:at] = parts[at : at + r.choice([1, 1, 2, 4])]


def _swap(r: Random, parts: list[str]) -> None:
    if parts:
        a, b = _spot(r, parts), _spot(r, parts)
        parts[a], parts[b] = parts[b], parts[a]


def _insert(r: Random, parts: list[str]) -> None:
    parts.insert(_spot(r, parts), r.choice(STRAY))


def _replace(r: Random, parts: list[str]) -> None:
    if parts:
        parts[_spot(r, parts)] = r.choice(STRAY)


def _mistake(r: Random, parts: list[str]) -> None:
    """Put another word or number of the program in place of one: it may well still parse."""
    words = [i for i, part in enumerate(parts) if part.isalnum()]
    if words:
        at = r.choice(words)
        alike = [i for i in words if parts[i].isdecimal() == parts[at].isdecimal()]
        parts[at] = parts[r.choice(alike)]


DAMAGES: tuple[Callable[[Random, list[str]], None], ...] = (
    _delete,
    _double,
    _swap,
    _insert,
    _replace,
    _mistake,
    _mistake,
    _mistake,
)


def damaged(seed: int) -> tuple[str, str]:
    """The name and text of a program that was whole before."""
    r = Random(seed)
    name, text = r.choice(programs())
    if r.random() < 0.15:
        _, other = r.choice(programs())
        text = text[: r.randrange(len(text) + 1)] + other[r.randrange(len(other) + 1) :]
    for _ in range(r.choice([1, 1, 1, 2, 3, 8])):
        parts = r.choice([TOKEN.findall, TOKEN.findall, list, str.splitlines])(text)
        joint = "\n" if "\n" not in "".join(parts) else ""
        r.choice(DAMAGES)(r, parts)
        text = joint.join(parts)
    return name, text
