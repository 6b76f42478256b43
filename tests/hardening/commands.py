"""Runs every command on every file that asks for too much, each in a child of this program with limits of its own.

    python commands.py FOLDER [NAME...]     of the attacks, those named

Prints, as JSON, a list of [command, attack, exit status, seconds of the processor, megabytes, what was printed].
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from memory import most_memory

SECONDS = 60
"""Of the processor, after which a child is killed."""

COMMANDS: dict[str, list[str]] = {
    "check": ["check", "X"],
    "check json": ["check", "X", "--format", "json"],
    "check sarif": ["check", "X", "--format", "sarif"],
    "check github": ["check", "X", "--format", "github"],
    "check --fix": ["check", "X", "--fix", "--diff"],
    "fmt": ["fmt", "X", "--diff"],
    "summary": ["summary", "X"],
    "summary json": ["summary", "X", "--format", "json"],
    "summary latex": ["summary", "X", "--format", "latex"],
    "table": ["table", "X"],
    "draw svg": ["draw", "X", "-o", "out.svg"],
    "draw svg, expanded": ["draw", "X", "--expand", "-o", "out.svg"],
    "draw page": ["draw", "X", "-o", "out.html"],
    "draw dot": ["draw", "X", "-o", "out.dot"],
    "draw tex": ["draw", "X", "-o", "out.tex"],
    "draw paper": ["draw", "X", "--style", "paper", "-o", "out.svg"],
    "draw blocks": ["draw", "X", "--style", "blocks3d", "-o", "out.svg"],
    "draw terminal": ["draw", "X", "--terminal"],
    "diff": ["diff", "X", "tiny.arch"],
    "diff picture": ["diff", "tiny.arch", "X", "-o", "out.svg"],
    "solve": ["solve", "X"],
    "build": ["build", "X", "-o", "out.py"],
    "build --kernels": ["build", "X", "--kernels", "-o", "out.py"],
    "build --explain": ["build", "X", "--explain"],
    "bench": ["bench", "X", "--seconds", "1"],
}
READS = {"check", "check json", "check sarif", "check github", "check --fix", "fmt"}
"""What takes as large a network as there may be."""

TINY = "input 3x8x8\nconv3-8\n"


FILES: dict[str, tuple[str, str]] = {
    "eighty thousand layers": ("too-many-layers", "input 8x8x8\n[conv3-8 bare; relu] x 40000\n"),
    "blocks that call blocks": (
        "too-many-layers",
        "block b0 { relu; relu }\n"
        + "".join(f"block b{i} {{ b{i - 1}; b{i - 1} }}\n" for i in range(1, 17))
        + "input 8x8x8\nb16\n",
    ),
    "a billion-fold repeat": ("too-many-layers", "input 3x8x8\nconv3-8 x 1000000000\n"),
    "a huge number": ("too-large", f"input 3x8x8\nconv3-{'9' * 5000}\n"),
    "brackets without end": ("too-deep", f"input 3x8x8\n{'[' * 100_000}conv3-8{']' * 100_000}\n"),
    "a line of a million letters": ("missing-separator", f"input 3x8x8\n{'conv3-8 ' * 120_000}\n"),
    "a file too long": ("too-long", f"input 3x8x8\n{'conv3-8; relu;' * 200_000}\n"),
    "a name without end": ("too-long", f"block{'a' * 3_000_000} = 3x8x8\nconv3-8\n"),
    "sizes that grow": ("limit", "input 3xHxW\n[conv3-8/2; upsample(3); avgpool3/2; upsample(2)] x 40\n"),
    "files that import each other": ("import-cycle", 'import "cycle.arch": b\nblock c { b }\ninput 3x8x8\nb\n'),
    "a link out of the folder": ("import-path", 'import "out.arch": b\ninput 3x8x8\nb\n'),
    "an import of a pipe": ("import-missing", 'import "pipe.arch": b\ninput 3x8x8\nb\n'),
    "an import of a device": ("import-missing", 'import "zero.arch": b\ninput 3x8x8\nb\n'),
    "an import without end": ("too-long", 'import "huge.arch": b\ninput 3x8x8\nb\n'),
    "a class of many letters": ("", f'extern e = "{"a." * 4000}b:C" {{ shape = in }}\ninput 3x8x8\ne\n'),
    "variants without end": (
        "",
        f"net A {{ variant {', '.join(f'v{i}' for i in range(20_000))}\n input 3x8x8\n conv3-8 }}\n",
    ),
}
"""The error that each is answered with, none where it is a network like others, and the file."""
LEGAL = {"eighty thousand layers", "blocks that call blocks"}
"""What may be read, and takes the time that it takes."""
PLACES: dict[str, tuple[str, str]] = {
    "a pipe": ("unreadable-file", "pipe.arch"),
    "a device": ("too-long", "/dev/zero"),
    "a link to a device": ("too-long", "zero.arch"),
    "a folder": ("", "folder.arch"),
}
"""Attacks that are no text at all: the error, and the name on the command line."""
ERRORS = {name: code for name, (code, _) in (FILES | PLACES).items()}
QUICK = ("eighty thousand layers", "a file too long", "an import of a pipe", "a pipe", "an import of a device")
"""Those that every command is tried on each time; the others take minutes altogether."""


def lay(folder: Path) -> dict[str, str]:
    """Put all of them into a folder; returns the name on the command line of each."""
    inside = folder / "inside"
    inside.mkdir(parents=True)
    names = {attack: place for attack, (_, place) in PLACES.items()}
    for number, (attack, (_, text)) in enumerate(FILES.items()):
        names[attack] = f"attack{number}.arch"
        (inside / names[attack]).write_text(text)
    (inside / "tiny.arch").write_text(TINY)
    (inside / "cycle.arch").write_text(f'import "{names["files that import each other"]}": c\nblock b {{ c }}\n')
    (folder / "secret.arch").write_text("block b { relu }\n")
    (inside / "out.arch").symlink_to(folder / "secret.arch")
    os.mkfifo(inside / "pipe.arch")
    (inside / "zero.arch").symlink_to("/dev/zero")
    (inside / "folder.arch").mkdir()
    with (inside / "huge.arch").open("wb") as file:
        file.truncate(2**40)
    return names


def measured(run: Callable[[], int]) -> tuple[int, float, float, str]:
    """How a child that does `run` ends, what it took of the processor and, beyond what it began with, of the memory."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        status = 70
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        with Path("said.txt").open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            try:
                status = run()
            except SystemExit as end:
                status = int(end.code or 0)
            finally:
                sys.stdout.flush()
                os.write(theirs, str(most_memory()).encode())
                os._exit(status)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        memory = pipe.read()
    _, status, used = os.wait4(pid, 0)
    text = Path("said.txt").read_text(errors="replace")[:2000]
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, float(memory or "inf"), text


def main(folder: str, *chosen: str) -> None:
    """Each of the attacks on each command; of those chosen, not what takes its time by right, nor on `bench`."""
    from archlang.cli.main import main as archlang
    from archlang.model import check
    from archlang.page.draw import html  # noqa: F401 - imported once, not in every child
    from archlang.source import Source

    names = lay(Path(folder))
    os.chdir(Path(folder) / "inside")
    check(Source("tiny.arch", TINY))  # the grammar is read once
    found = []
    for attack, place in names.items():
        if chosen and attack not in chosen:
            continue
        for command, words in COMMANDS.items():
            if chosen and (command == "bench" or (attack in LEGAL and command in READS)):
                continue
            args = [place if word == "X" else word for word in words]
            found.append((command, attack, *measured(lambda args=args: archlang(args))))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
