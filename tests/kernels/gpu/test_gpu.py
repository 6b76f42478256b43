"""The kernels on a GPU: `pytest -m gpu`. Without one nothing of this is selected."""

import statistics

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("triton")

import trial_runs  # noqa: E402
from compared import (  # noqa: E402
    LIMITS,
    Place,
    check_against_fp64,
    check_each_configuration,
    check_network,
    check_two_runs,
    losses,
    made,
    off,
    without,
)
from emitted_networks import model, specs  # noqa: E402
from parts import PARTS, Expand, Larger, Pair  # noqa: E402
from torch import nn  # noqa: E402

from archlang.kernels import dispatch  # noqa: E402

pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("ignore")]  # a driver may warn of what it likes

TYPES = (torch.float32, torch.float16, torch.bfloat16)
PLACES = (Place("cuda", 64, 8, 56), Place("cuda", 24, 3, 7), Place("cuda", 256, 2, 14))
STATES = {"evaluation": nn.Module.eval, "training": nn.Module.train}


@pytest.fixture(autouse=True)
def _exactly(monkeypatch, tmp_path):
    """fp32 is fp32, and choices are made anew."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    dispatch._known.cache_clear()


def kinds(name="kind", of=PARTS):
    return pytest.mark.parametrize(name, of, ids=lambda kind: kind.__name__)


@kinds()
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_inference_is_as_near_to_fp64_as_pytorchs(place, dtype, kind):
    check_against_fp64(kind, place, dtype, nn.Module.eval, gradients=False)


@kinds()
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_values_gradients_and_buffers_are_as_near_to_fp64_as_pytorchs(state, dtype, kind):
    check_against_fp64(kind, PLACES[0], dtype, STATES[state], gradients=True)


@kinds()
@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("state", STATES)
def test_each_configuration_is_as_near_to_fp64_as_pytorchs(state, dtype, kind):
    assert check_each_configuration(kind, PLACES[0], dtype, STATES[state], gradients=state == "training")


@kinds()
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_two_runs_give_the_same_bits(dtype, kind, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    check_two_runs(kind, PLACES[0], dtype)


def test_a_loss_curve_stays_within_the_spread_of_three_seeds():
    place = Place("cuda", 32, 32, 16)
    plain = [losses(place, 200, seed, kernels=False) for seed in range(3)]
    fused = [losses(place, 200, seed, kernels=True) for seed in range(3)]
    spread = max(statistics.pstdev(each[step] for each in plain) for step in range(200))
    for ours, theirs in zip(fused, plain, strict=True):
        assert statistics.fmean(abs(a - b) for a, b in zip(ours, theirs, strict=True)) <= spread
        assert ours[-1] <= max(each[-1] for each in plain) + spread


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@kinds()
def test_running_statistics_after_ten_steps_under_autocast_are_those_of_the_modules(kind, dtype):
    part = made(kind, PLACES[0], torch.float32, nn.Module.train)
    plain = without(part)
    for seed in range(10):
        for either in (part, plain):
            with torch.autocast("cuda", dtype):
                either(PLACES[0].given(torch.float32, seed))
    for a, b in zip(part.buffers(), plain.buffers(), strict=True):
        assert off(a, b) <= LIMITS[dtype]


@torch.no_grad()
@pytest.mark.parametrize("kind", [Expand, Larger, Pair], ids=lambda kind: kind.__name__)
def test_a_captured_graph_follows_its_input_and_its_parameters(kind):
    part, place = made(kind, PLACES[0], torch.bfloat16, nn.Module.eval), PLACES[0]
    x = place.given(torch.bfloat16)
    part(x)  # what is chosen is chosen before the capture
    measured = dispatch.COST.shapes
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        found = part(x)
    assert dispatch.COST.shapes == measured
    x.copy_(place.given(torch.bfloat16, seed=5))
    for tensor in (*part.parameters(), *part.buffers()):
        if tensor.is_floating_point():
            tensor.mul_(1.25)
    graph.replay()
    for z, wanted in zip(found, without(part)(x), strict=True):
        assert off(z, wanted) <= 2 * LIMITS[torch.bfloat16]


@torch.no_grad()
def test_a_choice_is_made_once_and_its_cost_is_told(caplog):
    part, x = made(Expand, PLACES[0], torch.bfloat16, nn.Module.eval), PLACES[0].given(torch.bfloat16)
    before = dispatch.COST.shapes
    part(x)
    assert dispatch.COST.shapes > before
    assert dispatch.COST.seconds > 0
    assert "choosing kernels" in caplog.text
    before = dispatch.COST.shapes
    part(x)
    assert dispatch.COST.shapes == before


@pytest.mark.parametrize("spec", [one for one in specs() if one.startswith("zoo/")])
def test_a_network_of_the_zoo_computes_and_learns_with_kernels_what_it_does_without(spec):
    plain, fused = (trial_runs.made(model(spec), kernels=on) for on in (False, True))
    trial_runs.randomised(plain)
    check_network(plain.cuda(), fused.cuda(), [x.cuda() for x in trial_runs.images(model(spec))])
