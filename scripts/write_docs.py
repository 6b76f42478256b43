"""Writes the parts of the documentation that the code knows best: the layers, the codes of messages, the public names.

python scripts/write_docs.py

rewrites docs/layers.md, the table of codes in docs/errors.md, and the names in docs/api.md.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

from archlang.diagnostics.codes import CODES
from archlang.editing.describe import default_of
from archlang.ops import ALL
from archlang.ops.op import Op

FOLDER = Path(__file__).resolve().parents[1] / "docs"
MARKS = ("<!-- codes: written by scripts/write_docs.py -->", "<!-- end of codes -->")

HEAD = """\
# Layers

<!-- written by scripts/write_docs.py -->

Every layer that a file can call. How layers are written is said in [the language](language.md#layers); an option
without a default must be given. Kernels, strides and padding are one whole number, or two as `[height, width]`.
Options may be given in the order shown, or by name.

| layer | what it does | options |
|---|---|---|
"""

FOOT = """
The short forms: the digits after a word set its kernel `k`, a dash sets `out`, a slash sets `stride`, so `conv3-64/2`
is `conv(out=64, k=3, stride=2)`.
An option `pad` that stands as `same` is `dilation * (k // 2)` for an odd kernel and 0 for an even one.

Of these, `slice` is seldom written: `split(n)[ a | b ]` places it. A layer that is missing is one file away:
[adding a layer](adding-a-layer.md).
"""


def layers() -> str:
    """The page of layers."""
    return HEAD + "".join(f"| {_name(op)} | {_about(op)} | {_options(op)} |\n" for op in ALL) + FOOT


def codes() -> str:
    """The table of codes, by name."""
    rows = "".join(f"| [`{code}`](errors/{code}.md) | {_cell(CODES[code])} |\n" for code in sorted(CODES))
    return f"{MARKS[0]}\n\n| code | what it is about |\n|---|---|\n{rows}\n{MARKS[1]}"


def errors(page: str) -> str:
    """The page of errors with a new table of codes."""
    before, _, rest = page.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return before + codes() + after


def api(page: str) -> str:
    """The page of what others may build on, with the names as they are now."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from public_names import names  # beside this file

    begin, end = "<!-- names: written by scripts/write_docs.py -->", "<!-- end of names -->"
    return f"{page.partition(begin)[0]}{begin}\n\n{names()}\n{end}{page.partition(end)[2]}"


def _name(op: type[Op]) -> str:
    also = f", also {', '.join(f'`{alias}`' for alias in op.aliases)}" if op.aliases else ""
    return f"`{op.word}`{also}"


def _about(op: type[Op]) -> str:
    return _cell(" ".join((op.__doc__ or "").split()))


def _options(op: type[Op]) -> str:
    return "; ".join(_option(field) for field in dataclasses.fields(op))


def _option(field: dataclasses.Field[Any]) -> str:
    required = field.default is dataclasses.MISSING
    name = f"`{field.name}`" if required else f"`{field.name}={default_of(field)}`"
    return f"{name} {_cell(str(field.metadata['doc']))}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    (FOLDER / "layers.md").write_text(layers(), "utf-8")
    page = FOLDER / "errors.md"
    page.write_text(errors(page.read_text("utf-8")), "utf-8")
    page = FOLDER / "api.md"
    page.write_text(api(page.read_text("utf-8")), "utf-8")
