from __future__ import annotations

import os
import stat

import pytest

from archlang import files


def test_text_is_written_as_utf8_and_bytes_as_they_are(tmp_path):
    files.write(tmp_path / "a", "×\n")
    files.write(tmp_path / "b", b"\x00\xff")
    assert (tmp_path / "a").read_bytes() == b"\xc3\x97\n"
    assert (tmp_path / "b").read_bytes() == b"\x00\xff"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    place = tmp_path / "out.svg"
    place.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fdopen", full)
    with pytest.raises(OSError, match="No space") as caught:
        files.write(place, "new")
    assert caught.value.filename == str(place)
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_a_new_file_has_the_permissions_the_umask_leaves(tmp_path):
    before = os.umask(0o027)
    try:
        files.write(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_file_written_over_keeps_its_permissions(tmp_path):
    place = tmp_path / "a"
    place.write_text("old")
    place.chmod(0o604)
    files.write(place, "new")
    assert stat.S_IMODE(place.stat().st_mode) == 0o604


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    files.write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_folder_that_is_not_there_is_named_in_the_error(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        files.write(tmp_path / "nowhere" / "a.svg", "x")
    assert caught.value.filename == str(tmp_path / "nowhere")


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write(pipe, "x")
    assert os.read(reader, 10) == b"x"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
