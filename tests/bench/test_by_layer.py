"""The layers of a network timed one by one, on the CPU."""

import json

import pytest

import archlang
from archlang.bench import layer_tables
from archlang.bench.by_layer import by_layer
from archlang.cli.main import main
from archlang.passes.steps import Setting


def timed(name, seconds=0.01):
    return by_layer(archlang.read(name), Setting(1, "fp32"), seconds, lambda line: None)


@pytest.mark.parametrize("name", ["lenet", "googlenet", "resnet18", "densenet121", "squeezenet"])
def test_each_layer_that_inference_runs_has_a_time(name):
    model, found = archlang.read(name), timed(name)
    nothing_to_do = {"softmax", "identity"}
    expected = {one.name for one in model.layers if not one.train_only and one.kind not in nothing_to_do}
    assert set(found.seconds) == expected
    assert all(seconds >= 0 for seconds in found.seconds.values())
    assert found.passes >= 1


def test_the_layer_with_the_most_to_do_takes_the_longest():
    text = "net Two {\n input 3x64x64\n conv1-4\n conv7-64\n conv1-4\n gap; FC-2\n}\n"
    found = by_layer(archlang.parse(text), Setting(2, "fp32"), 0.2, lambda line: None)
    assert max(found.seconds, key=lambda name: found.seconds[name]) == "conv2"


def test_a_sum_and_what_follows_it_in_one_statement_have_each_their_own_time():
    found = timed("resnet18").seconds
    assert found["layer1.0.add1"] > 0
    assert found["layer1.0.relu2"] > 0


def test_bench_layers_prints_them_and_writes_what_draw_reads(tmp_path, capsys):
    status = main(
        ["bench", "lenet", "--layers", "--batch", "1", "--seconds", "0.05", "-o", str(tmp_path / "times"), "--json"]
    )
    record = json.loads(capsys.readouterr().out)
    assert status == 0
    assert record["network"] == "LeNet@caffe"
    assert set(record["layers"]) >= {"conv1", "pool1", "fc2"}
    assert "| conv1 |" in (tmp_path / "times.md").read_text()
    page = tmp_path / "lenet.html"
    assert main(["draw", "lenet", "--times", str(tmp_path / "times.json"), "-o", str(page)]) == 0
    assert page.stat().st_size > 10_000


def test_bench_layers_of_training_is_refused(capsys):
    assert main(["bench", "lenet", "--layers", "--train"]) == 2
    assert "in inference alone" in capsys.readouterr().err


def test_the_table_begins_with_the_longest_and_ends_with_the_sum():
    lines = layer_tables.text(timed("lenet")).splitlines()
    assert "layer by layer, batch 1, fp32, 1x28x28" in lines[0]
    assert lines[-1].startswith("all of them")
    times = [float(line.split()[1]) for line in lines[5:-1] if line.split()[1:]]
    assert times == sorted(times, reverse=True)
