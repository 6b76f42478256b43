import pytest
import torch

from archlang.kernels import conv1x1_op, dispatch, streaming
from archlang.kernels.machine import SHARED
from archlang.kernels.prologue import NOTHING

CLOSE = {torch.float64: 1e-6, torch.float32: 1e-5, torch.float16: 2e-3}
TYPES = (torch.float32, torch.float16)
SHAPES = (  # N, Cin, H, W, Cout, stride
    (1, 8, 1, 1, 8, 1),
    (3, 24, 5, 5, 40, 1),
    (1, 40, 7, 7, 24, 2),
    (3, 40, 5, 7, 136, 2),
    (1, 264, 7, 5, 72, 1),
    (1, 520, 1, 5, 24, 1),
)


def numbers(*shape, dtype, whole=False):
    x = torch.randint(-3, 4, shape) if whole else torch.randn(shape)
    x = x.to(dtype)
    return x.to(memory_format=torch.channels_last) if len(shape) == 4 else x


def case(n, c, h, w, o, stride, dtype=torch.float32, whole=False):
    """x, w, bias, gamma, beta, mean, var, residual, stride, eps, relu, and nothing before."""
    size = (n, o, (h - 1) // stride + 1, (w - 1) // stride + 1)
    weight = numbers(o, c, 1, 1, dtype=dtype, whole=whole) / (1 if whole else c**0.5)
    x = numbers(n, c, h, w, dtype=dtype, whole=whole)
    bias, gamma, beta, mean = (numbers(o, dtype=dtype, whole=whole) for _ in range(4))
    var = torch.full((o,), 0.5, dtype=dtype) if whole else torch.rand(o, dtype=dtype) + 0.5
    return [x, weight, bias, gamma, beta, mean, var, numbers(*size, dtype=dtype, whole=whole), stride,
            0.5 if whole else 1e-5, True, *NOTHING]  # fmt: skip


def exact(arguments):
    return streaming.reference(*(a.double() if isinstance(a, torch.Tensor) else a for a in arguments[:11]))


def agrees(z, wanted):
    error = (z.double() - wanted).abs().max().item()
    assert error <= CLOSE[z.dtype] * max(1.0, wanted.abs().max().item())


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_agrees_with_fp64_at_odd_shapes(shape, dtype, launched):
    arguments = case(*shape, dtype=dtype)
    z = conv1x1_op.conv1x1(*arguments)
    agrees(z, exact(arguments))
    assert launched
    assert launched[0][1] is not dispatch.TORCH


@pytest.mark.parametrize("k", [40, 136, 264])
def test_every_configuration_agrees(k):
    arguments = case(3, k, 7, 7, 136, 1)
    wanted = exact(arguments)
    found = streaming.configurations(k, 136, 4, SHARED["sm_90"], residual=True)
    found += streaming.configurations(k, 136, 2, SHARED["sm_90"], residual=True)
    assert len(found) > 3
    for choice in found:
        with dispatch.using(choice):
            z = torch.full_like(arguments[7], torch.nan)
            streaming.launch(choice, arguments[0], arguments[1], arguments[2:7], arguments[7], z, 1, 1e-5, 1)
            agrees(z, wanted)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", [(3, 8, 5, 5, 24, 1), (1, 24, 7, 7, 8, 2)], ids=str)
def test_whole_numbers_come_out_bit_by_bit(shape, dtype):
    arguments = case(*shape, dtype=dtype, whole=True)
    arguments[3] = torch.ones_like(arguments[3])
    assert torch.equal(conv1x1_op.conv1x1(*arguments).double(), exact(arguments))


@pytest.mark.parametrize("given", [(), (2,), (5, 6), (3, 4, 5, 6), (2, 3, 4, 5, 6), (7,)], ids=str)
@pytest.mark.parametrize("relu", [False, True])
def test_each_part_of_the_epilogue_may_be_missing(given, relu):
    arguments = case(1, 24, 5, 5, 40, 1)
    arguments = [a if i in (0, 1, *given) or i > 7 else None for i, a in enumerate(arguments)]
    arguments[10] = relu
    agrees(conv1x1_op.conv1x1(*arguments), exact(arguments))


def test_slices_of_channels_are_read_and_written_where_they_stand(launched):
    wide, more = numbers(2, 40, 5, 5, dtype=torch.float32), numbers(2, 64, 5, 5, dtype=torch.float32)
    arguments = case(2, 24, 5, 5, 40, 1)
    arguments[0], arguments[7] = wide[:, 8:32], more[:, 16:56]
    joined = torch.full_like(numbers(2, 72, 5, 5, dtype=torch.float32), 7.0)
    conv1x1_op.conv1x1_into(joined[:, 24:64], *arguments)
    agrees(joined[:, 24:64], exact(arguments))
    assert (joined[:, :24] == 7).all()
    assert (joined[:, 64:] == 7).all()
    assert launched[0][1] is not dispatch.TORCH


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.contiguous(),
        lambda x: x[:, :, ::2],
        lambda x: x[:, :, :, 1:],
        lambda x: x.transpose(2, 3),
        lambda x: x[::2],
        lambda x: x[:1, :, :1].expand(3, -1, 5, -1),
    ],
    ids=["nchw", "every second row", "without a column", "turned", "every second image", "expanded"],
)
def test_a_tensor_that_is_no_matrix_of_rows_is_right_too(change):
    arguments = case(4, 24, 5, 5, 40, 1)
    arguments[0] = change(arguments[0])
    arguments[7] = None
    agrees(conv1x1_op.conv1x1(*arguments), exact(arguments))


def test_a_nan_passes_the_relu_as_in_pytorch():
    arguments = case(1, 8, 1, 1, 8, 1)
    arguments[7] = torch.full_like(arguments[7], torch.nan)
    assert conv1x1_op.conv1x1(*arguments).isnan().all()


def test_an_empty_batch_gives_an_empty_result():
    arguments = case(1, 8, 3, 3, 16, 1)
    arguments[0], arguments[7] = arguments[0][:0], None
    assert conv1x1_op.conv1x1(*arguments).shape == (0, 16, 3, 3)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("missing", [(), (2,), (3, 4), (2, 3, 4, 5, 6), (7,)], ids=str)
def test_the_gradients_are_those_of_finite_differences(stride, missing):
    arguments = case(2, 8, 3, 3, 8, stride, dtype=torch.float64)
    arguments = [None if i in missing else a for i, a in enumerate(arguments)]
    for i in {0, 1, 2, 3, 4, 7} - {*missing}:
        arguments[i].requires_grad_()
    assert torch.autograd.gradcheck(conv1x1_op.conv1x1, arguments, fast_mode=True)


def test_an_output_channel_scaled_by_zero_still_has_its_gradient():
    arguments = case(2, 8, 3, 3, 8, 1, dtype=torch.float64)
    arguments[3] = torch.zeros_like(arguments[3]).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda gamma: conv1x1_op.conv1x1(*arguments[:3], gamma, *arguments[4:]), arguments[3]
    )


def test_the_operator_passes_pytorchs_own_check():
    arguments = case(1, 8, 3, 3, 16, 1)
    for i in (0, 1, 2, 3, 4, 7):
        arguments[i].requires_grad_()
    torch.library.opcheck(conv1x1_op.conv1x1, arguments)
    out = torch.empty_like(arguments[7], requires_grad=False)
    torch.library.opcheck(
        conv1x1_op.conv1x1_into, (out, *(a.detach() if isinstance(a, torch.Tensor) else a for a in arguments))
    )
