import copy

import pytest
import torch
from drawn import rows, vectors
from torch import nn

from archlang import kernels as K
from archlang.kernels import back_to_back, dispatch
from archlang.kernels.prologue import NOTHING
from archlang.kernels.two_products import PIECES

CLOSE = {torch.float32: 1e-5, torch.float16: 2e-3}
TYPES = (torch.float32, torch.float16)
SHAPES = ((1, 8, 16, 8, 1, 1), (3, 24, 40, 8, 5, 5), (2, 40, 136, 72, 3, 7))
"""N, C, E, D, H, W."""


def case(shape, dtype=torch.float32, missing=(), missing_v=(), residual=True, keep=True):
    n, c, e, d, h, w = shape
    weights = [rows(b, a, 1, 1, dtype=dtype) / a**0.5 for a, b in ((c, e), (e, d))]
    add = rows(n, e, h, w, dtype=dtype) if residual else None
    first, second = vectors(e, dtype, missing), vectors(d, dtype, missing_v)
    return [rows(n, c, h, w, dtype=dtype), weights[0], *first, add, weights[1], *second, 1e-5, 1e-3, keep, *NOTHING]


def exact(arguments):
    h, w, b, g, e, m, s, add, v, *rest = (a.double() if isinstance(a, torch.Tensor) else a for a in arguments)
    return back_to_back.reference(h, w, (b, g, e, m, s), add, v, tuple(rest[:5]), *rest[5:7])


def agree(found, wanted, dtype, keep=True):
    for z, exactly in list(zip(found, wanted, strict=True))[0 if keep else 1 :]:
        assert z.is_contiguous(memory_format=torch.channels_last)
        assert z.dtype == dtype
        assert (z.double() - exactly).abs().max() <= 2 * CLOSE[dtype] * max(1.0, exactly.abs().max().item())
    assert keep or found[0].shape[0] == 0


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_agrees_with_fp64_at_odd_shapes(shape, dtype, keep, launched):
    arguments = case(shape, dtype, keep=keep)
    agree(back_to_back.conv1x1_pair(*arguments), exact(arguments), dtype, keep)
    assert launched[0][1].kind == "chained"


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("missing", [(0,), (1, 2), (1, 2, 3, 4), (0, 1, 2, 3, 4)], ids=str)
def test_each_vector_and_the_residual_may_be_missing(missing, residual):
    for either in ({"missing": missing}, {"missing_v": missing}, {"missing": missing, "missing_v": missing}):
        arguments = case(SHAPES[1], residual=residual, **either)
        agree(back_to_back.conv1x1_pair(*arguments), exact(arguments), torch.float32)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("choice", [*back_to_back.configurations(40, 72, 2, 232448), PIECES, dispatch.TORCH], ids=str)
def test_every_configuration_agrees(choice, keep):
    arguments = case(SHAPES[2], torch.float16, keep=keep)
    with dispatch.using(choice):
        agree(back_to_back.conv1x1_pair(*arguments), exact(arguments), torch.float16, keep)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_whole_numbers_come_out_bit_by_bit(dtype):
    arguments = case((3, 8, 16, 8, 5, 5), dtype, (1, 2, 3, 4), (1, 2, 3, 4))
    arguments = [torch.randint_like(a, -1, 2) if isinstance(a, torch.Tensor) else a for a in arguments]
    for found, wanted in zip(back_to_back.conv1x1_pair(*arguments), exact(arguments), strict=True):
        assert torch.equal(found.double(), wanted)


def test_slices_and_tensors_in_another_order_are_read_as_they_lie(launched):
    arguments = case((2, 8, 16, 24, 5, 5))
    arguments[0] = rows(2, 24, 5, 5)[:, 8:16]
    arguments[7] = torch.randn(2, 16, 5, 5)
    agree(back_to_back.conv1x1_pair(*arguments), exact(arguments), torch.float32)
    assert launched[0][1].kind == "chained"


def test_wide_blocks_are_done_in_pieces(launched):
    assert back_to_back.configurations(264, 64, 2, 232448) == []
    arguments = case((1, 8, 16, 264, 2, 2))
    agree(back_to_back.conv1x1_pair(*arguments), exact(arguments), torch.float32)
    assert [kernel for kernel, _ in launched] == ["conv1x1_pair", "conv1x1", "conv1x1"]


@pytest.mark.parametrize("choice", [*back_to_back.configurations(40, 72, 2, 232448), PIECES, dispatch.TORCH], ids=str)
def test_what_stands_in_front_is_applied_as_it_is_read(choice):
    arguments = case(SHAPES[2])
    gamma, beta, mean = (torch.randn(40) for _ in range(3))
    var, column = torch.rand(40) + 0.5, (1, -1, 1, 1)
    h = (arguments[0] - mean.view(column)) * (gamma / (var + 1e-3).sqrt()).view(column) + beta.view(column)
    with dispatch.using(choice):
        found = back_to_back.conv1x1_pair(*arguments[:-6], mean, var, gamma, beta, 1e-3, False)
    agree(found, exact([h.relu(), *arguments[1:]]), torch.float32)


@pytest.mark.parametrize("training", [False, True])
def test_the_layers_in_front_are_those_of_the_modules(training, launched):
    net, bn = Net().train(training), nn.BatchNorm2d(8).train(training)
    own = copy.deepcopy((net, bn))
    given = [rows(3, 8, 5, 5).requires_grad_(), rows(3, 24, 5, 5).requires_grad_()]
    others = [t.detach().clone().requires_grad_() for t in given]
    with torch.set_grad_enabled(training):
        z, r = K.conv1x1_pair(given[0], net.conv, net.bn, given[1], net.next, net.bn_next, before=bn)
        y = (own[0].bn(own[0].conv(own[1](others[0]).relu())) + others[1]).relu()
        s = own[0].bn_next(own[0].next(y)).relu()
    assert (z - y).abs().max() <= 1e-4
    assert (r - s).abs().max() <= 1e-4
    assert ("conv1x1_pair" in {kernel for kernel, _ in launched}) is not training
    if training:
        found = torch.autograd.grad((z * z).sum() + (r * r).sum(), [*given, *bn.parameters()])
        wanted = torch.autograd.grad((y * y).sum() + (s * s).sum(), [*others, *own[1].parameters()])
        for a, b in zip(found, wanted, strict=True):
            assert (a - b).abs().max() <= 2e-4 * b.abs().max()


@pytest.mark.parametrize("keep", [False, True])
def test_the_operator_passes_pytorchs_own_check(keep):
    torch.library.opcheck(back_to_back.conv1x1_pair, case((2, 8, 16, 24, 3, 3), keep=keep))


class Net(nn.Module):
    """The end of a block with the next one's first, and a chain of three."""

    def __init__(self, last=8):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(8, 24, 1, bias=False), nn.BatchNorm2d(24)
        self.next, self.bn_next = nn.Conv2d(24, 8, 1), nn.BatchNorm2d(8)
        self.chain = nn.ModuleList([nn.Conv2d(8, 16, 1), nn.Conv2d(16, last, 1), nn.Conv2d(last, 8, 1)])

    def forward(self, h, shortcut):
        z, r = K.conv1x1_pair(h, self.conv, self.bn, shortcut, self.next, self.bn_next)
        return z, K.conv1x1_chain(r, self.chain)

    def plain(self, h, shortcut):
        z = (self.bn(self.conv(h)) + shortcut).relu()
        r = self.bn_next(self.next(z)).relu()
        for conv in self.chain:
            r = conv(r).relu()
        return z, r


@torch.no_grad()
@pytest.mark.parametrize("last", [8, 10])
def test_it_compiles_and_exports_for_any_batch(last, launched):
    net, given = Net(last).eval(), (rows(3, 8, 5, 5), rows(3, 24, 5, 5))
    compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
    batch = {0: torch.export.Dim("batch", min=1, max=64)}
    program = torch.export.export(net, given, dynamic_shapes=(batch, batch)).module()
    for called, n in ((net, 2), (compiled, 3), (program, 1), (program, 5)):
        given = (rows(n, 8, 5, 5), rows(n, 24, 5, 5))
        for found, wanted in zip(called(*given), net.plain(*given), strict=True):
            assert (found - wanted).abs().max() <= 1e-5
    kernels = [kernel for kernel, _ in launched[:3]]
    assert kernels[:2] == (["conv1x1_pair"] * 2 if last == 8 else ["conv1x1_pair", "conv1x1"])


@torch.no_grad()
def test_a_batch_norm_that_trains_and_channels_that_do_not_meet_are_done_in_pieces(launched):
    net, given = Net().eval(), (rows(3, 8, 5, 5), rows(3, 24, 5, 5))
    net.bn_next.train()
    wanted = net.plain(*given)[1]
    net.bn_next.reset_running_stats()
    assert (net(*given)[1] - wanted).abs().max() <= 1e-5
    with pytest.raises(RuntimeError, match="channels"):
        K.conv1x1_pair(given[0], net.conv, net.bn.eval(), None, net.chain[0], None)
    assert launched[0][0] != "conv1x1_pair"


def test_under_autocast_the_results_are_of_its_type(launched):
    net, given = Net().eval(), (rows(2, 8, 5, 5), rows(2, 24, 5, 5).half())
    with torch.no_grad(), torch.autocast("cpu", torch.float16):
        for found, wanted in zip(net(*given), net.plain(*given), strict=True):
            assert found.dtype == wanted.dtype == torch.float16
            assert (found - wanted).abs().max() <= 1e-2
    assert launched[0][0] == "conv1x1_pair"
