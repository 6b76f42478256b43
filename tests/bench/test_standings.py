"""What is said of a contest and of kernels, whatever was measured."""

import json

from archlang.bench import kernel_tables, standings
from archlang.bench.harness import Outcome
from archlang.bench.result import Ceilings, Contest, Measured, Measurements
from archlang.passes.devices import DEVICES
from archlang.passes.steps import Setting

FACTS = {"device": "NVIDIA H200", "driver": "570.1", "torch": "2.13.0", "date": "2026-11-20 12:00 UTC"}


def contest(*outcomes, floor=0.004):
    setting = Setting(256, "bf16", False)
    return Contest("ResNet@50", "3x224x224", setting, FACTS, outcomes, floor, DEVICES["h200"], ("a note",))


EAGER = Outcome("eager", False, 0.5, {"output": 0.011}, 3_210_000_000, (0.0148, 0.0150, 0.0149, 0.0148, 0.0148))
TUNED = Outcome("max-autotune", False, 240.0, {"output": 0.012}, 2_000_000_000, (0.008,) * 5)
WRONG = Outcome(
    "aten", False, 100.0, {"output": 0.9}, problem="wrong: output 0.9 off the reference, where 0.022 may be"
)
OURS = Outcome("kernels", True, 30.0, {"output": 0.010}, 2_100_000_000, (0.00625,) * 5)


def test_the_ratio_is_to_the_best_correct_baseline():
    found = contest(EAGER, TUNED, WRONG, OURS)
    assert standings.ratio(found) == 0.008 / 0.00625
    text = standings.text(found)
    assert "best correct baseline: max-autotune, 8.00 ms" in text
    assert "kernels: 1.28 times as fast" in text
    assert "aten: left out, wrong: output 0.9 off the reference" in text


def test_a_row_has_images_a_second_the_share_of_the_roofline_memory_and_the_first_call():
    row = next(line for line in standings.text(contest(EAGER, OURS)).splitlines() if line.startswith("kernels "))
    assert row.split("  ")[0] == "kernels"
    for cell in ("6.25", "40,960", "64 %", "2.10 GB", "30.0 s", "1.0e-02"):
        assert cell in row


def test_tables_fit_a_screen_of_100_columns():
    assert all(len(line) <= 100 for line in standings.text(contest(EAGER, TUNED, OURS)).splitlines())


def test_the_roofline_is_said_to_be_modelled():
    assert "roofline: 4.00 ms, modelled" in standings.text(contest(EAGER))
    assert "roofline" not in standings.text(contest(EAGER, floor=None)).split("error:")[0].split("\n\n")[-1]


def test_json_has_everything_and_the_machine():
    record = json.loads(json.dumps(standings.record(contest(EAGER, TUNED, WRONG, OURS))))
    assert record["machine"] == FACTS
    assert record["best_baseline"] == "max-autotune"
    assert record["ways"][3]["of_roofline"] == 0.64
    assert record["ways"][2]["problem"].startswith("wrong")
    assert record["ways"][0]["seconds"] == 0.0148


def test_without_ours_there_is_no_ratio():
    assert standings.ratio(contest(EAGER)) is None
    assert "times as fast" not in standings.text(contest(EAGER))


def test_markdown_is_a_page_with_the_same_rows():
    page = standings.markdown(contest(EAGER, OURS))
    assert page.startswith("## ResNet@50, inference, batch 256, bf16, 3x224x224\n")
    assert "| kernels | 6.25 | 40,960 |" in page
    assert "- `kernels` is archlang's kernels, the other layers by PyTorch" in page


def measurements():
    way = {"eager": 0.024, "compile": 0.012, "kernel": 0.008}
    outcomes = tuple(
        Outcome(name, name == "kernel", 1.0, {"output": 1e-3}, None, (took,)) for name, took in way.items()
    )
    one = Measured("conv1x1", "64 to 256, 1x1 at 56x56, bn, relu", 3, 0.0006, 8, outcomes)
    return Measurements(FACTS, ("ResNet@50",), Setting(256), Ceilings(4.3e12, 780e12, 5.5e12), (one,), 1)


def test_a_kernel_is_measured_against_its_ceiling_and_against_pytorch():
    text = kernel_tables.text(measurements())
    assert "copy: 4.30 TB/s" in text
    row = next(line for line in text.splitlines() if line.startswith("64 to 256"))
    assert row.split() == [*"64 to 256, 1x1 at 56x56, bn, relu".split(), "3", "1.00", "60", "%", "3.00x", "1.50x"]


def test_a_kernels_ceiling_is_the_slower_of_copy_and_product():
    most = Ceilings(1e12, 1e14, 1e13)
    assert most.floor(operations=10**14, moved=10**9) == 1.0
    assert most.floor(operations=10**9, moved=10**12) == 1.0


def test_kernels_as_json_have_seconds_of_one_call():
    record = kernel_tables.record(measurements())
    assert record["kernels"][0]["seconds"]["kernel"] == 0.001
    assert kernel_tables.markdown(measurements()).count("| conv1x1 |") == 1
