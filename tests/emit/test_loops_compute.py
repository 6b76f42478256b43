"""Whatever a file repeats without a block: its source, loops and all, computes what its graph says."""

from __future__ import annotations

import random

import pytest
import torch
from node_by_node import run

import archlang

PIECES = [
    "conv3-8",
    "conv3-8; relu",
    "conv3-8; leaky(0.1 * i)",
    "leaky(0.05 * i + 0.1)",
    "concat[ conv1-4 | conv3-4 ]",
    "concat[ conv1-4; relu | conv3-2; conv3-4 ]",
    "res[ conv3-8; relu; conv1-8 ]",
    "res[ conv3-8 ]; relu",
    "add[ conv3-8 | conv1-8 ]",
    "conv3-8 as b; conv1-8; add(b)",
    "conv3-8 as b; conv1-8; relu; conv1-8; add(b); leaky(0.2)",
    "mul[ conv3-8 | conv1-8; sigmoid ]",
    "maxpool(3, 1, pad=1)",
    "add(a)",
    "bn",
]
AFTER = ["", "add(a)", "conv3-8; add(a); relu", "conv3-8"]


def program(seed: int) -> str:
    r = random.Random(seed)
    lines = ["input 8x6x6", r.choice(["conv3-8 as a", "identity as a"])]
    for _ in range(r.randint(1, 2)):
        pieces = [r.choice(PIECES) for _ in range(r.randint(1, 3))]
        labelled = [piece for piece in pieces if " as b" in piece]
        body = "; ".join(piece for piece in pieces if piece not in labelled[1:])
        name = f"b{len(lines)}"
        body = body.replace("as b", f"as {name}").replace("add(b)", f"add({name})")
        lines.append(f"for i in [{', '.join(map(str, range(1, r.randint(3, 5))))}] {{ {body} }}")
        lines.append(r.choice(AFTER))
    return "\n".join([*filter(None, lines), "gap; fc-3"]) + "\n"


def check(seed: int) -> bool:
    """Whether there is a loop; raises where it computes another thing than the graph."""
    model = archlang.parse(program(seed))
    torch.manual_seed(seed)
    module = model.build()
    image = torch.randn(2, 8, 6, 6)
    result = model.network.results[0].output
    for training in (False, True):
        wanted = run(model.network, module.state_dict(), [image], training=training)[result]
        made = module.train(training)(image)
        torch.testing.assert_close(made, wanted, rtol=1e-4, atol=1e-5, msg=lambda said: f"{said}\n{program(seed)}")
    return "for i" in model.code() or "for value" in model.code() or "for _" in model.code()


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_loops_compute_what_their_graph_says(first: int) -> None:
    found = [check(seed) for seed in range(first, first + 20)]
    assert sum(found) > 10


@pytest.mark.slow
def test_thousands_of_loops_compute_what_their_graph_says() -> None:
    assert sum(check(seed) for seed in range(60, 3000)) > 1500
