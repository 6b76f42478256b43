"""Which of a test's cases run at every push, where all of them take long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest


def only(keep: Callable[[Any], bool], cases: Sequence[Any]) -> list[Any]:
    """The cases, marked slow unless `keep` says otherwise."""
    return [case if keep(case) else pytest.param(case, marks=pytest.mark.slow) for case in cases]


def every(step: int, cases: Sequence[Any]) -> list[Any]:
    """Each `step`-th case, and the others marked slow."""
    kept = {id(case) for case in cases[::step]}
    return only(lambda case: id(case) in kept, cases)
