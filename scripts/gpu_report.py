"""What archlang's kernels do on the GPU at hand, within some minutes, in parts of which each leaves its result.

    python scripts/gpu_report.py                           all parts, as far as nine minutes go
    python scripts/gpu_report.py --minutes 5 resnet50 nin  these
    make gpu-report MINUTES=60                             all there is

`report.json` and `report.md` in the folder (`--out`, docs/benchmarks/gpu without it) are written anew after each
part. A part that fails, hangs or is cut short is told there, with the end of what it printed, and the next one
runs. Run again, it goes on with the parts that are not done with this archlang, PyTorch and device; those that
are named run anew. The Python that runs it needs torch with a GPU, triton, lark, networkx and pytest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

QUICK = ("--baselines", "eager,compile", "--seconds", "15", "--limit", "120")
KERNELS = ("--seconds", "25", "--limit", "30")
ENDED = (0, 1, 5)  # what pytest ends with when it has run its tests: all passed, some failed, there were none
TESTS = ("tests/kernels/gpu/test_gpu.py", "tests/bench/test_on_a_gpu.py")
LEAST = 20.0  # seconds: with fewer left no part begins
CLOSING = 10.0  # seconds that a part is given to end by itself before it is ended

BENCH: dict[str, tuple[float, tuple[str, ...]]] = {
    "resnet50": (130, ("resnet50", *QUICK)),
    "resnet50-training": (150, ("resnet50", "--train", *QUICK)),
    "kernels-resnet50": (90, ("kernels", "--net", "resnet50", *KERNELS)),
    "kernels-resnet50-training": (90, ("kernels", "--train", "--net", "resnet50", *KERNELS)),
    "googlenet": (120, ("googlenet", *QUICK)),
    "nin": (90, ("nin@imagenet", *QUICK)),
    "googlenet-training": (150, ("googlenet", "--train", *QUICK)),
    "kernels-googlenet": (90, ("kernels", "--net", "googlenet", *KERNELS)),
    "kernels-nin": (60, ("kernels", "--net", "nin@imagenet", *KERNELS)),
    "resnet50-all-baselines": (540, ("resnet50",)),
    "googlenet-all-baselines": (540, ("googlenet",)),
    "nin-all-baselines": (540, ("nin@imagenet",)),
    "resnet50-training-all-baselines": (540, ("resnet50", "--train")),
    "googlenet-training-all-baselines": (540, ("googlenet", "--train")),
}
"""What `archlang bench` is told, and the seconds it gets at most, in the order of worth."""

AHEAD = {"ahead": ("resnet50", "googlenet", "nin@imagenet"), "ahead-training": ("resnet50", "googlenet")}
"""The networks whose kernels are compiled by many processes before one measures them."""

DONE, FAILED, CUT_SHORT, NOT_BEGUN = "done", "failed", "cut short", "not begun"
"""What becomes of a part."""

PARTS = ("ahead", "ahead-training", "checks", *BENCH)


def main(words: Sequence[str] | None = None) -> int:
    """Run the parts that were asked for, or all that are not done; 1 if one failed."""
    args = _arguments(words)
    args.out.mkdir(parents=True, exist_ok=True)
    report = Report(args.out)
    ends = time.monotonic() + 60 * args.minutes
    for name in args.parts or PARTS:
        left = ends - time.monotonic()
        if not args.parts and report.done(name):
            print(f"== {name}: done before", flush=True)
        elif left < LEAST:
            print(f"== {name}: no time is left for it", flush=True)
            report.put(name, {"state": NOT_BEGUN})
        else:
            print(f"== {name}, {left:.0f} s left", flush=True)
            report.put(name, _part(name, left - CLOSING, report.tests))
            print(f"   {report.parts[name]['state']}", flush=True)
    print(f"{args.out / 'report.md'} is written", flush=True)
    return int(any(report.parts[name]["state"] == FAILED for name in args.parts or PARTS))


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("parts", metavar="PART", nargs="*", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--minutes", type=float, default=9.0, help="for everything (default: 9)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "gpu", help="where results go")
    args = parser.parse_args(words)
    args.out = args.out.resolve()
    unknown = [name for name in args.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}: there are {', '.join(PARTS)}")
    return args


# ---- what is kept ----------------------------------------------------------------


class Report:
    """The parts' results, in `report.json` and `report.md`; `tests` is where each test of the checks leaves its own."""

    def __init__(self, out: Path) -> None:
        self.out, self.of = out, _of()
        self.tests = out / f"checks-{self.of['archlang']}.jsonl"
        try:
            self.parts: dict[str, dict[str, Any]] = json.loads((out / "report.json").read_text("utf-8"))
        except (OSError, ValueError):
            self.parts = {}

    def done(self, name: str) -> bool:
        """Whether a part has run to its end, right or wrong, with what there is now."""
        known = self.parts.get(name, {})
        return known.get("state") in (DONE, FAILED) and known["of"] == self.of

    def put(self, name: str, part: dict[str, Any]) -> None:
        """Keep the result of a part; one that was not begun takes nothing's place."""
        if part["state"] != NOT_BEGUN or name not in self.parts:
            self.parts[name] = {**part, "of": self.of}
        from archlang import files

        files.write(self.out / "report.json", json.dumps(self.parts, indent=1) + "\n")
        files.write(self.out / "report.md", self._page())

    def _page(self) -> str:
        lines = ["# On a GPU", "", "Written by `make gpu-report`.", "", "| part | | | |", "| --- | --- | --- | --- |"]
        for name, one in self.parts.items():
            older = "" if one["of"] == self.of else "of another archlang, PyTorch or device"
            lines.append(f"| {name} | {one['state']} | {one.get('said', '')} | {older} |")
        for name, one in self.parts.items():
            if one.get("page"):
                lines += ["", one["page"].strip()]
            if one["state"] in (FAILED, CUT_SHORT) and one.get("log"):
                lines += ["", f"`{name}` printed last:", "", "```text", one["log"].strip(), "```"]
        return "\n".join(lines) + "\n"


def _of() -> dict[str, str]:
    """What results hold for: the device, PyTorch, Triton, and archlang's own source."""
    import torch

    from archlang.bench import machine

    facts = machine.facts(machine.at_hand())
    digest = hashlib.sha256()
    for file in sorted((ROOT / "archlang").rglob("*.py")):
        digest.update(file.read_bytes())
    kept = {name: facts[name] for name in ("device", "torch", "triton")}
    return {**kept, "archlang": digest.hexdigest()[:12], "gpu": str(torch.cuda.is_available())}


# ---- the parts --------------------------------------------------------------------


def _part(name: str, left: float, tests: Path) -> dict[str, Any]:
    """Run a part within `left` seconds: its state, the seconds it took, and what came of it."""
    began = time.monotonic()
    try:
        found = _ahead(name, left) if name in AHEAD else _bench(name, left) if name in BENCH else _checks(left, tests)
    except Exception as error:  # noqa: BLE001 - the next part runs, whatever became of this one
        found = {"state": FAILED, "log": f"{type(error).__name__}: {error}"}
    return {**found, "seconds": round(time.monotonic() - began, 1)}


def _bench(name: str, left: float) -> dict[str, Any]:
    most, words = BENCH[name]
    within = min(most, left)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "found"
        command = [
            sys.executable,
            "-m",
            "archlang",
            "bench",
            *words,
            "--within",
            f"{within - CLOSING:.0f}",
            "-o",
            place,
        ]
        (status, log), *_ = _ran([command], within)
        record, page = place.with_suffix(".json"), place.with_suffix(".md")
        result = json.loads(record.read_text("utf-8")) if record.exists() else None
        text = page.read_text("utf-8") if page.exists() else ""
    state = FAILED if status not in (0, None) else DONE if status == 0 and _whole(result) else CUT_SHORT
    return {"state": state, "said": _said(result), "result": result, "page": text, "log": log}


def _whole(result: Any) -> bool:
    """Whether everything was measured for which there would have been time."""
    problems = [way.get("problem") for way in result.get("ways", ())]
    problems += [problem for one in result.get("kernels", ()) for problem in one["problems"].values()]
    late = any(problem and ("no time was left" in problem or "took longer" in problem) for problem in problems)
    return not late and len(result.get("kernels", ())) == result.get("asked", 0)


def _said(result: Any) -> str:
    if result is None:
        return "nothing was measured"
    if "kernels" in result:
        return f"{len(result['kernels'])} of {result['asked']} shapes"
    ratio, best = result.get("ratio"), result.get("best_baseline")
    return f"{ratio:.2f} times as fast as {best}" if ratio else "no ratio"


def _ahead(name: str, left: float) -> dict[str, Any]:
    of = max(1, min(12, (os.cpu_count() or 2) - 2))
    train = ["--train"] if name.endswith("-training") else []
    script = ROOT / "scripts" / "compile_ahead.py"
    commands = [[sys.executable, script, f"{at}/{of}", *train, *AHEAD[name]] for at in range(of)]
    done = _ran(commands, min(120, left))
    lines = [line for _, log in done for line in log.splitlines()]
    ends = {status for status, _ in done}
    state = FAILED if ends - {0, None} else CUT_SHORT if None in ends else DONE
    return {"state": state, "said": f"{of} processes", "log": "\n".join(lines)[-4000:]}


def _checks(left: float, tests: Path) -> dict[str, Any]:
    """The tests marked `gpu`, by several processes; one that ends in the middle of a test is followed by another."""
    import kept

    of = max(1, min(8, (os.cpu_count() or 2) // 2))
    options = ["-m", "pytest", "-q", "-m", "gpu", "-p", "kept", "-p", "no:cacheprovider", "--kept", tests]
    ends, waiting, logs, short = time.monotonic() + min(120, left), list(range(of)), [], False
    while waiting:
        commands = [[sys.executable, *options, "--share", f"{at}/{of}", *TESTS] for at in waiting]
        ran = list(zip(waiting, _ran(commands, ends - time.monotonic()), strict=True))
        waiting = []
        for at, (status, log) in ran:
            if status is None:
                short = True
            elif status not in ENDED and kept.crashed(tests, at, of, status):
                waiting.append(at)
            elif status not in ENDED:
                logs.append(log)
    outcomes = kept.outcomes(tests)
    many = {word: sum(one["outcome"] == word for one in outcomes.values()) for word in ("passed", "failed", "crashed")}
    bad = [f"{test}: {one['said']}" for test, one in outcomes.items() if one["outcome"] in ("failed", "crashed")]
    state = CUT_SHORT if short else FAILED if bad or logs or not outcomes else DONE
    said = ", ".join(f"{number} {word}" for word, number in many.items())
    return {"state": state, "said": said, "log": "\n".join([*bad, *logs])[-8000:]}


def _ran(commands: Sequence[Sequence[Any]], seconds: float) -> list[tuple[int | None, str]]:
    """Run commands side by side: the status of each, None where time ended it, and the end of its output."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}
    ends = time.monotonic() + seconds
    begun: list[tuple[subprocess.Popen[bytes], Path]] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number, command in enumerate(commands):
                log, words = Path(folder) / f"{number}.log", list(map(str, command))
                with log.open("wb") as handle:
                    own = subprocess.Popen(  # noqa: S603 - our own words
                        words, stdout=handle, stderr=handle, cwd=ROOT, env=environment, start_new_session=True
                    )
                begun.append((own, log))
            ended = [_waited(own, ends - time.monotonic()) for own, _ in begun]
            said = [log.read_text("utf-8", "replace")[-4000:] for _, log in begun]
            return list(zip(ended, said, strict=True))
        finally:
            for own, _ in begun:
                _kill(own)


def _waited(own: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return own.wait(max(0.0, seconds))
    except subprocess.TimeoutExpired:
        _kill(own)
        return None


def _kill(own: subprocess.Popen[bytes]) -> None:
    """End it, and what it has begun itself."""
    with suppress(ProcessLookupError):
        os.killpg(own.pid, signal.SIGKILL)
    own.wait()


if __name__ == "__main__":
    sys.exit(main())
