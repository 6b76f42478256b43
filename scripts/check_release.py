"""Whether archlang can be released: its wheel and sdist are built, checked, and tried under every Python there is.

python scripts/check_release.py               builds both, checks them, tries each python3.N on PATH
python scripts/check_release.py --dist FOLDER  tries those that are built already; needs nothing but Python

Each is installed in an empty environment, with what it needs from the package index, and used from a folder that has
nothing to do with it. It ends with 1 if anything fails. `make test-release` installs what the first form needs.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "shared", "demo", "dist", "build", "__pycache__", ".*_cache")

NET = """\
net Small(classes=10) {
  variant A, B
  input 3x32x32
  conv3-16; relu; maxpool => 16x16x16
  FC-classes @B
}
"""
TRIALS = (
    "--version",
    "check googlenet resnet50 net.arch",
    "check --format sarif net.arch",
    "explain branch-shapes",
    "fmt --check net.arch",
    "summary resnet50",
    "table vgg",
    "draw googlenet -o net.svg",
    "draw net.arch -o net.png",
    "draw net.arch -o net.pdf",
    "draw net.arch -o net.html",
    "build net.arch@B -o net.py",
    "completion bash",
)


def main() -> int:
    """Do it, and say in a line what became of each part."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--dist", type=Path, metavar="FOLDER", help="a wheel and an sdist that are built already")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        dist = asked.dist or built(Path(folder))
        if dist is None:
            return 1
        pythons = list(interpreters())
        print(f"on PATH: {', '.join(map(str, pythons)) or 'no Python that is new enough'}")
        results = [tried(python, package) for python in pythons for package in sorted(dist.iterdir())]
    return 0 if results and all(results) else 1


def built(folder: Path) -> Path | None:
    """A folder with the sdist, and the wheel made from it; None where one could not be built or has a fault."""
    copy, dist = folder / "archlang", folder / "dist"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    if not told("build", run([sys.executable, "-m", "build", "--outdir", str(dist), str(copy)], folder)):
        return None
    packages = [str(path) for path in sorted(dist.iterdir())]
    if not told("twine check", run([sys.executable, "-m", "twine", "check", "--strict", *packages], folder)):
        return None
    print(*(f"  {path.name}: {path.stat().st_size / 1e6:.2f} MB" for path in sorted(dist.iterdir())), sep="\n")
    return dist


def interpreters() -> Iterator[Path]:
    """Each `python3.N` on PATH that is new enough and starts, the first of its version, oldest first."""
    found: dict[tuple[int, int], Path] = {}
    for folder in map(Path, os.get_exec_path()):
        for path in folder.glob("python3.*"):
            match = re.fullmatch(r"python3\.(\d+)", path.name)
            version = (3, int(match[1])) if match else (0, 0)
            if version >= OLDEST and version not in found and not run([str(path), "-V"], folder):
                found[version] = path
    return iter(path for _, path in sorted(found.items()))


def tried(python: Path, package: Path) -> bool:
    """Whether a package installs under a Python, and every command does what it is there for."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "net.arch").write_text(NET, "utf-8")
        faults = next(filter(None, (run(step, folder) for step in steps(python, package, folder))), "")
    return told(f"{python.name}, {'wheel' if package.suffix == '.whl' else 'sdist'}", faults)


def steps(python: Path, package: Path, folder: Path) -> Iterator[list[str]]:
    """The commands of a trial, one after the other."""
    inside = folder / "venv" / "bin"
    own = str(inside / "python")
    yield [str(python), "-m", "venv", str(folder / "venv")]
    yield [own, "-m", "pip", "install", "-q", "--disable-pip-version-check", str(package.resolve())]
    (installed,) = (folder / "venv" / "lib").glob("python*/site-packages/archlang")
    yield [own, "-W", "error", "-m", "compileall", "-q", "-f", str(installed)]
    yield [own, "-W", "error", "-c", "import archlang; assert archlang.read('lenet').params == 431_080"]
    yield from ([str(inside / "archlang"), *line.split()] for line in TRIALS)


def run(command: list[str], folder: Path) -> str:
    """What went wrong with a command; empty if nothing did."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    try:
        done = subprocess.run(  # noqa: S603 - our own commands
            command, cwd=folder, env=env, capture_output=True, text=True, check=False
        )
    except OSError as error:
        return f"{' '.join(command)}: {error.strerror}"
    return "" if done.returncode == 0 else f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


def told(name: str, faults: str) -> bool:
    """Say what became of a part."""
    print(f"{name}: {'failed' if faults else 'ok'}", flush=True)
    if faults:
        print(faults)
    return not faults


if __name__ == "__main__":
    sys.exit(main())
