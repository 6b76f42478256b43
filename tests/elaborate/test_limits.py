"""A file is text from anywhere: whatever it asks for, an error names the limit, soon."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from work import calls

from archlang.model import check
from archlang.source import Source

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from attacks import ATTACKS  # noqa: E402

SECONDS = 10
"""Of the processor's time, on the slowest and busiest machine; on a quiet one the worst takes one."""
MEGABYTES = 500


@cache
def measured():
    code = f"import sys; sys.path.insert(0, {str(HERE.parent.parent)!r}); import runpy;"
    code += f"runpy.run_path({str(HERE / 'attacks.py')!r}, run_name='__main__')"
    return json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_file_that_asks_for_too_much_gets_the_error_that_names_the_limit(name):
    codes, seconds = measured()["found"][name]
    assert set(codes) == {ATTACKS[name][0]}
    assert seconds < SECONDS


def test_all_of_them_stay_within_the_memory_of_a_small_machine():
    assert measured()["megabytes"] < MEGABYTES


def test_what_repeats_of_a_repeat_come_to_is_known_from_the_first_copy():
    def asked(times):
        return calls(lambda: check(Source("a", f"input 3x8x8\nconv3-8 {times}")))

    asked("x2")  # the grammar is read once
    assert asked("x999 x99 x99") < asked("x999") / 10


def test_strides_of_calls_that_are_only_counted_stay_numbers():
    text = """
net Long { input 3x8x8
  relu x 6000 }
net Far {
  shortcut means [conv1-out.c/out.stride]
  block far(s=15) { conv3-3/s }
  block wide(s=15) { conv3-8/s }
  input 3x8x8
  far; wide; conv1-3; far x900; res[ wide ]
}
"""
    assert [d.code for d in check(Source("a", text))] == ["integer-size"]


def said_of(folder, name):
    path = folder / name
    return [d.code for d in check(Source(name, path.read_text("utf-8"), path))]


def test_imports_of_imports_end_somewhere(tmp_path):
    for i in range(50):
        (tmp_path / f"f{i}.arch").write_text(f'import "f{i + 1}.arch": b{i + 1}\nblock b{i} {{ b{i + 1} }}\n')
    (tmp_path / "f50.arch").write_text("block b50 { relu }\n")
    assert said_of(tmp_path, "f0.arch") == ["import-depth"]


def test_files_that_import_each_other_are_told_once(tmp_path):
    (tmp_path / "a.arch").write_text('import "b.arch": b\nblock a { b }\n')
    (tmp_path / "b.arch").write_text('import "a.arch": a\nblock b { a }\n')
    assert said_of(tmp_path, "a.arch") == ["import-cycle"]


def test_a_file_that_imports_itself_is_a_circle(tmp_path):
    (tmp_path / "a.arch").write_text('import "a.arch": a\nblock a { relu }\n')
    assert said_of(tmp_path, "a.arch") == ["import-cycle"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.arch").write_text("block s { relu }\n")
    (inside / "link.arch").symlink_to(outside / "secret.arch")
    (inside / "main.arch").write_text('import "link.arch": s\ninput 3x8x8\ns\n')
    assert said_of(inside, "main.arch") == ["import-path"]


@pytest.mark.parametrize("path", ["../a.arch", "/etc/passwd", "sub/../../a.arch", "a.txt", ""])
def test_an_import_cannot_name_a_place_outside(tmp_path, path):
    (tmp_path / "main.arch").write_text(f'import "{path}": s\ninput 3x8x8\ns\n')
    assert said_of(tmp_path, "main.arch") == ["import-path"]


def test_an_imported_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "a.arch").write_bytes(b"\xff\xfe\x00block")
    (tmp_path / "main.arch").write_text('import "a.arch": s\ninput 3x8x8\ns\n')
    assert said_of(tmp_path, "main.arch") == ["import-missing"]


def test_a_network_of_some_thousand_layers_is_read(tmp_path):
    (tmp_path / "deep.arch").write_text("input 8x8x8\nbasic(8) x 3000\n")
    assert said_of(tmp_path, "deep.arch") == []
