"""That a kernel which touches what it should not is seen: the others run under the same eyes."""

import pytest
import torch
from triton.runtime.errors import InterpreterError

from archlang.kernels.jit import jit, tl


@jit("count")
def copied(x, z, count, step: tl.constexpr, span: tl.constexpr):
    """Program p copies `span` elements from p * step on, those below `count`."""
    places = tl.program_id(0) * step + tl.arange(0, span)
    tl.store(z + places, tl.load(x + places, mask=places < count, other=0.0), mask=places < count)


def test_what_is_inside_may_be_read_and_written_once():
    x, z = torch.randn(13), torch.zeros(13)
    copied[(2,)](x, z, 13, step=8, span=8)
    assert torch.equal(x, z)


@pytest.mark.parametrize(
    ("x", "z", "problem"),
    [(12, 13, "reads beside"), (13, 12, "writes beside")],
)
def test_an_element_past_the_end_is_seen_though_memory_goes_on(x, z, problem):
    with pytest.raises(InterpreterError, match=problem):
        copied[(2,)](torch.zeros(32)[:x], torch.zeros(32)[:z], 13, step=8, span=8)


def test_an_element_between_those_of_a_slice_is_seen():
    wide = torch.zeros(2, 16)
    with pytest.raises(InterpreterError, match="writes beside"):
        copied[(1,)](torch.zeros(16), wide[:, :8], 16, step=16, span=16)


def test_two_programs_that_write_one_element_are_seen():
    with pytest.raises(InterpreterError, match="twice"):
        copied[(2,)](torch.zeros(12), torch.zeros(12), 12, step=4, span=8)
