"""The way back through a 1x1 convolution and the batch norms on both sides of it."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from archlang import kernels as K
from archlang.kernels import dgrad, dispatch, statistics, way_back, wgrad
from archlang.kernels.activation import RELU, remade
from archlang.kernels.block import conv1x1_block, conv1x1_block_backward
from archlang.kernels.machine import SHARED
from archlang.kernels.prologue import NOTHING, Before

CLOSE = {torch.float32: 1e-4, torch.float16: 4e-3}
SHAPES = ((9, 8, 1, 1, 8, 1), (3, 24, 5, 5, 40, 1), (2, 40, 7, 7, 24, 2), (1, 72, 5, 7, 136, 1), (1, 24, 1, 5, 264, 1))


def rows(*shape, dtype=torch.float32, whole=False):
    found = torch.randint(-2, 3, shape) if whole else torch.randn(shape)
    return found.to(dtype).to(memory_format=torch.channels_last)


def case(n, c, h, w, o, stride, dtype=torch.float32, residual=True):
    """x, w, gamma, beta, residual, and gamma and beta of the batch norm in front."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    size = (n, o, (h - 1) // stride + 1, (w - 1) // stride + 1)
    found = [rows(n, c, h, w, dtype=dtype), (torch.randn(o, c, 1, 1) / c**0.5).to(dtype),
             torch.randn(o, dtype=wide), torch.randn(o, dtype=wide), rows(*size, dtype=dtype) if residual else None,
             torch.randn(c, dtype=wide), torch.randn(c, dtype=wide)]  # fmt: skip
    return [t if t is None else t.requires_grad_() for t in found]


def applied(tensors, stride=1, relu=True, before=True):
    """The operator, where the batch norm in front takes the statistics of x."""
    x, w, gamma, beta, residual, gamma_in, beta_in = tensors
    known = NOTHING
    if before:
        known = (*statistics.batch_statistics(x.detach()), gamma_in, beta_in, 1e-5, True)
    return conv1x1_block(x, w, None, gamma, beta, residual, stride, 1e-5, relu, True, *known)[0]


def exact(tensors, stride=1, relu=True, before=True, dtype=torch.float64):
    """In fp64; what passes the ReLUs is decided by values rounded to `dtype`, as they are stored."""
    x, w, gamma, beta, residual, gamma_in, beta_in = tensors
    stored = Stored.apply
    a = stored(F.batch_norm(x, None, None, gamma_in, beta_in, training=True), dtype).relu() if before else x
    y = stored(F.conv2d(a, w, None, stride), dtype)
    z = F.batch_norm(y, None, None, gamma, beta, training=True)
    z = stored(z if residual is None else z + residual, dtype)
    return z.relu() if relu else z


class Stored(torch.autograd.Function):
    """Rounding to a narrower type and back, through which a gradient passes as it is."""

    @staticmethod
    def forward(_, t, dtype):
        return t.to(dtype).to(t.dtype)

    @staticmethod
    def backward(_, grad):
        return grad, None


def agree(found, wanted, dtype=torch.float32):
    """In the type that the tensors are of; the vectors' gradients are sums over those."""
    for a, b in zip(found, wanted, strict=True):
        if b is not None:
            assert (a.double() - b).abs().max() <= CLOSE[dtype] * max(1.0, b.abs().max().item())


def gradients(function, tensors, dz, **options):
    z = function(tensors, **options)
    used = [t for t in tensors if t is not None]
    return z, torch.autograd.grad(z, used, dz.to(z.dtype), allow_unused=True)


def doubled(tensors):
    return [t if t is None else t.detach().double().requires_grad_() for t in tensors]


@pytest.mark.parametrize(("residual", "before"), [(False, False), (True, True), (False, True)])
@pytest.mark.parametrize(
    ("dtype", "shape"),
    [*((torch.float32, shape) for shape in SHAPES), *((torch.float16, shape) for shape in SHAPES[1:3])],
    ids=str,
)
def test_values_and_gradients_agree_with_fp64_at_odd_shapes(shape, dtype, residual, before, launched):
    tensors, options = case(*shape, dtype, residual), {"stride": shape[5], "before": before}
    dz = torch.randn(exact(doubled(tensors), **options).shape).to(dtype)
    z, found = gradients(applied, tensors, dz, **options)
    wanted, there = gradients(exact, doubled(tensors), dz.double(), dtype=dtype, **options)
    agree([z, *found], [wanted, *there], dtype)
    assert {kernel for kernel, choice in launched if choice is not dispatch.TORCH} >= {
        "conv1x1_backward",
        "dgrad",
        "wgrad",
    }


@pytest.mark.parametrize("split", [*way_back.shares(("dgrad", "wgrad")), dispatch.TORCH], ids=str)
def test_whoever_makes_the_products_the_gradients_are_the_same(split):
    for residual, before, stride in ((True, True, 1), (False, True, 2)):
        tensors, options = case(3, 24, 5, 5, 40, 1, residual=residual), {"before": before}
        dz = torch.randn(3, 40, 5, 5)
        if stride == 2:
            options, dz = {**options, "stride": 2}, dz[:, :, ::2, ::2].contiguous()
        with dispatch.using(split):
            _, found = gradients(applied, tensors, dz, **options)
        _, wanted = gradients(exact, doubled(tensors), dz.double(), **options)
        agree(found, wanted)


@pytest.mark.parametrize(
    ("stride", "residual", "relu", "before"),
    [(1, True, True, True), (2, False, True, True), (2, False, False, False), (1, True, False, False)],
)
def test_the_gradients_are_those_of_finite_differences(stride, residual, relu, before):
    tensors = case(2, 8, 3, 3, 8, stride, torch.float64, residual)
    tensors = tensors if before else [*tensors[:5], None, None]

    def apply(*given):
        return applied(given, stride, relu, before)

    assert torch.autograd.gradcheck(apply, tensors, fast_mode=True)


def line_of(*vectors):
    return torch.stack(vectors).float()


@pytest.mark.parametrize(("dtype", "stride"), [(torch.float32, 1), (torch.float16, 2)], ids=str)
def test_whole_numbers_come_out_of_every_configuration_bit_by_bit(dtype, stride):
    n, cin, cout, h = 2, 24, 40, 5
    size = (h - 1) // stride + 1
    y, g = (rows(n, cout, size, size, dtype=dtype, whole=True) for _ in range(2))
    x, w = rows(n, cin, h, h, dtype=dtype, whole=True), torch.randint(-2, 3, (cout, cin, 1, 1)).to(dtype)
    s, u, v, shift, mean = (torch.randint(-1, 2, (cout,)) for _ in range(5))
    gamma_in, beta_in, mean_in = (torch.randint(-1, 2, (cin,)).float() for _ in range(3))
    before = Before(mean_in, torch.ones(cin), gamma_in, beta_in, 0.0, True)
    column = (1, -1, 1, 1)
    z = y.double() * s.view(column) + shift.view(column)
    dy = (
        (torch.where(z > 0, g.double(), 0) * s.view(column))
        + (y.double() - mean.view(column)) * u.view(column)
        + v.view(column)
    )
    a = ((x.double() - mean_in.view(column)) * gamma_in.view(column) + beta_in.view(column)).relu()
    da = torch.zeros_like(a)
    da[:, :, ::stride, ::stride] = torch.einsum("nohw,oc->nchw", dy, w.double()[:, :, 0, 0])
    da = torch.where(a > 0, da, 0)
    dw = torch.einsum("nohw,nchw->oc", dy, a[:, :, ::stride, ::stride])
    line, itemsize = line_of(s, u, v, shift, mean), x.element_size()
    for choice in dgrad.configurations(itemsize, SHARED["sm_90"]):
        dx = torch.zeros_like(x)
        partial = dgrad.launch(choice, g, y, line, w, x, before, dx, stride, remade(RELU))
        assert torch.equal(dx.double(), da)
        assert torch.equal(partial[0].sum(0).double(), da.sum((0, 2, 3)))
        assert torch.equal(partial[1].sum(0).double(), (da * (x - mean_in.view(column))).sum((0, 2, 3)))
    for choice in wgrad.configurations(itemsize, SHARED["sm_90"]):
        found = wgrad.launch(choice, g, y, line, x, before, stride, remade(RELU))
        assert torch.equal(found.double(), dw)


def test_the_rows_are_split_between_programs_and_added_in_one_order(monkeypatch):
    tensors, dz = case(4, 24, 6, 6, 40, 1), torch.randn(4, 40, 6, 6)
    _, wanted = gradients(exact, doubled(tensors), dz.double())
    for programs in (1, 3):
        monkeypatch.setattr(wgrad, "multiprocessors", lambda device, programs=programs: programs)
        twice = [gradients(applied, tensors, dz)[1] for _ in range(2)]
        agree(twice[0], wanted)
        assert all(torch.equal(a, b) for a, b in zip(*twice, strict=True))


def test_gradients_that_come_in_another_layout_are_right_too():
    tensors = case(3, 24, 5, 5, 40, 1)
    others = torch.ones(1).expand(3, 40, 5, 5), torch.randn(3, 5, 40, 5).transpose(1, 2), rows(3, 64, 5, 5)[:, 8:48]
    for dz in (torch.randn(3, 40, 5, 5), *others):
        agree(gradients(applied, tensors, dz)[1], gradients(exact, doubled(tensors), dz.double())[1])


@pytest.mark.parametrize("change", [lambda x: x.detach().contiguous(), lambda x: rows(3, 40, 5, 5)[:, 8:32]],
                         ids=["nchw", "a slice"])  # fmt: skip
def test_an_input_in_another_layout_is_right_too(change):
    tensors = case(3, 24, 5, 5, 40, 1)
    tensors[0] = change(tensors[0]).requires_grad_()
    dz = torch.randn(3, 40, 5, 5)
    agree(gradients(applied, tensors, dz)[1], gradients(exact, doubled(tensors), dz.double())[1])


@pytest.mark.parametrize("wanted", [(0,), (1,), (5, 6), (2, 3)], ids=["x", "w", "the norm in front", "the norm behind"])
def test_a_gradient_may_be_wanted_of_some_only(wanted):
    tensors, dz = case(3, 24, 5, 5, 40, 1), torch.randn(3, 40, 5, 5)
    pair = [
        [t.detach().requires_grad_(i in wanted) for i, t in enumerate(each)] for each in (tensors, doubled(tensors))
    ]
    found = [torch.autograd.grad(function(each), [each[i] for i in wanted], dz.to(each[0].dtype))
             for function, each in zip((applied, exact), pair, strict=True)]  # fmt: skip
    agree(*found)


def test_nothing_is_kept_where_no_gradient_is_wanted_and_that_is_said():
    x, w, gamma, beta, residual, _, _ = case(2, 8, 3, 3, 16, 1)
    with pytest.raises(RuntimeError, match="keep nothing"):
        conv1x1_block(x, w, None, gamma, beta, residual, 1, 1e-5, True, False, *NOTHING)


def test_the_operators_pass_pytorchs_own_check():
    x, w, gamma, beta, residual, gamma_in, beta_in = case(2, 8, 3, 3, 16, 1)
    known = (*statistics.batch_statistics(x.detach()), gamma_in, beta_in, 1e-5, True)
    torch.library.opcheck(conv1x1_block, (x, w, None, gamma, beta, residual, 1, 1e-5, True, True, *known))
    tensors = [t.detach() for t in (x, w, gamma, beta, residual)]
    with torch.no_grad():
        z, y, mean, var, mask = conv1x1_block(*tensors[:2], None, *tensors[2:], 1, 1e-5, True, True, *known)
    known = [t.detach() if isinstance(t, torch.Tensor) else t for t in known]
    arguments = (z, mask, y, mean, var, *tensors[2:4], *tensors[:2], *known[:4], 1, 1e-5, True, True, *known[4:])
    torch.library.opcheck(conv1x1_block_backward, (*arguments, False, True, None))


class Identity(nn.Module):
    """A block whose skip connection reads what the first convolution read."""

    def __init__(self, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(24, 8, 1, stride=stride, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.conv3, self.bn3 = nn.Conv2d(8, 24, 1, bias=False), nn.BatchNorm2d(24)
        self.pool = nn.AvgPool2d(stride)
        self.fused = True

    def forward(self, x):
        if not self.fused:
            out = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()
            return (self.bn3(self.conv3(out)) + self.pool(x)).relu()
        out, x = K.conv1x1_skip(x, self.conv1, self.bn1, relu=True)
        out = self.conv2(out)
        return K.conv1x1(out, self.conv3, self.bn3, before=self.bn2, residual=self.pool(x), relu=True)


def two_blocks(stride):
    fused = nn.Sequential(Identity(stride), Identity()).to(memory_format=torch.channels_last)
    plain = copy.deepcopy(fused)
    for block in plain:
        block.fused = False
    return fused, plain


@pytest.mark.parametrize("split", [*way_back.shares(("dgrad",)), dispatch.TORCH], ids=str)
@pytest.mark.parametrize("stride", [1, 2])
def test_the_skip_connections_gradient_is_added_where_the_convolutions_is_made(stride, split):
    fused, plain = two_blocks(stride)
    x, y = rows(3, 24, 6, 6).requires_grad_(), None
    with dispatch.using(split):
        z = fused(x)
        dz = torch.randn(z.shape)
        found = torch.autograd.grad(z, [x, *fused.parameters()], dz)
    w = plain(y := x.detach().requires_grad_())
    agree([z, *found], [t.double() for t in (w, *torch.autograd.grad(w, [y, *plain.parameters()], dz))])


def test_gradients_of_parts_of_a_concatenation_are_read_where_they_stand():
    fused, plain = (blocks[0] for blocks in two_blocks(1))
    x, dz = rows(3, 24, 6, 6).requires_grad_(), rows(3, 32, 6, 6)
    y = x.detach().requires_grad_()
    z = torch.cat(K.conv1x1_skip(x, fused.conv1, fused.bn1, relu=True), 1)
    w = torch.cat([plain.bn1(plain.conv1(y)).relu(), y], 1)
    found = torch.autograd.grad(z, [x, fused.conv1.weight, fused.bn1.weight], dz)
    agree([z, *found], [w, *torch.autograd.grad(w, [y, plain.conv1.weight, plain.bn1.weight], dz)])


@pytest.mark.parametrize("how", ["compiled", pytest.param("checkpointed", marks=pytest.mark.slow)])
def test_a_block_with_a_skip_connection_compiles_and_is_checkpointed(how):
    fused, plain = two_blocks(1)
    run = torch.compile(fused, backend="aot_eager", fullgraph=True) if how == "compiled" else checkpointed(fused)
    x, dz = rows(3, 24, 5, 5).requires_grad_(), torch.randn(3, 24, 5, 5)
    y = x.detach().requires_grad_()
    z, w = run(x), plain(y)
    found, wanted = (
        torch.autograd.grad(z, [x, *fused.parameters()], dz),
        torch.autograd.grad(w, [y, *plain.parameters()], dz),
    )
    agree([z, *found], [t.double() for t in (w, *wanted)])
    if how == "compiled":  # a checkpoint runs forward twice, and tracks twice
        agree(list(fused.buffers()), [b.double() for b in plain.buffers()])


def checkpointed(model):
    return lambda x: torch.utils.checkpoint.checkpoint(model, x, use_reentrant=False)


def test_without_a_gradient_the_skip_connection_is_the_tensor_itself():
    fused, _ = two_blocks(1)
    x = rows(3, 24, 5, 5)
    with torch.no_grad():
        assert K.conv1x1_skip(x, fused[0].conv1, fused[0].bn1)[1] is x
    x = x.requires_grad_()
    assert K.conv1x1_skip(x, fused[0].conv1, fused[0].bn1.eval())[1] is x


def losses_of(model, steps):
    """The losses of `steps` steps on pictures that are drawn anew."""
    torch.manual_seed(1)
    optimiser, found = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9), []
    for _ in range(steps):
        loss = (model(rows(4, 24, 6, 6)) - 1).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        found.append(loss.item())
    return found


@pytest.mark.slow  # test_layers.py has a few steps at every push
@pytest.mark.parametrize("steps", [4, 50])
def test_training_gives_the_losses_and_parameters_of_the_run_without(steps):
    fused, plain = two_blocks(2)
    assert losses_of(fused, steps) == pytest.approx(losses_of(plain, steps), rel=1e-3)
    close = 1e-3 if steps < 10 else 2e-2
    for name, value in plain.state_dict().items():
        assert (fused.state_dict()[name] - value).abs().max() <= close * max(1.0, value.abs().max().item()), name
