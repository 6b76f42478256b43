"""The comparisons that are meant for a GPU, at tiny sizes in the interpreter: they hold, and they can fail."""

import pytest
import torch
import trial_runs
from compared import (
    Place,
    check_against_fp64,
    check_each_configuration,
    check_network,
    check_two_runs,
    losses,
    made,
    off,
    ran,
    without,
)
from emitted_networks import small
from parts import PARTS, Expand, Stride
from sampled import every
from torch import nn

TINY = Place("cpu", 16, 2, 4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16], ids=str)
@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_inference_is_as_near_to_fp64_as_pytorchs(kind, dtype):
    check_against_fp64(kind, TINY, dtype, nn.Module.eval, gradients=False)


@pytest.mark.parametrize("state", [nn.Module.eval, nn.Module.train], ids=["evaluation", "training"])
@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_values_gradients_and_buffers_are_as_near_to_fp64_as_pytorchs(kind, state):
    check_against_fp64(kind, TINY, torch.float32, state, gradients=True)


def test_each_configuration_is_as_near_to_fp64_as_pytorchs():
    found = check_each_configuration(Expand, TINY, torch.float16, nn.Module.eval, gradients=False)
    assert {choice.kind for choice in found} == {"resident", "tma"}
    assert check_each_configuration(Stride, TINY, torch.float32, nn.Module.train, gradients=True)


@pytest.mark.parametrize("kind", every(3, PARTS), ids=lambda kind: kind.__name__)
def test_two_runs_give_the_same_bits(kind):
    check_two_runs(kind, TINY, torch.float32)


@pytest.mark.slow  # networks and layers show it as well
def test_losses_are_those_of_the_run_without_kernels():
    place = Place("cpu", 16, 4, 4)
    with_kernels, plain = (losses(place, 3, 0, kernels=on) for on in (True, False))
    assert with_kernels == pytest.approx(plain, rel=1e-4)
    assert losses(place, 3, 1, kernels=False) != pytest.approx(plain, rel=1e-4)


def test_a_result_that_is_off_is_seen(monkeypatch):
    monkeypatch.setattr(Expand, "fused", lambda self, x: (self.plain(x)[0] * 1.001,))
    with pytest.raises(AssertionError):
        check_against_fp64(Expand, TINY, torch.float32, nn.Module.eval, gradients=False)


def test_what_is_compared_is_with_kernels_and_without(launched):
    part = made(Expand, TINY, torch.float32, nn.Module.eval)
    (z,), x = ran(part, TINY.given(torch.float32), gradients=False).outputs, TINY.given(torch.float32)
    assert launched
    launched.clear()
    assert off(ran(without(part), x, gradients=False).outputs[0], z) <= 1e-5
    assert not launched


@pytest.mark.slow  # test_networks.py has small ones at every push
@pytest.mark.parametrize("spec", ["tests/emit/programs/stages.arch", "tests/emit/programs/deep.arch"])
def test_a_network_with_kernels_computes_and_learns_what_it_does_without(spec, launched):
    plain, fused = (trial_runs.made(small(spec), kernels=on) for on in (False, True))
    check_network(trial_runs.randomised(plain), fused, trial_runs.images(small(spec)))
    assert launched
