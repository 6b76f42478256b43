"""Who is asked next: a few workers, and of each window one question at a time, the newest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from archlang.serve.worker import Ended, Worker

WORKERS = 2
"""Processes that look at texts."""

GRACE = 1.5
"""Seconds in which a worker may finish what nobody waits for any more: a new one takes about as long to start."""

LONGEST = 120.0
"""Seconds after which a question is given up."""


class Superseded(Exception):
    """The window has asked something newer, or wants no answer any more."""


class TooLong(Exception):
    """There was no answer in `LONGEST` seconds."""


@dataclass(eq=False)
class _Job:
    """A question on its way: `dropped` is set when nobody wants its answer."""

    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    worker: Worker | None = None


class Desk:
    """Hands questions to workers. A newer question of the same lane drops the older."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._free: asyncio.Queue[Worker] = asyncio.Queue()
        self._all = [Worker.start() for _ in range(workers)]
        for worker in self._all:
            self._free.put_nowait(worker)
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
            await asyncio.wait({task, dropped}, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
            if job.dropped.is_set():
                raise Superseded
            if not task.done():
                self._end(job)
                raise TooLong
            return task.result()
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
            worker = await asyncio.to_thread(Worker.start)
            self._all.append(worker)
            raise
        finally:
            job.worker = None
            self._free.put_nowait(worker)

    def _finished(self, task: asyncio.Task[bytes]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has been told

    @staticmethod
    def _end(job: _Job) -> None:
        if job.worker is not None:
            job.worker.stop()
