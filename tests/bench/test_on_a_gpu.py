"""The measurements where they are made for: on a GPU."""

import pytest
import torch

import archlang
from archlang.bench.ceilings import ceilings
from archlang.bench.contest import contest
from archlang.bench.harness import Plan
from archlang.bench.kernels import WAYS, against, pieces
from archlang.bench.result import Times
from archlang.bench.work import ALLOWED
from archlang.passes.steps import Setting

pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", ["bf16", "fp32"])
def test_a_network_is_measured_by_graphs_of_each_way(dtype, training):
    model = archlang.read("cifar_resnet@20")
    names = ["eager", "compile", "kernels", "kernels+compile"]
    found = contest(model, Setting(32, dtype, training), names, Times(2.0, 300.0), lambda line: None)
    assert [(one.name, one.problem) for one in found.outcomes] == [(name, None) for name in names]
    assert all(one.peak > 0 and one.seconds > 0 for one in found.outcomes)


def test_all_forms_of_the_compiler_are_right_or_told():
    model = archlang.read("cifar_resnet@20")
    names = ["eager", "max-autotune", "frozen", "aten"]
    found = contest(model, Setting(32, "bf16"), names, Times(2.0, 300.0), lambda line: None)
    assert all(one.seconds is not None or one.problem for one in found.outcomes)


def test_the_ceilings_are_those_of_a_gpu():
    found = ceilings("bf16")
    assert 1e11 < found.copy < 1e13
    assert 1e13 < found.product < 1e16
    assert found.cached > found.copy / 2


def test_kernels_are_measured_one_by_one():
    setting = Setting(64, "bf16")
    made = next(one for one in pieces([archlang.read("resnet50")], setting) if one.kernel == "conv1x1")
    plan = Plan(1.0, 300.0, {"output": ALLOWED["bf16"]}, "eager")
    outcomes, _ = against(made, setting, torch.device("cuda"), plan)
    assert [(one.name, one.problem) for one in outcomes] == [(name, None) for name in WAYS]
