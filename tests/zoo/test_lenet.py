"""LeNet-5 as its paper has it: what C3 sees, and what learns."""

from __future__ import annotations

import torch

import archlang

# Table I of the paper: a row for each map of S2, a column for each of C3.
TABLE = """
o...ooo..oooo.oo
oo...ooo..oooo.o
ooo...ooo..o.ooo
.ooo..oooo..o.oo
..ooo..oooo.oo.o
...ooo..oooo.ooo
"""


def built():
    torch.manual_seed(0)
    return archlang.read("lenet", variant="5-paper").build()


def test_a_map_of_c3_sees_the_maps_of_s2_that_the_table_gives_it():
    c3 = built().C3
    sees = []
    for column in range(16):
        maps = torch.randn(1, 6, 14, 14, requires_grad=True)
        c3(maps)[0, column].sum().backward()
        sees.append([bool(maps.grad[0, row].any()) for row in range(6)])
    table = ["".join(".o"[sees[column][row]] for column in range(16)) for row in range(6)]
    assert table == TABLE.split()


def test_what_learns_are_the_papers_60000_and_the_patterns_do_not():
    module = built()
    assert sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad) == 60_000
    assert module.F7.patterns.shape == (10, 84)
    assert set(module.F7.patterns.flatten().tolist()) == {1.0, -1.0}
    assert "F7.patterns" in module.state_dict()


def test_the_nearest_pattern_is_the_likeliest():
    module = built()
    said = module.F7(module.F7.patterns)
    assert said.argmax(1).tolist() == list(range(10))
    assert torch.equal(said.diagonal(), torch.zeros(10))


def test_it_learns_each_of_its_layers():
    module = built()
    images, digits = torch.randn(8, 1, 32, 32), torch.arange(8)
    first = module.loss(module(images), digits)
    first.backward()
    assert all(parameter.grad.any() for parameter in module.parameters())
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.sub_(1e-4 * parameter.grad)
    assert module.loss(module(images), digits) < first


def test_it_is_one_graph_and_is_exported():
    module, images = built().eval(), torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        plain = module(images)
        torch.testing.assert_close(torch.compile(module, fullgraph=True, backend="eager")(images), plain)
        torch.testing.assert_close(torch.export.export(module, (images,)).module()(images), plain)
