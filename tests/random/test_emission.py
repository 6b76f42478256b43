"""What random programs become: source as `ruff format` leaves it, the same each time, that runs."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from compare import state_of  # noqa: E402
from wordy import wordy  # noqa: E402

COUNT = 10
HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@cache
def made(seed):
    return wordy(seed)


@cache
def source(seed):
    return made(seed).model.code()


def told(seed):
    return f"wordy({seed})\n{made(seed).text}\n{source(seed)}"


def ruff(folder, *arguments):
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--no-cache", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def written(folder, seeds):
    for seed in seeds:
        (folder / f"n{seed}.py").write_text(source(seed), encoding="utf-8")


def fails_in_ruff(folder):
    formatted = ruff(folder, "format", "--diff")
    checked = ruff(folder, "check", "--select", "F,E9")
    return formatted.stdout * bool(formatted.returncode) + checked.stdout * bool(checked.returncode)


def runs(seed):
    """Whether the module has the graph's keys and runs in both modes; what goes wrong is raised."""
    model = made(seed).model
    network = model.network
    with torch.device("meta"):
        module = model.build()
        assert {key: tuple(one.shape) for key, one in module.state_dict().items()} == state_of(network), told(seed)
        inputs = [torch.empty(2, *network.shapes[id_]) for id_ in network.inputs]
        for mode in (True, False):
            output = module.train(mode)(*inputs)
            found = [output] if isinstance(output, torch.Tensor) else list(output)
            assert all(one is None or isinstance(one, torch.Tensor) for one in found), told(seed)
        if network.taps:
            features = next(one for one in ("features", "features2", "features3") if callable(getattr(module, one)))
            taken = getattr(module, features)(*inputs)
            assert {name: tuple(one.shape[1:]) for name, one in taken.items()} == {
                name: network.shapes[id_] for name, id_ in network.taps.items()
            }, told(seed)


def test_ruff_leaves_random_sources_as_they_are_and_finds_nothing_in_them(tmp_path):
    written(tmp_path, range(COUNT))
    assert fails_in_ruff(tmp_path)[:4000] == ""


@pytest.mark.parametrize("first", range(0, COUNT, 5))
def test_random_sources_have_the_graphs_keys_and_run_in_both_modes(first):
    for seed in range(first, first + 5):
        try:
            runs(seed)
        except Exception as error:
            raise AssertionError(told(seed)) from error


def test_random_sources_are_the_same_in_a_process_with_another_hash_seed():
    script = f"import json\nfrom wordy import wordy\nprint(json.dumps([wordy(s).model.code() for s in range({COUNT})]))"
    paths = os.pathsep.join([str(ROOT), str(HERE)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert json.loads(done.stdout) == [source(seed) for seed in range(COUNT)]


@pytest.mark.slow
def test_thousands_of_random_sources_pass_as_well(tmp_path):
    seeds = range(COUNT, int(os.environ.get("ARCHLANG_PROGRAMS", "2000")))
    written(tmp_path, seeds)
    assert fails_in_ruff(tmp_path)[:4000] == ""
    for seed in seeds:
        try:
            runs(seed)
        except Exception as error:
            raise AssertionError(told(seed)) from error


@pytest.mark.slow
def test_pyright_finds_nothing_in_random_sources(tmp_path):
    written(tmp_path, range(4 * COUNT))
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "basic"}', encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "-p", str(tmp_path), "--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
