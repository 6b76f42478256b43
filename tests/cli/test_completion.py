from __future__ import annotations

import shutil
import subprocess

import pytest

from archlang.cli import main

CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_names_every_command_and_its_shell_accepts_it(shell, capsys, tmp_path):
    assert main.main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for command in main.COMMANDS:
        assert command.__name__.rpartition(".")[2] in script
    assert "--expand" in script.replace("-l expand", "--expand")
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        done = subprocess.run([*CHECKS[shell], str(tmp_path / "script")], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_bash_completes_a_command_and_an_option(capsys, tmp_path):
    assert main.main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)
    ask = (
        f"source {tmp_path / 'script'}; COMP_WORDS=(archlang {{}}); COMP_CWORD={{}};"
        ' _shtab_archlang "" "${{COMP_WORDS[COMP_CWORD]}}"; echo "${{COMPREPLY[@]}}"'
    )

    def complete(words, at):
        command = ["bash", "-c", ask.format(words, at)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert complete("su", 1) == ["summary"]
    assert "--expand" in complete("draw --e", 2)
