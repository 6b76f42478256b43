"""Two ranks, each with some of the images, against one process with all; run as a script, in the interpreter."""

import copy
import tempfile

import torch
from torch import distributed, nn
from torch.multiprocessing import spawn
from torch.nn.parallel import DistributedDataParallel

from archlang import kernels as K
from archlang.kernels import synchronised

SHARES = (3, 2)
"""The images of each rank."""


class Block(nn.Module):
    """A 1x1, a 3x3 and an end of a block: every way to a batch norm."""

    def __init__(self, fused, affine):
        super().__init__()
        self.reduce, self.bn1 = nn.Conv2d(16, 8, 1), nn.BatchNorm2d(8, affine=affine)
        self.conv, self.bn2 = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8, momentum=None)
        self.expand, self.bn3 = nn.Conv2d(8, 16, 1, bias=False), nn.BatchNorm2d(16)
        self.fused = fused

    def forward(self, x):
        if self.fused:
            h = K.conv_relu(K.conv1x1(x, self.reduce, self.bn1, relu=True), self.conv, self.bn2)
            return K.conv1x1(h, self.expand, self.bn3, residual=x, relu=True)
        h = self.bn2(self.conv(self.bn1(self.reduce(x)).relu())).relu()
        return (self.bn3(self.expand(h)) + x).relu()


def learned(model, xs, weights):
    """The results and the gradients of the images of two steps, by a loss that is a sum over all images."""
    found = []
    for x, weight in zip(xs, weights, strict=True):
        given = x.clone().requires_grad_()
        z = model(given)
        (z * weight).sum().backward()
        found += [z.detach(), given.grad]
    return found


def near(found, wanted, close, name=""):
    assert (found.float() - wanted.float()).abs().max() <= close * max(1.0, wanted.abs().max().item()), name


def one_batch_norm_over_all_ranks(number, affine, calls):
    """Synchronised: what one process computes of all images."""
    whole = Block(fused=False, affine=affine).to(memory_format=torch.channels_last).train()
    xs, weights = ([torch.randn(sum(SHARES), 16, 3, 3) for _ in range(2)] for _ in range(2))
    mine = copy.deepcopy(whole)
    mine.fused = True
    mine = nn.SyncBatchNorm.convert_sync_batchnorm(mine)
    own = slice(0, SHARES[0]) if number == 0 else slice(SHARES[0], None)
    found = learned(mine, [x[own].to(memory_format=torch.channels_last) for x in xs], [w[own] for w in weights])
    for a, b in zip(found, learned(whole, xs, weights), strict=True):
        near(a, b[own], 2e-5)
    for (name, a), b in zip(mine.named_parameters(), whole.parameters(), strict=True):
        distributed.all_reduce(a.grad)
        near(a.grad, b.grad, 1e-4, name)
    for (name, a), b in zip(mine.named_buffers(), whole.buffers(), strict=True):
        near(a, b, 1e-5, name)
    assert len(calls) == 6  # three batch norms, two steps
    near(mine.eval()(xs[0].to(memory_format=torch.channels_last)), whole.eval()(xs[0]), 1e-4)
    assert len(calls) == 6  # nothing is synchronised in evaluation


def batch_norms_of_their_own(number, calls):
    """Per rank, under DDP: what the modules do under DDP."""
    plain = Block(fused=False, affine=True).train()
    fused = copy.deepcopy(plain)
    fused.fused = True
    xs, weights = ([torch.randn(2, 2, 16, 3, 3)[number] for _ in range(2)] for _ in range(2))
    xs = [x.to(memory_format=torch.channels_last) for x in xs]
    found = [learned(DistributedDataParallel(model), xs, weights) for model in (fused, plain)]
    for a, b in zip(*found, strict=True):
        near(a, b, 2e-5)
    for (name, a), b in zip(fused.named_parameters(), plain.parameters(), strict=True):
        near(a.grad, b.grad, 1e-4, name)
    for (name, a), b in zip(fused.named_buffers(), plain.buffers(), strict=True):
        near(a, b, 1e-5, name)
    assert not calls


def rank(number, folder):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=number, world_size=2)
    calls = []
    real = synchronised.normalised
    synchronised.normalised = lambda *given: calls.append(given) or real(*given)
    torch.manual_seed(0)
    batch_norms_of_their_own(number, calls)
    for affine in (True, False):
        calls.clear()
        one_batch_norm_over_all_ranks(number, affine, calls)
    distributed.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        spawn(rank, (folder,), nprocs=2)
