import copy

import pytest
import torch
from torch import nn

from archlang import kernels as K
from archlang.kernels import dispatch


def rows(*shape, dtype=torch.float32):
    return torch.randn(shape).to(dtype).to(memory_format=torch.channels_last)


class Inception(nn.Module):
    """Three branches and their concatenation: two 1x1s, a 3x3 after the second, and a pool with its own 1x1."""

    def __init__(self, norm=False, widths=(8, 24, 16)):
        super().__init__()
        self.widths = widths
        sizes = ((16, widths[0], 1), (16, 8, 1), (8, widths[1], 3), (16, widths[2], 1))
        self.convs = nn.ModuleList([nn.Conv2d(*size, padding=size[2] // 2) for size in sizes])
        self.bns = nn.ModuleList([nn.BatchNorm2d(size[1]) for size in sizes]) if norm else [None] * 4
        self.pool = nn.MaxPool2d(3, 1, 1)
        self.fused = True

    def forward(self, x):
        (a, r, b, c), (an, rn, bn, cn) = self.convs, self.bns
        if not self.fused:
            found = [plain(a, an, x), plain(b, bn, plain(r, rn, x)), plain(c, cn, self.pool(x))]
            return torch.cat(found, 1)
        slices = K.slices(x, *self.widths)
        first, reduced = K.conv1x1_many(x, [a, r], None if an is None else [an, rn], relu=True, outs=[slices[0], None])
        last = K.conv1x1(self.pool(x), c, cn, relu=True, out=slices[2])
        return K.concat([first, plain(b, bn, reduced), last], slices)


def plain(conv, bn, x):
    return (conv(x) if bn is None else bn(conv(x))).relu()


def both(**options):
    fused = Inception(**options).to(memory_format=torch.channels_last)
    unfused = copy.deepcopy(fused)
    unfused.fused = False
    return fused, unfused


def same(a, b, close=2e-5):
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    assert (a.double() - b.double()).abs().max() <= close * max(1.0, b.abs().max().item())


@pytest.mark.parametrize("norm", [False, True], ids=["bias", "batch norm"])
@pytest.mark.parametrize("state", [nn.Module.eval, nn.Module.train], ids=["evaluation", "training"])
@pytest.mark.parametrize("grad", [False, True], ids=["inference", "with gradients"])
def test_branches_and_concatenation_are_those_of_the_modules(grad, state, norm):
    fused, unfused = (state(m) for m in both(norm=norm))
    x = rows(3, 16, 5, 5)
    with torch.set_grad_enabled(grad):
        same(fused(x), unfused(x))
    for a, b in zip(fused.buffers(), unfused.buffers(), strict=True):
        assert torch.allclose(a, b, atol=1e-5)


@torch.no_grad()
def test_what_is_in_its_place_is_not_copied(monkeypatch):
    copied = []
    real = torch.Tensor.copy_
    monkeypatch.setattr(torch.Tensor, "copy_", lambda a, b, *rest: copied.append(b) or real(a, b, *rest))
    fused, unfused = both()
    x = rows(2, 16, 5, 5)
    z = fused(x)
    assert [part.shape[1] for part in copied] == [24]
    monkeypatch.undo()
    same(z, unfused(x))
    assert z.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("no_grad", [torch.no_grad, torch.inference_mode])
def test_a_part_is_a_view_of_the_result(no_grad):
    with no_grad():
        slices = K.slices(rows(2, 16, 5, 5), 8, 24)
        z = K.concat([slices[0].fill_(1.0), slices[1].fill_(2.0)], slices)
        assert z.data_ptr() == slices[0].data_ptr()
        assert (z[:, :8] == 1).all()
        assert (z[:, 8:] == 2).all()


@torch.no_grad()
def test_the_first_parts_alone_are_a_view_that_later_parts_do_not_touch():
    slices = K.slices(rows(2, 16, 5, 5), 8, 8, 16)
    parts = [rows(2, width, 5, 5) for width in (8, 8, 16)]
    early = K.concat(parts[:2], slices)
    K.concat([slices[0], slices[1], parts[2]], slices)
    assert torch.equal(early, torch.cat(parts[:2], 1))
    assert torch.equal(slices.whole, torch.cat(parts, 1))


def test_with_gradients_there_are_no_slices_and_the_gradients_are_those_of_cat():
    a, b = rows(2, 8, 3, 3).requires_grad_(), rows(2, 16, 3, 3).requires_grad_()
    slices = K.slices(a, 8, 16)
    assert slices.whole is None
    assert slices[0] is None
    K.concat([a, b], slices).square().sum().backward()
    assert torch.equal(a.grad, 2 * a)
    assert torch.equal(b.grad, 2 * b)


@torch.no_grad()
def test_where_kernels_are_off_or_a_width_is_odd_there_are_no_slices(monkeypatch):
    x = rows(2, 16, 5, 5)
    assert K.slices(x, 8, 10).whole is None
    fused, unfused = both(widths=(8, 10, 16))
    same(fused(x), unfused(x))
    monkeypatch.setenv("ARCHLANG_KERNELS", "off")
    assert K.slices(x, 8, 16).whole is None


@torch.no_grad()
def test_parts_of_another_type_or_size_are_concatenated_by_pytorch():
    slices = K.slices(rows(2, 16, 5, 5), 8, 8)
    parts = [rows(2, 8, 5, 5), rows(2, 8, 5, 5, dtype=torch.float64)]
    assert torch.equal(K.concat(parts, slices), torch.cat(parts, 1))
    halves = [rows(2, 8, 3, 3), rows(2, 8, 3, 3)]
    assert torch.equal(K.concat(halves, slices), torch.cat(halves, 1))


@torch.no_grad()
def test_under_autocast_the_slices_are_of_its_type():
    fused, unfused = both()
    x = rows(2, 16, 5, 5)
    with torch.autocast("cpu", torch.float16):
        assert K.slices(x, 8)[0].dtype == torch.float16
        same(fused(x), unfused(x), 5e-3)


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("grad", [False, True], ids=["inference", "with gradients"])
def test_it_compiles_in_one_graph(grad, backend, launched):
    fused, unfused = (m.eval() for m in both(norm=True))
    x = rows(2, 16, 5, 5)
    compiled = torch.compile(fused, backend=backend, fullgraph=True)
    with torch.set_grad_enabled(grad):
        same(compiled(x), unfused(x))
    assert "conv1x1_many" in {kernel for kernel, choice in launched if choice is not dispatch.TORCH}


@torch.no_grad()
@pytest.mark.parametrize("strict", [False, True])
def test_it_exports_for_any_batch_without_copies_of_what_is_in_place(strict):
    fused, unfused = (m.eval() for m in both(norm=True))
    batch = {0: torch.export.Dim("batch", min=1, max=64)}
    program = torch.export.export(fused, (rows(3, 16, 5, 5),), dynamic_shapes=(batch,), strict=strict)
    images = [node for node in program.graph.nodes if node.op == "call_function" and node.meta["val"] is not None]
    images = [str(node.target) for node in images if getattr(node.meta["val"], "ndim", 0) == 4]
    assert sum("copy_" in name for name in images) == 1
    assert "aten.cat.default" not in images
    for n in (1, 5):
        x = rows(n, 16, 5, 5)
        same(program.module()(x), unfused(x))
