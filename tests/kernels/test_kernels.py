"""What can be known of the kernels without a GPU.

A process that interprets them cannot compile them, so each is a process of its own.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

HERE = Path(__file__).parent
INTERPRETED = sorted(str(file) for file in (HERE / "interpreted").glob("test_*.py"))
ROOT = HERE.parents[1]
KERNELS = ROOT / "archlang" / "kernels"
SHARED = {"sm_80": 166912, "sm_90": 232448, "sm_100": 232448, "gfx942": 65536}


def run(*command, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("TRITON_INTERPRET", "ARCHLANG_KERNELS")}
    path = os.pathsep.join([str(ROOT), str(HERE)])
    environment = {**clean, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, *command]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env=environment)


def interpreted(*arguments):
    done = run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments, TRITON_INTERPRET="1")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("files", [INTERPRETED[0::2], INTERPRETED[1::2]], ids=["one half", "the other half"])
def test_the_kernels_are_right_in_the_interpreter(files):
    pytest.importorskip("triton")
    interpreted(*files)


@pytest.mark.slow
@pytest.mark.parametrize("files", [INTERPRETED[0::2], INTERPRETED[1::2]], ids=["one half", "the other half"])
def test_the_kernels_are_right_in_the_interpreter_for_longer(files):
    pytest.importorskip("triton")
    interpreted("-m", "slow", *files)


def compiled(amount, *targets):
    done = run(str(HERE / "compile_shipped.py"), amount, *targets)
    assert done.returncode == 0, done.stderr[-4000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {case["arch"] for case in found} == {*targets}
    return found


def wrong(case):
    """What of it must not ship."""
    return {
        "registers spill": case["spilled"],
        "too much shared memory": case["shared"] > SHARED[case["arch"]],
        "no matrix instructions": case["product"] and not case["products"],
        "loads of two bytes": case["narrow"],
    }


def holds(found):
    assert [case for case in found if any(wrong(case).values())] == []


@pytest.mark.parametrize("targets", [("sm_80", "gfx942"), ("sm_90", "sm_100")], ids=" and ".join)
def test_a_kernel_of_each_kind_compiles_without_spilling(targets):
    pytest.importorskip("triton")
    holds(compiled("some", *targets))


@pytest.mark.slow
@pytest.mark.parametrize("arch", SHARED)
def test_every_shipped_configuration_compiles_without_spilling(arch):
    pytest.importorskip("triton")
    holds(compiled("all", arch))


@pytest.mark.slow
def test_two_ranks_compute_what_one_process_does():
    pytest.importorskip("triton")
    done = run("-W", "error", str(HERE / "ranks.py"), TRITON_INTERPRET="1")
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.parametrize("file", sorted(KERNELS.glob("*.py")), ids=lambda file: file.name)
def test_the_package_stands_by_itself(file):
    named = {
        name.split(".")[0] if not name.startswith("archlang") else ".".join(name.split(".")[:2])
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert named - set(sys.stdlib_module_names) <= {"torch", "triton", "archlang.kernels"}


def test_without_triton_everything_runs_on_pytorch():
    done = run("-W", "error", str(HERE / "without_triton.py"))
    assert done.returncode == 0, done.stderr[-2000:]


def test_each_kernel_that_computes_something_is_interpreted_and_compiled():
    launched = {
        f"{file.stem}.{node.name}"
        for file in KERNELS.glob("*.py")
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(d, ast.Call) and getattr(d.func, "id", "") == "jit" for d in node.decorator_list)
        and f"{node.name}[" in file.read_text("utf-8").replace("kernel[", "resident[ tiled[")
    }
    assert "streaming.resident" in launched
    text = (HERE / "shipped.py").read_text("utf-8")
    assert sorted(name for name in launched if name not in text) == []
