"""A limit on how long something may take, for what cannot be asked to stop: a compiler, an autotuner."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

_AGAIN = 5.0  # seconds until it is said once more, should somebody have caught it


class OutOfTimeError(BaseException):
    """The limit has passed. No `Exception`: autotuners catch those and go on to their next configuration."""


@contextmanager
def within(seconds: float) -> Generator[None, None, None]:
    """Raise `OutOfTimeError` inside it once `seconds` have passed.

    Where there are no signals (Windows, threads) there is no limit.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stop(*_: object) -> None:
    raise OutOfTimeError
