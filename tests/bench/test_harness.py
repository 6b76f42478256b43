"""Candidates against each other, with made-up clocks and made-up candidates."""

import time

import pytest

from archlang.bench.harness import BLOCKS, Candidate, Outcome, Plan, Ready, best, compare
from archlang.bench.limit import OutOfTimeError, within

PLAN = Plan(seconds=1.0, limit=5.0, allowed={"output": 0.01}, yardstick="eager")


class MadeUpClock:
    """Runs take as long as they say; it remembers who ran."""

    def __init__(self):
        self.ran = []

    def seconds(self, run, times):
        name, took = run()
        self.ran.append((name, times))
        return took() if callable(took) else took


def candidate(name, took=0.01, error=0.0, *, ours=False, first=1.0):
    return Candidate(name, lambda: Ready(lambda: (name, took), {"output": error}, first, 7), ours=ours)


def failing(name, problem):
    def prepare():
        raise problem

    return Candidate(name, prepare)


def compared(*candidates, plan=PLAN):
    clock, told = MadeUpClock(), []
    return {one.name: one for one in compare(candidates, clock, plan, told.append)}, clock, told


def test_blocks_are_interleaved():
    _, clock, _ = compared(candidate("eager"), candidate("compile"), candidate("kernels"))
    names = [name for name, _ in clock.ran]
    assert names == ["eager", "compile", "kernels"] * (1 + BLOCKS)


def test_each_gets_the_same_share_of_the_time():
    _, clock, _ = compared(candidate("eager", 0.01), candidate("compile", 0.002))
    assert clock.ran[2:4] == [("eager", 10), ("compile", 50)]


def test_a_run_longer_than_its_share_is_timed_once_a_block():
    _, clock, _ = compared(candidate("eager", 60.0))
    assert clock.ran[1:] == [("eager", 1)] * BLOCKS


def test_the_median_of_the_blocks_counts():
    slow_once = iter([0.01, 0.01, 0.5, 0.01, 0.01, 0.012])
    found, _, _ = compared(candidate("eager", lambda: next(slow_once)))
    assert found["eager"].seconds == 0.01
    assert len(found["eager"].blocks) == BLOCKS


def test_a_wrong_candidate_is_named_and_never_timed():
    found, clock, told = compared(candidate("eager", error=0.004), candidate("aten", error=0.02))
    assert found["aten"].problem == "wrong: output 0.02 off the reference, where 0.01 may be"
    assert found["aten"].seconds is None
    assert "aten" not in [name for name, _ in clock.ran]
    assert any(line.startswith("aten: left out, wrong") for line in told)


def test_a_candidate_may_be_twice_as_far_off_as_the_yardstick():
    found, _, _ = compared(candidate("eager", error=0.02), candidate("near", error=0.04), candidate("far", error=0.05))
    assert found["near"].problem is None
    assert found["far"].problem == "wrong: output 0.05 off the reference, where 0.04 may be"


def test_what_is_no_number_is_wrong():
    found, _, _ = compared(candidate("eager"), candidate("broken", error=float("nan")))
    assert found["broken"].problem == "wrong: output nan off the reference, where 0.01 may be"


def test_a_failing_candidate_is_told_and_the_others_go_on():
    found, _, told = compared(failing("compile", RuntimeError("no compiler\nsecond line")), candidate("eager"))
    assert found["compile"].problem == "it failed: RuntimeError: no compiler"
    assert found["eager"].seconds is not None
    assert "compile: left out, it failed: RuntimeError: no compiler" in told


def test_a_candidate_that_takes_too_long_is_told_even_if_somebody_catches_all_exceptions():
    def prepare():
        try:
            time.sleep(5)
        except Exception:  # noqa: BLE001 - as autotuners do
            time.sleep(5)

    began = time.perf_counter()
    plan = Plan(1.0, 0.1, {"output": 0.01}, "eager")
    found, _, _ = compared(Candidate("max-autotune", prepare), candidate("eager"), plan=plan)
    assert time.perf_counter() - began < 4
    assert found["max-autotune"].problem == "it took longer than 0.1 s"
    assert found["eager"].seconds is not None


def test_a_limit_that_is_kept_leaves_nothing_behind():
    with within(0.05):
        pass
    time.sleep(0.1)


def test_a_limit_ends_what_is_inside_it():
    with pytest.raises(OutOfTimeError), within(0.05):
        time.sleep(5)


def test_what_the_first_run_cost_and_the_memory_are_passed_on():
    found, _, _ = compared(candidate("eager", first=3.5))
    assert (found["eager"].first, found["eager"].peak) == (3.5, 7)


def test_the_best_is_the_fastest_that_was_timed():
    found = [
        Outcome("eager", False, blocks=(0.5,)),
        Outcome("compile", False, blocks=(0.25,)),
        Outcome("frozen", False, problem="wrong"),
        Outcome("kernels", True, blocks=(0.1,)),
    ]
    assert best(found, ours=False).name == "compile"
    assert best(found, ours=True).name == "kernels"
    assert best(found[:1], ours=True) is None
