"""Layers of one's own: the source imports their classes, a build only where told, and holds them to their word."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

import archlang
from archlang.runtime.fault import BuildError

LAYERS = '''\
import torch
from torch import nn

LOADED = True


class Gate(nn.Module):
    """A channel gate; `squeeze` names how many channels are left between."""

    def __init__(self, channels: int, squeeze: int) -> None:
        super().__init__()
        self.down = nn.Linear(channels, squeeze)
        self.up = nn.Linear(squeeze, channels)
        self.norm = nn.BatchNorm2d(channels, affine=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        means = self.norm(x).mean((2, 3))
        return x * self.up(self.down(means).relu()).sigmoid()[:, :, None, None]


class Shift(nn.Module):
    """A convolution that adds to its output what the offset says."""

    def __init__(self, channels: int, out: int, k: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out, channels, k, k))
        self.bias = nn.Parameter(torch.zeros(out))
        self.stride = stride

    def forward(self, offset: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        made = nn.functional.conv2d(x, self.weight, self.bias, self.stride, self.weight.shape[2] // 2)
        return made + offset.mean()


class Tensor(nn.Identity):
    """A class with a name that the source needs for something else."""


def function(*args):
    raise AssertionError("nobody may call this")


class NoModule:
    pass


class Broken(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("only on a GPU")
'''

DECLARED = """
extern gate(r=4) = "ownlayers.layers:Gate"(in.c, squeeze=in.c // r) {
  shape = in
  params = 2 * in.c * (in.c // r) + in.c + in.c // r
  macs = 2 * in.c * (in.c // r)
}
extern shift(out, offset, k=3, stride=1) = "ownlayers.layers:Shift"(in.c, out, k, stride=stride) {
  inputs = [offset, in]
  shape = [out, ceil(in.h / stride), ceil(in.w / stride)]
  weight = [out, in.c, k, k]
  bias = [out]
  macs = k * k * in.c * out.c * out.h * out.w
  kernel = k
}
extern plain = "ownlayers.layers:Tensor" { shape = in; params = 0; macs = 0 }
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A package of layers that nobody here knows, on the path."""
    folder = tmp_path / "ownlayers"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "layers.py").write_text(LAYERS)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "ownlayers"]:
        del sys.modules[name]


def made(text, name="own.arch"):
    return archlang.parse(DECLARED + text, name=name)


NET = """
gate means [gate; relu]
net Net {
  input 3x16x16
  block step(w, off) { conv3-w; gate; shift3-w/2(off) }
  conv3-8; plain as Tensor
  conv1-8 as off
  gate(2) as first
  step(8, off) as a
  step(16, off)
  shift5-16(off) as last
  [shift(16, off); gate(r=2) no relu] x2
  gap; FC-4 as fc
}
"""


@pytest.mark.usefixtures("own")
def test_the_module_has_the_shapes_and_the_parameters_that_are_declared():
    net = made(NET)
    module = net.build(trust="ownlayers")
    assert sum(p.numel() for p in module.parameters()) == net.params
    assert module(torch.zeros(2, 3, 16, 16)).shape == (2, 4)
    paths = {layer.path for layer in net.layers if layer.params}
    assert {name.rpartition(".")[0] for name, _ in module.named_parameters()} - paths == {
        f"{layer.path}.{part}" for layer in net.layers if layer.kind == "gate" for part in ("down", "up")
    }


@pytest.mark.usefixtures("own")
def test_tensors_enter_in_the_order_that_forward_has():
    net = made("net A { input 4x8x8\n conv1-1 as off\n from data: shift-2(off) }")
    module = net.build(trust=["ownlayers.layers"])
    image = torch.rand(1, 4, 8, 8)
    torch.testing.assert_close(
        module(image), module.shift1.bias.new_zeros(1, 2, 8, 8) + module.off(image).mean(), atol=1e-6, rtol=0
    )


def test_nothing_is_imported_before_somebody_trusts_it(own):
    (own / "layers.py").write_text("raise SystemExit('ran')")
    net = made(NET)
    assert "Gate" in net.code()
    net.svg()
    for trust in ((), "own", ["ownlayer", "ownlayers.layers.deeper", "torch"]):
        with pytest.raises(BuildError) as caught:
            net.build(trust=trust)
        (found,) = caught.value.diagnostics
        assert found.code == "untrusted"
        assert (
            found.help
            == 'if you trust it, build with `trust=["ownlayers"]`, or `--trust ownlayers` on the command line'
        )
    assert "ownlayers" not in sys.modules


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("ownlayers.layers:Nothing", "`ownlayers.layers` has no `Nothing`"),
        ("ownlayers.layers:NoModule", "`NoModule` of `ownlayers.layers` is no kind of `nn.Module`"),
        ("ownlayers.layers:LOADED", "`LOADED` of `ownlayers.layers` is no kind of `nn.Module`"),
        ("ownlayers.gone:Gate", "`ownlayers.gone` cannot be imported: ModuleNotFoundError: No module named"),
    ],
)
def test_what_is_no_module_of_pytorch_is_never_called(target, words):
    net = archlang.parse(f'extern x = "{target}" {{ shape = in }}\ninput 3x4x4\nx')
    with pytest.raises(BuildError) as caught:
        net.build(trust="ownlayers")
    (found,) = caught.value.diagnostics
    assert found.code == "extern-import"
    assert found.message.startswith(words)


def test_layers_of_pytorch_itself_need_no_trust():
    fold = 'extern fold(p=2) = "torch.nn:PixelUnshuffle"(p) { shape = [in.c*p*p, in.h//p, in.w//p]; params = 0 }'
    net = archlang.parse(f"{fold}\ninput 3x4x4\nfold")
    assert net.build()(torch.zeros(1, 3, 4, 4)).shape == (1, 12, 2, 2)


def differing(declaration, call="x"):
    net = archlang.parse(f"{declaration}\ninput 4x8x8\n{call}")
    with pytest.raises(BuildError) as caught:
        net.build(trust="ownlayers")
    assert {found.code for found in caught.value.diagnostics} == {"extern-differs"}
    return [found.message for found in caught.value.diagnostics]


@pytest.mark.usefixtures("own")
def test_a_declaration_that_is_wrong_is_told_when_the_module_is_made():
    gate = 'extern x = "ownlayers.layers:Gate"(in.c, 2)'
    assert differing(gate + "{ shape = in; params = 23 }") == ["`x1` has 22 parameters, and 23 are declared"]
    assert differing(gate + "{ shape = in; params = 0 }") == ["`x1` has 22 parameters, and 0 are declared"]
    assert differing(gate + "{ shape = [in.c, in.h, 9] }") == ["`x1` makes 4x8x8 of 4x8x8, and 4x8x9 is declared"]
    assert differing(gate + "{ shape = in; weight = [4, 4] }") == [
        "`x1` has no `weight`, which is declared as 4x4",
        "`x1` has 22 parameters, and 16 are declared",
    ]
    shift = 'extern x(off) = "ownlayers.layers:Shift"(in.c, 2)'
    rules = "{ inputs = [off, in]; shape = [2, in.h, in.w]; weight = [2, in.c, 1, 1]; bias = [2]; params = 74 }"
    assert differing(shift + rules, "conv1-1 as o\nfrom data: x(o)") == [
        "the `weight` of `x1` is 2x4x3x3, and declared as 2x4x1x1"
    ]


@pytest.mark.usefixtures("own")
def test_a_layer_that_cannot_be_tried_gives_a_warning():
    net = archlang.parse('extern x = "ownlayers.layers:Broken" { shape = in; params = 0 }\ninput 4x8x8\nx')
    with pytest.warns(UserWarning, match="`x1` could not be tried on 4x8x8, so its shape is not checked"):
        net.build(trust="ownlayers")


@pytest.mark.usefixtures("own")
def test_settings_reach_layers_of_ones_own():
    text = """
    input 3x8x8
    gate(1) as a; conv1-1 as o
    from a: shift-3(o) as b; gate(1)
    gap; FC-2
    freeze a
    lr shift = 0.1
    init shift = gaussian(1)
    """
    module = made(text).build(trust="ownlayers")
    assert module.b.weight.std() > 0.5
    assert not any(p.requires_grad for p in module.a.parameters())
    before = module.a.norm.running_mean.clone()
    module.train()(torch.rand(4, 3, 8, 8) + 3)
    assert torch.equal(module.a.norm.running_mean, before)
    rates = {id(p): group["lr"] for group in module.parameter_groups(1.0) for p in group["params"]}
    assert rates[id(module.b.weight)] == pytest.approx(0.1)
    assert rates[id(module.fc1.weight)] == 1


@pytest.mark.usefixtures("own")
def test_the_source_imports_the_classes_and_goes_round_names_it_needs(tmp_path):
    code = made(NET).code()
    assert "from ownlayers.layers import Gate, Shift\nfrom ownlayers.layers import Tensor as Tensor2\n" in code
    place = tmp_path / "net.py"
    place.write_text(code)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--isolated", "--check", place], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E4,E7,E9,F,I", place], check=True)
    subprocess.run([sys.executable, "-c", "import net; net.Net()"], check=True, cwd=tmp_path)


@pytest.mark.usefixtures("own")
def test_a_class_called_as_the_network_or_a_block_is_imported_by_another_name():
    text = """
    block shift(w) { conv3-w; gate }
    net Gate { input 3x8x8; shift(8); shift(16); gate }
    """
    net = archlang.parse(DECLARED.replace("extern shift", "extern moved") + text)
    assert "from ownlayers.layers import Gate as Gate2\n" in net.code()
    net.build(trust="ownlayers")


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("kernels", [False, True])
def test_a_layer_of_ones_own_is_exported_and_run_with_kernels(kernels):
    module = made(NET).build(trust="ownlayers", kernels=kernels).eval()
    image = torch.rand(2, 3, 16, 16)
    exported = torch.export.export(module, (image,))
    torch.testing.assert_close(exported.module()(image), module(image))


@pytest.mark.usefixtures("own")
def test_the_same_weights_serve_twice():
    text = """
    input 4x8x8
    gate(2) as g; conv1-4
    again(g) as h
    """
    net = made(text)
    module = net.build(trust="ownlayers")
    assert sum(p.numel() for p in module.parameters()) == net.params == 22 + 20
