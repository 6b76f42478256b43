"""Questions on their way: the newest of a window wins, and what takes too long is ended with its process."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from archlang.serve.answers import ANSWERS
from archlang.serve.look import Asked
from archlang.workers import desk as desks
from archlang.workers.desk import Desk, Superseded, TooLong
from archlang.workers.worker import Ended

SMALL = Asked("input 3x8x8\nconv3-8\n")
SLOW = Asked("input 3x8x8\n[conv3-8; relu] x 40000\n")
"""Drawn in many seconds."""


def run(does: object) -> object:
    async def whole() -> object:
        desk = Desk(ANSWERS, 2)
        try:
            return await does(desk)  # type: ignore[operator]
        finally:
            desk.close()

    return asyncio.run(whole())


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "GRACE", 0.2)


def test_a_newer_question_drops_the_older_ends_its_process_and_is_answered() -> None:
    async def does(desk: Desk) -> None:
        await desk.ask("other", "look", SMALL)
        slow = asyncio.create_task(desk.ask("one", "look", SLOW))
        await asyncio.sleep(0.3)
        [busy] = [job.worker.process.pid for job in desk._jobs.values() if job.worker]
        begun = time.monotonic()
        found = json.loads(await desk.ask("one", "look", SMALL))
        assert found["data"]
        assert time.monotonic() - begun < 60
        with pytest.raises(Superseded):
            await slow
        for _ in range(200):
            if busy not in {worker.process.pid for worker in desk._all} and len(desk._all) == 2:
                break
            await asyncio.sleep(0.1)
        assert busy not in {worker.process.pid for worker in desk._all}
        assert json.loads(await desk.ask("two", "look", SMALL))["data"]

    run(does)


def test_the_second_worker_is_there_when_the_first_question_has_been_answered() -> None:
    async def does(desk: Desk) -> None:
        assert len(desk._all) == 1
        await desk.ask("one", "look", SMALL)
        for _ in range(300):
            if len(desk._all) == 2:
                break
            await asyncio.sleep(0.1)
        assert desk._free.qsize() == len(desk._all) == 2

    run(does)


def test_a_question_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "LONGEST", 0.4)

    async def does(desk: Desk) -> None:
        with pytest.raises(TooLong):
            await desk.ask("one", "look", SLOW)

    run(does)


def test_a_worker_that_dies_is_replaced() -> None:
    async def does(desk: Desk) -> None:
        await desk.ask("one", "look", SMALL)
        asking = asyncio.create_task(desk.ask("one", "look", SLOW))
        await asyncio.sleep(0.3)
        next(job.worker for job in desk._jobs.values() if job.worker).stop()
        with pytest.raises(Ended):
            await asking
        assert json.loads(await desk.ask("one", "look", SMALL))["data"]

    run(does)


def test_a_question_that_is_wanted_no_more_is_dropped() -> None:
    async def does(desk: Desk) -> None:
        slow = asyncio.create_task(desk.ask("one", "look", SLOW))
        await asyncio.sleep(0.3)
        desk.drop("one")
        with pytest.raises(Superseded):
            await slow

    run(does)


def test_whoever_stops_waiting_wants_the_answer_no_more() -> None:
    async def does(desk: Desk) -> None:
        slow = asyncio.create_task(desk.ask("one", "look", SLOW))
        await asyncio.sleep(0.3)
        [busy] = [job.worker.process.pid for job in desk._jobs.values() if job.worker]
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        for _ in range(200):
            if busy not in {worker.process.pid for worker in desk._all}:
                break
            await asyncio.sleep(0.1)
        assert busy not in {worker.process.pid for worker in desk._all}

    run(does)


def test_a_mistake_of_our_own_is_told_and_ends_nothing() -> None:
    assert json.loads(ANSWERS.answer("look", "no question"))["fault"].startswith("AttributeError")
