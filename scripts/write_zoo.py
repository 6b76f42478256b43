"""Writes what docs/zoo.md shows of each network, and its picture.

python scripts/write_zoo.py

rewrites the part of docs/zoo.md between its marks, and docs/images/zoo/. What the
page says of a network is what its file says at its top, and what is counted.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import groupby
from pathlib import Path

from archlang import zoo_names
from archlang.draw import svg
from archlang.locate import locate
from archlang.passes.claims import Verdict
from archlang.passes.depth import depth
from archlang.report.cells import number
from archlang.report.grid import markdown
from archlang.report.proof import Proof, proofs, several
from archlang.report.zoo import Entry, entry, short, year
from archlang.zoo_networks import Member
from archlang.zoo_networks import all_of as every_variant
from archlang.zoo_networks import usual_of as usual_variant

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "zoo.md"
PICTURES = ROOT / "docs" / "images" / "zoo"
MARKS = ("<!-- networks: written by scripts/write_zoo.py -->", "<!-- end of networks -->")
TALLEST = 640
"""Pixels of a picture on the page; one that is taller is shown smaller, and opens in full."""

ROWS = (("network", "year", "input", "parameters", "MACs", "variants"), (1, 3, 4))
VARIANTS = (("network", "input", "parameters", "MACs", "depth"), (2, 3, 4))
all_of, usual_of = cache(every_variant), cache(usual_variant)  # asked of each network more than once
CLAIMS = (("of", "what", "published", "computed", "why they differ"), (2, 3))


def page(text: str) -> str:
    """The page with its networks written anew."""
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return before + "\n\n".join([MARKS[0], networks(), MARKS[1]]) + after


def networks() -> str:
    """All of them in a table, and a section for each."""
    names = zoo_names.names()
    rows = [row(name, network) for name in names for network in usual_of(name)]
    return "\n\n".join(["\n".join(markdown(ROWS[0], rows, ROWS[1])), *map(section, names)])


def row(name: str, member: Member) -> tuple[str, ...]:
    """A network in the table of all: as it is usually meant."""
    each = entry(member.name, member.network, all_variants=True)
    link = f"[`{member.name}`](#{name.lower()})"
    return (link, str(each.year or ""), each.sizes, each.params_text, each.macs_text, short(each.variants, 60))


def section(name: str) -> str:
    """A network: its picture, what it is, its variants with their counts, its claims beside what is computed."""
    members = all_of(name)
    parts = [f"### {name}", shown(name), *said(name), links(name), counts(members)]
    claims = [proof for member in members for proof in proofs(member.title, member.network)]
    parts += sizes(claims)
    figures = [proof for proof in claims if not proof.sizes]
    if figures:
        parts.append(figures_table(figures))
    return "\n\n".join([*parts, '<br clear="all">'])


def shown(name: str) -> str:
    """The picture beside the text, which opens it in full."""
    member = main(name)
    width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', picture(name))[0])
    small = min(height, TALLEST)
    size = f'width="{round(width * small / height)}" height="{small}"'
    place = f"images/zoo/{name}.svg"
    return f'<a href="{place}"><img src="{place}" alt="{member.title}" {size} align="right"></a>'


@cache
def picture(name: str) -> str:
    """The network as it is usually meant, drawn."""
    return svg(main(name).network)


def main(name: str) -> Member:
    """The network that a file is called for, as it is usually meant."""
    members = usual_of(name)
    return next((member for member in members if member.name == name), members[-1])


def said(name: str) -> list[str]:
    """The comment that the file opens with, paragraph by paragraph."""
    lines: list[str] = []
    for line in locate(name).source.text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return [" ".join(map(quiet, part.splitlines())) for part in "\n".join(lines).split("\n\n")]


def quiet(text: str) -> str:
    """Words that mean nothing else in Markdown; code in backticks stays."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\\*_<>\[\]|#])", r"\\\1", part) for part in parts)


def papers(name: str) -> str:
    """The paper, and those of variants that have another."""
    usual = main(name).network.paper
    others: dict[str, list[str]] = {}
    for member in all_of(name):
        paper = member.network.paper
        if usual and paper and paper != usual and member.network.variant:
            others.setdefault(paper, []).append(f"`{member.network.variant}`")
    text = f"Paper: {dated(usual)}. " if usual else ""
    return text + "".join(f"Of {', '.join(variants)}: {dated(paper)}. " for paper, variants in others.items())


def dated(paper: str) -> str:
    """A paper's line and its year, where the line does not say it."""
    when = f" ({year(paper)})" if year(paper) and str(year(paper)) not in paper else ""
    return f"{linked(paper)}{when}"


def links(name: str) -> str:
    """Where it comes from, how it is used, whose weights fit."""
    member = main(name)
    text = papers(name)
    text += f"File: [`zoo/{name}.arch`](../zoo/{name}.arch). "
    text += f'Use: `archlang summary {member.title}`, in Python `archlang.read("{member.title}")`.'
    others = torchvision(name)
    if others:
        text += f" The weights of torchvision's {', '.join(f'`{other}`' for other in others)} fit as they are."
    return text


def linked(paper: str) -> str:
    """The paper's line, its arXiv number or DOI a link."""
    text = re.sub(r"arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", paper)
    return re.sub(r"doi:(10\.\S+[^\s.,;)])", r"[doi:\1](https://doi.org/\1)", text)


def torchvision(name: str) -> list[str]:
    """The networks of torchvision whose weights the tests put into this one."""
    files = sorted((ROOT / "tests" / "zoo" / "torchvision").glob("*.json"))
    rows = [row for path in files for row in json.loads(path.read_text("utf-8"))]
    return list(dict.fromkeys(row["torchvision"] for row in rows if row["zoo"].partition("@")[0] == name))


def counts(members: list[Member]) -> str:
    """What is counted of each variant."""
    return "\n".join(markdown(VARIANTS[0], [counted(member) for member in members], VARIANTS[1]))


def counted(member: Member) -> tuple[str, ...]:
    """One variant's counts; train-only heads stand in parentheses."""
    each: Entry = entry(member.name, member.network)
    heads = f" ({number(each.params_train)} with its heads)" if each.params_train != each.params else ""
    macs = number(each.macs) if isinstance(each.macs, int) else each.macs_text
    return (f"`{member.title}`", each.sizes, number(each.params) + heads, macs, str(depth(member.network)))


def sizes(claims: list[Proof]) -> list[str]:
    """How many output sizes the file states, over all variants, and how many of them are right."""
    stated = sum(proof.sizes for proof in claims)
    kept = sum(proof.kept for proof in claims)
    if not stated:
        return []
    right = "all as computed" if kept == stated else f"{kept:,} as computed"
    return [f"The file states {several(stated, 'output size')}, {right}."]


def figures_table(claims: list[Proof]) -> str:
    """Published and computed side by side; variants of which the same is said share a row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for proof in claims:
        why = proof.reason or ("" if proof.verdict is Verdict.KEPT else proof.verdict.value)
        rows.setdefault((proof.claim, proof.claimed, proof.computed, why), []).append(proof.network)
    cells = [(of(names), f"`{what}`", a, b, quiet(why)) for (what, a, b, why), names in rows.items()]
    return "\n".join(markdown(CLAIMS[0], cells, CLAIMS[1]))


def of(titles: list[str]) -> str:
    """`vgg@A`, `B`, `C`: the first in full, of the others what differs."""
    found: list[str] = []
    for network, group in groupby(titles, key=lambda title: title.partition("@")[0]):
        variants = [title.partition("@")[2] for title in group]
        found.append(f"{network} {', '.join(variants)}".strip())
    return quiet("; ".join(found))


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.svg"):
        old.unlink()
    for network_name in zoo_names.names():
        (PICTURES / f"{network_name}.svg").write_text(picture(network_name), "utf-8")
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
