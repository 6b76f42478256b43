"""What the command says and how it ends, whatever the commands themselves do."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from archlang import __version__
from archlang.cli import check, main, screen
from archlang.cli.command import UsageError


def ends(monkeypatch, error):
    """Run a command that ends in `error`."""

    def run(_):
        raise error

    monkeypatch.setattr(check, "run", run)
    return main.main(["check", "a.arch"])


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"archlang {__version__}\n"


def test_no_command_at_all_prints_the_help_and_is_wrong_usage(capsys):
    assert main.main([]) == 2
    assert "examples:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        ["check"],
        ["frobnicate"],
        ["summary", "a", "--format", "yaml"],
        ["summary", "a", "--batch", "0"],
        ["summary", "a", "--set", "classes"],
        ["summary", "a", "--input", "3*5"],
        ["summary", "a", "--input", "0x5x5"],
        ["summary", "a", "--set", "variant=D"],
        ["draw", "a", "--engine", "neato"],
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(argv)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_an_internal_mistake_is_a_short_apology_and_ends_with_70(monkeypatch, capsys):
    assert ends(monkeypatch, ZeroDivisionError("division by zero")) == 70
    err = capsys.readouterr().err
    assert "sorry" in err
    assert "ZeroDivisionError: division by zero" in err
    assert "Traceback" not in err


def test_an_internal_mistake_shows_its_traceback_to_who_asks(monkeypatch):
    monkeypatch.setenv("ARCHLANG_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        ends(monkeypatch, ZeroDivisionError())


def test_an_interrupt_ends_with_130(monkeypatch, capsys):
    assert ends(monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == ""


def test_a_refusal_of_the_system_names_the_file(monkeypatch, capsys):
    assert ends(monkeypatch, PermissionError(13, "Permission denied", "out.svg")) == 2
    assert capsys.readouterr().err == "archlang: out.svg: Permission denied\n"


def test_wrong_usage_found_late_is_told_in_a_line(monkeypatch, capsys):
    assert ends(monkeypatch, UsageError("no")) == 2
    assert capsys.readouterr().err == "archlang: no\n"


def test_a_reader_who_leaves_ends_it_without_a_word():
    # Nobody holds the pipe's other end by the time the help is written.
    reader, writer = os.pipe()
    os.close(reader)
    script = "import sys; from archlang.cli.main import main; sys.exit(main(['completion', 'bash']))"
    done = subprocess.run([sys.executable, "-c", script], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.returncode == 141
    assert done.stderr == b""


class Terminal:
    def isatty(self):
        return True


def test_colours_are_for_a_terminal_that_wants_them(monkeypatch, tmp_path):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert screen.coloured(Terminal())
    with (tmp_path / "a").open("w") as file:
        assert not screen.coloured(file)
    monkeypatch.setenv("TERM", "dumb")
    assert not screen.coloured(Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not screen.coloured(Terminal())


def test_a_letter_the_terminal_lacks_is_replaced():
    script = "from archlang.cli import screen; screen.prepare(); print('3×3')"
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True)
    assert done.stdout.strip() == b"3?3"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n=3", 3),
        ("n=-3", -3),
        ("p=0.5", 0.5),
        ("b=true", True),
        ("n=[2, 2,2]", "[2, 2,2]"),
        ("pool=max", "max"),
        ('w="a"', '"a"'),
        ("x=nan", "nan"),
    ],
)
def test_a_number_or_truth_is_read_at_once_and_the_rest_left_to_the_language(text, value):
    args = main.parser().parse_args(["summary", "a", "--set", text, "--set", "k=1"])
    (name, read), second = args.set
    assert (name, read, type(read)) == (text.partition("=")[0], value, type(value))
    assert second == ("k", 1)


@pytest.fixture
def nets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.arch").write_text("input 3x8x8\nconv3-8\nFC-10\n")
    (tmp_path / "bad.arch").write_text("input 3x8x8\nconv3-8\nfrobnicate\n")
    return tmp_path


def test_a_good_file_checks_with_0(nets, capsys):
    assert main.main(["check", "good.arch"]) == 0
    assert capsys.readouterr().out == "1 file: no errors\n"


def test_a_bad_file_checks_with_1_and_every_file_is_told_of(nets, capsys):
    assert main.main(["check", "bad.arch", "good.arch", "bad.arch"]) == 1
    out = capsys.readouterr().out
    assert "bad.arch:3:1" in out
    assert out.endswith("3 files: 1 error\n")


def test_a_file_that_is_not_there_is_wrong_usage_and_the_others_are_still_checked(nets, capsys):
    assert main.main(["check", "nix.arch", "bad.arch"]) == 2
    assert "2 errors" in capsys.readouterr().out


def test_a_variant_or_net_that_is_not_in_the_file_is_an_error_for_check_too(nets, capsys):
    assert main.main(["check", "good.arch@D"]) == 1
    assert main.main(["check", "good.arch:Other"]) == 1
    out = capsys.readouterr().out
    assert "unknown-variant" in out
    assert "no-such-net" in out
    (nets / "v.arch").write_text("variant A, B\n" + (nets / "good.arch").read_text())
    assert main.main(["check", "v.arch@B"]) == 0


def test_what_check_finds_is_json_on_request(nets, capsys):
    assert main.main(["check", "--format", "json", "bad.arch"]) == 1
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["file"], record["line"], record["severity"]) == ("bad.arch", 3, "error")


def test_a_bad_network_is_told_on_standard_error_with_1_and_writes_nothing(nets, capsys):
    assert main.main(["build", "bad.arch"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "bad.arch:3:1" in err
    assert {path.name for path in nets.iterdir()} == {"bad.arch", "good.arch"}


def test_build_writes_where_it_is_told_or_by_the_files_name(nets, capsys):
    assert main.main(["build", "good.arch"]) == 0
    assert main.main(["build", "good.arch", "-o", "other.py"]) == 0
    capsys.readouterr()
    assert main.main(["build", "good.arch", "-o", "-"]) == 0
    assert "class Good" in capsys.readouterr().out
    assert (nets / "good.py").is_file()
    assert (nets / "other.py").is_file()


def test_build_never_writes_over_a_network(nets, capsys):
    before = (nets / "good.arch").read_text()
    assert main.main(["build", "good.arch", "-o", "good.arch"]) == 2
    assert (nets / "good.arch").read_text() == before


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot"])
def test_draw_writes_each_kind_of_picture(nets, suffix):
    assert main.main(["draw", "good.arch", "-o", f"out.{suffix}"]) == 0
    start = {"svg": b"<", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}[suffix]
    assert start in (nets / f"out.{suffix}").read_bytes()[:200]


def test_draw_names_its_picture_after_the_file_and_refuses_other_kinds(nets, capsys):
    assert main.main(["draw", "good.arch"]) == 0
    assert (nets / "good.svg").is_file()
    assert main.main(["draw", "good.arch", "-o", "good.gif"]) == 2
    assert "ends in .svg" in capsys.readouterr().err


def test_draw_into_a_folder_that_is_not_there_says_which(nets, capsys):
    assert main.main(["draw", "good.arch", "-o", "nowhere/a.svg"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_settings_and_input_reach_the_network(nets, capsys):
    (nets / "n.arch").write_text("net N(classes=10) {\n  input 3xHxW\n  conv3-8; gap; FC-classes\n}\n")
    argv = ["summary", "n.arch", "--set", "classes=7", "--input", "3x16x12", "--format", "json"]
    assert main.main(argv) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["input"] == [3, 16, 12]
    assert document["layers"][-1]["output"] == [7]


def test_a_block_is_set_by_its_name_and_a_string_stays_one(nets, capsys):
    (nets / "b.arch").write_text("""\
block wide(w) { conv3-(4*w) }
block slim(w) { conv3-w }
net B(unit=slim, how="slim") {
  input 3x8x8
  unit(8)
  if how == "wide" { conv1-3 }
}
""")
    assert main.main(["summary", "b.arch", "--set", "unit=wide", "--set", "how=wide", "--format", "json"]) == 0
    layers = json.loads(capsys.readouterr().out)["layers"]
    assert [layer["output"][0] for layer in layers] == [32, 3]
