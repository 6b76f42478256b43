import itertools

import pytest
import torch

from archlang.kernels import dispatch, statistics, training
from archlang.kernels.machine import SHARED
from archlang.kernels.prologue import NOTHING

CLOSE = {torch.float32: 1e-5, torch.float16: 2e-3}
TYPES = (torch.float32, torch.float16)
SHAPES = ((2, 8, 1, 1, 8, 1), (3, 24, 5, 5, 40, 1), (1, 40, 7, 7, 24, 2), (5, 264, 7, 7, 136, 1))


def case(n, c, h, w, o, stride, dtype=torch.float32):
    x = torch.randn(n, c, h, w).to(dtype).to(memory_format=torch.channels_last)
    return [x, (torch.randn(o, c, 1, 1) / c**0.5).to(dtype), torch.randn(o).to(dtype), stride]


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("bias", [False, True])
def test_the_product_agrees_with_fp64_and_the_statistics_are_those_of_what_is_stored(bias, shape, dtype, launched):
    x, w, b, stride = case(*shape, dtype)
    b = b if bias else None
    y, mean, var = training.conv1x1_statistics(x, w, b, stride, *NOTHING)
    wanted = training.reference(x.double(), w.double(), None if b is None else b.double(), stride)[0]
    assert (y - wanted).abs().max() <= CLOSE[dtype] * max(1.0, wanted.abs().max().item())
    for found, exact in zip((mean, var), statistics.reference(y.double()), strict=True):
        assert (found - exact).abs().max() <= 1e-6 * max(1.0, exact.abs().max().item())
    assert launched[0] == ("conv1x1_statistics", launched[0][1])
    assert launched[0][1] is not dispatch.TORCH


@pytest.mark.parametrize("choice", [*training.configurations(264, 136, 4, 232448), dispatch.TORCH], ids=str)
def test_every_configuration_agrees(choice):
    arguments = case(5, 264, 7, 7, 136, 1)
    with dispatch.using(choice):
        found = training.conv1x1_statistics(*arguments, *NOTHING)
    for a, b in zip(found, training.reference(*(t.double() for t in arguments[:3]), 1), strict=True):
        assert (a - b).abs().max() <= 2e-5


@pytest.mark.parametrize("stride", [1, 2])
def test_the_gradients_are_those_of_finite_differences(stride):
    x, w, b, _ = case(2, 8, 3, 3, 8, 1, torch.float64)
    inputs = [t.requires_grad_() for t in (x, w, b)]
    assert torch.autograd.gradcheck(
        lambda *t: training.conv1x1_statistics(*t, stride, *NOTHING)[0], inputs, fast_mode=True
    )


def test_the_statistics_carry_no_gradient():
    x, w, b, _ = case(2, 8, 3, 3, 8, 1)
    y, mean, var = training.conv1x1_statistics(x.requires_grad_(), w, b, 1, *NOTHING)
    assert y.requires_grad
    assert not mean.requires_grad
    assert not var.requires_grad


def test_the_operator_passes_pytorchs_own_check():
    x, w, b, _ = case(2, 8, 3, 3, 16, 1)
    inputs = [t.requires_grad_() for t in (x, w, b)]
    torch.library.opcheck(training.conv1x1_statistics, (*inputs, 1, *NOTHING))


@pytest.mark.parametrize("shared", sorted({*SHARED.values()}))
def test_each_device_has_a_tile_for_every_width(shared):
    for n, itemsize, before in itertools.product((8, 64, 128, 2048), (2, 4), (False, True)):
        assert training.configurations(24, n, itemsize, shared, before)
