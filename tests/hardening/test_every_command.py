"""Whatever a file asks for, every command answers soon, within the memory of a small machine, and names the limit."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from commands import COMMANDS, ERRORS, LEGAL, QUICK, READS  # noqa: E402

SECONDS = 10
"""Of the processor's time, on the slowest and busiest machine; on a quiet one the worst of those tried each time takes
a fifth of one."""
MEGABYTES = 500


@cache
def found(*chosen):
    """What came of each command on each attack, or on those chosen."""
    with TemporaryDirectory() as folder:
        script = [sys.executable, str(HERE / "commands.py"), str(Path(folder) / "attacks"), *chosen]
        path = os.pathsep.join(filter(None, [str(HERE.parent.parent), os.environ.get("PYTHONPATH")]))
        ran = subprocess.run(script, capture_output=True, check=True, env={**os.environ, "PYTHONPATH": path})
    return {(command, attack): tuple(rest) for command, attack, *rest in json.loads(ran.stdout)}


def holds(command, attack, answer):
    status, seconds, megabytes, said = answer
    assert status in (0, 1, 2), said
    assert megabytes < MEGABYTES
    if attack in LEGAL and command in READS:
        return
    assert seconds < SECONDS
    if ERRORS[attack] and command != "fmt":
        assert status in (1, 2)
        assert ERRORS[attack] in said


def refused():
    """The commands and attacks that end soon: what is legal is read by some, and takes the time that it takes."""
    commands = [name for name in COMMANDS if name != "bench"]
    return [(name, attack) for attack in QUICK for name in commands if attack not in LEGAL or name not in READS]


@pytest.mark.parametrize(("command", "attack"), refused())
def test_a_command_answers_a_file_that_asks_for_too_much(command, attack):
    holds(command, attack, found(*QUICK)[command, attack])


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_answers_every_file_that_asks_for_too_much(command):
    for attack in ERRORS:
        holds(command, attack, found()[command, attack])
