"""ReLU6, SiLU and hard swish behind a kernel, there and back."""

import copy

import pytest
import torch
from drawn import rows
from sampled import only
from torch import nn
from torch.nn import functional as F

from archlang import kernels as K
from archlang.kernels import activation, block_end, conv1x1_op, convolution, dispatch, streaming
from archlang.kernels.activation import CLIPS, HARDSWISH, RELU, RELU6, SILU
from archlang.kernels.block import conv1x1_block
from archlang.kernels.machine import SHARED
from archlang.kernels.prologue import NOTHING

SMOOTH = (SILU, HARDSWISH)
ALL = (RELU, RELU6, *SMOOTH)
FUNCTIONS = {RELU: F.relu, RELU6: F.relu6, SILU: F.silu, HARDSWISH: F.hardswish}
MODULES = {RELU: nn.ReLU, RELU6: nn.ReLU6, SILU: nn.SiLU, HARDSWISH: nn.Hardswish}
CLOSE = {torch.float32: 1e-5, torch.float16: 4e-3}


def layers(c, d, dtype=torch.float32, window=1, groups=1):
    """A convolution and a batch norm whose results reach past what ReLU6 and hard swish tell apart."""
    conv = nn.Conv2d(c, d, window, padding=window // 2, groups=groups, bias=False).to(dtype)
    bn = nn.BatchNorm2d(d)
    nn.init.uniform_(bn.weight, 3, 5)
    nn.init.normal_(bn.bias)
    return conv, bn


def agree(found, wanted, dtype=torch.float32):
    assert found.dtype == dtype
    assert (found.double() - wanted.double()).abs().max() <= CLOSE[dtype] * max(1.0, wanted.abs().max().item())


@pytest.mark.parametrize("act", ALL)
def test_a_module_and_a_function_have_the_same_number(act):
    assert activation.number(MODULES[act]()) == activation.number(FUNCTIONS[act]) == act


@pytest.mark.parametrize("other", [nn.GELU(), F.gelu, torch.tanh, nn.LeakyReLU(0.1)], ids=str)
def test_what_no_kernel_has_runs_behind_it(other, launched):
    conv, bn = layers(8, 16)
    x = rows(2, 8, 3, 3)
    with torch.no_grad():
        agree(K.conv1x1(x, conv, bn.eval(), activation=other), other(bn(conv(x))))
        agree(K.conv_relu(x, conv, bn, activation=other), other(bn(conv(x))))
    assert len(launched) == 2


@pytest.mark.parametrize("dtype", CLOSE, ids=str)
@pytest.mark.parametrize("act", ALL)
def test_inference_agrees_with_fp64(act, dtype, launched):
    conv, bn = layers(24, 40, dtype)
    x, residual = rows(3, 24, 5, 5, dtype=dtype), rows(3, 40, 5, 5, dtype=dtype)
    bn.eval()
    exact = copy.deepcopy(bn).double()(copy.deepcopy(conv).double()(x.double()))
    with torch.no_grad():
        agree(K.conv1x1(x, conv, bn, activation=MODULES[act]()), FUNCTIONS[act](exact), dtype)
        agree(
            K.conv1x1(x, conv, bn, residual=residual, activation=FUNCTIONS[act]),
            FUNCTIONS[act](exact + residual),
            dtype,
        )
        y = conv(x)
        agree(
            K.bn_add_relu(y, bn, residual, activation=FUNCTIONS[act]),
            FUNCTIONS[act](bn(y.float()).double() + residual),
            dtype,
        )
    assert all(choice is not dispatch.TORCH for _, choice in launched)


@pytest.mark.parametrize("act", ALL)
def test_every_configuration_agrees(act):
    conv, bn = layers(40, 136)
    x = rows(3, 40, 7, 7)
    with torch.no_grad():
        wanted = FUNCTIONS[act](bn.eval()(conv(x)))
        for choice in streaming.configurations(40, 136, 4, SHARED["sm_90"], residual=False):
            with dispatch.using(choice):
                agree(K.conv1x1(x, conv, bn, activation=FUNCTIONS[act]), wanted)


@pytest.mark.parametrize("groups", [1, 8])
@pytest.mark.parametrize("act", ALL)
def test_a_larger_convolution_takes_it_in(act, groups, launched):
    conv, bn = layers(16, 24, window=3, groups=groups)
    x, out = rows(2, 16, 5, 5), torch.empty(2, 24, 5, 5)
    with torch.no_grad():
        wanted = FUNCTIONS[act](bn.eval()(conv(x)))
        agree(K.conv_relu(x, conv, bn, activation=MODULES[act]()), wanted)
        K.conv_relu(x, conv, bn, activation=MODULES[act](), out=out)
    agree(out, wanted)
    assert launched[0][1] is not dispatch.TORCH


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("act", ALL)
def test_a_step_of_training_is_that_of_the_modules(act, frozen):
    for call, width, residual in ((K.conv1x1, 1, False), (K.conv1x1, 1, True), (K.conv_relu, 3, True)):
        conv, bn = layers(16, 24, window=width)
        bn.train(not frozen)
        own = copy.deepcopy((conv, bn))
        inputs = [rows(4, 16, 3, 3).requires_grad_(), *([rows(4, 24, 3, 3).requires_grad_()] if residual else [])]
        others = [t.detach().clone().requires_grad_() for t in inputs]
        z = call(inputs[0], conv, bn, residual=inputs[1] if residual else None, activation=FUNCTIONS[act])
        y = own[1](own[0](others[0]))
        wanted = FUNCTIONS[act](y + others[1] if residual else y)
        dz = torch.randn_like(z)
        found = torch.autograd.grad(z, [*inputs, *conv.parameters(), *bn.parameters()], dz)
        exact = torch.autograd.grad(wanted, [*others, *own[0].parameters(), *own[1].parameters()], dz)
        for a, b in zip((z, *found), (wanted, *exact), strict=True):
            assert (a - b).abs().max() <= 2e-4 * max(1.0, b.abs().max().item())
        assert torch.allclose(bn.running_var, own[1].running_var, rtol=1e-4)


@pytest.mark.parametrize("off", [False, True])
@pytest.mark.parametrize("act", [RELU6, *SMOOTH])
def test_in_training_no_pass_of_its_own_is_left_of_it(act, off, launched, monkeypatch):
    if off:
        monkeypatch.setenv("ARCHLANG_KERNELS", "off")
    conv, bn = layers(16, 24)
    x = rows(4, 16, 3, 3).requires_grad_()
    z = K.conv1x1(x, conv, bn, activation=FUNCTIONS[act])
    assert ("conv1x1_block" in z.grad_fn.name().lower()) is not off
    assert bool(launched) is not off


@pytest.mark.parametrize("act", only(SILU.__eq__, ALL))
def test_the_gradients_are_those_of_finite_differences(act):
    x = rows(2, 8, 3, 3, dtype=torch.float64)
    w = torch.randn(8, 8, 1, 1, dtype=torch.float64)
    gamma, beta = 4 * torch.rand(8, dtype=torch.float64), torch.randn(8, dtype=torch.float64)
    given = [t.requires_grad_() for t in (x, w, gamma, beta)]

    def apply(x, w, gamma, beta):
        return conv1x1_block(x, w, None, gamma, beta, None, 1, 1e-5, act, True, *NOTHING)[0]

    assert torch.autograd.gradcheck(apply, given, fast_mode=True)
    with dispatch.using(dispatch.TORCH):
        assert torch.autograd.gradcheck(apply, given, fast_mode=True)


def test_the_gradients_of_relu6_are_those_of_finite_differences_with_given_statistics_and_a_residual():
    x, residual = rows(2, 8, 3, 3, dtype=torch.float64), rows(2, 8, 3, 3, dtype=torch.float64)
    w, mean = torch.randn(8, 8, 1, 1, dtype=torch.float64), torch.randn(8, dtype=torch.float64)
    gamma, beta, var = (4 * torch.rand(8, dtype=torch.float64) for _ in range(3))
    given = [t.requires_grad_() for t in (x, w, gamma, beta, residual)]

    def product(x, w, gamma, beta, residual):
        return conv1x1_op.conv1x1(x, w, None, gamma, beta, mean, var, residual, 1, 1e-5, RELU6, *NOTHING)

    def end(x, w, gamma, beta, residual):
        return block_end.bn_apply(x, mean, var, gamma, beta, residual, 1e-5, RELU6, False, True)[0]

    def block(x, w, gamma, beta, residual):
        return conv1x1_block(x, w, None, gamma, beta, residual, 1, 1e-5, RELU6, True, *NOTHING)[0]

    for apply in (product, block):
        assert torch.autograd.gradcheck(apply, given, fast_mode=True)
    given[1].requires_grad_(requires_grad=False)
    assert torch.autograd.gradcheck(end, given, fast_mode=True)


@pytest.mark.parametrize("act", SMOOTH)
def test_an_operator_without_the_gradient_says_so(act):
    x = rows(2, 8, 3, 3).requires_grad_()
    ones = torch.ones(8)
    with pytest.raises(RuntimeError, match="has a gradient with"):
        block_end.bn_apply(x, ones, ones, None, None, None, 1e-5, act, False, True)
    with pytest.raises(RuntimeError, match="has a gradient with"):
        conv1x1_op.conv1x1(x, torch.ones(8, 8, 1, 1), *(None,) * 6, 1, 1e-5, act, *NOTHING)
    with pytest.raises(RuntimeError, match="has a gradient with"):
        conv1x1_block(x, torch.ones(8, 8, 1, 1), None, None, None, x.detach(), 1, 1e-5, act, True, *NOTHING)


@pytest.mark.parametrize("act", ALL)
def test_a_nan_stays_one_and_what_is_large_does_not_overflow(act):
    conv, bn = nn.Conv2d(8, 8, 1, bias=False), nn.BatchNorm2d(8).eval()
    nn.init.eye_(conv.weight.data.view(8, 8))
    x = torch.zeros(1, 8, 1, 4)
    x[:, :, 0, 0], x[:, :, 0, 1], x[:, :, 0, 2] = float("nan"), 1e30, -1e30
    x = x.to(memory_format=torch.channels_last)
    with torch.no_grad():
        z = K.conv1x1(x, conv, bn, activation=FUNCTIONS[act])
    assert z[..., 0].isnan().all()
    assert torch.allclose(z[..., 1:], FUNCTIONS[act](bn(x))[..., 1:])


def test_a_hook_on_the_activation_is_called():
    conv, bn = layers(8, 8)
    calls, module = [], nn.ReLU6()
    module.register_forward_hook(lambda *_: calls.append(1))
    x = rows(2, 8, 3, 3)
    for call in (K.conv1x1, K.conv_relu):
        agree(call(x, conv, bn.eval(), activation=module).detach(), F.relu6(bn(conv(x))).detach())
    agree(K.bn_add_relu(x, bn, activation=module).detach(), F.relu6(bn(x)).detach())
    assert len(calls) == 3


@pytest.mark.parametrize("act", CLIPS)
def test_a_skip_connection_is_handed_on(act):
    conv, bn = layers(16, 24)
    x = rows(4, 16, 3, 3).requires_grad_()
    z, skip = K.conv1x1_skip(x, conv, bn, activation=FUNCTIONS[act])
    found = torch.autograd.grad(z.sum() + (skip * skip).sum(), x)[0]
    y = FUNCTIONS[act](bn(conv(x)))
    assert torch.allclose(found, torch.autograd.grad(y.sum() + (x * x).sum(), x)[0], atol=1e-4)


def test_the_operators_pass_pytorchs_own_check():
    x, w = rows(2, 8, 3, 3).requires_grad_(), torch.randn(8, 8, 1, 1, requires_grad=True)
    gamma, beta = (torch.rand(8, requires_grad=True) for _ in range(2))
    torch.library.opcheck(conv1x1_block, (x, w, None, gamma, beta, None, 1, 1e-5, SILU, True, *NOTHING))
    still = (x.detach(), w.detach(), None, *(torch.rand(8) for _ in range(4)))
    torch.library.opcheck(conv1x1_op.conv1x1, (*still, None, 1, 1e-5, HARDSWISH, *NOTHING))
    torch.library.opcheck(convolution.conv_relu, (*still, None, [1, 1], [0, 0], [1, 1], 1, 1e-5, RELU6))
