"""Statistics of several ranks, with ranks that are made up; two real ones are in `ranks.py`."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from archlang import kernels as K
from archlang.kernels import modules, synchronised
from archlang.kernels.statistics import Statistics, batch_statistics


def rows(*shape):
    return torch.randn(shape).to(memory_format=torch.channels_last)


def statistics(y):
    return Statistics(*batch_statistics(y))


@pytest.fixture
def ranks(monkeypatch):
    """Other ranks: what they send is what the test puts into the list; their gradients are nought."""
    others = []

    def all_gather(everybody, mine, group):
        for place, sent in zip(everybody, [mine, *others], strict=True):
            place.copy_(sent)

    made_up = SimpleNamespace(
        is_available=lambda: True,
        is_initialized=lambda: True,
        get_world_size=lambda group: 1 + len(others),
        all_gather=all_gather,
        all_reduce=lambda sums, group: None,
        group=SimpleNamespace(WORLD="everybody"),
    )
    monkeypatch.setattr(synchronised, "distributed", made_up)
    monkeypatch.setattr(modules, "distributed", made_up)
    return others


def sent(y):
    """What a rank with the images y sends."""
    own = statistics(y) if y.numel() else synchronised._none(y)
    return torch.cat([*own, own.mean.new_full((1,), y.numel() // y.shape[1])])


def test_the_statistics_are_those_of_all_images_though_ranks_have_different_numbers(ranks):
    mine, second, empty = rows(3, 8, 5, 5) + 100, rows(1, 8, 5, 5) - 100, rows(0, 8, 5, 5)
    ranks += [sent(second), sent(empty)]
    found, n = synchronised.joined(statistics(mine), 75, "everybody")
    for a, b in zip(found, statistics(torch.cat([mine, second])), strict=True):
        assert torch.allclose(a, b, rtol=1e-5)
    assert n == 100


def test_a_rank_normalises_and_tracks_by_the_statistics_of_all(ranks):
    mine, other = rows(2, 8, 5, 5), rows(3, 8, 5, 5) * 2 + 1
    ranks.append(sent(other))
    bn, plain, conv = nn.SyncBatchNorm(8), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 1)
    wanted = plain(torch.cat([mine, other]))[:2]
    assert (K.bn_add_relu(mine, bn, mine) - (wanted + mine).relu()).abs().max() <= 1e-5
    assert torch.allclose(bn.running_mean, plain.running_mean, atol=1e-6)
    assert torch.allclose(bn.running_var, plain.running_var, atol=1e-6)
    assert bn.num_batches_tracked == 1
    ranks[0] = sent(conv(other).detach())
    wanted = plain(conv(torch.cat([mine, other])))[:2].relu()
    assert (K.conv1x1(mine, conv, bn, relu=True) - wanted).abs().max() <= 1e-5


def test_a_rank_without_images_takes_part(ranks):
    ranks.append(sent(rows(3, 8, 5, 5)))
    assert K.bn_add_relu(rows(0, 8, 5, 5), nn.SyncBatchNorm(8)).shape == (0, 8, 5, 5)


def test_alone_or_in_evaluation_it_is_a_batch_norm_like_another(ranks, launched):
    x, bn, plain = rows(2, 8, 5, 5), nn.SyncBatchNorm(8), nn.BatchNorm2d(8)
    assert (K.bn_add_relu(x, bn) - plain(x).relu()).abs().max() <= 1e-5
    ranks.append(None)
    assert (K.bn_add_relu(x, bn.eval()) - plain.eval()(x).relu()).abs().max() <= 1e-5
    assert {"statistics", "bn_apply"} <= {kernel for kernel, _ in launched}


def test_the_gradient_goes_through_the_statistics(ranks):
    y, residual = rows(2, 8, 3, 3).double(), rows(2, 8, 3, 3).double()
    ranks.append(sent(rows(3, 8, 3, 3).double()))
    bn = nn.SyncBatchNorm(8).double()
    inputs = [t.requires_grad_() for t in (y, residual)]
    assert torch.autograd.gradcheck(
        lambda *given: K.bn_add_relu(given[0], bn, given[1], relu=False), inputs, fast_mode=True
    )


def test_a_hook_on_it_is_called(ranks):
    bn, seen = nn.SyncBatchNorm(8), []
    bn.register_forward_hook(lambda *_: seen.append(True))
    K.bn_add_relu(rows(2, 8, 3, 3), bn)
    assert seen
