"""What is meant for a GPU, run to its end on one that is made up: `archlang bench`, captures, choices."""

import json

import pytest
import torch
from made_up_gpu import Graph, made_up_gpu
from torch import nn
from torch.nn import functional as F

import archlang
from archlang import kernels as K
from archlang.bench import ceilings, kernels
from archlang.bench.contest import contest
from archlang.bench.result import Times
from archlang.cli.main import main
from archlang.kernels import dispatch
from archlang.passes.steps import Setting

TINY = """
net Tiny {
  input 8x4x4
  res[ conv1-8(bias=false) bare; bn; relu; conv3-8(bias=false) bare; bn; relu; conv1-8(bias=false) bare; bn ]; relu
  gap; FC-4
}
"""


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def chosen(tmp_path):
    (known,) = json.loads((tmp_path / "archlang" / "kernels.json").read_text()).values()
    return known


def kernels_win(choice, run):
    return 2.0 if choice is None else 1.0


@pytest.mark.slow  # a quarter of a minute; what it is put together of is tried below
@pytest.mark.parametrize("training", [False, True])
def test_a_network_is_measured_by_graphs_and_its_kernels_are_chosen_before_they_are_captured(training, tmp_path):
    with made_up_gpu(kernels_win) as gpu:
        found = contest(archlang.parse(TINY), Setting(2, "fp32", training), ["kernels"], Times(0.01, 600.0), print)
        assert gpu.captures == 2
    assert [(one.name, one.problem) for one in found.outcomes] == [("eager", None), ("kernels", None)]
    assert [one.peak for one in found.outcomes] == [4000, 4000]
    assert found.facts["device"] == "NVIDIA H200"
    assert found.floor > 0
    kinds = {key.split()[0] for key in chosen(tmp_path)}
    assert kinds >= ({"conv1x1_statistics", "bn_sums", "dgrad", "wgrad"} if training else {"conv1x1"})
    assert "torch" not in chosen(tmp_path).values()


def small_ceilings(monkeypatch):
    for name, value in (("_COPY", 1 << 12), ("_SIDE", 8), ("_CACHED", 1 << 10), ("_SECONDS", 1e-3)):
        monkeypatch.setattr(ceilings, name, value)
    monkeypatch.setattr(kernels, "_ROTATED", 0)

    def compiled(module, **_):
        assert torch._dynamo.config.fail_on_recompile_limit_hit  # what is not compiled must not pass for it
        return module

    monkeypatch.setattr(torch, "compile", compiled)


def test_kernels_are_measured_from_the_command_line_and_kept_one_by_one(tmp_path, monkeypatch, capsys):
    small_ceilings(monkeypatch)
    file = tmp_path / "tiny.arch"
    file.write_text(TINY)
    written = []
    monkeypatch.setattr(archlang.files, "write", lambda path, text: written.append((path.name, text)) or path)
    with made_up_gpu(kernels_win):
        words = ["bench", "kernels", "--net", str(file), "--batch", "1", "--dtype", "fp32", "--seconds", "0.01"]
        assert main([*words, "-o", str(tmp_path / "out")]) == 0
    assert "conv1x1" in capsys.readouterr().out
    pages = [text for name, text in written if name == "out.md"]
    records = [json.loads(text) for name, text in written if name == "out.json"]
    assert [len(one["kernels"]) for one in records[:-1]] == list(range(1, records[-1]["asked"] + 1))
    assert "so far: 1 of" in pages[0]
    assert "so far" not in pages[-1]
    assert [one["problems"] for one in records[-1]["kernels"]] == [{}] * records[-1]["asked"]
    assert {way for one in records[-1]["kernels"] for way in one["seconds"]} == {"eager", "compile", "kernel"}
    worth = [one["calls"] * one["floor_seconds"] for one in records[-1]["kernels"]]
    assert worth == sorted(worth, reverse=True)


def test_a_piece_that_fails_is_told_and_the_others_are_measured(monkeypatch):
    small_ceilings(monkeypatch)
    real, broken = kernels.against, []

    def failing(made, *rest):
        if not broken:
            broken.append(made)
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(made, *rest)

    monkeypatch.setattr(kernels, "against", failing)
    with made_up_gpu(kernels_win):
        found = kernels.measure([archlang.parse(TINY)], Setting(1, "fp32"), Times(0.01, 600.0), print)
    first, *rest = found.pieces
    assert {one.problem for one in first.outcomes} == {"it failed: OutOfMemoryError: CUDA out of memory"}
    assert rest
    assert [one.problem for piece in rest for one in piece.outcomes] == [None] * 3 * len(rest)


def test_nothing_more_is_asked_of_a_device_that_a_kernel_has_broken(monkeypatch):
    small_ceilings(monkeypatch)
    told = []
    with made_up_gpu(kernels_win) as gpu:

        def breaking(*_):
            gpu.broken = True
            raise RuntimeError("CUDA error: an illegal memory access was encountered")

        monkeypatch.setattr(kernels, "against", breaking)
        found = kernels.measure([archlang.parse(TINY)], Setting(1, "fp32"), Times(0.01, 600.0), told.append)
    assert len(found.pieces) == 1 < found.asked
    assert "illegal memory access" in found.pieces[0].outcomes[0].problem
    assert told[-1].startswith("the device no longer answers")


def test_a_choice_is_made_once_for_a_shape_told_and_kept(tmp_path, caplog):
    conv, x = nn.Conv2d(16, 8, 1), torch.randn(2, 16, 4, 4).to(memory_format=torch.channels_last)
    asked = []
    with made_up_gpu(lambda choice, run: asked.append(choice) or float(choice is None)), torch.no_grad():
        before = dispatch.COST.shapes
        z = K.conv1x1(x, conv, relu=True)
        assert dispatch.COST.shapes == before + 1
        assert len(asked) > 1
        seen = len(asked)
        K.conv1x1(x, conv, relu=True)
        assert len(asked) == seen
    assert torch.allclose(z, conv(x).relu(), atol=1e-5)
    assert [key.split()[0] for key in chosen(tmp_path)] == ["conv1x1"]


def test_cudnns_own_epilogue_is_called_by_the_schema_that_pytorch_has(monkeypatch):
    def relu(x, w, bias, *window):
        return F.conv2d(x, w, bias, *window).relu()

    def add_relu(x, w, z, alpha, bias, *window):
        return (F.conv2d(x, w, bias, *window) + alpha * z).relu()

    library = torch.library.Library("aten", "IMPL", "CPU")
    library.impl("cudnn_convolution_relu", relu)
    library.impl("cudnn_convolution_add_relu", add_relu)
    monkeypatch.setattr("archlang.kernels.convolution.has_epilogue", lambda x, window, act: act == 1)
    conv, bn = nn.Conv2d(8, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16).eval()
    nn.init.uniform_(bn.running_var, 0.5, 2)
    x = torch.randn(2, 8, 6, 6).to(memory_format=torch.channels_last)
    r = torch.randn(2, 16, 3, 3).to(memory_format=torch.channels_last)
    taken = []
    with made_up_gpu(lambda choice, run: 1.0 if getattr(choice, "kind", "") == "cudnn" else 2.0), torch.no_grad():
        real = dispatch.choose
        monkeypatch.setattr(dispatch, "choose", lambda *given, **more: taken.append(real(*given, **more)) or taken[-1])
        assert torch.allclose(K.conv_relu(x, conv, bn), bn(conv(x)).relu(), atol=1e-5)
        assert torch.allclose(K.conv_relu(x, conv, bn, residual=r), (bn(conv(x)) + r).relu(), atol=1e-5)
    library._destroy()
    assert [choice.kind for choice in taken] == ["cudnn", "cudnn"]


def test_a_graph_that_is_made_up_replays_what_was_captured_on_the_tensors_of_then():
    x, held = torch.ones(3), []
    with made_up_gpu():
        graph = Graph()
        with torch.cuda.graph(graph, pool=torch.cuda.graph_pool_handle()):
            held.append((x * 2).view(3, 1).relu() + 1)
        x.fill_(5)
        graph.replay()
        assert held[0].flatten().tolist() == [11.0] * 3
        with (
            pytest.raises(RuntimeError, match="not permitted when stream is capturing"),
            torch.cuda.graph(Graph(), pool=1),
        ):
            x.sum().item()
