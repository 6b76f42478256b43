"""Networks really measured, on the CPU: small ones, for a moment."""

import json
import os
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import archlang
from archlang.bench import kernels
from archlang.bench.contest import contest
from archlang.bench.harness import Plan
from archlang.bench.kernels import WAYS, against, pieces
from archlang.bench.result import Times
from archlang.bench.work import Inference, Training, arithmetic, cast, distance, load, settled, without_dropout
from archlang.cli.main import main
from archlang.passes.fusion import Kernel
from archlang.passes.steps import Setting

CPU = torch.device("cpu")
SMALL = "net Small {\n input 3x16x16\n conv3-8(bias=false) bare; bn; relu\n dropout(0.5)\n gap; FC-4\n}\n"


@pytest.fixture
def model():
    torch.manual_seed(0)
    return archlang.parse(SMALL)


def test_bench_measures_a_network_from_the_command_line(capsys):
    status = main(["bench", "lenet", "--batch", "2", "--seconds", "1", "--baselines", "eager", "--json"])
    out, err = capsys.readouterr()
    assert status == 0
    record = json.loads(out)
    assert (record["network"], record["batch"], record["dtype"]) == ("LeNet@caffe", 2, "fp32")
    assert record["ways"][0]["name"] == record["best_baseline"] == "eager"
    assert record["ways"][0]["images_per_second"] > 0
    assert "archlang: eager: first run" in err
    assert any("no GPU" in note for note in record["notes"])


def test_bench_writes_json_and_a_page(tmp_path, capsys):
    file = tmp_path / "small.arch"
    file.write_text(SMALL)
    status = main(
        [
            "bench",
            str(file),
            "--train",
            "--batch",
            "2",
            "--seconds",
            "0.1",
            "--baselines",
            "eager",
            "-o",
            str(tmp_path / "it"),
        ]
    )
    assert status == 0
    assert json.loads((tmp_path / "it.json").read_text())["training"] is True
    assert (tmp_path / "it.md").read_text().startswith("## Small, training, batch 2, fp32")
    assert "best correct baseline: eager" in capsys.readouterr().out


TINY = """
net Tiny {
  input 8x4x4
  res[ conv1-8(bias=false) bare; bn; relu; conv3-8(bias=false) bare; bn; relu; conv1-8(bias=false) bare; bn ]; relu
  gap; FC-4
}
"""


@pytest.mark.slow
def test_kernels_themselves_are_measured_and_right_in_tritons_interpreter(tmp_path):
    file = tmp_path / "tiny.arch"
    file.write_text(TINY)
    words = ["bench", str(file), "--batch", "1", "--seconds", "0.1", "--baselines", "eager", "--train", "--json"]
    env = {**os.environ, "TRITON_INTERPRET": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "archlang", *words], env=env, capture_output=True, text=True, check=True
    )
    eager, kernels_ = json.loads(done.stdout)["ways"]
    assert kernels_["problem"] is None
    assert kernels_["seconds"] > 10 * eager["seconds"]  # they did run there


def test_a_symbolic_size_is_asked_for(tmp_path, capsys):
    file = tmp_path / "any.arch"
    file.write_text("net Any {\n input 3xHxW\n conv3-8; gap\n}\n")
    assert main(["bench", str(file), "--seconds", "1"]) == 2
    assert "say --input 3x224x224" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["fcn_nyud", "video2text", "show_and_tell"])
def test_a_network_that_reads_more_than_an_image_is_not_measured(name, capsys):
    assert main(["bench", name]) == 2
    assert "does not read one image alone" in capsys.readouterr().err


def test_an_unknown_baseline_is_told(capsys):
    assert main(["bench", "lenet", "--baselines", "tensorrt"]) == 2
    assert "there is no baseline `tensorrt`: there are eager, compile" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--seconds", "soon"], ["--batch", "0"], ["--dtype", "int8"]])
def test_what_makes_no_sense_is_refused(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bench", "lenet", *words])
    assert ended.value.code == 2


def test_kernels_alone_are_not_measured_without_a_gpu(capsys):
    assert main(["bench", "kernels"]) == 2
    assert "there is no GPU here" in capsys.readouterr().err


def test_without_pytorch_it_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr("archlang.cli.measuring.find_spec", lambda name: None)
    assert main(["bench", "lenet"]) == 1
    assert "pip install archlang[torch]" in capsys.readouterr().err


def test_a_compiler_that_computes_something_else_is_left_out(model, monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda module, **_: lambda x: module(x) * 1.5)
    found = contest(model, Setting(2, "fp32"), ["aten"], Times(0.1, 60.0), lambda line: None)
    eager, aten = found.outcomes
    assert eager.problem is None
    assert aten.problem.startswith("wrong: output 0.5 off the reference")
    assert aten.seconds is None


def test_kernels_are_ours_and_give_the_same(model):
    found = contest(model, Setting(2, "fp32", True), ["kernels"], Times(0.1, 60.0), lambda line: None)
    assert [(one.name, one.ours, one.problem) for one in found.outcomes] == [
        ("eager", False, None),
        ("kernels", True, None),
    ]
    assert max(found.outcomes[1].errors.values()) < 1e-5


def test_should_time_run_out_it_is_a_baselines(model):
    told = []
    names = ["eager", "compile", "max-autotune", "kernels"]
    found = contest(model, Setting(2, "fp32"), names, Times(1.0, 60.0, within=0.5), told.append)
    assert [one.name for one in found.outcomes] == names
    assert all(one.problem == "no time was left for it" for one in found.outcomes)
    assert [line for line in told if "first run" in line][1] == "kernels: first run"


@pytest.mark.slow
@pytest.mark.parametrize("train", [False, True])
def test_torch_compile_is_compared_where_there_is_a_compiler(model, train):
    found = contest(model, Setting(2, "fp32", train), ["eager", "compile"], Times(0.5, 300.0), lambda line: None)
    assert [one.problem for one in found.outcomes] == [None, None]


# ---- the work ----------------------------------------------------------------


def module():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4))


def test_running_statistics_are_those_of_the_images():
    made, images = module(), torch.randn(16, 3, 8, 8)
    settled(made, images)
    y = made[0](images)
    assert torch.allclose(made[1].running_mean, y.mean((0, 2, 3)), atol=1e-6)
    assert made[1].momentum == 0.1


def test_norms_stay_in_fp32_when_the_rest_is_cast():
    made = cast(module(), torch.bfloat16)
    assert made[0].weight.dtype == torch.bfloat16
    assert made[1].weight.dtype == made[1].running_var.dtype == torch.float32


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_inference_gives_the_modules_own_output(dtype):
    source, images = module(), torch.randn(4, 3, 8, 8)
    work = Inference(source, images, dtype)
    run, results = work.task(module(), lambda own: own)
    work.show(1)
    run()
    assert distance(results()["output"], work.reference()["output"]) < (1e-6 if dtype == "fp32" else 0.02)
    work.show(0)
    run()
    assert distance(results()["output"], work.reference()["output"]) > 0.1


def test_a_step_of_training_gives_the_loss_gradients_and_statistics_of_the_weights_that_all_began_with():
    source, images = module(), torch.randn(4, 3, 8, 8)
    work = Training(source, images, "fp32")
    made = module()
    run, results = work.task(made, lambda own: own)
    for _ in range(3):
        run()
    assert distance(results()["gradients"], work.reference()["gradients"]) > 1e-3
    work.reset(made)
    work.show(1)
    run()
    for what, tensors_ in work.reference().items():
        assert distance(results()[what], tensors_) < 1e-5, what


def test_reset_forgets_the_momentum():
    source, images = module(), torch.randn(4, 3, 8, 8)
    work = Training(source, images, "fp32")
    made, fresh = module(), module()
    run, _ = work.task(made, lambda own: own)
    run()
    work.reset(made)
    run()
    once, _ = work.task(fresh, lambda own: own)
    once()
    assert all(torch.equal(a, b) for a, b in zip(made.parameters(), fresh.parameters(), strict=True))


def test_nothing_is_dropped_while_it_measures():
    x = torch.ones(100)
    with without_dropout():
        assert torch.equal(F.dropout(x, 0.5, True), x)
        assert torch.equal(nn.Dropout(0.5)(x), x)
    assert not torch.equal(F.dropout(x, 0.5, True), x)


@pytest.mark.parametrize(("dtype", "allowed"), [("tf32", True), ("fp32", False), ("bf16", False)])
def test_products_are_exact_unless_tf32_is_asked_for_and_all_is_put_back(dtype, allowed):
    places = (torch.backends.cuda.matmul, torch.backends.cudnn)
    before = [place.allow_tf32 for place in places], torch.backends.cudnn.benchmark
    with arithmetic(dtype):
        assert [place.allow_tf32 for place in places] == [allowed, allowed]
        assert torch.backends.cudnn.benchmark
    assert ([place.allow_tf32 for place in places], torch.backends.cudnn.benchmark) == before


def test_distance_is_a_part_of_the_size():
    assert distance([torch.tensor([3.0, 4.5])], [torch.tensor([3.0, 4.0])]) == pytest.approx(0.1)
    assert distance([torch.ones(2)], [torch.ones(3)]) != distance([torch.ones(2)], [torch.ones(3)])  # NaN
    assert distance([torch.tensor([float("nan")])], [torch.ones(1)]) != 0


def test_weights_are_loaded_in_place():
    source, made = module(), module()
    weight = made[0].weight
    load(made, source)
    assert made[0].weight is weight
    assert torch.equal(weight, source[0].weight)


# ---- kernels -----------------------------------------------------------------


def test_the_pieces_of_a_network_are_counted():
    found = pieces([archlang.read("resnet50"), archlang.read("googlenet")], Setting(256, "bf16"))
    by_text = {f"{made.kernel} {made}": rest for made, rest in found.items()}
    count, (launch,) = by_text["conv1x1 256 to 64, 1x1 at 56x56, bn, relu"]
    assert count == 2
    assert launch.operations == 2 * 256 * 56 * 56 * 256 * 64
    assert launch.bytes == 2 * (256 * 56 * 56 * (256 + 64) + 256 * 64) + 4 * 4 * 64
    assert "conv1x1_many 192 to 64+96+16, 1x1 at 28x28, relu" in by_text
    projected, (launch,) = by_text["conv1x1_two 128 and 256/2 to 512, 1x1 at 28x28, bn, relu before, bn, relu"]
    assert projected == 1
    assert launch.name == "conv1x1_two"


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ["resnet50", "googlenet", "nin", "densenet@121", "mobilenetv2"])
def test_every_piece_gives_by_its_kernel_what_its_layers_give(name, training, monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda module, **_: module)
    monkeypatch.setattr(kernels, "_ROTATED", 0)
    setting = Setting(2, "fp32", training)
    plan = Plan(1e-6, 60.0, {"output": 1e-5, "gradients": 1e-4}, "eager")
    for made in list(pieces([archlang.read(name)], setting))[:12]:
        small = type(made)(**{**{f: getattr(made, f) for f in made.__match_args__}, "sizes": (made.sizes[0], 7, 7)})
        outcomes, sets = against(small, setting, CPU, plan)
        assert [(one.name, one.problem) for one in outcomes] == [(way, None) for way in WAYS], str(made)
        assert set(outcomes[-1].errors) == ({"output", "gradients"} if training else {"output"})
        assert sets == 1


def test_a_piece_is_compared_with_its_layers_before_it_is_timed(monkeypatch):
    made = next(iter(pieces([archlang.read("nin")], Setting(1, "fp32"))))
    monkeypatch.setattr(torch, "compile", lambda module, **_: module)
    outcomes, sets = against(made, Setting(1, "fp32"), CPU, Plan(0.1, 60.0, {"output": 1e-5}, "eager"))
    assert [one.problem for one in outcomes] == [None, None, None]
    assert sets == 8
    assert made.kernel in Kernel
