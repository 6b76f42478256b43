import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from archlang import kernels as K
from archlang.kernels import convolution, dispatch
from archlang.kernels.convolution import CUDNN, Window

CLOSE = {torch.float32: 1e-5, torch.float16: 2e-3}
TYPES = (torch.float32, torch.float16)
WINDOWS = (
    (3, Window((1, 1), (1, 1), (1, 1), 1)),
    (3, Window((2, 2), (1, 1), (1, 1), 1)),
    (5, Window((1, 1), (2, 2), (1, 1), 1)),
    (3, Window((1, 1), (2, 2), (2, 2), 8)),
    (1, Window((2, 1), (0, 0), (1, 1), 1)),
)


def rows(*shape, dtype=torch.float32):
    return torch.randn(shape).to(dtype).to(memory_format=torch.channels_last)


def case(size, window, c=8, o=24, dtype=torch.float32, norm=True, bias=True, residual=True):
    """x, w, the five vectors, the residual."""
    x = rows(2, c, 5, 5, dtype=dtype)
    w = rows(o, c // window.groups, size, size, dtype=dtype) / (c * size * size / window.groups) ** 0.5
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    vectors = [torch.randn(o, dtype=wide) for _ in range(4)] + [torch.rand(o, dtype=wide) + 0.5]
    vectors = [v if (i == 0 and bias) or (i > 0 and norm) else None for i, v in enumerate(vectors)]
    y = F.conv2d(x, w, None, window.stride, window.padding, window.dilation, window.groups)
    return x, w, tuple(vectors), rows(*y.shape, dtype=dtype) if residual else None


def double(found):
    return tuple(None if t is None else t.double() for t in found)


def wanted(x, w, vectors, residual, window, relu=True):
    return convolution.reference(*double((x, w)), double(vectors), *double((residual,)), window, 1e-5, relu)


def called(x, w, vectors, residual, window, relu=True):
    return convolution.conv_relu(
        x, w, *vectors, residual, window.stride, window.padding, window.dilation, window.groups, 1e-5, relu
    )


def agree(z, exact):
    assert z.shape == exact.shape
    assert z.is_contiguous(memory_format=torch.channels_last)
    assert (z.double() - exact).abs().max() <= 2 * CLOSE[z.dtype] * max(1.0, exact.abs().max().item())


@pytest.fixture
def cudnn(monkeypatch):
    """cuDNN's operators as this machine may have them: the same sums in fp64, rounded once; the calls are listed."""
    calls = []

    def product(x, w, bias, *rest):
        assert bias is None or bias.dtype == x.dtype == w.dtype
        return F.conv2d(x.double(), w.double(), None if bias is None else bias.double(), *rest)

    def relu(x, w, bias, *rest):
        calls.append("relu")
        return product(x, w, bias, *rest).relu().to(x.dtype)

    def add_relu(x, w, z, alpha, bias, *rest):
        calls.append("add_relu")
        assert z.dtype == x.dtype
        return (product(x, w, bias, *rest) + alpha * z).relu().to(x.dtype)

    monkeypatch.setattr(convolution, "has_epilogue", lambda x, window, relu: relu and window.groups == 1)
    monkeypatch.setattr(torch.ops.aten, "cudnn_convolution_relu", relu)
    monkeypatch.setattr(torch.ops.aten, "cudnn_convolution_add_relu", add_relu)
    return calls


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize(("size", "window"), WINDOWS, ids=str)
@pytest.mark.parametrize("norm", [False, True], ids=["bias", "batch norm"])
def test_one_pass_after_the_convolution_agrees_with_fp64(norm, size, window, dtype, launched):
    for bias, residual, relu in itertools.product([False, True], repeat=3):
        given = case(size, window, norm=norm, bias=bias, residual=residual, dtype=dtype)
        agree(called(*given, window, relu), wanted(*given, window, relu))
    assert {choice.kind for _, choice in launched} == {"pointwise"}


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize(("size", "window"), WINDOWS[:3], ids=str)
@pytest.mark.parametrize("residual", [False, True])
def test_the_batch_norm_is_folded_into_what_cudnn_is_given(residual, size, window, dtype, cudnn, launched):
    for bias, norm in itertools.product([False, True], repeat=2):
        given = case(size, window, norm=norm, bias=bias, residual=residual, dtype=dtype, c=24)
        agree(called(*given, window), wanted(*given, window))
    assert cudnn == ["add_relu" if residual else "relu"] * 4
    assert {choice for _, choice in launched} == {CUDNN}


def test_without_a_relu_or_in_groups_cudnn_has_no_epilogue(cudnn, launched):
    size, window = WINDOWS[0]
    called(*case(size, window), window, relu=False)
    called(*case(*WINDOWS[3]), WINDOWS[3][1])
    assert not cudnn
    assert CUDNN not in {choice for _, choice in launched}


def test_what_cudnn_refuses_pytorch_does(cudnn, monkeypatch):
    def refuses(*_):
        raise RuntimeError("CUDNN_STATUS_NOT_SUPPORTED")

    monkeypatch.setattr(torch.ops.aten, "cudnn_convolution_relu", refuses)
    size, window = WINDOWS[0]
    given = case(size, window, residual=False)
    agree(called(*given, window), wanted(*given, window))
    with pytest.raises(dispatch.Unfit, match="NOT_SUPPORTED"):
        convolution.by_cudnn(*given[:2], None, None, window)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_weights_are_folded_as_they_lie_and_in_the_type_of_x(layout):
    given = case(3, WINDOWS[0][1], o=40, c=136)
    w = given[1].contiguous(memory_format=layout)
    for weights in (w, w[:, 4:100]):
        scaled, shift = convolution.folding(weights, given[2], 1e-5, torch.float16)
        scale = given[2][1] / (given[2][4] + 1e-5).sqrt()
        assert torch.allclose(scaled.float(), weights * scale.view(-1, 1, 1, 1), rtol=1e-3, atol=1e-6)
        assert torch.allclose(shift.float(), (given[2][0] - given[2][3]) * scale + given[2][2], rtol=1e-3, atol=1e-3)
        assert scaled.dtype == shift.dtype == torch.float16


def test_a_change_of_the_parameters_shows_in_the_next_call(cudnn):
    conv, bn = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8).eval()
    x = rows(1, 8, 5, 5)
    with torch.no_grad():
        for _ in range(2):
            assert (K.conv_relu(x, conv, bn) - bn(conv(x)).relu()).abs().max() <= 1e-5
            bn.weight.add_(1)
            bn.running_mean.sub_(1)
            conv.weight.mul_(2)
    assert cudnn


@torch.no_grad()
@pytest.mark.parametrize("choice", [CUDNN, dispatch.TORCH, None], ids=["cudnn", "torch", "pointwise"])
def test_a_slice_of_a_concatenation_is_written(choice, cudnn, monkeypatch):
    conv, bn, x = nn.Conv2d(16, 8, 3, padding=1), nn.BatchNorm2d(8).eval(), rows(2, 16, 5, 5)
    slices = K.slices(x, 8, 8, 8)
    slices.whole.fill_(7)
    size = convolution.bn_backward.configurations(8)[0]
    with dispatch.using(size if choice is None else choice):
        assert K.conv_relu(x, conv, bn, out=slices[1]) is slices[1]
    assert (slices[1] - bn(conv(x)).relu()).abs().max() <= 1e-5
    assert (slices[0] == 7).all()
    assert (slices[2] == 7).all()


def test_out_is_refused_where_a_gradient_is_wanted():
    conv, x = nn.Conv2d(16, 8, 3, padding=1), rows(2, 16, 5, 5)
    with pytest.raises(ValueError, match="no gradient"):
        K.conv_relu(x, conv, out=rows(2, 8, 5, 5))


@torch.no_grad()
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(16, 10, 3),
        nn.Conv2d(16, 8, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(16, 8, 2, padding="same"),
        nn.Conv2d(16, 8, 3).double(),
    ],
    ids=str,
)
def test_what_the_operator_is_not_for_runs_as_the_modules(conv, launched):
    x = rows(2, 16, 5, 5).to(conv.weight.dtype)
    bn = nn.BatchNorm2d(conv.out_channels).to(x.dtype).eval()
    assert torch.equal(K.conv_relu(x, conv), conv(x).relu())
    assert (K.conv_relu(x, conv, bn) - bn(conv(x)).relu()).abs().max() <= 1e-5
    if x.dtype == torch.float32:
        assert not launched or conv.out_channels == 8


@torch.no_grad()
@pytest.mark.parametrize("padding", ["same", "valid", 0])
def test_padding_by_name_and_other_dilations_are_the_modules(padding):
    conv, x = nn.Conv2d(16, 8, 3, padding=padding, dilation=2), rows(2, 16, 7, 9)
    assert (K.conv_relu(x, conv) - conv(x).relu()).abs().max() <= 1e-5


@torch.no_grad()
def test_hooks_are_called_and_sizes_that_do_not_fit_are_refused_as_by_the_module():
    conv, seen = nn.Conv2d(16, 8, 3), []
    conv.register_forward_hook(lambda *_: seen.append(True))
    K.conv_relu(rows(1, 16, 5, 5), conv)
    assert seen
    with pytest.raises(RuntimeError, match="Kernel size"):
        K.conv_relu(rows(1, 16, 2, 2), nn.Conv2d(16, 8, 3))


@torch.no_grad()
def test_under_autocast_the_result_is_of_its_type():
    conv, bn, x = nn.Conv2d(16, 8, 3, padding=1), nn.BatchNorm2d(8).eval(), rows(2, 16, 5, 5)
    with torch.autocast("cpu", torch.float16):
        found, exact = K.conv_relu(x, conv, bn), bn(conv(x)).relu()
    assert found.dtype == torch.float16
    assert (found - exact).abs().max() <= 5e-3


def test_the_operators_pass_pytorchs_own_check():
    size, window = WINDOWS[1]
    x, w, vectors, residual = case(size, window)
    arguments = (x, w, *vectors, residual, [2, 2], [1, 1], [1, 1], 1, 1e-5, True)
    torch.library.opcheck(convolution.conv_relu, arguments)
    torch.library.opcheck(convolution.conv_relu_into, (torch.empty_like(residual), *arguments))


@torch.no_grad()
def test_it_compiles_and_exports():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.bn = nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16)

        def forward(self, x):
            slices = K.slices(x, 16, 16)
            return K.concat([K.conv_relu(x, self.conv, self.bn, residual=x, out=slices[0]), x], slices)

    net, x = Net().eval(), rows(2, 16, 5, 5)
    exact = torch.cat([(net.bn(net.conv(x)) + x).relu(), x], 1)
    assert (torch.compile(net, backend="aot_eager", fullgraph=True)(x) - exact).abs().max() <= 1e-5
    assert (torch.export.export(net, (x,)).module()(x) - exact).abs().max() <= 1e-5
