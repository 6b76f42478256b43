"""These run in a process of their own, where `TRITON_INTERPRET=1` was set before Triton was imported."""

import inspect
import os
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).parent

AT_EVERY_PUSH = 2
"""Cases of a test: at most so many, and none that shows only what those before it have shown."""

COSTLY = ("finite_differences", "compiles_in_one_graph")
"""In the names of tests whose cases take seconds each: they have one at every push."""

collect_ignore_glob = [] if os.environ.get("TRITON_INTERPRET") == "1" else ["test_*.py"]

torch.set_num_threads(1)


def pytest_configure(config):
    """Triton 3.6's interpreter reads numbers out of arrays of one, which its NumPy (below 2.4) only frowns at."""
    config.addinivalue_line("filterwarnings", "ignore:Conversion of an array with ndim > 0:DeprecationWarning")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Of a test's cases, those few that show most values of its parameters; the other combinations are slow."""
    cases = {}
    for item in items:
        if hasattr(item, "callspec") and item.path.parent == HERE:  # pytest hands every folder's items to each conftest
            shown = {(name, repr(value)) for name, value in item.callspec.params.items()}
            cases.setdefault(item.nodeid.partition("[")[0], []).append((item, shown))
    for name, left in cases.items():
        seen = set()
        most = 1 if any(words in name for words in COSTLY) else AT_EVERY_PUSH
        for _ in range(min(most, len(left))):
            item, shown = max(left, key=lambda case: len(case[1] - seen))
            if shown <= seen:
                break
            seen |= shown
            left.remove((item, shown))
        for item, _ in left:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True, scope="session")
def _nothing_beside_the_tensors_is_touched():
    from bounds import watched

    with watched():
        yield


class Inspect:
    """Stands for `inspect` in the interpreter, which at each launch looks for the builtins in all of Triton's language.

    Which names are builtins is looked up once: that was a sixth of the time of all these tests.
    """

    def __init__(self):
        self.builtins = {}

    def __getattr__(self, name):
        return getattr(inspect, name)

    def getmembers(self, place):
        from triton.language.core import is_builtin

        if id(place) not in self.builtins:
            self.builtins[id(place)] = [name for name, member in inspect.getmembers(place) if is_builtin(member)]
        return [(name, getattr(place, name)) for name in self.builtins[id(place)]]


@pytest.fixture(autouse=True, scope="session")
def _builtins_are_looked_up_once():
    from triton.runtime import interpreter

    interpreter.inspect = Inspect()
    yield
    interpreter.inspect = inspect


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)


@pytest.fixture
def launched(monkeypatch):
    """The choices made while a test runs: which kernels really ran, not PyTorch's path in their place."""
    from archlang.kernels import dispatch

    made = []
    choose = dispatch.choose

    def watched(kernel, *args, **options):
        choice = choose(kernel, *args, **options)
        made.append((kernel, choice))
        return choice

    monkeypatch.setattr(dispatch, "choose", watched)
    return made
