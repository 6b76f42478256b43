"""Sources with kernels: what their forwards say, and whether they compute what those without do."""

import ast

import torch
from trial_runs import agree, images, made, outputs, randomised

import archlang


def forward(text, net=None, **options):
    """The forward that is written for a text with kernels, of the last class or the one of that name."""
    source = archlang.parse(text, **options).code(kernels=True)
    return forwards(source)[net or max(forwards(source), key=source.index)]


def forwards(source):
    """The forward of each class that has one, by name."""
    found = {}
    for node in ast.parse(source).body:
        for method in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(method, ast.FunctionDef) and method.name in ("forward", "_run"):
                found[node.name] = ast.unparse(method).partition("\n")[2].replace("    ", "")
    return found


def same(network_model):
    """Both modules of a network give the same results, gradients and statistics from the same parameters."""
    plain, fused = randomised(made(network_model)), made(network_model, kernels=True)
    assert list(fused.state_dict()) == list(plain.state_dict())
    fused.load_state_dict(plain.state_dict())
    inputs = images(network_model)
    with torch.no_grad():
        for one, other in zip(outputs(fused.eval()(*inputs)), outputs(plain.eval()(*inputs)), strict=True):
            agree(one, other)
    for module in (plain.train(), fused.train()):
        torch.manual_seed(0)
        module.results = outputs(module(*inputs))
        sum(one.float().square().mean() for one in module.results).backward()
    for one, other in zip(fused.results, plain.results, strict=True):
        agree(one, other)
    for (name, one), (_, other) in zip(fused.named_parameters(), plain.named_parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None), name
        if one.grad is not None:
            torch.testing.assert_close(
                one.grad, other.grad, rtol=1e-3, atol=1e-5 + 1e-4 * other.grad.abs().max().item()
            )
    for one, other in zip(fused.buffers(), plain.buffers(), strict=True):
        torch.testing.assert_close(one, other)
