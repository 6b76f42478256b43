"""The server: the documents that are open, who is asked about them, and what is wrong with them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from typing import Any, cast

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcContentModified, JsonRpcException, JsonRpcInternalError, PyglsError
from pygls.lsp.server import LanguageServer

from archlang import __version__
from archlang.lsp.answers import ANSWERS
from archlang.lsp.asked import Asked, Client, path_of
from archlang.lsp.document import Document
from archlang.lsp.protocol import Protocol
from archlang.workers.desk import Desk, Superseded, TooLong
from archlang.workers.worker import Ended

ASKERS = 2
"""Processes that answer questions about places; a document is asked about by one of them at a time."""

LONGEST_ANSWER = 15.0
"""Seconds after which a question is given up."""

LONGEST_CHECK = 60.0
"""Seconds after which the check of a document is given up."""

SETTLED = 0.4
"""Seconds that a document rests before the files that import it, and are not open, are checked."""

REQUEST_FAILED = -32803
_TOO_LONG = "this took too long, and was given up"
_DIED = "the process that looked at this document died of it: it needs too much memory"
_FAULT = "sorry, this is a mistake in archlang itself, not in your file: {fault}"

logger = logging.getLogger(__name__)


class Server(LanguageServer):
    """Keeps the open documents; each is checked as it changes, and asked about in processes that may be ended."""

    def __init__(self) -> None:
        super().__init__("archlang", __version__, protocol_cls=Protocol)  # pyright: ignore[reportUnknownMemberType]
        self.documents: dict[str, Document] = {}
        self.client = Client()
        self.stopped = False
        self.converter = get_converter()
        self._desks: tuple[Desk, Desk] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- from beginning to end ---------------------------------------------------

    def start(self, capabilities: types.ClientCapabilities) -> None:
        """Begin, knowing what the client can show."""
        text = capabilities.text_document
        completion = text.completion.completion_item if text and text.completion else None
        published = text.publish_diagnostics if text else None
        self.client = Client(
            str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding)),
            snippets=bool(completion and completion.snippet_support),
            related=bool(published and published.related_information),
        )
        self._desks = (Desk(ANSWERS, ASKERS, LONGEST_ANSWER), Desk(ANSWERS, 1, LONGEST_CHECK))

    def end(self) -> None:
        """End the workers."""
        self.stopped = True
        for task in self._tasks:
            task.cancel()
        for desk in self._desks or ():
            desk.close()
        self._desks = None

    def report_server_error(self, error: Exception, source: type[PyglsError | JsonRpcException]) -> None:
        """Log what went wrong with a message; nobody who types is told of a client's mistake."""
        logger.error("%s: %s", source.__name__, error)

    # ---- documents ---------------------------------------------------------------

    def open(self, item: types.TextDocumentItem) -> None:
        """Keep a document that the client opened."""
        self._drop(item.uri)
        document = self.documents[item.uri] = Document(item.uri, item.text, item.version)
        self._changed(document)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Change a document; what was asked of its older text is wanted no more."""
        document = self.documents.get(params.text_document.uri)
        if document is None:
            logger.error("a change of %s, which is not open", params.text_document.uri)
            return
        document.change(params.content_changes, params.text_document.version, self.client.encoding)
        self._drop(document.uri)
        self._changed(document)

    def close(self, uri: str) -> None:
        """Forget a document; what stands on the disk counts again."""
        document = self.documents.pop(uri, None)
        if document is None:
            return
        self._drop(uri)
        self._publish(uri, [])
        self._clear(document.shown)
        self.concern(document.place)

    def concern(self, place: str | None) -> None:
        """Check the open documents that what stands in the file at `place` may concern."""
        for document in self.documents.values():
            if document.concerned(place):
                self._later(self._check(document))

    def changed_outside(self, uris: list[str]) -> None:
        """Check the documents that files on the disk concern."""
        open_ = {document.place for document in self.documents.values()}
        for place in {str(path.resolve()) for uri in uris if (path := path_of(uri)) is not None} - open_:
            self.concern(place)

    def saved(self, uri: str) -> None:
        """Check what imports a document that was saved."""
        document = self.documents.get(uri)
        if document is not None:
            self._later(self._importing(document))

    def _changed(self, document: Document) -> None:
        self._later(self._check(document, first=True))
        self.concern(document.place)

    def _drop(self, uri: str) -> None:
        asking, checking = self._known()
        asking.drop(uri)
        asking.drop(f"importing {uri}")
        checking.drop(uri)
        checking.drop(f"act {uri}")

    def asked(self, document: Document) -> Asked:
        """A document as it is now, among the others."""
        workspace = self.workspace
        folders = (path_of(uri) for uri in workspace.folders or filter(None, [workspace.root_uri]))
        others = {each.place: (each.uri, each.text) for each in self.documents.values() if each.place is not None}
        return Asked(
            document.uri,
            document.text,
            document.path,
            self.client,
            {place: one for place, one in others.items() if place != document.place},
            tuple(str(folder) for folder in folders if folder is not None),
        )

    # ---- questions ---------------------------------------------------------------

    async def ask(self, uri: str, kind: str, *given: Any) -> Any:
        """The answer about a document, None where it is not open; raises what the client is told."""
        document = self.documents.get(uri)
        if document is None:
            return None
        age = document.age
        asking, _ = self._known()
        async with document.turn:
            if document.age != age or self.documents.get(uri) is not document:
                raise JsonRpcContentModified
            return await self._answer(asking, document, uri, kind, *given)

    async def mend(self, uri: str, span: dict[str, Any]) -> list[dict[str, Any]]:
        """What mends the mistakes that a range touches: the process that checks has them at hand."""
        document = self.documents.get(uri)
        if document is None or document.is_right(span):
            return []
        _, checking = self._known()
        return await self._answer(checking, document, f"act {uri}", "act", span)

    async def mend_all(self, uri: str) -> list[dict[str, Any]]:
        """What mends a document as far as it can be without a choice."""
        document = self.documents.get(uri)
        if document is None:
            return []
        _, checking = self._known()
        return await self._answer(checking, document, f"act {uri}", "mend")

    async def _answer(self, desk: Desk, document: Document, lane: str, kind: str, *given: Any) -> Any:
        try:
            found = json.loads(await desk.ask(lane, kind, self.asked(document), *given))
        except Superseded:
            raise JsonRpcContentModified from None
        except TooLong:
            raise JsonRpcException(_TOO_LONG, REQUEST_FAILED) from None
        except Ended:
            raise JsonRpcException(_DIED, REQUEST_FAILED) from None
        if (fault := _fault(found)) is not None:
            raise JsonRpcInternalError(_FAULT.format(fault=fault))
        return found

    def _known(self) -> tuple[Desk, Desk]:
        if self._desks is None:
            raise RuntimeError("the server has not started")
        return self._desks

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- what is wrong -------------------------------------------------------------

    async def _check(self, document: Document, *, first: bool = False) -> None:
        """Say what is wrong with a document; if it is `first` because it changed, what imports it follows."""
        _, checking = self._known()
        age = document.age
        try:
            found = json.loads(await checking.ask(document.uri, "check", self.asked(document)))
            if (fault := _fault(found)) is not None:
                found = self._excuse(_FAULT.format(fault=fault))
        except Superseded:
            return
        except TooLong:
            found = self._excuse(f"checking took more than {LONGEST_CHECK:g} seconds, and was given up")
        except Ended:
            found = self._excuse(_DIED)
        if self.documents.get(document.uri) is not document:
            return
        document.reads, document.told = frozenset(found["reads"]), found["diagnostics"]
        document.checked = age
        self._publish(document.uri, found["diagnostics"], document.version)
        if first:
            await asyncio.sleep(SETTLED)
            if document.age == age and self.documents.get(document.uri) is document:
                await self._importing(document)

    async def _importing(self, document: Document) -> None:
        """Say what is wrong with the files that import a document and are not open."""
        asking, _ = self._known()
        try:
            found = json.loads(await asking.ask(f"importing {document.uri}", "importing", self.asked(document)))
        except (Superseded, TooLong, Ended):
            return
        if _fault(found) is not None:
            return
        closed: list[dict[str, Any]] = [each for each in found if not self._is_open(each["uri"])]
        wrong = {str(each["uri"]): each["diagnostics"] for each in closed if each["diagnostics"]}
        self._clear(document.shown - set(wrong))
        document.shown = set(wrong)
        for uri, told in wrong.items():
            self._publish(uri, told)

    def _clear(self, uris: set[str]) -> None:
        """Say no more of files that are not open."""
        for uri in uris:
            if not self._is_open(uri):
                self._publish(uri, [])

    def _is_open(self, uri: str) -> bool:
        path = path_of(uri)
        return path is not None and str(path) in {each.place for each in self.documents.values()}

    def _excuse(self, message: str) -> dict[str, Any]:
        start = {"line": 0, "character": 0}
        told = {"range": {"start": start, "end": start}, "severity": 2, "source": "archlang", "message": message}
        return {"diagnostics": [told], "reads": []}

    def _publish(self, uri: str, told: list[dict[str, Any]], version: int | None = None) -> None:
        diagnostics = self.converter.structure(told, list[types.Diagnostic])
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))


def _fault(found: Any) -> str | None:
    """The mistake of archlang's own that an answer tells of."""
    record = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    return record.get("fault")
