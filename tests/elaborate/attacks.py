"""Small files that ask for too much, and the errors that name the limits they pass.

Run as a program, it checks them all and prints, as JSON, what was said of each,
how long that took, and how much memory all of them needed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from memory import most_memory

from archlang.model import check
from archlang.source import Source


def _chain(first: str, step: str, many: int) -> str:
    return "\n".join([first, *(step.format(i=i, before=i - 1) for i in range(1, many + 1))])


def _blocks(step: str, many: int = 40, first: str = "block b0 { conv1-8; relu }", last: str = "b40") -> str:
    return f"{_chain(first, step, many)}\ninput 8x8x8\n{last}"


ATTACKS: dict[str, tuple[str, str]] = {
    "a repeat, a billion times": ("too-many-layers", "input 3x8x8\nconv3-8 x 1000000000"),
    "repeats in repeats": ("too-many-layers", "input 3x8x8\n[[[identity x1000] x1000] x1000] x1000"),
    "a stride in every call": ("integer-size", "block b(s=1512) { conv3-8/s }\nnet A { input 3x8x8\nb x100000 }"),
    "a repeat of a repeat of a repeat": ("too-many-layers", "input 3x8x8\nconv3-8 x2128 x28 x28"),
    "repeats of nothing": ("too-many-steps", "input 3x8x8\nconv3-8\n[[conv3-8 when false] x1000] x1000"),
    "a block of nothing, repeated": (
        "too-many-steps",
        "block e { let a = 1 }\ninput 3x8x8\nconv3-8\n[e x1000] x1000",
    ),
    "blocks that double": ("too-many-layers", _blocks("block b{i} {{ b{before}; b{before} }}")),
    "blocks that fork": ("too-many-layers", _blocks("block b{i} {{ add[ b{before} | b{before} ] }}")),
    "blocks that double with other numbers": (
        "too-many-layers",
        _blocks("block b{i}(w) {{ b{before}(w+1); b{before}(w+2) }}", 40, "block b0(w) { conv1-w }", "b40(1)"),
    ),
    "blocks of nothing that double": (
        "too-many-steps",
        _blocks("block b{i} {{ b{before}; b{before} }}", 40, "block b0 { let a = 1 }", "conv3-8; b40"),
    ),
    "words that double": (
        "too-many-layers",
        _blocks("w{i} means [w{before}; w{before}]", 40, "w0 means [relu; relu]", "w40"),
    ),
    "nets that double": (
        "too-many-layers",
        _chain("net N0 { input 8x8x8\n relu }", "net N{i} {{ N{before} as a; N{before} as b }}", 20),
    ),
    "layers used again and again": (
        "too-many-layers",
        _chain("input 8x8x8\nconv1-8 as a0", "[again(a{before}); again(a{before})] as a{i}", 30),
    ),
    "blocks that double, and fail": (
        "too-small",
        _blocks("block b{i} {{ b{before}; b{before} }}", 40, "block b0 { conv3-0 }"),
    ),
    "a block in itself": ("recursion", "block r { conv3-8; r }\ninput 3x8x8\nr"),
    "a block in itself, twice": ("recursion", "block r(n) { add[ r(n+1) | r(n+2) ] }\ninput 3x8x8\nr(1)"),
    "a block given to itself": ("recursion", "block r(f) { f(f=f) }\ninput 3x8x8\nr(r)"),
    "nets in each other": ("recursion", "net A { input 3x8x8\n B }\nnet B { input 3x8x8\n A }"),
    "a word for itself": ("word-in-itself", "input 3x8x8\nfoo means [foo; foo]\nfoo"),
    "brackets in brackets": ("too-deep", f"input 3x8x8\n{'[' * 5000}conv3-8{']' * 5000}"),
    "parentheses in parentheses": ("too-deep", f"let a = {'(' * 5000}1{')' * 5000}\nconv3-a"),
    "ifs in ifs": ("too-deep", f"input 3x8x8\n{'if true { ' * 3000}conv3-8{' }' * 3000}"),
    "signs before signs": ("too-deep", f"let a = {'-' * 20000}1\nconv3-8"),
    "powers of powers": ("integer-size", "let a = 9**9**9**9\ninput 3x8x8\nconv3-a"),
    "a number of a thousand digits": ("too-large", f"let a = {'9' * 1000}\ninput 3x8x8\nconv3-8"),
    "a list of a billion": ("list-size", "let a = range(0, 10**9)\ninput 3x8x8\nconv3-8"),
    "lists that double": (
        "list-size",
        _chain("let a0 = [1, 2, 3, 4]", "let a{i} = a{before} + a{before}", 40) + "\ninput 3x8x8\nconv3-8",
    ),
    "lists of lists": ("list-size", f"let a = [{', '.join(['range(0, 9999)'] * 200)}]\ninput 3x8x8\nconv3-8"),
    "sums of lists": (
        "list-size",
        "input 3x8x8\nconv3-8\nfor i in range(0, 9999) { let a = sum(range(0, 9999)) }",
    ),
    "thousands of mistakes": ("unknown-layer", "input 3x8x8\n" + "".join(f"conw{i}q-8\n" for i in range(20_000))),
    "thousands of imports": ("import-missing", "".join(f'import "x{i}.arch": b\n' for i in range(20_000)) + "conv3-8"),
    "quotients in quotients": (
        "limit",
        f"input 3xHxW\nlet a = {'ceil(' * 20}in.h{'*in.w/2)' * 20}\nlet b = {'ceil(' * 20}a{'*in.w/2)' * 20}\nconv3-8",
    ),
    "a name of a million letters": ("too-long", f"input 3x8x8\n{'a' * 10**6}"),
    "a string of a million letters": ("too-long", f'paper "{"a" * 10**6}"\ninput 3x8x8\nconv3-8'),
    "long names in long names": (
        "too-long",
        f"input 3x8x8\n{f'stage {chr(115) * 9000} {{' * 30}conv3-8 x 900{'}' * 30}",
    ),
    "a table of nothing": (
        "too-many-steps",
        "block e(w) { let a = w }\ninput 3x8x8\nconv3-8\ntable e(w) {\nw\n" + "8\n" * 30_000 + "}",
    ),
    "a loop, a million times": ("list-size", "input 3x8x8\nfor i in range(0, 10**6) { conv3-8 }"),
    "loops in loops, around nothing": (
        "too-many-steps",
        "input 3x8x8\nconv3-8\nfor i in range(0, 1000) { for j in range(0, 1000) { let a = 1 } }",
    ),
    "channels that double": ("limit", "input 3x8x8\n[concat[identity | identity]] x 60"),
    "a map that grows": ("limit", "input 3x8x8\nupsample(1000) x 10"),
    "an input too large": ("limit", "input 3x1000000x1000000\nconv3-8"),
    "a kernel too large": ("limit", "input 3x8x8\nconv999999999-8"),
    "symbols that grow": ("limit", "input 3xHxW\n[conv3-8/2; upsample(3); avgpool3/2; upsample(2)] x 40"),
    "powers of a symbol": (
        "limit",
        "input 3xHxW\nlet a = in.h + in.w + 1\nlet b = a*a*a*a\nlet c = b*b*b*b\nconv3-8",
    ),
    "variants without end": (
        "too-many-variants",
        f"net A {{ variant {', '.join(f'v{i}' for i in range(2000))}\n input 3x8x8\n conv3-8 x 100 }}",
    ),
}
"""The error that each must be answered with, and the file."""


def _measure() -> dict[str, object]:
    found = {}
    for name, (_, text) in ATTACKS.items():
        start = time.process_time()
        codes = [d.code for d in check(Source("attack.arch", text)) if d.severity.value == "error"]
        found[name] = (codes, time.process_time() - start)
    return {"found": found, "megabytes": most_memory()}


if __name__ == "__main__":
    json.dump(_measure(), sys.stdout)
