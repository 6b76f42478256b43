"""Which of a test's cases run at every push, where all of them take long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest


def only(keep: Callable[[Any], bool], cases: Sequence[Any]) -> list[Any]:
    """The cases, marked slow unless `keep` says otherwise."""
    return [case if keep(case) else _slow(case) for case in cases]


def every(step: int, cases: Sequence[Any]) -> list[Any]:
    """Each `step`-th case, and the others marked slow."""
    return [_slow(case) if turn % step else case for turn, case in enumerate(cases)]


def _slow(case: Any) -> Any:
    return pytest.param(case, marks=pytest.mark.slow)
