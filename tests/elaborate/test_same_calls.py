"""Calls that equal an earlier one are not read again; what they place is what reading them would have placed."""

import pytest
from work import calls

import archlang
from archlang import zoo_names
from archlang.elaborate import blocks, same_calls
from archlang.elaborate.values import describe

NETWORKS = [*zoo_names.names(), "resnet152", "cifar_resnet@56"]


def always_read(work, definition, bound, cur, scope, depth, run):
    return run()


def given(binding):
    """What a block was called with."""
    values = [(name, describe(value)) for name, value in binding.parameters.items()]
    lets = [(name, expr.span.text, describe(value)) for name, (expr, value) in binding.lets.items()]
    return binding.definition.name, values, lets, binding.inputs, binding.labels


def around(scope):
    """A scope and all that hold it, without what tells two readings apart."""
    for each in scope.chain():
        place = (each.span.source.name, each.span.start, each.span.end)
        named = (each.kind, each.title, each.level, each.path, each.numbered, each.label, each.copy, each.copies)
        yield place, named, each.binding and given(each.binding)


def told(network):
    """All of a network, in words that can be compared."""
    nodes = []
    scopes = {}
    for node in network.graph:
        number = [scopes.setdefault(id(scope), len(scopes)) for scope in node.scope.chain()]
        said = (
            node.id,
            node.op,
            node.inputs,
            node.name,
            node.path,
            node.label,
            node.shares,
            [(name, expr.span.text) for name, expr in node.exprs.items()],
        )
        nodes.append((said, (node.span.start, node.span.end), number, list(around(node.scope))))
    return {
        "nodes": nodes,
        "shapes": list(network.shapes.items()),
        "labels": list(network.labels.items()),
        "claimed": network.claimed,
        "sizes": [(span.start, held) for span, held in network.sizes.items()],
        "taps": network.taps,
        "settings": repr(network.settings),
        "train_only": network.train_only,
        "weights": [(name, list(around(scope))) for name, scope in network.weights],
        "results": network.results,
    }


def both_ways(monkeypatch, make):
    """What `make` gives with calls placed again, and with every call read; errors in place of a network."""
    found = []
    for way in (same_calls.as_before, always_read):
        monkeypatch.setattr(blocks, "as_before", way)
        try:
            model = make()
            found.append((told(model.network), [warning.message for warning in model.warnings]))
        except archlang.ArchError as error:
            found.append(
                [(d.code, d.message, d.span.start, [mark.span.start for mark in d.trace]) for d in error.diagnostics]
            )
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_the_zoo_is_what_reading_every_call_makes_of_it(name, monkeypatch):
    ours, read = both_ways(monkeypatch, lambda: archlang.read(name))
    assert ours == read


PROGRAMS = {
    "a let that comes between two calls": """
        net N(k=4) {
          input 3x8x8
          stage s { block b { conv3-k }
                    b; let k = 16
                    b; b }
        }""",
    "a number and what is equal to it, but none": """
        input 8x8x8
        block b(s) { conv3-8(stride=s) }
        b(1); b(1); b(1.0); b(true)""",
    "a flag and a number equal to it": """
        input 8x8x8
        block b(s) { conv3-8(bias=s) }
        b(1); b(true); b(1); b(false); b(0)""",
    "a tensor that a call is handed": """
        input 8x8x8
        conv3-8 as a
        block b(t) { conv3-8; add(t) }
        block c { conv3-8 as own; conv3-8; b(own); conv3-8 }
        b(a) as b1; b(b1); b(b1); c; c; c""",
    "a claim where a net is a layer, and where it is none": """
        block b { conv3-8 => 9x9 }
        block c { b }
        net A { input 8x8x8; b; b }
        net B { input 8x8x8; A; c; c }""",
    "a net that ends inside a line": """
        block b(w) { conv3-w; relu }
        net A { input 8x8x8; [b(8) as x; b(16)]; b(32) }
        net B { input 8x8x8; A to x as t1; A to x as t2; A to x as t3; b(16) }""",
    "labels, sequences and branches in it": """
        input 8x8x8
        block inner(w) { seq[ conv1-w; relu ] }
        block b(w) { let v = w // 2
                     concat[ left: conv1-v; relu | inner(v) as right ] as both; conv3-w as other; add(both) }
        [b(8) as one; b(8)] x3 as all""",
    "other strides before it": """
        input 8x64x64
        shortcut means [conv1-out.c/out.stride]
        block b(w, stride=1) { res[ conv3-w/stride ] }
        b(8)/2; b(8)/2; b(8)/2; b(8); b(8)""",
    "a size that is not known": """
        input 8xHxW
        block b(w) { conv3-w; conv3-w => ?x? }
        b(8) x3""",
    "weights used again": """
        input 8x8x8
        block b { conv3-8 as c; again(c) }
        block d { conv3-8; conv3-8 }
        b; b; b; d as d1; d as d2; d as d3; again(d3.conv2)""",
    "a fault in every call": """
        input 8x8x8
        block b { conv3-8; conv9-8(pad=0) }
        b; b; b""",
    "what is legal and probably wrong": """
        input 8x8x8
        block b { conv3-8 as forward; conv3-8/2 }
        b; b; b""",
    "weights that a file is to have, in it": """
        net A { input 8x8x8; conv3-8 }
        block b { A(weights="imagenet") }
        net B { input 8x8x8; b as one; b as two }""",
    "more layers than a network may have": """
        input 8x8x8
        block b { conv3-8 x 900 }
        b x 2000""",
    "the words of whoever calls a block of the library": """
        input 8x8x8
        block b { fire(4, 4) }
        block c { conv means [conv; bn]; fire(4, 4) }
        b; c; b; c; fire(4, 4); fire(4, 4)""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_calls_that_may_differ_are_told_apart_by(name, monkeypatch):
    ours, read = both_ways(monkeypatch, lambda: archlang.parse(PROGRAMS[name]))
    assert ours == read


def test_a_copy_more_of_a_block_is_not_read_again():
    def reading(copies):
        text = f"input 64x8x8\nblock b(w) {{ res[ conv3-w; relu; conv3-w ]; relu }}\nb(64) x {copies}\n"
        return calls(lambda: archlang.parse(text))

    assert reading(40) - reading(20) < 20 * 140  # read, a copy takes 330


def test_what_it_took_to_read_a_call_counts_for_those_like_it_too():
    text = "input 8x8x8\nblock b { for i in range(0, 90) { if i < 0 { relu } } }\nrelu; b x 100000\n"
    with pytest.raises(archlang.ArchError) as caught:
        archlang.parse(text)
    assert [each.code for each in caught.value.diagnostics] == ["too-many-steps"]


def test_no_more_is_kept_than_a_limit_says(monkeypatch):
    monkeypatch.setattr(same_calls, "MOST_KEPT", 3)
    ours, read = both_ways(
        monkeypatch, lambda: archlang.parse("input 8x8x8\nblock b(w) { conv3-w }\nb(8) x 4; b(16) x 4\n")
    )
    assert ours == read


def test_reading_and_saying_a_deep_network_is_little_work():
    def read():
        return archlang.read("resnet152")

    model = read()
    model.code()
    assert calls(read) < 45_000  # with every call of a block read it was 70,000
    assert calls(lambda: archlang.Model(model.network).code()) < 97_000
