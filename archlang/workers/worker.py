"""Processes that look at texts: what takes too long, or is asked no more, is ended with the process it runs in."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from archlang.record import record
from archlang.resting import resting


class Ended(Exception):
    """The worker was stopped, or died, before it answered."""


@record
class Answers:
    """What a worker may be asked: functions by name, found by their modules in a process of its own.

    `warm` is called once, before the first question, so that it need not wait for the grammar.
    """

    by_name: Mapping[str, Callable[..., Any]]
    warm: Callable[[], object]

    def answer(self, kind: str, *given: Any) -> bytes:
        """What is answered, as JSON; a mistake of archlang's own is told as `fault`."""
        try:
            with resting():
                found = self.by_name[kind](*given)
        except Exception as error:  # noqa: BLE001 - whoever asked shows it, and goes on
            found = {"fault": f"{type(error).__name__}: {error}"}
        return json.dumps(found, separators=(",", ":")).encode()


@dataclass(eq=False)
class Worker:
    """A process that answers one question at a time."""

    process: BaseProcess
    pipe: Connection

    @classmethod
    def start(cls, answers: Answers) -> Worker:
        """A new one."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, answers), daemon=True)
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


def _work(pipe: Connection, answers: Answers) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers
    os.dup2(sys.stderr.fileno(), 1)  # what the server says on its own output is for its client alone
    answers.warm()
    gc.collect()
    gc.freeze()  # what is there now stays: the collector need not look at it again
    while True:
        try:
            kind, given = pipe.recv()
        except EOFError:
            return
        pipe.send_bytes(answers.answer(kind, *given))
