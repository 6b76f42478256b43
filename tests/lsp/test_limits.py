"""What becomes of a question that takes too long, needs too much memory, or meets a mistake of our own."""

from __future__ import annotations

import asyncio
import json

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from archlang.lsp.asked import Asked
from archlang.lsp.server import Server
from archlang.workers.desk import TooLong
from archlang.workers.worker import Ended

URI = "untitled:a"


class Desk:
    """Answers all questions in one way."""

    def __init__(self, answer):
        self.answer = answer

    async def ask(self, *_):
        if isinstance(self.answer, Exception):
            raise self.answer
        return json.dumps(self.answer).encode()

    def drop(self, _lane):
        pass


@pytest.fixture
def server(monkeypatch):
    made = Server()
    made.told = []
    monkeypatch.setattr(made, "asked", lambda document: Asked(document.uri, document.text))
    monkeypatch.setattr(made, "text_document_publish_diagnostics", made.told.append)
    return made


def serve(server, answer, does):
    async def whole():
        server._desks = (Desk(answer), Desk(answer))
        server.open(types.TextDocumentItem(URI, "arch", 1, "input 3x8x8\n"))
        for task in list(server._tasks):
            await asyncio.sleep(0)
            await asyncio.wait({task}, timeout=0.1)
        try:
            return await does()
        finally:
            for task in server._tasks:
                task.cancel()

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (TooLong(), "more than 60 seconds"),
        (Ended(), "too much memory"),
        ({"fault": "KeyError: 'x'"}, "a mistake in archlang itself, not in your file: KeyError: 'x'"),
    ],
)
def test_a_check_that_comes_to_nothing_is_told_as_a_warning_at_the_top(server, answer, words):
    async def nothing():
        pass

    serve(server, answer, nothing)
    [one] = server.told[0].diagnostics
    assert words in one.message
    assert (one.severity, one.range.start) == (types.DiagnosticSeverity.Warning, types.Position(0, 0))


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (TooLong(), -32803, "took too long"),
        (Ended(), -32803, "too much memory"),
        ({"fault": "KeyError: 'x'"}, -32603, "a mistake in archlang itself"),
    ],
)
def test_a_question_that_comes_to_nothing_is_refused_with_the_reason(server, answer, code, words):
    with pytest.raises(JsonRpcException) as caught:
        serve(server, answer, lambda: server.ask(URI, "hover", {"line": 0, "character": 0}))
    assert caught.value.code == code
    assert words in caught.value.message
