import copy

import pytest
import torch
from torch import nn

from archlang import kernels as K
from archlang.kernels import dispatch, many, many_measured, statistics

CLOSE = {torch.float32: 1e-5, torch.float16: 2e-3}
TYPES = (torch.float32, torch.float16)
VECTORS = ("bias", "gamma", "beta", "mean", "var")
WIDTHS = ((8,), (24, 8), (40, 8, 136), (8, 24, 16, 8))


def rows(*shape, dtype=torch.float32):
    return torch.randn(shape).to(dtype).to(memory_format=torch.channels_last)


def case(n, k, h, w, widths, dtype=torch.float32, kinds=VECTORS):
    """x, the weights, their vectors and which of them are given, eps, relu."""
    weights = [(torch.randn(width, k, 1, 1) / k**0.5).to(dtype) for width in widths]
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    vectors = [torch.rand(width, dtype=wide) + 0.5 if kind == "var" else torch.randn(width, dtype=wide)
               for width in widths for kind in VECTORS if kind in kinds]  # fmt: skip
    given = [kind in kinds for _ in widths for kind in VECTORS]
    return [rows(n, k, h, w, dtype=dtype), weights, vectors, given, [1e-5 * (i + 1) for i in range(len(widths))], True]


def exact(x, weights, vectors, *rest):
    return many.reference(x.double(), [w.double() for w in weights], [v.double() for v in vectors], *rest)


def agree(found, wanted):
    for z, w in zip(found, wanted, strict=True):
        assert (z.double() - w).abs().max() <= CLOSE[z.dtype] * max(1.0, w.abs().max().item())


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", [(1, 8, 1, 1), (3, 24, 5, 5), (1, 264, 7, 5)], ids=str)
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_it_agrees_with_fp64_at_odd_shapes(widths, shape, dtype, launched):
    arguments = case(*shape, widths, dtype)
    agree(many.conv1x1_many(*arguments), exact(*arguments))
    assert launched[0][1] is not dispatch.TORCH


KINDS = ((), ("bias",), ("mean", "var"), VECTORS[1:])


@pytest.mark.parametrize("kinds", KINDS, ids="+".join)
def test_each_part_of_the_epilogue_may_be_missing(kinds, launched):
    arguments = case(1, 24, 5, 5, (8, 40), kinds=kinds)
    agree(many.conv1x1_many(*arguments), exact(*arguments))
    assert launched[0][1] is not dispatch.TORCH


def test_only_some_have_a_bias(launched):
    arguments = case(1, 24, 5, 5, (8, 40, 16), kinds=VECTORS[1:])
    arguments[2].insert(4, torch.randn(40))
    arguments[3][5] = True
    agree(many.conv1x1_many(*arguments), exact(*arguments))
    assert launched[0][1] is not dispatch.TORCH


def test_only_some_have_a_batch_norm(launched):
    x, weights, vectors, given, eps, relu = case(1, 24, 5, 5, (8, 40))
    arguments = (x, weights, vectors[:6], given[:6] + [False] * 4, eps, relu)
    agree(many.conv1x1_many(*arguments), exact(*arguments))
    assert not launched


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_whole_numbers_come_out_bit_by_bit(dtype):
    x = torch.randint(-3, 4, (3, 8, 5, 5)).to(dtype).to(memory_format=torch.channels_last)
    weights = [torch.randint(-3, 4, (width, 8, 1, 1)).to(dtype) for width in (8, 24)]
    vectors = []
    for width in (8, 24):
        vectors += [torch.randint(-3, 4, (width,)).float() for _ in VECTORS[:4]] + [torch.full((width,), 0.5)]
    arguments = (x, weights, vectors, [True] * 10, [0.5, 0.5], True)
    for z, wanted in zip(many.conv1x1_many(*arguments), exact(*arguments), strict=True):
        assert torch.equal(z.double(), wanted)


def test_results_go_into_the_slices_they_are_for(launched):
    arguments = case(2, 24, 5, 5, (8, 16))
    arguments[0] = rows(2, 40, 5, 5)[:, 8:32]
    joined = torch.full_like(rows(2, 40, 5, 5), 7.0)
    outs = [joined[:, 8:16], joined[:, 24:40]]
    many.conv1x1_many_into(outs, *arguments)
    agree(outs, exact(*arguments))
    assert (joined[:, :8] == 7).all()
    assert (joined[:, 16:24] == 7).all()
    assert launched[0][1] is not dispatch.TORCH


def test_slices_of_a_concatenation_that_is_no_multiple_of_eight_wide_are_left_to_pytorch(launched):
    arguments = case(2, 24, 5, 5, (8, 16))
    joined = torch.zeros_like(rows(2, 29, 5, 5))
    many.conv1x1_many_into([joined[:, 3:11], joined[:, 13:29]], *arguments)
    agree([joined[:, 3:11], joined[:, 13:29]], exact(*arguments))
    assert not launched  # the kernel tells the compiler that pitches divide by eight


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("kinds", [*KINDS, VECTORS], ids="+".join)
def test_the_gradients_are_those_of_finite_differences(kinds, relu):
    x, weights, vectors, given, eps, _ = case(2, 8, 2, 3, (8, 16), torch.float64, kinds)
    trained = [kind in VECTORS[:3] for _ in weights for kind in VECTORS if kind in kinds]
    inputs = [x, *weights, *vectors]
    for t, wanted in zip(inputs, (True, True, True, *trained), strict=True):
        t.requires_grad_(wanted)

    def apply(x, first, second, *vectors):
        return tuple(many.conv1x1_many(x, [first, second], list(vectors), given, eps, relu))

    assert torch.autograd.gradcheck(apply, inputs, fast_mode=True)


def test_the_operators_pass_pytorchs_own_check():
    arguments = case(1, 8, 3, 3, (8, 16))
    with torch.no_grad():
        outs = many.conv1x1_many(*arguments)
    torch.library.opcheck(many.conv1x1_many_into, (outs, *arguments))
    for tensor in (arguments[0], *arguments[1], *arguments[2][:3]):
        tensor.requires_grad_()
    torch.library.opcheck(many.conv1x1_many, arguments)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("biases", [(True, True, True), (False, True, False), (False, False, False)], ids=str)
@pytest.mark.parametrize("shape", [(1, 8, 1, 2), (3, 24, 5, 5), (2, 264, 9, 7)], ids=str)
def test_the_statistics_come_with_the_results(shape, biases, dtype, launched):
    widths = (40, 8, 136)
    x, weights, *_ = case(*shape, widths, dtype)
    vectors = [torch.randn(width) + 3 for width, there in zip(widths, biases, strict=True) if there]
    *ys, mean, var = many_measured.conv1x1_many_measured(x, weights, vectors, list(biases))
    left = iter(vectors)
    for y, w, there in zip(ys, weights, biases, strict=True):
        wanted = torch.nn.functional.conv2d(x.double(), w.double(), next(left).double() if there else None)
        assert (y.double() - wanted).abs().max() <= CLOSE[dtype] * wanted.abs().max()
    for found, wanted in zip((mean, var), statistics.reference(torch.cat(ys, 1)), strict=True):
        assert torch.allclose(found, wanted, rtol=1e-5, atol=1e-5)
    assert launched[0][1] is not dispatch.TORCH


def test_the_gradients_of_what_is_measured_are_those_of_finite_differences():
    x, weights, *_ = case(2, 8, 2, 3, (8, 16), torch.float64)
    given = [t.requires_grad_() for t in (x, *weights, torch.randn(16, dtype=torch.float64))]

    def apply(x, first, second, bias):
        *ys, _, _ = many_measured.conv1x1_many_measured(x, [first, second], [bias], [False, True])
        return tuple(ys)

    assert torch.autograd.gradcheck(apply, given, fast_mode=True)


def test_the_operator_that_measures_passes_pytorchs_own_check():
    x, weights, *_ = case(1, 8, 3, 3, (8, 16))
    for tensor in (x, *weights):
        tensor.requires_grad_()
    torch.library.opcheck(many_measured.conv1x1_many_measured, (x, weights, [torch.randn(8)], [True, False]))


class Branches(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(24, width, 1, bias=not norm or width == 8) for width in (8, 40, 16)])
        self.bns = nn.ModuleList([nn.BatchNorm2d(conv.out_channels) for conv in self.convs]) if norm else None
        self.fused = True

    def forward(self, x):
        if self.fused:
            return torch.cat(K.conv1x1_many(x, list(self.convs), self.bns, relu=True), 1)
        norms = self.bns or [nn.Identity()] * 3
        return torch.cat([bn(conv(x)).relu() for conv, bn in zip(self.convs, norms, strict=True)], 1)


@pytest.mark.parametrize("norm", [False, True], ids=["bias", "batch norm"])
@pytest.mark.parametrize("state", [nn.Module.eval, nn.Module.train], ids=["evaluation", "training"])
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_the_branches_of_an_inception_are_those_of_the_modules(compiled, state, norm, launched):
    fused = state(Branches(norm))
    plain = copy.deepcopy(fused)
    plain.fused = False
    module = torch.compile(fused, backend="aot_eager", fullgraph=True) if compiled else fused
    xs = [rows(3, 24, 5, 5).requires_grad_() for _ in range(2)]
    xs[1].data.copy_(xs[0].data)
    found = []
    for model, x in zip((module, plain), xs, strict=True):
        z = model(x)
        (z * torch.linspace(-1, 1, z.numel()).view(z.shape)).sum().backward()
        found.append((z, x.grad, *(p.grad for p in (fused if x is xs[0] else plain).parameters())))
    for a, b in zip(*found, strict=True):
        assert (a - b).abs().max() <= 1e-4 * max(1.0, b.abs().max().item())
    for a, b in zip(fused.buffers(), plain.buffers(), strict=True):
        assert torch.allclose(a, b, atol=1e-5)
    measures = norm and state is nn.Module.train
    kernels = {kernel for kernel, _ in launched}
    assert ("conv1x1_many_measured" if measures else "conv1x1_many") in kernels
    assert "statistics" not in kernels


def test_branches_that_the_kernel_is_not_for_run_as_the_modules(launched):
    convs = [nn.Conv2d(24, 8, 1), nn.Conv2d(24, 10, 1)]
    x = rows(1, 24, 5, 5)
    found = K.conv1x1_many(x, convs)
    for z, conv in zip(found, convs, strict=True):
        assert (z - conv(x)).abs().max() <= 1e-5
    assert "conv1x1_many" not in {kernel for kernel, _ in launched}
