import pytest
import torch
from torch import nn

from archlang import kernels as K
from archlang.kernels import dispatch, streaming, streaming_tma
from archlang.kernels.machine import SHARED

SIZES = [(64, 64, 4), (64, 128, 8)]


def rows(*shape, dtype=torch.float16):
    return torch.randn(shape).to(dtype).to(memory_format=torch.channels_last)


def case(n, k, cols, h, w, residual=True, missing=()):
    weights = (torch.randn(cols, k, 1, 1) / k**0.5).half()
    vectors = [torch.randn(cols) for _ in range(4)] + [torch.rand(cols) + 0.5]
    vectors = [None if i in missing else v for i, v in enumerate(vectors)]
    return rows(n, k, h, w), weights, tuple(vectors), rows(n, cols, h, w) if residual else None


def made(x, w, vectors, residual, z=None, relu=True):
    z = rows(x.shape[0], w.shape[0], *x.shape[2:]) if z is None else z
    found = streaming_tma.configurations(x.shape[1], w.shape[0], SHARED["sm_90"], residual is not None)
    assert found
    assert streaming_tma.takes(x, w, z, residual)
    with dispatch.using(found[0]):
        streaming.made(z, x, w, vectors, residual, 1, 1e-5, relu)
    return z


def exact(x, w, vectors, residual, relu=True):
    doubles = [None if v is None else v.double() for v in (*vectors, residual)]
    return streaming.reference(x.double(), w.double(), *doubles, 1, 1e-5, relu)


def agree(z, wanted):
    assert (z.double() - wanted).abs().max() <= 2e-3 * max(1.0, wanted.abs().max().item())


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize(
    "shape", [(1, 8, 8, 1, 1), (3, 24, 40, 5, 5), (1, 256, 136, 7, 5), (5, 64, 264, 7, 7)], ids=str
)
def test_it_agrees_with_fp64_at_odd_shapes(shape, residual, launched):
    given = case(*shape, residual=residual)
    agree(made(*given), exact(*given))
    assert [choice.kind for _, choice in launched] == ["tma"]


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("missing", [(0,), (1, 2), (1, 2, 3, 4), (0, 1, 2, 3, 4)], ids=str)
def test_each_vector_may_be_missing(missing, relu):
    given = case(2, 24, 40, 3, 5, missing=missing)
    agree(made(*given, relu=relu), exact(*given, relu=relu))


def test_whole_numbers_come_out_bit_by_bit():
    x, w, _, residual = (
        torch.randint_like(t, -3, 4) if isinstance(t, torch.Tensor) else t for t in case(3, 8, 24, 5, 5)
    )
    vectors = (torch.randint(-3, 4, (24,)).float(), None, None, None, None)
    assert torch.equal(made(x, w, vectors, residual).double(), exact(x, w, vectors, residual))


def test_slices_are_read_and_written_and_nothing_beside_them():
    x, w, vectors, residual = case(2, 24, 40, 5, 5)
    x, residual, joined = rows(2, 64, 5, 5)[:, 8:32], rows(2, 48, 5, 5)[:, :40], rows(2, 64, 5, 5).fill_(7)
    agree(made(x, w, vectors, residual, joined[:, 16:56]), exact(x, w, vectors, residual))
    assert (joined[:, :16] == 7).all()
    assert (joined[:, 56:] == 7).all()


def test_what_cannot_be_described_is_not_offered():
    x, w, _, residual = case(2, 24, 40, 5, 5)
    z = torch.empty_like(residual)
    assert streaming_tma.takes(x, w, z, residual)
    assert not streaming_tma.takes(x.float(), w.float(), z.float(), None)
    assert not streaming_tma.takes(rows(2, 28, 5, 5)[:, 4:], w, z, residual)
    assert not streaming_tma.takes(x, w, rows(2, 44, 5, 5)[:, :40], residual)
    assert not streaming_tma.takes(x, w, z, rows(2, 48, 5, 5)[:, 4:44])
    assert not streaming_tma.configurations(264, 64, SHARED["sm_90"], residual=False)


@torch.no_grad()
def test_it_is_one_of_at_most_six(monkeypatch):
    offered = []
    choose = dispatch.choose
    monkeypatch.setattr(dispatch, "choose", lambda *a: offered.append([c.kind for c in a[3]]) or choose(*a))
    for k, stride in ((24, 1), (128, 1), (128, 2), (320, 1)):
        K.conv1x1(rows(1, k, 3, 3), nn.Conv2d(k, 128, 1, stride).half())
    assert [len(kinds) <= 6 for kinds in offered] == [True] * 4
    assert [kinds.count("tma") for kinds in offered] == [1, 1, 0, 0]
    assert "tiled" in offered[1]
