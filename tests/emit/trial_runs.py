"""Modules made ready to be compared: random weights, a batch of images, their outputs as a list."""

from __future__ import annotations

import torch

from archlang.emit import class_of
from archlang.runtime.execute import execute


def made(network_model, *, kernels=False):
    """The module of a model, without the weights it may ask for."""
    module = execute(network_model.code(kernels=kernels), network_model.name)
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
    """Two images, or sentences; one where that costs much and no batch norm needs more."""
    network = network_model.network
    cheap = not isinstance(network_model.macs, int) or network_model.macs < 10**9
    batch = 2 if cheap or any(node.op.family == "bn" for node in network.graph) else 1
    generator = torch.Generator().manual_seed(2)
    found = []
    for id_ in network.inputs:
        sizes = (batch, *(s if isinstance(s, int) else 32 for s in network.shapes[id_]))
        words = network.vocabulary(id_)
        made = torch.randn(sizes, generator=generator)
        found.append(made if words is None else torch.randint(words, sizes, generator=generator))
    return found


def outputs(result):
    return [one for one in result if one is not None] if isinstance(result, tuple) else [result]


def agree(ours, theirs):
    theirs = theirs.flatten(1) if ours.dim() != theirs.dim() else theirs
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
