"""What the tests of the zoo share: the facts, and networks read once."""

from __future__ import annotations

import json
from functools import cache
from math import prod
from pathlib import Path

import pytest

import archlang

TESTS = Path(__file__).parent.parent


def shape(text):
    """`64x3x7x7` as sizes."""
    return tuple(int(size) for size in text.split("x"))


@cache
def _facts(name):
    return json.loads((TESTS / "facts" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def _network(name, variant=None):
    return archlang.read(name, variant=variant)


@pytest.fixture(scope="session")
def facts():
    """`facts("caffe_nets")`: one of the files of facts."""
    return _facts


@pytest.fixture(scope="session")
def network():
    """`network("vgg", "D")`, or the path of a file: its model, read once."""
    return _network


@pytest.fixture(scope="session")
def published_tensors():
    """Rows of facts as a list of (key, shape), in order: every tensor of the state_dict."""

    def unfold(rows):
        found = []
        for row in rows:
            name, *what = row.split()
            if what[0] == "bn":
                sizes = (int(what[1]),)
                statistics = ("weight", "bias", "running_mean", "running_var")
                found += [(f"{name}.{part}", sizes) for part in statistics]
                found.append((f"{name}.num_batches_tracked", ()))
            elif what[0] == "=":
                found.append((name, shape(what[1])))
            else:
                found.append((f"{name}.weight", shape(what[0])))
                if what[1:] == ["bias"]:
                    found.append((f"{name}.bias", shape(what[0])[:1]))
        return found

    return unfold


@pytest.fixture(scope="session")
def tensors():
    """The same of one of our models: every tensor that its state_dict will hold."""

    def unfold(model):
        found = []
        for node in model.graph:
            if not node.op.stateful or node.shares is not None:
                continue
            inputs = tuple(model.shapes[source] for source in node.inputs)
            own = {**node.op.tensors(inputs), **node.op.buffers(inputs)}
            found += [(f"{node.path}.{name}" if name else node.path, tuple(sizes)) for name, sizes in own.items()]
        return found

    return unfold


@pytest.fixture(scope="session")
def measured():
    """`measured(model, node)`: its output's shape, parameters and MACs, as its own rules count them."""

    def measure(model, node):
        inputs = tuple(model.shapes[source] for source in node.inputs)
        output = model.shapes[node.id]
        params = 0 if node.shares is not None else sum(prod(sizes) for sizes in node.op.tensors(inputs).values())
        return output, params, node.op.macs(inputs, output)

    return measure
