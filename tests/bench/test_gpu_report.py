"""What `make gpu-report` would run, told by an `echo` in Python's place."""

import os
import subprocess
from pathlib import Path

import archlang
from archlang.cli.main import parser

ROOT = Path(__file__).parents[2]


def report(tmp_path, *parts, python="echo"):
    environment = {**os.environ, "PYTHON": python, "OUT": str(tmp_path)}
    command = ["sh", str(ROOT / "scripts" / "gpu_report.sh"), *parts]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_each_command_of_the_report_is_one_that_archlang_takes_of_a_network_that_there_is(tmp_path):
    done = report(tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("-m archlang ")]
    assert len(lines) == done.stdout.count("== ") - 1  # all parts but the checks, which go to a file
    for words in lines:
        given = parser().parse_args(words[2:])
        networks = given.net if words[3] == "kernels" else [given.network]
        assert all(archlang.read(name) for name in networks)
        assert Path(given.output).parent == tmp_path
    assert "-m pytest -q -m gpu tests/kernels tests/bench" in (tmp_path / "checks.log").read_text("utf-8")


def test_a_part_that_fails_is_named_and_the_others_run_all_the_same(tmp_path):
    done = report(tmp_path, "nin", "googlenet", "another", python="false")
    assert done.returncode == 1
    assert "there is no part another" in done.stderr
    assert done.stderr.splitlines()[-1] == "failed: nin googlenet another"
    assert done.stdout.count("== ") == 3
