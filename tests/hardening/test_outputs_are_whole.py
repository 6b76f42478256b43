"""Killed at any point, or out of space: what stood in an output's place is whole, or the new one is.

Commands run in children of their own. One kills itself at the first, second, ... thing that it does in the folder of
its output, as Python's audit events tell them; one looks at the old file at each of these; one may write no more than
some bytes.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archlang.cli.main import main
from archlang.draw import raster
from archlang.serve.folder import Folder, Text
from archlang.syntax import parse_tables

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")

NET = "net Small {\n  input 3x8x8\n  conv3-8;relu\n  gap; FC-4\n}\n"
WRONG = "net Small {\n  input 3x8x8\n  conv3-8; rellu\n  gap; FC-4\n}\n"
OLD = "old " * 500
EVENTS = {"open", "os.chmod", "os.rename", "os.remove", "os.truncate", "tempfile.mkstemp", "shutil.move"}
COMMANDS: dict[str, tuple[str, list[str]]] = {
    "draw svg": ("out.svg", ["draw", "net.arch", "-o", "out.svg"]),
    "draw png": ("out.png", ["draw", "net.arch", "-o", "out.png"]),
    "draw pdf": ("out.pdf", ["draw", "net.arch", "-o", "out.pdf"]),
    "draw page": ("out.html", ["draw", "net.arch", "-o", "out.html"]),
    "draw tex": ("out.tex", ["draw", "net.arch", "-o", "out.tex"]),
    "draw dot": ("out.dot", ["draw", "net.arch", "-o", "out.dot"]),
    "draw text": ("out.txt", ["draw", "net.arch", "-o", "out.txt"]),
    "build": ("out.py", ["build", "net.arch", "-o", "out.py"]),
    "table": ("out.md", ["table", "net.arch", "-o", "out.md"]),
    "table csv": ("out.csv", ["table", "net.arch", "--format", "csv", "-o", "out.csv"]),
    "diff": ("out.svg", ["diff", "net.arch", "net.arch", "-o", "out.svg"]),
    "fmt": ("net.arch", ["fmt", "net.arch"]),
    "check --fix": ("wrong.arch", ["check", "--fix", "wrong.arch"]),
}

EACH_TIME = ("build", "fmt")
"""Those killed at every point each time; all are looked at at every point, and one writer serves them all."""


def in_a_child(run: Callable[[], int]) -> int:
    """How a child that does `run` ends: its status, or the negative number of the signal that ended it."""
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - what pytest keeps is a file too, and has a limit
                sys.stdout = sys.stderr = nowhere
                status = run()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at(number: int, folder: Path, run: Callable[[], int]) -> int:
    """As `in_a_child`, which kills itself before the event of that number in `folder`."""

    def child() -> int:
        seen = 0

        def hook(event: str, args: tuple[object, ...]) -> None:
            nonlocal seen
            if event in EVENTS and any(str(folder) in str(arg) for arg in args) and not _only_reads(event, args):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        return run()

    return in_a_child(child)


def _only_reads(event: str, args: tuple[object, ...]) -> bool:
    return event == "open" and args[1] in ("r", "rb", None) and not int(str(args[2])) & (os.O_WRONLY | os.O_RDWR)


def short_of_space(most: int, run: Callable[[], int]) -> int:
    """As `in_a_child`, which may write files of so many bytes."""

    def child() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        return run()

    return in_a_child(child)


@pytest.fixture(scope="module")
def libraries():
    """Imported here once, not in every child."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
    raster.png(svg, 1, 1)
    raster.pdf(svg)
    parse_tables._load(None)


@pytest.fixture
def folder(libraries, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / f"{tmp_path.name}-cache"))
    monkeypatch.setattr("archlang.cli.screen.show", lambda *_: None)
    (tmp_path / "net.arch").write_text(NET)
    (tmp_path / "wrong.arch").write_text(WRONG)
    return tmp_path


def before(folder: Path, out: str) -> bytes:
    place = folder / out
    if place.suffix != ".arch":
        place.write_text(OLD)
    return place.read_bytes()


@pytest.mark.parametrize(
    "name", [name if name in EACH_TIME else pytest.param(name, marks=pytest.mark.slow) for name in COMMANDS]
)
def test_a_command_killed_at_any_point_leaves_the_old_file_or_the_new(folder, name):
    out, args = COMMANDS[name]
    old = before(folder, out)
    absolute = [str(folder / arg) if arg == out else arg for arg in args]
    ended, kills = -signal.SIGKILL, 0
    while ended != 0:
        kills += 1
        ended = killed_at(kills, folder, lambda: main(absolute))
        assert ended in (0, -signal.SIGKILL)
        assert ((folder / out).read_bytes() == old) == (ended != 0)
    assert kills > 3  # at the file beside it, its permissions, and the move


@pytest.mark.parametrize("name", COMMANDS)
def test_while_a_command_works_the_old_file_is_there_until_the_new_one_is_complete(folder, name):
    out, args = COMMANDS[name]
    old = before(folder, out)
    written, told = os.pipe()

    def child() -> int:
        def hook(event: str, args: tuple[object, ...]) -> None:
            if event in EVENTS and any(str(folder) in str(arg) for arg in args) and str(folder / out) != str(args[0]):
                same = os.path.getsize(folder / out) == len(old)  # noqa: PTH202 - a Path would raise events of its own
                os.write(told, b"o" if same else b"n")

        sys.addaudithook(hook)
        return main([str(folder / arg) if arg == out else arg for arg in args])

    assert in_a_child(child) == 0
    os.close(told)
    with os.fdopen(written, "rb") as pipe:
        seen = pipe.read()
    assert set(seen) == set(b"o")  # at every step, the last being the move
    assert len(seen) > 2
    assert (folder / out).read_bytes() not in (old, b"")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_without_space_leaves_the_old_file_and_nothing_beside_it(folder, name):
    out, args = COMMANDS[name]
    old = before(folder, out)
    there = sorted(path.name for path in folder.iterdir())
    assert short_of_space(10, lambda: main(args)) == 2
    assert (folder / out).read_bytes() == old
    assert sorted(path.name for path in folder.iterdir()) == there


def test_a_text_saved_from_the_editor_is_the_old_one_or_the_new(folder):
    desk = Folder(folder.resolve())
    old = desk.read("net.arch")
    new = Text(old.name, "conv3-16\n", old.stamp)

    def save() -> int:
        desk.save(new)
        return 0

    ended, kills = -signal.SIGKILL, 0
    while ended != 0:
        kills += 1
        ended = killed_at(kills, folder, save)
        assert desk.read("net.arch").text == (new.text if ended == 0 else NET)
    assert kills > 3
    (folder / "net.arch").write_text(NET)
    assert short_of_space(3, save) == 70
    assert desk.read("net.arch").text == NET


def test_the_parsers_tables_are_kept_whole_or_not_at_all(folder):
    cache = parse_tables.cache_folder()
    assert cache is not None

    def load() -> int:
        parse_tables._load(None)
        return 0

    assert short_of_space(1000, load) == 0
    assert list(cache.iterdir()) == []
    ended, kills = -signal.SIGKILL, 0
    while ended != 0:
        kills += 1
        ended = killed_at(kills, cache, load)
        assert len(list(cache.glob("*.json"))) == (ended == 0)
    assert kills > 3


def test_the_choices_of_kernels_are_kept_whole_or_not_at_all(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from archlang.kernels import dispatch

    place = tmp_path / "choices.json"
    monkeypatch.setattr(dispatch, "_path", lambda: place)
    dispatch._keep("a machine", {"a": "b"})
    old = place.read_bytes()

    def keep() -> int:
        dispatch._keep("another", {f"key {number}": "value" for number in range(1000)})
        return 0

    assert short_of_space(100, keep) == 0
    assert place.read_bytes() == old
    assert list(tmp_path.iterdir()) == [place]
    ended, kills = -signal.SIGKILL, 0
    while ended != 0:
        kills += 1
        ended = killed_at(kills, tmp_path, keep)
        assert (place.read_bytes() == old) == (ended != 0)
    assert kills > 2
