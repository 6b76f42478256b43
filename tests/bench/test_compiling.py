"""torch.compile as a baseline: it compiles, or is told to have failed."""

import pytest
import torch
from torch import nn

from archlang.bench import compiling
from archlang.bench.pieces import Piece, Plain
from archlang.passes.fusion import Kernel


def compiled(widths):
    """How many forwards the compiler was given, of as many pieces, one after the other."""
    seen = []
    for width in widths:
        plain = Plain(Piece(Kernel.CONV1X1, (8, 4, 4), (width,), norm=True)).eval()
        with torch.no_grad():
            torch.compile(plain, backend=lambda graph, _: seen.append(graph) or graph)(torch.randn(1, 8, 4, 4))
    return len(seen)


def test_every_piece_is_compiled_however_many_there_are():
    with compiling.compiling():
        assert compiled(range(1, 13)) == 12


def test_what_the_compiler_gives_up_on_fails_and_does_not_run_layer_by_layer(monkeypatch):
    monkeypatch.setattr(compiling, "_MOST", 3)
    with compiling.compiling(), pytest.raises(Exception, match="recompile_limit"):
        compiled(range(1, 9))


def test_nothing_compiled_before_is_left():
    module = nn.Linear(2, 2)
    seen = []
    for _ in range(2):
        with compiling.compiling(), torch.no_grad():
            torch.compile(module, backend=lambda graph, _: seen.append(graph) or graph)(torch.ones(1, 2))
    assert len(seen) == 2
