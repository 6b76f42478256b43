"""How a configuration is chosen and kept, with a device that is made up."""

import json
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")

from archlang.kernels import dispatch  # noqa: E402
from archlang.kernels.dispatch import TORCH, Configuration  # noqa: E402

FAST, SLOW = Configuration("tiled", 64, 64, 64, 4, 3), Configuration("tiled", 128, 64, 64, 4, 3)
LIKE = SimpleNamespace(device=SimpleNamespace(type="cuda", index=0), dtype=torch.float16)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A device on which FAST takes 1 ms, PyTorch 2 and SLOW 3; what is asked of it is listed."""
    asked, times = [], {FAST: 1.0, TORCH: 2.0, SLOW: 3.0}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("ARCHLANG_KERNELS", raising=False)
    monkeypatch.setattr(dispatch, "_machine", lambda device: "a device")
    monkeypatch.setattr(dispatch, "_milliseconds", lambda choice, run: asked.append(choice) or times[choice])
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: False)
    dispatch._known.cache_clear()
    yield SimpleNamespace(asked=asked, times=times, file=tmp_path / "archlang" / "kernels.json")
    dispatch._known.cache_clear()


def choose(shape=(64, 256), choices=(SLOW, FAST)):
    return dispatch.choose("conv1x1", shape, LIKE, choices, lambda choice: None)


def test_the_fastest_is_chosen_once_and_kept_for_the_next_process(machine):
    assert choose() == FAST
    assert set(machine.asked) == {TORCH, SLOW, FAST}
    dispatch._known.cache_clear()
    assert choose() == FAST
    assert len(machine.asked) == 3


def test_pytorchs_path_is_kept_where_it_is_the_fastest(machine):
    machine.times[TORCH] = 0.5
    assert choose() is TORCH
    dispatch._known.cache_clear()
    assert choose() is TORCH
    assert len(machine.asked) == 3


def test_each_shape_is_chosen_for_by_itself(machine):
    choose((64, 256))
    choose((256, 64))
    assert len(machine.asked) == 6
    assert len(json.loads(machine.file.read_text())["a device"]) == 2


def test_tune_measures_again_what_is_kept(machine, monkeypatch):
    choose()
    monkeypatch.setenv("ARCHLANG_KERNELS", "tune")
    dispatch._known.cache_clear()
    machine.times[SLOW] = 0.1
    assert choose() == SLOW
    assert choose() == SLOW
    assert len(machine.asked) == 6


def test_a_capture_is_not_measured_in_and_decides_nothing(machine, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    assert choose() is TORCH
    assert not machine.asked
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: False)
    assert choose() == FAST


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a device": 3}'])
def test_a_file_that_is_broken_is_measured_for_again(machine, text):
    machine.file.parent.mkdir()
    machine.file.write_text(text)
    assert choose() == FAST
    assert json.loads(machine.file.read_text())["a device"]


def test_what_other_machines_have_measured_stays(machine):
    machine.file.parent.mkdir()
    machine.file.write_text('{"another": {"k": "torch"}}')
    choose()
    assert json.loads(machine.file.read_text())["another"] == {"k": "torch"}
    assert [path.name for path in machine.file.parent.iterdir()] == ["kernels.json"]


def test_a_place_that_cannot_be_written_stops_nothing(machine, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    dispatch._known.cache_clear()
    assert choose() == FAST


def test_a_configuration_that_is_no_longer_shipped_gives_way_to_pytorch(machine):
    choose()
    assert choose(choices=(SLOW,)) is TORCH


def test_without_configurations_pytorch_runs(machine):
    assert choose(choices=()) is TORCH
    assert not machine.asked


def test_a_batch_is_of_the_class_of_the_power_of_two_below_it():
    assert [dispatch.rounded(n) for n in (1, 2, 3, 4, 1023, 1024)] == [1, 2, 2, 4, 512, 1024]


@pytest.mark.parametrize("wrong", [torch.zeros(3), torch.tensor([1.0, float("nan"), 3.0])], ids=["zeros", "a NaN"])
def test_a_choice_with_other_results_than_pytorchs_is_not_taken_however_fast(machine, wrong, caplog):
    results = {TORCH: torch.tensor([1.0, 2.0, 3.0]), FAST: wrong, SLOW: torch.tensor([1.0, 2.01, 3.0])}
    machine.times[TORCH] = 5.0
    assert dispatch.choose("conv1x1", (64, 256), LIKE, (FAST, SLOW), results.get) == SLOW
    assert f"{FAST} gives other results" in caplog.text


def test_where_pytorchs_result_overflows_the_fastest_is_taken(machine):
    results = {TORCH: torch.tensor([float("inf")]), FAST: torch.tensor([float("nan")]), SLOW: torch.zeros(1)}
    assert dispatch.choose("conv1x1", (64, 256), LIKE, (FAST, SLOW), lambda choice: (results[choice],)) == FAST


def test_results_that_are_written_into_one_tensor_are_compared_as_they_were():
    place = torch.zeros(4)
    wanted = dispatch._some_of(place.fill_(1))
    assert not dispatch._agrees("a key", FAST, lambda choice: place.fill_(2), wanted)
    assert dispatch._agrees("a key", FAST, lambda choice: place.fill_(1), wanted)


def test_a_choice_that_the_device_does_not_do_is_not_taken(machine):
    def run(choice):
        if choice == FAST:
            raise dispatch.Unfit("no such kernel")

    assert dispatch.choose("conv1x1", (64, 256), LIKE, (SLOW, FAST), run) is TORCH
    machine.times[TORCH] = 9.0
    assert dispatch.choose("conv1x1", (64, 512), LIKE, (SLOW, FAST), run) == SLOW


def test_a_choice_that_fails_is_told_and_the_network_runs_all_the_same(machine, caplog):
    def run(choice):
        if choice == FAST:
            raise RuntimeError("PassManager::run failed")

    assert dispatch.choose("conv1x1", (64, 256), LIKE, (SLOW, FAST), run) is TORCH
    assert f"{FAST} fails on this machine, and is not used: RuntimeError('PassManager::run failed')" in caplog.text


def test_an_error_of_the_network_itself_is_not_hidden(machine):
    def run(choice):
        raise RuntimeError("sizes differ")

    with pytest.raises(RuntimeError, match="sizes differ"):
        dispatch.choose("conv1x1", (64, 256), LIKE, (SLOW, FAST), run)
    with pytest.raises(RuntimeError, match="sizes differ"):
        dispatch.pick("bn_sums", (64,), LIKE, (SLOW, FAST), run)
    assert not machine.file.exists()
