"""Processes that look at texts: what takes too long, or is asked no more, is ended with the process it runs in."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from archlang.serve.help import completed, pointed
from archlang.serve.look import Asked, formatted, look, rest

ANSWERS: dict[str, Callable[..., Any]] = {
    "look": look,
    "rest": rest,
    "format": formatted,
    "complete": completed,
    "hover": pointed,
}
"""What may be asked of a text, by name."""

WARM = "input 3x8x8\nconv3-8; relu; FC-2"
"""A text to begin with, so that the first window need not wait for the grammar."""


class Ended(Exception):
    """The worker was stopped, or died, before it answered."""


@dataclass(eq=False)
class Worker:
    """A process that answers one question at a time."""

    process: BaseProcess
    pipe: Connection

    @classmethod
    def start(cls) -> Worker:
        """A new one."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def ask(self, kind: str, *given: Any) -> bytes:
        """The answer as JSON, when it is there; raises `Ended`."""
        try:
            self.pipe.send((kind, given))
            return self.pipe.recv_bytes()
        except (OSError, EOFError, ValueError):
            raise Ended from None

    def stop(self) -> None:
        """End it, whatever it is at."""
        self.process.kill()

    def close(self) -> None:
        """Let go of what is left of it."""
        self.stop()
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers
    look(Asked(WARM))
    while True:
        try:
            kind, given = pipe.recv()
        except EOFError:
            return
        pipe.send_bytes(answer(kind, *given))


def answer(kind: str, *given: Any) -> bytes:
    """What is answered, as JSON; a mistake of archlang's own is told as `fault`."""
    try:
        found = ANSWERS[kind](*given)
    except Exception as error:  # noqa: BLE001 - a window shows it, and goes on
        found = {"fault": f"{type(error).__name__}: {error}"}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
