import copy

import pytest
import torch
from steps import STATES, same, scattered, step
from torch import nn

from archlang import kernels as K
from archlang.kernels import dispatch


class Block(nn.Module):
    """A bottleneck whose 1x1s and end may run on kernels; its 3x3 is left out, since it is PyTorch's anyway."""

    def __init__(self, fused, stride=1, **norm):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(16, 8, 1, bias=False), nn.BatchNorm2d(8, **norm)
        self.conv3, self.bn3 = nn.Conv2d(8, 24, 1, stride=stride), nn.BatchNorm2d(24, **norm)
        self.down, self.bn = nn.Conv2d(16, 24, 1, stride=stride, bias=False), nn.BatchNorm2d(24, **norm)
        self.last, self.bn4 = nn.Conv2d(24, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24, **norm)
        self.fused = fused

    def forward(self, x):
        if self.fused:
            shortcut = K.conv1x1(x, self.down, self.bn)
            x = K.conv1x1(x, self.conv1, self.bn1, relu=True)
            x = K.conv1x1(x, self.conv3, self.bn3, residual=shortcut, relu=True)
            return K.bn_add_relu(self.last(x), self.bn4, x)
        shortcut = self.bn(self.down(x))
        x = self.bn1(self.conv1(x)).relu()
        x = (self.bn3(self.conv3(x)) + shortcut).relu()
        return (self.bn4(self.last(x)) + x).relu()


def pair(**options):
    """The block with kernels and without, from the same numbers."""
    fused, plain = (Block(on, **options).to(memory_format=torch.channels_last) for on in (True, False))
    plain.load_state_dict(scattered(fused).state_dict())
    return fused, plain


def images(n=3, size=5):
    return torch.randn(n, 16, size, size).to(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("stride", "norm"),
    [
        (1, {}),
        (2, {}),
        (2, {"momentum": None}),
        (1, {"track_running_stats": False}),
        (2, {"affine": False}),
        (2, {"eps": 1e-3, "momentum": 0.3}),
    ],
    ids=str,
)
@pytest.mark.parametrize("state", STATES)
def test_values_gradients_and_buffers_are_those_of_the_modules(stride, state, norm, launched):
    fused, plain = (STATES[state](m) for m in pair(stride=stride, **norm))
    for x in (images(), images(1, 7)):
        (z, found), (wanted, exact) = step(fused, x), step(plain, x)
        same(z, wanted)
        for a, b in zip(found, exact, strict=True):
            same(a, b, 3e-4)  # a bias before a batch norm has none: what the modules find is what rounding left
    for name, buffer in plain.named_buffers():
        same(fused.get_buffer(name), buffer)
    ran = {kernel for kernel, choice in launched if choice is not dispatch.TORCH}
    assert "bn_apply" in ran
    assert ran & {"conv1x1", "conv1x1_backward"}


@pytest.mark.parametrize("state", STATES)
def test_autocast_casts_the_products_and_leaves_the_statistics(state, launched):
    fused, plain = (STATES[state](m) for m in pair())
    x = images()
    with torch.autocast("cpu", torch.float16):
        (z, found), (wanted, exact) = step(fused, x), step(plain, x)
    same(z, wanted, 1e-2)
    for a, b in zip(found, exact, strict=True):
        same(a, b, 5e-2)
    assert fused.bn1.running_mean.dtype == torch.float32
    assert launched


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("state", STATES)
def test_it_compiles_in_one_graph(state, backend):
    fused, plain = (STATES[state](m) for m in pair())
    compiled = torch.compile(fused, backend=backend, fullgraph=True)
    x = images()
    (z, found), (wanted, exact) = step(compiled, x), step(plain, x)
    same(z, wanted)
    for a, b in zip(found, exact, strict=True):
        same(a, b, 1e-4)
    for name, buffer in plain.named_buffers():
        same(fused.get_buffer(name), buffer)


def test_it_exports_for_any_batch():
    fused, plain = (m.eval() for m in pair())
    batch = {0: torch.export.Dim("batch", min=1, max=64)}
    program = torch.export.export(fused, (images(3),), dynamic_shapes=(batch,)).module()
    for n in (1, 5):
        x = images(n)
        same(program(x), plain(x))


def test_checkpointing_gives_the_same_gradients():
    fused, plain = (m.eval() for m in pair())
    x = images()
    _, found = step(lambda_module(fused), x)
    _, exact = step(plain, x)
    same(found[0], exact[0], 1e-4)


def lambda_module(model):
    class Checkpointed(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return torch.utils.checkpoint.checkpoint(self.model, x, use_reentrant=False)

    return Checkpointed()


def test_out_is_a_slice_of_a_concatenation():
    conv, bn = nn.Conv2d(16, 8, 1), nn.BatchNorm2d(8).eval()
    x, joined = images(), torch.zeros(3, 24, 5, 5).to(memory_format=torch.channels_last)
    with torch.no_grad():
        K.conv1x1(x, conv, bn, relu=True, out=joined[:, 8:16])
        same(joined[:, 8:16], bn(conv(x)).relu())
    assert not joined[:, :8].any()
    with pytest.raises(ValueError, match="no gradient"):
        K.conv1x1(x, conv, bn, out=joined[:, 8:16])


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(16, 10, 1),
        nn.Conv2d(16, 8, 3, padding=1),
        nn.Conv2d(16, 8, 1, groups=2),
        nn.Conv2d(16, 8, 1, padding=1),
        nn.Conv2d(16, 8, 1, stride=3),
        nn.Conv2d(16, 8, 1, stride=(1, 2)),
    ],
    ids=str,
)
def test_what_the_kernel_is_not_for_runs_as_the_modules(conv, launched):
    x = images()
    assert torch.equal(K.conv1x1(x, conv, relu=True), conv(x).relu())
    assert not launched


def test_hooks_are_called(launched):
    conv, seen = nn.Conv2d(16, 8, 1), []
    conv.register_forward_hook(lambda *_: seen.append(True))
    K.conv1x1(images(), conv)
    assert seen
    assert not launched


def test_a_residual_that_broadcasts_or_promotes_runs_as_the_modules():
    conv, x = nn.Conv2d(16, 8, 1), images()
    for residual in (torch.randn(1, 8, 1, 1), torch.randn(3, 8, 5, 5, dtype=torch.float64)):
        same(K.conv1x1(x, conv, residual=residual), conv(x) + residual)


def test_one_value_per_channel_is_refused_as_by_the_module():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        K.conv1x1(images(1, 1), nn.Conv2d(16, 8, 1), nn.BatchNorm2d(8))


def test_off_runs_the_modules(monkeypatch, launched):
    monkeypatch.setenv("ARCHLANG_KERNELS", "off")
    fused, plain = pair()
    x = images()
    assert torch.equal(fused(x), plain(x))
    assert not launched


def test_a_word_that_is_no_mode_is_refused(monkeypatch):
    monkeypatch.setenv("ARCHLANG_KERNELS", "fast")
    with pytest.raises(ValueError, match="off, on, tune"):
        K.conv1x1(images(), nn.Conv2d(16, 8, 1))


def test_a_few_steps_of_training_give_the_losses_and_parameters_of_the_run_without():
    fused, plain = (m.train() for m in pair(stride=2))
    losses = []
    for model in (fused, plain):
        torch.manual_seed(1)
        optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        for _ in range(4):
            loss = (model(images()) - 1).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    assert losses[:4] == pytest.approx(losses[4:], rel=1e-4)
    for name, value in plain.state_dict().items():
        same(fused.state_dict()[name], value, 1e-4)


def test_two_runs_give_the_same_bits():
    (fused, _), x = pair(), images()
    states = [copy.deepcopy(fused) for _ in range(2)]
    (z, first), (w, second) = (step(m, x) for m in states)
    assert torch.equal(z, w)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
