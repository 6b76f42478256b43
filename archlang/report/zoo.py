"""Networks side by side: a row for each with its paper, year, input, parameters and MACs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence

from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.map2d import show
from archlang.passes.cost import costs, totals
from archlang.record import record
from archlang.report.cells import rounded
from archlang.report.csv import defused
from archlang.report.grid import aligned, escaped, markdown

HEADINGS = ("network", "year", "input", "parameters", "MACs", "variants", "paper")
RIGHT = (1, 3, 4)
"""The columns that hold numbers."""
SHOWN = 28
"""Letters of the variants' names in a row; the rest is counted."""

_ARXIV = re.compile(r"arXiv:(\d\d)\d\d\.\d{4,5}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@record
class Entry:
    """A network in one variant. `variants` are all it has, where the row stands for them too; else none.

    Parameters and MACs are those of inference; `params_train` are with the train-only heads.
    """

    name: str
    variant: str | None
    variants: tuple[str, ...]
    paper: str | None
    year: int | None
    inputs: tuple[tuple[str, str], ...]
    params: int
    params_train: int
    macs: Size

    @property
    def title(self) -> str:
        """`vgg@D`."""
        return f"{self.name}@{self.variant}" if self.variant else self.name

    @property
    def sizes(self) -> str:
        """`3x224x224`, or `rgb 3x425x560, hha 3x425x560`."""
        if len(self.inputs) == 1:
            return self.inputs[0][1]
        return ", ".join(f"{name} {size}" for name, size in self.inputs)

    @property
    def params_text(self) -> str:
        """`25.6 M`."""
        return rounded(self.params)

    @property
    def macs_text(self) -> str:
        """`4.09 G`, or that it depends on the input."""
        return rounded(self.macs) if isinstance(self.macs, int) else "by the input"


def entry(name: str, network: Network, *, all_variants: bool = False) -> Entry:
    """What a row says of a network that the command line calls `name`; with `all_variants` it names them all."""
    counted = totals(network, costs(network))
    return Entry(
        name=name,
        variant=network.variant,
        variants=network.variants if all_variants else (),
        paper=network.paper,
        year=year(network.paper),
        inputs=tuple((network.graph[id_].path, show(network.shapes[id_])) for id_ in network.inputs),
        params=counted.params,
        params_train=counted.params_train,
        macs=counted.macs,
    )


def year(paper: str | None) -> int | None:
    """The year that the `paper` line says, else that of its arXiv number."""
    said = paper or ""
    spelt = _YEAR.findall(_ARXIV.sub("", said))
    if spelt:
        return int(spelt[-1])
    number = _ARXIV.search(said)
    return 2000 + int(number[1]) if number else None


def write(entries: Sequence[Entry], format: str) -> str:  # noqa: A002 - it is what the format is called
    """All of them as text: `format` is one of `FORMATS`."""
    return FORMATS[format](entries)


def _table(entries: Sequence[Entry]) -> str:
    return "\n".join(aligned(HEADINGS, [_row(each) for each in entries], RIGHT)) + "\n"


def _markdown(entries: Sequence[Entry]) -> str:
    rows = [(f"`{row[0]}`", *map(escaped, row[1:])) for row in map(_row, entries)]
    return "\n".join(markdown(HEADINGS, rows, RIGHT)) + "\n"


def _row(each: Entry) -> tuple[str, ...]:
    when = str(each.year) if each.year else ""
    return (each.title, when, each.sizes, each.params_text, each.macs_text, short(each.variants), each.paper or "")


def short(variants: tuple[str, ...], letters: int = SHOWN) -> str:
    """Their names, or the first of them and how many there are."""
    whole = ", ".join(variants)
    if len(whole) <= letters:
        return whole
    cut = whole[:letters].rpartition(", ")[0] or variants[0]
    return f"{cut}, .. ({len(variants)})"


def _csv(entries: Sequence[Entry]) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["name", "variant", "year", "input", "params", "params_train", "macs", "variants", "paper"])
    for each in entries:
        words = (each.sizes, *map(str, (each.params, each.params_train, each.macs)))
        also = (" ".join(each.variants), each.paper or "")
        lines.writerow([defused(cell) for cell in (each.name, each.variant or "", str(each.year or ""), *words, *also)])
    return text.getvalue()


def _json(entries: Sequence[Entry]) -> str:
    rows = ",\n".join(f"  {json.dumps(_object(each), ensure_ascii=False)}" for each in entries)
    return f"[\n{rows}\n]\n"


def _object(each: Entry) -> dict[str, object]:
    return {
        "name": each.name,
        "variant": each.variant,
        "year": each.year,
        "input": each.inputs[0][1] if len(each.inputs) == 1 else dict(each.inputs),
        "params": each.params,
        "params_train": each.params_train,
        "macs": each.macs if isinstance(each.macs, int) else str(each.macs),
        "variants": list(each.variants),
        "paper": each.paper,
    }


FORMATS: Mapping[str, Callable[[Sequence[Entry]], str]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "markdown": _markdown,
}
"""How each format is written."""
