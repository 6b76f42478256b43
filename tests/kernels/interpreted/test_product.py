import pytest
import torch

from archlang.kernels.jit import jit, tl
from archlang.kernels.product import input_row


@jit("first")
def offsets(z, first, stride: tl.constexpr, pitch: tl.constexpr):
    """Where the rows of x begin that eight rows of the result come from: images of 64x64."""
    rows = first + tl.arange(0, 8)
    found = input_row(rows, 64, 64, 64 // stride, 64 // stride, stride) * pitch
    tl.store(z + tl.arange(0, 8), found)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_row_may_begin_past_two_to_the_31(stride):
    first, size, found = 2**31 - 100, 64 // stride, torch.empty(8, dtype=torch.int64)
    offsets[(1,)](found, first, stride=stride, pitch=256)
    for place, row in zip(found.tolist(), range(first, first + 8), strict=True):
        image, inside = divmod(row, size * size)
        assert place == 256 * (image * 64 * 64 + inside // size * stride * 64 + inside % size * stride)
