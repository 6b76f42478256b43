"""Measured times on a page, and what is said of a file that does not fit."""

import json

import pytest

import archlang
from archlang.diagnostics import ArchError
from archlang.page.times import read_times


def written(tmp_path, record):
    file = tmp_path / "times.json"
    file.write_text(record if isinstance(record, str) else json.dumps(record))
    return file


def refused(tmp_path, record, name="lenet"):
    with pytest.raises(ArchError) as caught:
        read_times(written(tmp_path, record), archlang.read(name).network)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code, diagnostic.message


def test_times_are_read_by_the_paths_of_the_layers(tmp_path):
    file = written(tmp_path, {"network": "LeNet@caffe", "layers": {"conv1": 0.5, "fc1": 1}})
    assert read_times(file, archlang.read("lenet").network) == {"conv1": 0.5, "fc1": 1.0}


def test_times_of_another_network_are_refused(tmp_path):
    code, message = refused(tmp_path, {"network": "VGG@D", "layers": {"conv1": 1}})
    assert code == "times-network"
    assert message == "these times are of VGG@D, and what is drawn is LeNet@caffe"


def test_times_of_layers_that_are_not_there_are_refused(tmp_path):
    code, message = refused(tmp_path, {"layers": {"conv1": 1, "conv77": 1, "x" * 5000: 1}})
    assert code == "times-layer"
    assert message == "LeNet@caffe has no layer `conv77`, nor 1 more of the file's"


@pytest.mark.parametrize(
    "record",
    [
        "{",
        "[]",
        "[" * 100_000,
        {"ways": []},
        {"layers": ["conv1"]},
        {"layers": {"conv1": "fast"}},
        {"layers": {"conv1": True}},
        {"layers": {"conv1": -1}},
        '{"layers": {"conv1": NaN}}',
        '{"layers": {"conv1": 1e400}}',
        '{"layers": {"conv1": ' + "9" * 400 + "}}",
    ],
)
def test_what_holds_no_times_is_refused(tmp_path, record):
    assert refused(tmp_path, record)[0] == "times-file"


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ArchError) as caught:
        archlang.read("lenet").draw(tmp_path / "net.html", times=tmp_path / "none.json")
    assert caught.value.diagnostics[0].code == "times-file"
    assert list(tmp_path.iterdir()) == []


def test_a_picture_shows_no_times(tmp_path):
    file = written(tmp_path, {"layers": {"conv1": 1}})
    with pytest.raises(ArchError) as caught:
        archlang.read("lenet").draw(tmp_path / "net.svg", times=file)
    assert caught.value.diagnostics[0].code == "times-picture"
