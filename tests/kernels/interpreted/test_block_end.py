import pytest
import torch
from torch.nn import functional as F

from archlang.kernels import bn_backward, dispatch, statistics
from archlang.kernels.block_end import bn_apply, reference
from archlang.kernels.bn_backward import Norm
from archlang.kernels.mask import packed, unpacked

CLOSE = {torch.float32: 1e-5, torch.float16: 2e-3}
TYPES = (torch.float32, torch.float16)
SHAPES = ((2, 8, 1, 1), (3, 24, 5, 5), (1, 40, 7, 7), (1, 264, 5, 7))


def case(*shape, dtype=torch.float32, batch=False):
    """y, mean, var, gamma, beta, residual; mean and var are those of y with `batch`."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    y, residual = (torch.randn(shape).to(dtype).to(memory_format=torch.channels_last) for _ in range(2))
    y += 3
    c = shape[1]
    mean, var = statistics.reference(y) if batch else (torch.randn(c, dtype=wide), torch.rand(c, dtype=wide) + 0.5)
    gamma, beta = torch.randn(c, dtype=wide), torch.randn(c, dtype=wide)
    return [y.requires_grad_(), mean, var, gamma.requires_grad_(), beta.requires_grad_(), residual.requires_grad_()]


def agrees(found, wanted, dtype, times=1):
    error = (found.double() - wanted).abs().max().item()
    assert error <= times * CLOSE[dtype] * max(1.0, wanted.abs().max().item())


@pytest.mark.parametrize("batch", [False, True], ids=["given statistics", "its own statistics"])
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_values_and_gradients_agree_with_fp64_at_odd_shapes(shape, dtype, batch, launched):
    arguments = case(*shape, dtype=dtype, batch=batch)
    exact = [a.detach().double().requires_grad_(a.requires_grad) for a in arguments]
    z, _ = bn_apply(*arguments, 1e-5, True, batch, True)
    y, mean, var, gamma, beta, residual = exact
    wanted = (F.batch_norm(y, mean.clone(), var.clone(), gamma, beta, batch, eps=1e-5) + residual).relu()
    agrees(z, wanted, dtype)
    dz = torch.randn(shape).to(dtype)  # contiguous, as a mean's gradient may come
    z.backward(dz)
    wanted.backward(dz.double())
    small = shape == (2, 8, 1, 1) and batch  # two values a channel: what is left is the difference of equals
    for a, b in zip(arguments, exact, strict=True):
        if a.requires_grad:
            agrees(a.grad, b.grad, dtype, times=20 if small else 2)
    assert {"bn_apply", "bn_sums", "bn_backward"} == {kernel for kernel, _ in launched}


@pytest.mark.parametrize(("relu", "missing"), [(True, ()), (True, (3, 4)), (False, (5,)), (False, (3, 4, 5))], ids=str)
@pytest.mark.parametrize("batch", [False, True])
def test_the_gradients_are_those_of_finite_differences(batch, relu, missing):
    arguments = [None if i in missing else a for i, a in enumerate(case(2, 8, 3, 1, dtype=torch.float64, batch=batch))]

    def apply(y, mean, var, gamma, beta, residual):
        if batch:
            mean, var = statistics.batch_statistics(y.detach())
        return bn_apply(y, mean, var, gamma, beta, residual, 1e-5, relu, batch, True)[0]

    assert torch.autograd.gradcheck(apply, arguments, fast_mode=True)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_the_mask_has_a_bit_for_each_value_above_zero(dtype):
    arguments = case(3, 40, 5, 5, dtype=dtype)
    z, mask = bn_apply(*arguments, 1e-5, True, False, True)
    assert mask.shape == (3, 5, 5, 5)
    assert torch.equal(mask, packed(z))
    assert torch.equal(unpacked(mask, z), z > 0)


def test_a_value_that_rounds_to_nothing_has_no_gradient_as_in_pytorch():
    y = torch.full((1, 8, 1, 1), 1e-4, dtype=torch.float16).to(memory_format=torch.channels_last).requires_grad_()
    one = torch.ones(8)
    z, mask = bn_apply(y, 0 * one, one, 1e-6 * one, 0 * one, None, 0.0, True, False, True)
    assert not z.any()
    assert not mask.any()


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_whole_numbers_come_out_bit_by_bit(dtype):
    y, residual = (torch.randint(-9, 10, (3, 24, 5, 5)).to(dtype).to(memory_format=torch.channels_last) for _ in "yr")
    mean, gamma, beta = (torch.randint(-3, 4, (24,)).float() for _ in range(3))
    var = torch.full((24,), 0.5)
    z, _ = bn_apply(y, mean, var, gamma, beta, residual, 0.5, True, False, False)
    assert torch.equal(z, reference(y, mean, var, gamma, beta, residual, 0.5))


def test_slices_and_other_layouts_are_right_too(launched):
    y, mean, var, gamma, beta, residual = (a.detach() for a in case(2, 40, 5, 5))
    for cut in (y[:, 8:32], y[:, 8:32].contiguous(), y[:, 8:32].transpose(2, 3)):
        vectors = [v[:24] for v in (mean, var, gamma, beta)]
        z, _ = bn_apply(cut, *vectors, residual[:, :24], 1e-5, True, False, False)
        agrees(z, reference(cut.double(), *(v.double() for v in vectors), residual[:, :24].double()), torch.float32)
    assert len(launched) == 3


@pytest.mark.parametrize("relu", [False, True])
def test_a_gradient_that_is_a_slice_is_read_where_it_stands(relu):
    arguments = case(2, 24, 5, 5, batch=True)
    exact = [a.detach().double().requires_grad_(a.requires_grad) for a in arguments]
    dz = torch.randn(2, 40, 5, 5).to(memory_format=torch.channels_last)[:, 8:32]
    bn_apply(*arguments, 1e-5, relu, True, True)[0].backward(dz)
    y, mean, var, gamma, beta, residual = exact
    z = F.batch_norm(y, mean.clone(), var.clone(), gamma, beta, True, eps=1e-5) + residual
    (z.relu() if relu else z).backward(dz.double())
    for a, b in zip(arguments, exact, strict=True):
        if a.requires_grad:
            agrees(a.grad, b.grad, torch.float32, times=2)


@pytest.mark.parametrize("size", bn_backward.configurations(40), ids=str)
def test_every_size_of_tile_agrees(size):
    arguments = case(7, 40, 7, 7, batch=True)
    with dispatch.using(size):
        z, _ = bn_apply(*arguments, 1e-5, True, True, True)
        z.sum().backward()
        mean, var = statistics.batch_statistics(arguments[0].detach())
    found = [a.grad for a in arguments if a.requires_grad]
    with dispatch.using(dispatch.TORCH):
        wanted = bn_backward.reference(
            torch.ones_like(z), packed(z), *(a.detach() for a in arguments[:4]), 1e-5, True, True
        )
    for a, b in zip(found, (wanted[0], *wanted[2:], wanted[1]), strict=True):
        agrees(a, b.double(), torch.float32, times=10)
    agrees(mean, arguments[1].double(), torch.float32)
    agrees(var, arguments[2].double(), torch.float32)


@pytest.mark.parametrize("dtype", [torch.float64, *TYPES], ids=str)
@pytest.mark.parametrize("shape", [*SHAPES, (5, 8, 15, 13)], ids=str)
def test_statistics_are_those_of_fp64(shape, dtype):
    y = (torch.randn(shape) + torch.randn(1, shape[1], 1, 1)).to(dtype).to(memory_format=torch.channels_last)
    for found, wanted in zip(statistics.batch_statistics(y), statistics.reference(y.double()), strict=True):
        assert (found - wanted).abs().max() <= 1e-6 * wanted.abs().max() + 1e-7


def test_a_mean_far_from_zero_does_not_swallow_the_variance():
    y = (torch.randn(8, 8, 16, 16) + 3000).to(memory_format=torch.channels_last)
    _, var = statistics.batch_statistics(y)
    _, wanted = statistics.reference(y.double())
    assert ((var - wanted).abs() <= 3e-4 * wanted).all()


@pytest.mark.parametrize(("walks", "parts"), [(3, 3), (500, 129)])  # 128 are taken at a time
def test_many_partial_results_are_joined_as_one(walks, parts, monkeypatch):
    monkeypatch.setattr(statistics, "_WALKS", walks)
    y = torch.randn(5, 24, 33, 25).to(memory_format=torch.channels_last)
    partial, each = statistics.look(bn_backward.configurations(24)[-1], y)
    assert partial.shape[1] == parts
    found = statistics.joined(partial, each, y.numel() // 24)
    for mine, exact in zip(found, statistics.reference(y.double()), strict=True):
        assert (mine - exact).abs().max() <= 1e-5


@pytest.mark.parametrize(("walks", "parts"), [(3, 3), (500, 129)])
def test_many_partial_sums_of_a_gradient_are_added_up_as_one(walks, parts, monkeypatch):
    monkeypatch.setattr(bn_backward, "_WALKS", walks)
    y, mean, var, gamma, beta, dz = (t.detach() for t in case(5, 24, 33, 25, dtype=torch.float16))
    norm, least = Norm(mean, var, gamma, beta, 1e-5), bn_backward.configurations(24)[-1]
    partial = bn_backward.add_up(least, dz, dz, y, norm, bn_backward.EVERYTHING)
    assert partial.shape[1] == parts
    found = bn_backward.lay(partial, norm, True, y.numel() // 24)
    exact = bn_backward.reference(*(t.double() for t in (dz, dz, y, mean, var, gamma)), 1e-5, False, True)
    for a, b in zip(found, exact[2:], strict=False):
        agrees(a, b, torch.float32)


def test_the_operators_pass_pytorchs_own_check():
    arguments = case(1, 8, 3, 3)
    torch.library.opcheck(bn_apply, (*arguments, 1e-5, True, False, True))
    torch.library.opcheck(statistics.batch_statistics, (arguments[0].detach(),))
    z = arguments[5].detach()
    rest = (arguments[0].detach(), *arguments[1:3], arguments[3].detach(), 1e-5, True, True, True)
    torch.library.opcheck(bn_backward.bn_backward, (z, packed(z), *rest))
