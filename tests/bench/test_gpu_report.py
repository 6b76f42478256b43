"""`make gpu-report`, with a stand-in for the Python that would measure: nothing is lost, whatever becomes of a part."""

import importlib.util
import json
import sys
import time
from pathlib import Path

import pytest

import archlang
from archlang.cli.main import parser

ROOT = Path(__file__).parents[2]
FOUND = {"ways": [{"name": "eager", "problem": None}], "ratio": 1.25, "best_baseline": "compile"}

STAND_IN = """#!{python}
import json, os, sys, time
words = sys.argv[1:]
with open("{calls}", "a") as calls:
    calls.write(json.dumps(words) + chr(10))
if "-o" in words:
    place, name = words[words.index("-o") + 1], words[3]
    if name == "googlenet":
        sys.exit("CUDA error: an illegal memory access was encountered")
    open(place + ".json", "w").write('''{found}''')
    open(place + ".md", "w").write("## " + name)
    if name == "nin@imagenet":
        print("compiling", flush=True)
        open("{slow}" + str(os.getpid()), "w").close()
        time.sleep(600)
"""


@pytest.fixture
def report(monkeypatch, tmp_path):
    """The script. Its time for a process has come once that says that it is slow, however fast this machine is."""
    spec = importlib.util.spec_from_file_location("gpu_report", ROOT / "scripts" / "gpu_report.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec.loader.exec_module(module)
    real = module._waited

    def waited(own, seconds):
        while own.poll() is None and not (tmp_path / f"slow-{own.pid}").exists():
            time.sleep(0.02)
        return real(own, 0.0)

    monkeypatch.setattr(module, "_waited", waited)
    return module


@pytest.fixture
def run(report, monkeypatch, tmp_path):
    """Runs the report with the stand-in: its status, what is in the report, and what was called."""
    python, calls = tmp_path / "python", tmp_path / "calls"
    python.write_text(
        STAND_IN.format(python=sys.executable, calls=calls, slow=tmp_path / "slow-", found=json.dumps(FOUND))
    )
    python.chmod(0o755)
    monkeypatch.setattr(report.sys, "executable", str(python))
    monkeypatch.setattr(report, "CLOSING", 0.0)

    def ran(*words):
        calls.write_text("")
        status = report.main([*words, "--out", str(tmp_path / "out")])
        found = json.loads((tmp_path / "out" / "report.json").read_text())
        return status, found, [json.loads(line) for line in calls.read_text().splitlines()]

    return ran


def test_each_command_is_one_that_archlang_takes_of_a_network_that_there_is(report):
    for most, words in report.BENCH.values():
        given = parser().parse_args(["bench", *words, "--within", f"{most:.0f}", "-o", "out"])
        networks = given.net if given.network == "kernels" else [given.network]
        assert all(archlang.read(name) for name in networks)
    assert all(archlang.read(name) for names in report.AHEAD.values() for name in names)
    assert all((ROOT / test).exists() for test in report.TESTS)


def test_a_part_that_fails_is_told_with_its_last_words_and_the_others_run(run, tmp_path):
    status, parts, _ = run("googlenet", "resnet50")
    assert status == 1
    assert (parts["googlenet"]["state"], parts["resnet50"]["state"]) == ("failed", "done")
    assert parts["resnet50"]["result"] == FOUND
    page = (tmp_path / "out" / "report.md").read_text()
    assert "| resnet50 | done | 1.25 times as fast as compile |" in page
    assert "## resnet50" in page
    assert "an illegal memory access" in page


def test_a_part_that_hangs_is_ended_and_what_it_has_kept_is_in_the_report(run):
    status, parts, _ = run("nin", "resnet50")
    assert status == 0
    assert (parts["nin"]["state"], parts["nin"]["result"]) == ("cut short", FOUND)
    assert parts["nin"]["log"].strip() == "compiling"
    assert parts["resnet50"]["state"] == "done"


def test_run_again_it_goes_on_with_what_is_not_done(run, report, monkeypatch):
    monkeypatch.setattr(report, "PARTS", ("resnet50", "googlenet", "kernels-nin"))
    monkeypatch.setattr(report, "LEAST", 1e9)
    assert {one["state"] for one in run()[1].values()} == {"not begun"}
    monkeypatch.setattr(report, "LEAST", 0.0)
    run("resnet50")
    _, parts, calls = run()
    assert [words[3] for words in calls] == ["googlenet", "kernels"]
    assert [one["state"] for one in parts.values()] == ["done", "failed", "done"]
    assert [words[3] for words in run("resnet50")[2]] == ["resnet50"]


def test_with_another_archlang_everything_is_measured_anew_and_what_was_found_stays_till_then(run, report, monkeypatch):
    monkeypatch.setattr(report, "PARTS", ("resnet50",))
    run()
    assert run()[2] == []
    now = report._of()
    monkeypatch.setattr(report, "_of", lambda: {**now, "archlang": "another"})
    monkeypatch.setattr(report, "LEAST", 1e9)
    assert run()[1]["resnet50"]["result"] == FOUND
    monkeypatch.setattr(report, "LEAST", 0.0)
    assert len(run()[2]) == 1


def test_what_is_left_out_for_want_of_time_is_not_done(report):
    assert report._whole(FOUND)
    late = {**FOUND, "ways": [{"name": "aten", "problem": "no time was left for it"}]}
    wrong = {**FOUND, "ways": [{"name": "aten", "problem": "wrong: output 0.9 off the reference"}]}
    assert (report._whole(late), report._whole(wrong)) == (False, True)


def test_a_part_that_there_is_not_is_refused(run, capsys):
    with pytest.raises(SystemExit):
        run("resnet51")
    assert "there is no part resnet51: there are ahead, " in capsys.readouterr().err


CHECKS = """
import os, time, pytest
pytestmark = pytest.mark.gpu
def test_one(): pass
def test_another(): pass
def test_that_fails(): assert 1 == 2
def test_that_ends_its_process(): os._exit(3)
@pytest.mark.parametrize("n", range(6))
def test_many(n): {many}
"""


@pytest.fixture
def checks(report, monkeypatch, tmp_path):
    file = tmp_path / "test_checks.py"
    monkeypatch.setattr(report, "TESTS", (str(file),))
    monkeypatch.setattr(report.os, "cpu_count", lambda: 4)

    def ran(many="pass"):
        file.write_text(CHECKS.format(many=many))
        return report._checks(100.0, tmp_path / "checks.jsonl")

    return ran


def test_checks_that_fail_or_end_their_process_are_told_and_the_others_run(checks):
    found = checks()
    assert (found["state"], found["said"]) == ("failed", "8 passed, 1 failed, 1 crashed")
    assert "assert 1 == 2" in found["log"]
    assert "its process ended with 3" in found["log"]


@pytest.mark.slow
def test_checks_that_are_cut_short_go_on_where_they_were(checks, tmp_path):
    slow = f"open({str(tmp_path / 'slow-')!r} + str(os.getpid()), 'w').close(); time.sleep(600)"
    assert checks(slow)["state"] == "cut short"
    file = tmp_path / "checks.jsonl"
    ended = [one["test"] for line in file.read_text().splitlines() if (one := json.loads(line))["outcome"] == "passed"]
    for mark in tmp_path.glob("slow-*"):
        mark.unlink()
    assert checks()["said"] == "8 passed, 1 failed, 1 crashed"
    again = [json.loads(line)["test"] for line in file.read_text().splitlines()]
    assert ended
    assert [again.count(test) for test in ended] == [2] * len(ended)  # its start and its end, once


@pytest.mark.slow
def test_checks_that_cannot_be_collected_are_told(checks):
    found = checks("(")
    assert found["state"] == "failed"
    assert "SyntaxError" in found["log"]
