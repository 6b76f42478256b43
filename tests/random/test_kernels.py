"""Random programs: with kernels a module computes and learns what it does without."""

import os

import pytest

torch = pytest.importorskip("torch")

from programs import program  # noqa: E402
from trial_runs import agree, images, made, outputs, randomised  # noqa: E402

from archlang.model import parse  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _any_channels(monkeypatch):
    """Random programs have few channels: here any number of them will do, so that there is something to fuse."""
    monkeypatch.setattr("archlang.passes.fuse.WIDE", 1)


def compared(seed):
    """Whether the source with kernels calls any; what its module computes is compared with what it does without."""
    written = program(seed)
    model = parse(written.text, name="random.arch", variant=written.variant)
    plain, fused = randomised(made(model)), made(model, kernels=True)
    fused.load_state_dict(plain.state_dict())
    inputs = images(model)
    for training in (False, True):
        results = []
        for module in (plain.train(training), fused.train(training)):
            torch.manual_seed(0)
            try:
                results.append(outputs(module(*inputs)))
            except ValueError as error:  # a batch norm of one value a channel, which does not train
                results.append([str(error)])
        for one, other in zip(*results, strict=True):
            if isinstance(one, str) or isinstance(other, str):
                assert one == other
            else:
                agree(other, one)
    for one, other in zip(plain.buffers(), fused.buffers(), strict=True):
        torch.testing.assert_close(one, other)
    for result in results:
        if not isinstance(result[0], str) and result[0].requires_grad:
            sum(one.float().square().mean() for one in result).backward()
    for (name, one), (_, other) in zip(plain.named_parameters(), fused.named_parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None), name
        if one.grad is not None:
            torch.testing.assert_close(other.grad, one.grad, rtol=1e-3, atol=1e-5 + 1e-4 * one.grad.abs().max().item())
    return "K." in model.code(kernels=True)


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_a_random_program_with_kernels_is_the_same_module(first):
    assert sum(compared(seed) for seed in range(first, first + 10)) > 2


@pytest.mark.slow
def test_hundreds_of_random_programs_with_kernels_are_the_same_modules():
    for seed in range(40, int(os.environ.get("ARCHLANG_PROGRAMS", "600"))):
        compared(seed)
