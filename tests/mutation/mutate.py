"""Mutation testing: small mistakes planted in rules, and whether a test that runs the line notices.

    python tests/mutation/mutate.py map                     which tests run which line (once; minutes)
    python tests/mutation/mutate.py run [--sample N] [--seed N] [--minutes N] [--only PART]

A mutant is one change of one expression: an operator, a comparison, a number, a condition, an argument left out, what
is returned. Each is tried in a fork of a process that has everything imported: the changed function's code takes the
place of the right one's, and the tests that run its line go until one fails. `mutants.json` holds what became of each,
so that a run goes on where the last one ended.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAP, RESULTS = ROOT / ".mutation" / "map.json", ROOT / ".mutation" / "mutants.json"
FILES = [
    *(path for path in sorted((ROOT / "archlang/ops").glob("*.py")) if path.stem != "__init__"),
    *(ROOT / f"archlang/passes/{name}.py" for name in ("cost", "memory", "field", "depth")),
    *(path for path in sorted((ROOT / "archlang/elaborate").glob("*.py")) if path.stem != "__init__"),
]
TESTS = [
    *("tests/ops", "tests/test_cases.py", "tests/passes", "tests/elaborate"),
    *(
        "tests/draw/test_scene.py",
        "tests/report/test_summary.py",
        "tests/zoo/test_words.py",
        "tests/zoo/test_prelude.py",
        "tests/zoo/test_lenet.py",
    ),
]
"""Where the map looks; those of whole modules against PyTorch notice more, and take too long for each mutant."""
SECONDS = 120
"""Of the processor's time for the tests of one mutant; one that takes longer hangs, and is noticed by that."""
MOST_TESTS = 300
"""Tests that a mutant is tried on, those that run fewest lines first."""
_COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_BINARY = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Div: ast.Mult,
}


class Mutant(dict[str, object]):
    """One change: `file`, `line`, `number` among those of the file, and `change` in words."""


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may be changed to."""
    new = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=[op]) if type(op) in _COMPARE:
            new.ops = [_COMPARE[type(op)]()]
            yield f"{type(op).__name__} -> {type(new.ops[0]).__name__}", new
        case ast.BinOp(op=op) if type(op) in _BINARY:
            new.op = _BINARY[type(op)]()
            yield f"{type(op).__name__} -> {type(new.op).__name__}", new
        case ast.BoolOp():
            new.op = ast.And() if isinstance(new.op, ast.Or) else ast.Or()
            yield "and <-> or", new
        case ast.UnaryOp(op=ast.Not()):
            yield "not x -> x", new.operand
        case ast.IfExp():
            new.body, new.orelse = new.orelse, new.body
            yield "if-else exchanged", new
        case ast.If():
            new.test = ast.UnaryOp(ast.Not(), new.test)
            yield "if negated", new
        case ast.Constant(value=bool() as value):
            yield f"{value} -> {not value}", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield f"{value} -> {value + 1}", ast.Constant(value + 1)
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield "returns nothing", ast.Return(ast.Constant(None))
        case _:
            pass


def _mutable(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The nodes inside functions that may be changed, with the qualified name of the function; no annotations."""

    def look(node: ast.AST, path: tuple[str, ...], *, inside: bool) -> Iterator[tuple[str, ast.AST]]:
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "decorator_list"} or (
                field == "args" and isinstance(node, ast.FunctionDef)
            ):
                continue
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST):
                    continue
                named = isinstance(child, ast.FunctionDef | ast.ClassDef)
                deeper = (*path, child.name) if named and not inside else path
                now = inside or isinstance(child, ast.FunctionDef)
                if now and not isinstance(child, ast.FunctionDef):
                    yield ".".join(deeper), child
                yield from look(child, deeper, inside=now)

    yield from look(tree, (), inside=False)


def mutants(path: Path) -> list[Mutant]:
    """Every mutant of a file, in order."""
    tree = ast.parse(path.read_text("utf-8"))
    found: list[Mutant] = []
    for name, node in _mutable(tree):
        for change, _ in _changes(node):
            place = path.relative_to(ROOT).as_posix()
            found.append(Mutant(file=place, line=node.lineno, number=len(found), function=name, change=change))  # type: ignore[attr-defined]
    return found


def _mutated(path: Path, number: int) -> ast.Module:
    """The tree of a file with the mutant of that number in it."""
    tree = ast.parse(path.read_text("utf-8"))
    count = 0
    for _, node in list(_mutable(tree)):
        for _, new in _changes(node):
            if count == number:
                _replace(tree, node, new)
                return ast.fix_missing_locations(tree)
            count += 1
    raise IndexError(number)


def _replace(tree: ast.Module, old: ast.AST, new: ast.AST) -> None:
    ast.copy_location(new, old)
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return
            if isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])
                return


def _code(code: CodeType, path: list[str]) -> CodeType:
    """The code of a function inside of a module's."""
    for name in path:
        code = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name)
    return code


def plant(mutant: Mutant) -> None:
    """Put the mutant in the place of the right function, in this process."""
    path = ROOT / str(mutant["file"])
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    names = str(mutant["function"]).split(".")
    made = _code(compile(_mutated(path, int(str(mutant["number"]))), str(path), "exec"), names)
    found = vars(module)[names[0]]
    for name in names[1:]:
        found = vars(found)[name]
    for function in _functions(found):
        if function.__code__.co_freevars == made.co_freevars:
            function.__code__ = made
            return
    raise LookupError(names)


def _functions(found: object) -> Iterator[FunctionType]:
    """The function that is meant, behind a property, a cache or a class method."""
    for _ in range(5):
        if isinstance(found, FunctionType):
            yield found
        if (
            found := next(
                (getattr(found, n) for n in ("fget", "func", "__wrapped__", "__func__") if hasattr(found, n)), None
            )
        ) is None:
            return


# ---- which tests run which line -----------------------------------------------


def make_map(tests: list[str]) -> None:
    """Run the tests once, each under a context of its own, and keep which lines each runs."""
    import coverage

    class Contexts:
        def __init__(self, measured: coverage.Coverage) -> None:
            self.measured = measured

        def pytest_runtest_setup(self, item: pytest.Item) -> None:
            self.measured.switch_context(item.nodeid)

    MAP.parent.mkdir(exist_ok=True)
    measured = coverage.Coverage(data_file=None, include=[str(path) for path in FILES])
    measured.start()
    pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", *tests], plugins=[Contexts(measured)])
    measured.stop()
    data = measured.get_data()
    found = {}
    for name in data.measured_files():
        lines = {line: sorted(c for c in tests if c) for line, tests in data.contexts_by_lineno(name).items()}
        found[Path(name).relative_to(ROOT).as_posix()] = lines
    MAP.write_text(json.dumps(found), "utf-8")


# ---- trying them -----------------------------------------------------------------


def _order(covering: dict[str, dict[str, list[str]]]) -> Counter[str]:
    """How many lines each test runs: those that run fewest say most, and are quick."""
    return Counter(test for lines in covering.values() for tests in lines.values() for test in tests)


class Trials:
    """A plugin of pytest that, with all tests collected, tries mutants instead of running the tests once."""

    def __init__(self, todo: list[Mutant], covering: dict[str, dict[str, list[str]]], known: dict[str, str]) -> None:
        self.todo, self.covering, self.known = todo, covering, known
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        self.failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant on the tests that run its line."""
        items = {item.nodeid: item for item in session.items}
        weight = _order(self.covering)
        for mutant in self.todo:
            names = self.covering.get(str(mutant["file"]), {}).get(str(mutant["line"]), [])
            tests = [items[name] for name in sorted(names, key=lambda test: weight[test]) if name in items]
            self.known[_key(mutant)] = self.try_one(mutant, tests[:MOST_TESTS]) if tests else "not run"
            RESULTS.write_text(json.dumps(self.known, indent=1), "utf-8")
        return True

    def try_one(self, mutant: Mutant, tests: list[pytest.Item]) -> str:
        """`killed`, `survived`, `hung`, or `failed` where it could not be planted; in a fork."""
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            status = 9
            with contextlib.suppress(BaseException):
                status = self._status(mutant, tests)
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return {0: "survived", 8: "failed", -signal.SIGPROF: "hung"}.get(status, "killed")

    def _status(self, mutant: Mutant, tests: list[pytest.Item]) -> int:
        try:
            plant(mutant)
        except (LookupError, StopIteration, ValueError):
            return 8
        for index, test in enumerate(tests):
            following = tests[index + 1] if index + 1 < len(tests) else None
            test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            if self.failed:
                return 1
        return 0


def _key(mutant: Mutant) -> str:
    return f"{mutant['file']}:{mutant['line']} #{mutant['number']} {mutant['change']}"


class Until(Trials):
    """The same, up to a time."""

    def __init__(self, end: float, *given: Any) -> None:
        super().__init__(*given)
        self.end = end

    def try_one(self, mutant: Mutant, tests: list[pytest.Item]) -> str:
        """As `Trials`; `not tried` where the time is up."""
        return super().try_one(mutant, tests) if time.monotonic() < self.end else "not tried"


def run(sample: int, seed: int, minutes: float, only: str) -> None:
    """Try a sample of the mutants, and say what became of them."""
    covering = json.loads(MAP.read_text("utf-8"))
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    known = {key: became for key, became in known.items() if became != "not tried"}
    every = [mutant for path in FILES if only in str(path) for mutant in mutants(path)]
    random.Random(seed).shuffle(every)
    todo = [mutant for mutant in every[:sample] if _key(mutant) not in known]
    for path in FILES:
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    files = sorted({test.partition("::")[0] for test in _order(covering)})
    trials = Until(time.monotonic() + 60 * minutes, todo, covering, known)
    pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", *files], plugins=[trials])
    said = Counter(became for key, became in known.items() if only in key)
    killed = said["killed"] + said["hung"]
    told = [key for key, became in known.items() if became == "survived" and only in key]
    sys.stdout.write("\n".join(["survived:", *told]) + "\n")
    rate = f"{killed / (killed + said['survived']):.1%}" if killed + said["survived"] else "none"
    sys.stdout.write(f"{rate} of the mutants whose line a test of the map runs were killed: {dict(said)}; ")
    sys.stdout.write(f"there are {len(every):,}\n")


def main() -> None:
    """Make the map, or try mutants."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("map", "run"))
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--only", default="")
    parser.add_argument("--tests", nargs="*", help="those that the map runs")
    given = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    if given.what == "map":
        make_map(given.tests or TESTS)
    else:
        run(given.sample, given.seed, given.minutes, given.only)


if __name__ == "__main__":
    main()
