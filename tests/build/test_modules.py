"""Built modules against the graph: their keys, and every number they compute."""

from __future__ import annotations

import warnings

import pytest
import torch
from emitted_networks import families, first_variants, model, programs, small, specs
from node_by_node import expected, run

from archlang.emit import class_of
from archlang.runtime.execute import execute


def made(network_model):
    module = execute(network_model.code(), network_model.name)
    return getattr(module, class_of(network_model.network))()


def randomised(module):
    """Every parameter and statistic of a module made random, so that no two layers look alike."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if name.endswith("running_var"):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) / 2 + 0.5)
            elif tensor.is_floating_point():
                scale = 0.3 if tensor.dim() < 2 else (2 / max(1, tensor[0].numel())) ** 0.5
                tensor.copy_(torch.randn(tensor.shape, generator=generator) * scale)
    return module


def images(network_model):
    """Two images; one where that costs much and no batch norm needs more."""
    network = network_model.network
    cheap = not isinstance(network_model.macs, int) or network_model.macs < 10**9
    batch = 2 if cheap or any(node.op.family == "bn" for node in network.graph) else 1
    generator = torch.Generator().manual_seed(2)
    sizes = ([s if isinstance(s, int) else 32 for s in network.shapes[id_]] for id_ in network.inputs)
    return [torch.randn(batch, *size, generator=generator) for size in sizes]


def outputs(result):
    return [one for one in result if one is not None] if isinstance(result, tuple) else [result]


def agree(ours, theirs):
    theirs = theirs.flatten(1) if ours.dim() != theirs.dim() else theirs
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


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
