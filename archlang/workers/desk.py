"""Who is asked next: a few workers, and of each lane (a window, a document) one question at a time, the newest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from archlang.workers.worker import Answers, Ended, Worker

WORKERS = 2
"""Processes that look at texts."""

GRACE = 1.5
"""Seconds in which a worker may finish what nobody waits for any more: a new one takes about as long to start."""

LONGEST = 120.0
"""Seconds after which a question is given up."""


class Superseded(Exception):
    """Something newer was asked in the lane, or no answer is wanted there any more."""


class TooLong(Exception):
    """There was no answer in the seconds that the desk waits."""


@dataclass(eq=False)
class _Job:
    """A question on its way: `dropped` is set when nobody wants its answer."""

    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    worker: Worker | None = None


class Desk:
    """Hands questions to workers. A newer question of the same lane drops the older; none runs for over `longest`.

    One worker is there from the beginning, another comes when all are busy, and one when the first question has been
    answered, so that the next need not wait for it.
    """

    def __init__(self, answers: Answers, workers: int = WORKERS, longest: float | None = None) -> None:
        self._answers = answers
        self._longest = longest
        self._free: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()  # who answered last has most of it at hand
        self._all = [Worker.start(answers)]
        self._free.put_nowait(self._all[0])
        self._most = workers
        self._starting: set[asyncio.Task[None]] = set()
        self._jobs: dict[str, _Job] = {}
        self._tasks: set[asyncio.Task[bytes]] = set()

    async def ask(self, lane: str, kind: str, *given: Any) -> bytes:
        """The answer as JSON. Raises `Superseded`, `TooLong`, and `Ended` where a worker died of it."""
        self.drop(lane)
        job = self._jobs[lane] = _Job()
        task = asyncio.create_task(self._carry_out(job, kind, given))
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        dropped = asyncio.create_task(job.dropped.wait())
        try:
            longest = LONGEST if self._longest is None else self._longest
            await asyncio.wait({task, dropped}, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
            if job.dropped.is_set():
                raise Superseded
            if not task.done():
                self._end(job)
                raise TooLong
            return task.result()
        except asyncio.CancelledError:
            if self._jobs.get(lane) is job:
                self.drop(lane)
            raise
        finally:
            dropped.cancel()
            if self._jobs.get(lane) is job:
                del self._jobs[lane]

    def drop(self, lane: str) -> None:
        """Want no answer any more in this lane; what runs for it has `GRACE` seconds to finish."""
        job = self._jobs.pop(lane, None)
        if job is not None:
            job.dropped.set()
            asyncio.get_running_loop().call_later(GRACE, self._end, job)

    def close(self) -> None:
        """End all workers."""
        for worker in self._all:
            worker.close()

    async def _carry_out(self, job: _Job, kind: str, given: tuple[Any, ...]) -> bytes:
        if self._free.empty():
            self._grow()
        worker = await self._free.get()
        if job.dropped.is_set():
            self._free.put_nowait(worker)
            raise Superseded
        job.worker = worker
        try:
            return await asyncio.to_thread(worker.ask, kind, *given)
        except Ended:
            self._all.remove(worker)
            await asyncio.to_thread(worker.close)
            worker = await asyncio.to_thread(Worker.start, self._answers)
            self._all.append(worker)
            raise
        finally:
            job.worker = None
            self._free.put_nowait(worker)
            if len(self._all) == 1:
                self._grow()

    def _grow(self) -> None:
        if len(self._all) + len(self._starting) < self._most:
            starting = asyncio.create_task(self._add())
            self._starting.add(starting)
            starting.add_done_callback(self._starting.discard)

    async def _add(self) -> None:
        worker = await asyncio.to_thread(Worker.start, self._answers)
        self._all.append(worker)
        self._free.put_nowait(worker)

    def _finished(self, task: asyncio.Task[bytes]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has been told

    @staticmethod
    def _end(job: _Job) -> None:
        if job.worker is not None:
            job.worker.stop()
