"""Sums are kept in fp32 though all tensors are of fp16: 2048 and 1 and -2048, each from another step, are 1."""

import pytest
import torch

from archlang.kernels import back_to_back, bn_backward, conv1x1_op, dgrad, many, training, two_products, wgrad
from archlang.kernels.machine import SHARED
from archlang.kernels.prologue import NOTHING

STEPS = 264
LINE = torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]).view(5, 1)
"""dy = g."""


def along(values):
    """A vector [STEPS] that is zero but for its first, middle and last value."""
    found = torch.zeros(STEPS, dtype=torch.float16)
    found[[0, STEPS // 2, -1]] = torch.tensor(values, dtype=torch.float16)
    return found


def pixels(vector):
    """A tensor [1, STEPS, 2, 2] with the vector at each pixel."""
    return vector.view(1, -1, 1, 1).expand(1, -1, 2, 2).contiguous(memory_format=torch.channels_last)


X, W = pixels(along([64, 1, -64])), along([32, 1, 32]).expand(8, -1).reshape(8, STEPS, 1, 1)
NOBODY = (None,) * 5
PRODUCTS = {
    "conv1x1": lambda: conv1x1_op.conv1x1(X, W, *NOBODY, None, 1, 0.0, 0, *NOTHING),
    "conv1x1_many": lambda: many.conv1x1_many(X, [W, W], [], [False] * 10, [0.0, 0.0], False)[1],
    "conv1x1_statistics": lambda: training.conv1x1_statistics(X, W, None, 1, *NOTHING)[0],
    "conv1x1_two": lambda: two_products.conv1x1_two(X, W, *NOBODY, 0 * X, W, *NOBODY, 1, 0.0, 0.0, False, *NOTHING),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_is_summed_up_in_fp32(name, launched):
    assert (PRODUCTS[name]() == 1).all()
    assert launched[0][0] == name


def test_the_second_of_two_products_in_a_row_is_summed_up_in_fp32(launched):
    ones = torch.zeros(1, 8, 2, 2, dtype=torch.float16).to(memory_format=torch.channels_last)
    ones[:, 0] = 1
    w, v = torch.zeros(STEPS, 8, 1, 1, dtype=torch.float16), along([32, 1, -32]).expand(8, -1).reshape(8, STEPS, 1, 1)
    w[:, 0, 0, 0] = along([64, 1, 64])
    found = back_to_back.conv1x1_pair(ones, w, *NOBODY, None, v, *NOBODY, 0.0, 0.0, False, *NOTHING)
    assert (found[1] == 1).all()
    assert launched[0][1].kind == "chained"


def test_the_gradient_of_the_input_is_summed_up_in_fp32():
    line, w = LINE.expand(5, STEPS).contiguous(), W.view(8, STEPS).t().contiguous()
    for choice in dgrad.configurations(2, SHARED["sm_90"]):
        dx = torch.empty(1, 8, 2, 2, dtype=torch.float16, memory_format=torch.channels_last)
        dgrad.launch(choice, X, X, line, w, dx, None, dx, 1, bn_backward.EVERYTHING)
        assert (dx == 1).all()


def test_the_gradient_of_the_weights_is_summed_up_in_fp32(monkeypatch):
    monkeypatch.setattr(wgrad, "multiprocessors", lambda device: 0)  # one program walks over all pixels
    g, x = (vector.view(STEPS, 1).repeat(1, 8).view(1, STEPS, 1, 8).permute(0, 3, 1, 2)
            for vector in (along([64, 1, -64]), along([32, 1, 32])))  # fmt: skip
    for choice in wgrad.configurations(2, SHARED["sm_90"]):
        found = wgrad.launch(choice, g, g, LINE.expand(5, 8).contiguous(), x, None, 1, bn_backward.EVERYTHING)
        assert (found == 1).all()
