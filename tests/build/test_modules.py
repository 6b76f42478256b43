"""Built modules against the graph: their keys, and every number they compute."""

from __future__ import annotations

import warnings

import pytest
import torch
from emitted_networks import families, first_variants, model, programs, small, specs
from node_by_node import expected, run
from trial_runs import agree, images, made, outputs, randomised


def _keys(spec):
    network = model(spec).network
    with torch.device("meta"):
        module = made(model(spec))
    assert {name: tuple(t.shape) for name, t in module.state_dict().items()} == expected(network)


@pytest.mark.parametrize("spec", first_variants())
def test_the_state_dict_has_exactly_the_graphs_names_and_shapes(spec):
    _keys(spec)


@pytest.mark.slow
@pytest.mark.parametrize("spec", specs())
def test_every_variants_state_dict_has_exactly_the_graphs_names_and_shapes(spec):
    _keys(spec)


def _compare(spec):
    network_model = small(spec)
    network = network_model.network
    module = randomised(made(network_model))
    inputs = images(network_model)
    for training in (False, True):
        module.train(training)
        if training and network.settings.frozen:
            continue  # a frozen batch norm does not train, which the interpreter knows nothing of
        state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
        with torch.no_grad():
            values = run(network, state, inputs, training=training)
        torch.manual_seed(0)
        results = outputs(module(*inputs))
        wanted = [values[one.output] for one in network.results]
        wanted += [values[head.output] for head in network.heads] if training else []
        assert len(results) == len(wanted)
        for ours, theirs in zip(results, wanted, strict=True):
            agree(ours, theirs)
        if training:
            sum(one.float().mean() for one in results).backward()
            assert all(p.grad is not None for p in module.parameters() if p.requires_grad)


@pytest.mark.parametrize("spec", programs())
def test_a_hard_case_computes_what_its_graph_says_in_eval_and_in_training(spec):
    _compare(spec)


ALONE = ["tests/samples/keys/inception_v3.arch", "tests/samples/keys/squeezenet1_1.arch", "tests/samples/symbolic.arch"]
"""Networks that the zoo has not."""


@pytest.mark.parametrize("spec", [*families(), *ALONE])
def test_a_network_computes_what_its_graph_says_in_eval_and_in_training(spec):
    _compare(spec)


@pytest.mark.slow
@pytest.mark.parametrize("spec", [s for s in specs() if s not in programs()])
def test_every_variant_computes_what_its_graph_says(spec):
    _compare(spec)


def _compiled(spec):
    network_model = small(spec)
    module = randomised(made(network_model)).eval()
    inputs = tuple(images(network_model))
    torch._dynamo.reset()
    with torch.no_grad():
        eager = outputs(module(*inputs))
        compiled = outputs(torch.compile(module, fullgraph=True, backend="eager")(*inputs))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch's own, about its exporter
            exported = outputs(torch.export.export(module, inputs).module()(*inputs))
    for one, two, three in zip(eager, compiled, exported, strict=True):
        agree(two, one)
        agree(three, one)
    module.train()
    torch.compile(module, fullgraph=True, backend="eager")(*inputs)


TELLING = {"again", "aux_stage", "counts", "multi_out", "settings", "symbolic_se", "taps_inside", "towers"}
"""Hard cases whose forward has something that a compiler may stumble over."""


@pytest.mark.parametrize("spec", [f"tests/emit/programs/{name}.arch" for name in sorted(TELLING)])
def test_a_hard_case_compiles_to_one_graph_and_exports(spec):
    _compiled(spec)


@pytest.mark.parametrize("spec", families())
def test_a_network_of_the_zoo_compiles_to_one_graph_and_exports(spec):
    _compiled(spec)


@pytest.mark.slow
@pytest.mark.parametrize("spec", first_variants())
def test_every_network_compiles_to_one_graph_and_exports(spec):
    _compiled(spec)
