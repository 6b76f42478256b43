"""A batch norm and ReLU before a 1x1 convolution, applied as it reads."""

import copy

import pytest
import steps
import torch
from steps import frozen, same, scattered, step
from torch import nn

from archlang import kernels as K
from archlang.kernels import block_end, conv1x1_op, dispatch, statistics, streaming, training
from archlang.kernels.machine import SHARED

CLOSE = {torch.float64: 1e-6, torch.float32: 1e-5, torch.float16: 4e-3}
TYPES = (torch.float32, torch.float16)
SHAPES = ((1, 8, 1, 1, 8, 1), (3, 24, 5, 5, 40, 1), (1, 40, 7, 7, 24, 2), (1, 264, 7, 5, 72, 1), (1, 520, 1, 5, 24, 1))


def rows(*shape, dtype=torch.float32):
    return torch.randn(shape).to(dtype).to(memory_format=torch.channels_last)


def case(n, c, h, w, o, stride, dtype=torch.float32):
    """x, w, bias, stride, and mean, var, gamma, beta, eps and batch of the batch norm before."""
    weight = (torch.randn(o, c, 1, 1) / c**0.5).to(dtype)
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    mean, gamma, beta = (torch.randn(c, dtype=wide) for _ in range(3))
    return [rows(n, c, h, w, dtype=dtype), weight, torch.randn(o, dtype=wide), stride,
            mean, torch.rand(c, dtype=wide) + 0.5, gamma, beta, 1e-5, False]  # fmt: skip


def exact(x, w, bias, stride, mean, var, gamma, beta, eps, _):
    wide = [None if t is None else t.double() for t in (x, mean, var, gamma, beta)]
    a = block_end.reference(*wide, None, eps).to(x.dtype).double()
    return streaming.reference(a, w.double(), bias.double(), stride=stride)


def applied(x, w, bias, stride, *before):
    return conv1x1_op.conv1x1(x, w, bias, *(None,) * 5, stride, 0.0, False, *before)


def agrees(found, wanted):
    assert (found.double() - wanted).abs().max() <= CLOSE[found.dtype] * max(1.0, wanted.abs().max().item())


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_agrees_with_fp64_at_odd_shapes(shape, dtype, launched):
    arguments = case(*shape, dtype)
    agrees(applied(*arguments), exact(*arguments))
    y, mean, var = training.conv1x1_statistics(*arguments)
    agrees(y, exact(*arguments))
    for found, wanted in zip((mean, var), statistics.reference(y.double()), strict=True):
        assert (found - wanted).abs().max() <= 1e-6 * max(1.0, wanted.abs().max().item())
    assert [choice is not dispatch.TORCH for _, choice in launched] == [True, True]


def test_every_configuration_and_pytorchs_path_agree():
    arguments = case(3, 136, 7, 7, 72, 1)
    found = [c for size in (4, 2) for c in streaming.configurations(136, 72, size, SHARED["sm_90"], False, before=True)]
    assert len(found) > 3
    for choice in (*found, dispatch.TORCH):
        with dispatch.using(choice):
            agrees(applied(*arguments), exact(*arguments))
            agrees(training.conv1x1_statistics(*arguments)[0], exact(*arguments))


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_whole_numbers_come_out_bit_by_bit(dtype):
    x, w, bias, mean, gamma, beta = (
        torch.randint(-2, 3, shape).to(kind)
        for shape, kind in (
            ((3, 8, 5, 5), dtype),
            ((16, 8, 1, 1), dtype),
            *(((size,), torch.float32) for size in (16, 8, 8, 8)),
        )
    )
    arguments = (
        x.to(memory_format=torch.channels_last),
        w,
        bias,
        1,
        mean,
        torch.full((8,), 0.5),
        gamma,
        beta,
        0.5,
        False,
    )
    assert torch.equal(applied(*arguments).double(), exact(*arguments))


def test_a_slice_is_read_where_it_stands(launched):
    arguments = case(2, 24, 5, 5, 40, 2)
    arguments[0] = rows(2, 40, 5, 5)[:, 8:32]
    agrees(applied(*arguments), exact(*arguments))
    assert launched[0][1] is not dispatch.TORCH


@pytest.mark.parametrize(("stride", "affine", "batch"), [(1, False, False), (2, True, True)])
def test_the_gradients_are_those_of_finite_differences(stride, batch, affine):
    x, w, bias, _, mean, var, gamma, beta, eps, _ = case(2, 8, 3, 3, 8, 1, torch.float64)
    inputs = [t.requires_grad_() for t in (x, w, bias, *((gamma, beta) if affine else ()))]

    def both(x, w, bias, gamma=None, beta=None):
        known = statistics.batch_statistics(x.detach()) if batch else (mean, var)
        arguments = (x, w, bias, stride, *known, gamma, beta, eps, batch)
        return applied(*arguments), training.conv1x1_statistics(*arguments)[0]

    assert torch.autograd.gradcheck(both, inputs, fast_mode=True)


def test_the_operators_pass_pytorchs_own_check():
    x, w, bias, stride, *before = case(1, 8, 3, 3, 16, 1)
    for tensor in (x, w, bias, before[2], before[3]):
        tensor.requires_grad_()
    torch.library.opcheck(training.conv1x1_statistics, (x, w, bias, stride, *before))
    torch.library.opcheck(conv1x1_op.conv1x1, (x, w, bias, *(None,) * 5, stride, 0.0, False, *before))


# ---- as the modules ----------------------------------------------------------


class Bottleneck(nn.Module):
    """Its 3x3 is PyTorch's; the batch norm behind it is in the last 1x1."""

    def __init__(self, stride=1, norm=None, last=None):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(24, 8, 1, bias=False), nn.BatchNorm2d(8, **norm or {})
        self.conv2, self.bn2 = nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16, **norm or {})
        self.conv3, self.bn3 = nn.Conv2d(16, 24, 1, stride=stride, bias=False), nn.BatchNorm2d(24, **norm or {})
        self.down = nn.AvgPool2d(1, stride)
        self.fused = True

    def forward(self, x):
        if not self.fused:
            y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()
            return (self.bn3(self.conv3(y)) + self.down(x)).relu()
        y = self.conv2(K.conv1x1(x, self.conv1, self.bn1, relu=True))
        return K.conv1x1(y, self.conv3, self.bn3, before=self.bn2, residual=self.down(x), relu=True)


class Chain(nn.Module):
    """1x1 after 1x1, where the statistics of the first travel on; and an end without a batch norm."""

    def __init__(self, stride=1, norm=None):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(24, 8, 1), nn.BatchNorm2d(8, **norm or {})
        self.conv2, self.bn2 = nn.Conv2d(8, 16, 1, stride=stride), nn.BatchNorm2d(16, **norm or {})
        self.conv3 = nn.Conv2d(16, 24, 1)
        self.fused = True

    def forward(self, x):
        if not self.fused:
            return self.conv3(self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu())
        y, found = K.conv1x1_measured(x, self.conv1, self.bn1)
        y = K.conv1x1(y, self.conv2, self.bn2, before=self.bn1, statistics=found, relu=True)
        return K.conv1x1(y, self.conv3)


class Transition(nn.Module):
    """As in a DenseNet: the batch norm stands before the convolution, and nothing behind it."""

    def __init__(self, stride=1, norm=None):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(24, **norm or {}), nn.Conv2d(24, 16, 1, stride=stride)
        self.end = nn.BatchNorm2d(16, **norm or {})
        self.fused = True

    def forward(self, x):
        if not self.fused:
            return self.end(self.conv(self.norm(x).relu())).relu()
        y, found = K.conv1x1_measured(x, self.conv, self.end, before=self.norm)
        return K.bn_add_relu(y, self.end, statistics=found)


def half_frozen(model):
    """The first norm trains, the others are frozen."""
    frozen(model)
    next(module for module in model.modules() if isinstance(module, nn.BatchNorm2d)).train()
    return model


STATES = {**steps.STATES, "half frozen": half_frozen}
NORMS = ({}, {"momentum": None}, {"track_running_stats": False}, {"affine": False}, {"eps": 1e-3, "momentum": 0.3})


def pair(kind, state, **options):
    """The module with kernels and without, from the same numbers."""
    fused = kind(**options).to(memory_format=torch.channels_last)
    plain = copy.deepcopy(scattered(fused))
    plain.fused = False
    return STATES[state](fused), STATES[state](plain)


def stands_for(fused, plain, x, close=2e-5, of_gradients=1e-4, module=None):
    (z, found), (wanted, gradients) = step(fused if module is None else module, x), step(plain, x)
    same(z, wanted, close)
    for a, b in zip(found, gradients, strict=True):
        same(a, b, of_gradients)
    for name, buffer in plain.named_buffers():
        same(fused.get_buffer(name), buffer, close)


@pytest.mark.parametrize(
    ("kind", "stride", "norm"),
    [*((Bottleneck, 2, norm) for norm in NORMS), *((kind, 1, NORMS[0]) for kind in (Bottleneck, Chain, Transition))],
    ids=str,
)
@pytest.mark.parametrize("state", STATES)
def test_values_gradients_and_buffers_are_those_of_the_modules(kind, state, stride, norm, launched):
    fused, plain = pair(kind, state, stride=stride, norm=norm)
    for x in (rows(3, 24, 5, 5), rows(1, 24, 7, 7)):
        stands_for(fused, plain, x)
    assert {kernel for kernel, choice in launched if choice is not dispatch.TORCH} >= {"bn_sums"}


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_a_pass_of_its_own_on_the_way_forth(state, launched):
    fused, _ = pair(Bottleneck, state)
    with torch.no_grad():
        fused(rows(3, 24, 5, 5))
    ran = [kernel for kernel, _ in launched]
    assert ran.count("bn_apply") == {"training": 2, "half frozen": 1}.get(
        state, 0
    )  # behind conv1 and conv3, not before


def test_statistics_that_travel_are_not_taken_again(launched):
    fused, _ = pair(Chain, "training")
    fused(rows(3, 24, 5, 5))
    assert "statistics" not in {kernel for kernel, _ in launched}


@pytest.mark.parametrize("state", ["evaluation", "training"])
@pytest.mark.parametrize("kind", [Bottleneck, Chain, Transition])
def test_autocast_is_as_with_the_modules(kind, state):
    fused, plain = pair(kind, state)
    with torch.autocast("cpu", torch.float16):
        stands_for(fused, plain, rows(3, 24, 5, 5), 1e-2, 5e-2)


@pytest.mark.parametrize(("kind", "state"), [(Bottleneck, "training"), (Chain, "half frozen")])
def test_it_compiles_in_one_graph(kind, state):
    fused, plain = pair(kind, state)
    stands_for(fused, plain, rows(3, 24, 5, 5), module=torch.compile(fused, backend="aot_eager", fullgraph=True))


def test_it_exports_for_any_batch():
    fused, plain = pair(Bottleneck, "evaluation")
    batch = {0: torch.export.Dim("batch", min=1, max=64)}
    program = torch.export.export(fused, (rows(3, 24, 5, 5),), dynamic_shapes=(batch,)).module()
    for n in (1, 5):
        x = rows(n, 24, 5, 5)
        same(program(x), plain(x))


def test_off_runs_the_modules(monkeypatch, launched):
    monkeypatch.setenv("ARCHLANG_KERNELS", "off")
    x = rows(3, 24, 5, 5)
    for kind in (Bottleneck, Chain, Transition):
        fused, plain = pair(kind, "training")
        assert torch.equal(fused(x), plain(x))
    assert not launched


def test_a_batch_norm_with_a_hook_or_of_another_kind_runs_itself():
    conv, seen = nn.Conv2d(16, 8, 1), []
    x, hooked = rows(3, 16, 5, 5), nn.BatchNorm2d(16).eval()
    hooked.register_forward_hook(lambda *_: seen.append(True))
    same(K.conv1x1(x, conv, before=hooked), conv(hooked(x).relu()))
    assert len(seen) == 2
    other = nn.GroupNorm(4, 16)
    same(K.conv1x1(x, conv, before=other), conv(other(x).relu()))


def test_a_convolution_that_the_kernel_is_not_for_runs_behind_the_batch_norm():
    conv, before, x = nn.Conv2d(16, 10, 3), nn.BatchNorm2d(16).eval(), rows(3, 16, 5, 5)
    same(K.conv1x1(x, conv, before=before), conv(before(x).relu()))


def test_one_value_per_channel_is_refused_as_by_the_module():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        K.conv1x1(rows(1, 16, 1, 1), nn.Conv2d(16, 8, 1), before=nn.BatchNorm2d(16))
