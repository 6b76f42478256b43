"""Every network of the zoo, in every variant, whatever files there are: it checks, counts, draws, builds and runs."""

from __future__ import annotations

from math import prod

import pytest
import torch
from sampled import every

import archlang
from archlang import zoo_names
from archlang.ops.dim import Dim
from archlang.report.proof import broken, proofs
from archlang.zoo_networks import all_of, usual_of

NAMES = zoo_names.names()

pytestmark = pytest.mark.filterwarnings("ignore:the weights `.*` are not given")


def sized(title):
    """The model by that name, with numbers for the sizes that its input leaves open."""
    model = archlang.read(title)
    shapes = [model.shapes[id_] for id_ in model.network.inputs]
    if any(isinstance(size, Dim) for shape in shapes for size in shape):
        model = archlang.read(title, input=[224 if isinstance(size, Dim) else size for size in shapes[0]])
    return model


def address(member):
    """How `archlang.read` finds it: a further net of a file is called by the file's path."""
    name, colon, net = member.name.partition(":")
    variant = f"@{member.network.variant}" if member.network.variant else ""
    return f"{member.network.source.path}:{net}{variant}" if colon else name + variant


@pytest.mark.parametrize("name", every(3, NAMES))  # `zoo check` proves the claims of all in one of its tests
def test_every_variant_of_a_file_keeps_its_claims_and_is_counted(name):
    for member in all_of(name):
        assert not broken(proofs(member.title, member.network))
        model = archlang.Model(member.network)
        assert model.params > 0 or name == "inception_module"
        assert model.params_train >= model.params
        assert model.summary("csv").count("\n") == len(model.layers) + 1


@pytest.mark.parametrize("name", NAMES)
def test_a_network_is_read_without_a_word_and_drawn(name):
    for member in usual_of(name):
        is_read_and_drawn(archlang.read(address(member)))


@pytest.mark.parametrize("name", every(3, NAMES))
def test_a_networks_module_has_its_tensors_and_learns_from_images_of_its_size(name, tensors):
    for member in usual_of(name):
        builds_and_learns(sized(address(member)), tensors)


@pytest.mark.slow  # repeats of what the usual variant shows, and giants among them
@pytest.mark.parametrize("name", NAMES)
def test_the_other_variants_are_read_and_drawn_and_learn_as_well(name, tensors):
    often = [member.title for member in usual_of(name)]
    for member in all_of(name):
        if member.title not in often:
            is_read_and_drawn(archlang.read(address(member)))
            builds_and_learns(sized(address(member)), tensors)


def is_read_and_drawn(model):
    assert [each.message for each in model.warnings] == [], model
    picture = model.svg()
    assert picture.startswith("<svg "), model
    assert model.name in picture


def builds_and_learns(model, tensors):
    compile(model.code(), model.name, "exec")
    with torch.device("meta"):  # shapes alone: no network is too large for that
        module = model.build()
        images = [given(model, id_) for id_ in model.network.inputs]
        answers = listed(module.train()(*images))
    results, heads = model.network.results, model.network.heads
    said = [flat(model.shapes[each.output]) for each in (*results, *heads)]
    assert [flat(each.shape[1:]) for each in answers] == said, model
    assert {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()} == dict(tensors(model)), model
    assert sum(prod(parameter.shape) for parameter in module.parameters()) == model.params_train, model
    sum(each.sum() for each in answers).backward()
    assert [name for name, p in module.named_parameters() if p.requires_grad and p.grad is None] == [], model
    with torch.device("meta"), torch.no_grad():
        answers = listed(module.eval()(*images))
    assert [flat(each.shape[1:]) for each in answers] == said[: len(results)], model


def given(model, id_):
    """Two of an input: images, or whole numbers where words are read."""
    kind = torch.float32 if model.network.vocabulary(id_) is None else torch.int64
    return torch.empty(2, *model.shapes[id_], dtype=kind)


def listed(answers):
    return [answers] if isinstance(answers, torch.Tensor) else list(answers)


def flat(shape):
    """What a loss takes of a 1x1 map is a vector."""
    return tuple(shape[:1]) if tuple(shape[1:]) == (1, 1) else tuple(shape)
