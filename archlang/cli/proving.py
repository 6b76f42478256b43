"""What `archlang zoo` does: works the networks out and prints what it found."""

from __future__ import annotations

import sys
from pathlib import PurePath

from archlang import zoo_names, zoo_networks
from archlang.cli.screen import show
from archlang.diagnostics import Diagnostic
from archlang.locate import locate
from archlang.report import proof, zoo
from archlang.report.proof import Proof


def rows(format: str, *, every: bool) -> str:  # noqa: A002 - it is what the format is called
    """The zoo, a row a network, or with `every` a row a variant."""
    members = zoo_networks.every() if every else zoo_networks.usual()
    return zoo.write([zoo.entry(m.name, m.network, all_variants=not every) for m in members], format)


def prove(names: list[str]) -> int:
    """Print every claim of these networks, or of all, and what became of it; 1 if one is broken, else 0."""
    found: list[Proof] = []
    errors: list[Diagnostic] = []
    networks = 0
    for name in names or zoo_names.names():
        located = locate(name)
        members, wrong = zoo_networks.worked_out(PurePath(located.source.name).stem, located.source, located.parsed)
        errors += wrong
        for member in members:
            if located.variant in (None, member.network.variant) and located.net in (None, member.network.name):
                found += proof.proofs(member.title, member.network)
                networks += 1
    print(proof.table(found))
    show(errors, sys.stdout)
    others = [each for each in errors if each.code != "shape-claim"]
    print(proof.sentence(found, networks, len(others)))
    return 1 if errors or proof.broken(found) else 0
