import pytest
import torch
from drawn import rows, vectors
from torch import nn

from archlang import kernels as K
from archlang.kernels import dispatch, two_products
from archlang.kernels.prologue import NOTHING

CLOSE = {torch.float32: 1e-5, torch.float16: 2e-3}
TYPES = (torch.float32, torch.float16)
SHAPES = ((1, 8, 16, 8, 1, 1, 1), (3, 24, 8, 40, 5, 5, 1), (2, 8, 40, 136, 3, 7, 2), (1, 72, 264, 24, 5, 5, 2))
"""N, C, Cin, Cout, H, W and the stride."""


def case(shape, dtype=torch.float32, missing=(), missing_v=()):
    """The arguments of the operator; x has one row and column less than stride times h and w, where it may."""
    n, c, k, cols, h, w, stride = shape
    x = rows(n, k, (h - 1) * stride + 1, w * stride, dtype=dtype)
    first, second = (rows(cols, size, 1, 1, dtype=dtype) / size**0.5 for size in (c, k))
    given = (vectors(cols, dtype, missing), vectors(cols, dtype, missing_v))
    return [rows(n, c, h, w, dtype=dtype), first, *given[0], x, second, *given[1], stride, 1e-5, 1e-3, True, *NOTHING]


def exact(arguments):
    h, w, b, g, e, m, s, x, v, *rest = (a.double() if isinstance(a, torch.Tensor) else a for a in arguments)
    return two_products.reference(h, w, (b, g, e, m, s), x, v, tuple(rest[:5]), *rest[5:9])


def agree(z, wanted):
    assert z.is_contiguous(memory_format=torch.channels_last)
    assert (z.double() - wanted).abs().max() <= CLOSE[z.dtype] * max(1.0, wanted.abs().max().item())


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_agrees_with_fp64_at_odd_shapes(shape, dtype, launched):
    arguments = case(shape, dtype)
    agree(two_products.conv1x1_two(*arguments), exact(arguments))
    assert launched[0][1].kind == "tiled"


def with_before(arguments, missing=()):
    """The arguments with a batch norm in front of the first product, and what fp64 makes of them."""
    h = arguments[0]
    _, gamma, beta, mean, var = vectors(h.shape[1], h.dtype, missing)
    scale, shift = (torch.ones(()) if gamma is None else gamma), (torch.zeros(()) if beta is None else beta)
    line = (h.double() - mean.view(-1, 1, 1)) / (var.double() + 1e-2).sqrt().view(-1, 1, 1)
    a = (line * scale.view(-1, 1, 1) + shift.view(-1, 1, 1)).relu()
    return [*arguments[:-6], mean, var, gamma, beta, 1e-2, False], exact([a, *arguments[1:]])


@pytest.mark.parametrize(
    "choice", [*two_products.configurations(40, 4, 232448, True), two_products.PIECES, dispatch.TORCH], ids=str
)
@pytest.mark.parametrize("shape", [SHAPES[1], SHAPES[3]], ids=str)
def test_what_stands_before_the_first_product_is_done_as_it_reads(shape, choice):
    for missing in ((), (1, 2)):
        arguments, wanted = with_before(case(shape), missing)
        with dispatch.using(choice):
            agree(two_products.conv1x1_two(*arguments), wanted)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("missing", [(0,), (1, 2), (1, 2, 3, 4), (0, 1, 2, 3, 4)], ids=str)
def test_each_vector_of_either_may_be_missing(missing, relu):
    for either in ({"missing": missing}, {"missing_v": missing}, {"missing": missing, "missing_v": missing}):
        arguments = [*case(SHAPES[1], **either)[:-1], relu]
        agree(two_products.conv1x1_two(*arguments), exact(arguments))


@pytest.mark.parametrize(
    "choice",
    [*two_products.configurations(136, 4, 232448), two_products.PIECES, dispatch.TORCH],
    ids=str,
)
def test_every_configuration_agrees(choice):
    arguments = case((2, 24, 40, 136, 5, 5, 2))
    with dispatch.using(choice):
        agree(two_products.conv1x1_two(*arguments), exact(arguments))


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("stride", [1, 2])
def test_whole_numbers_come_out_bit_by_bit(stride, dtype):
    arguments = case((3, 8, 16, 24, 5, 5, stride), dtype, (1, 2, 3, 4), (1, 2, 3, 4))
    arguments = [torch.randint_like(a, -3, 4) if isinstance(a, torch.Tensor) else a for a in arguments]
    assert torch.equal(two_products.conv1x1_two(*arguments).double(), exact(arguments))


def test_slices_and_tensors_in_another_order_are_read_as_they_lie(launched):
    arguments = case((2, 8, 16, 24, 5, 5, 1))
    arguments[0] = rows(2, 24, 5, 5)[:, 8:16]
    arguments[7] = torch.randn(2, 16, 5, 5)
    agree(two_products.conv1x1_two(*arguments), exact(arguments))
    assert launched[0][1].kind == "tiled"


def test_the_operator_passes_pytorchs_own_check():
    torch.library.opcheck(two_products.conv1x1_two, case((2, 8, 16, 24, 3, 3, 2)))
    torch.library.opcheck(two_products.conv1x1_two, with_before(case((2, 8, 16, 24, 3, 3, 2)))[0])


class End(nn.Module):
    def __init__(self, stride=1, width=24):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(8, 24, 1, bias=False), nn.BatchNorm2d(24)
        self.down, self.bn_down = nn.Conv2d(16, width, 1, stride), nn.BatchNorm2d(width)
        self.stride = stride

    def forward(self, x):
        h = x[:, :8, :: self.stride, :: self.stride]
        return K.conv1x1_two(h, self.conv, self.bn, x, self.down, self.bn_down)

    def plain(self, x):
        h = x[:, :8, :: self.stride, :: self.stride]
        return (self.bn(self.conv(h)) + self.bn_down(self.down(x))).relu()


@torch.no_grad()
@pytest.mark.parametrize("stride", [1, 2])
def test_it_compiles_and_exports_for_any_batch(stride, launched):
    net, x = End(stride).eval(), rows(3, 16, 5, 5)
    compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
    assert (compiled(x) - net.plain(x)).abs().max() <= 1e-5
    batch = {0: torch.export.Dim("batch", min=1, max=64)}
    program = torch.export.export(net, (x,), dynamic_shapes=(batch,)).module()
    for n in (1, 5):
        x = rows(n, 16, 5, 5)
        assert (program(x) - net.plain(x)).abs().max() <= 1e-5
    assert {kernel for kernel, _ in launched} == {"conv1x1_two"}


@torch.no_grad()
def test_one_branch_that_trains_or_broadcasts_is_done_in_pieces(launched):
    net, x = End().eval(), rows(3, 16, 5, 5)
    net.bn_down.train()
    wanted = net.plain(x)
    net.bn_down.reset_running_stats()
    assert (net(x) - wanted).abs().max() <= 1e-5
    with pytest.raises(RuntimeError, match="must match"):
        End(width=16).eval()(x)
    assert "conv1x1_two" not in {kernel for kernel, _ in launched}


def test_under_autocast_the_result_is_of_its_type(launched):
    net, x = End().eval(), rows(2, 16, 5, 5)
    with torch.no_grad(), torch.autocast("cpu", torch.float16):
        found, wanted = net(x), net.plain(x)
    assert found.dtype == wanted.dtype == torch.float16
    assert (found - wanted).abs().max() <= 1e-2
    assert launched[0][0] == "conv1x1_two"
