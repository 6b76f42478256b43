"""A pytest plugin for tests that are cut short and gone on with: `pytest -p kept --kept FILE [--share I/N]`.

Each test leaves a line of JSON in FILE when it starts and when it has ended; those that ended are left out
of the next run. Once CUDA refuses all that comes, the process ends, and the next one goes on.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from pathlib import Path
from typing import Any

BROKEN = 70
"""The status of a process whose device no longer answers it."""


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--kept", type=Path, help="where the outcome of each test is kept")
    parser.addoption("--share", default="0/1", help="which tests: 1/4 for the second quarter of them")


def outcomes(file: Path) -> dict[str, dict[str, str]]:
    """The last line of each test: its `outcome`, and what was `said` of a failure."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        one = json.loads(line)
        found[one["test"]] = one
    return found


def keep(file: Path, test: str, outcome: str, said: str = "") -> None:
    """Add a line: in one write, since others write there too."""
    line = json.dumps({"test": test, "outcome": outcome, "said": said[-1500:]}) + "\n"
    with file.open("a", encoding="utf-8") as handle:
        handle.write(line)


def crashed(file: Path, share: int, of: int, status: int) -> bool:
    """Note the tests of a share that began and never ended as crashed; whether one has, or found the device gone."""
    gone = [test for test, one in outcomes(file).items() if one["outcome"] == "started" and _share(test, of) == share]
    for test in gone:
        keep(file, test, "crashed", f"its process ended with {status}")
    return bool(gone) or status == BROKEN


def _share(test: str, of: int) -> int:
    return zlib.crc32(test.encode()) % of


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    known = outcomes(config.option.kept)
    share, of = map(int, config.option.share.split("/"))
    own = [item for item in items if _share(item.nodeid, of) == share]
    items[:] = [item for item in own if known.get(item.nodeid, {}).get("outcome", "started") == "started"]


def pytest_runtest_logstart(nodeid: str, location: Any) -> None:
    keep(_file(), nodeid, "started")


def pytest_runtest_logreport(report: Any) -> None:
    if report.when == "call" or not report.passed:
        keep(_file(), report.nodeid, report.outcome, report.longreprtext if report.failed else "")
        if report.failed and not _answers():
            os._exit(BROKEN)


def pytest_configure(config: Any) -> None:
    _FILES.append(config.option.kept)


_FILES: list[Path] = []


def _file() -> Path:
    return _FILES[-1]


def _answers() -> bool:
    if "torch" not in sys.modules:  # nobody has asked anything of a device
        return True
    import torch

    from archlang.bench import machine

    return machine.answers(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
