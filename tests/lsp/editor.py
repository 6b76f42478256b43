"""An editor for the tests: a real client of the protocol, which starts `archlang lsp` and speaks to it over stdio."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from threading import Thread

from lsprotocol import types
from pygls.lsp.client import LanguageClient

SECONDS = 60
"""How long the tests wait for what should come at once: the machine may be busy."""


class Editor:
    """A client, run in a thread of its own so that tests read from top to bottom."""

    def __init__(self, encodings=None, *, folder: Path | None = None, related=True, snippets=True, watch=False):
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.client = LanguageClient("tests", "1")
        self.published: dict[str, list[types.PublishDiagnosticsParams]] = {}
        self.said: list[str] = []
        self.registered: list[str] = []
        self._hear()
        general = types.GeneralClientCapabilities(position_encodings=encodings) if encodings else None
        capabilities = types.ClientCapabilities(
            general=general,
            workspace=types.WorkspaceClientCapabilities(
                did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=watch)
            ),
            text_document=types.TextDocumentClientCapabilities(
                publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=related),
                rename=types.RenameClientCapabilities(prepare_support=True),
                completion=types.CompletionClientCapabilities(
                    completion_item=types.ClientCompletionItemOptions(snippet_support=snippets)
                ),
            ),
        )
        folders = [types.WorkspaceFolder(folder.as_uri(), folder.name)] if folder else None
        self.run(self.client.start_io(sys.executable, "-m", "archlang", "lsp"))
        started = types.InitializeParams(capabilities, workspace_folders=folders)
        self.capabilities = self.run(self.client.initialize_async(started)).capabilities
        self.tell("initialized", types.InitializedParams())

    def _hear(self):
        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams):
            self.published.setdefault(params.uri, []).append(params)

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        def said(params: types.ShowMessageParams):
            self.said.append(params.message)

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams):
            self.registered += [each.method for each in params.registrations]

    # ---- messages ------------------------------------------------------------------

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(SECONDS)

    def tell(self, method, params):
        async def told():
            self.client.protocol.notify(method, params)

        self.run(told())

    def ask(self, method, params):
        async def asked():
            return await self.client.protocol.send_request_async(method, params)

        return self.run(asked())

    def write(self, data: bytes):
        """Send bytes as they are."""

        async def written():
            self.client._server.stdin.write(data)
            await self.client._server.stdin.drain()

        self.run(written())

    # ---- documents -----------------------------------------------------------------

    def open(self, uri, text, version=1):
        self.published.pop(uri, None)
        self.tell(
            "textDocument/didOpen", types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "arch", version, text))
        )
        return uri

    def change(self, uri, text, version):
        self.edit(uri, version, types.TextDocumentContentChangeWholeDocument(text))

    def edit(self, uri, version, *changes):
        about = types.VersionedTextDocumentIdentifier(version, uri)
        self.tell("textDocument/didChange", types.DidChangeTextDocumentParams(about, list(changes)))

    def close(self, uri):
        self.tell("textDocument/didClose", types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def diagnostics(self, uri, version=1, when=lambda told: True):
        """What is wrong with a version of a document, as soon as it is told (and is as `when` wants it)."""
        return self.wait(
            lambda: next(
                (
                    each.diagnostics
                    for each in reversed(self.published.get(uri, []))
                    if each.version == version and when(each.diagnostics)
                ),
                None,
            )
        )

    @staticmethod
    def wait(found):
        begun = time.monotonic()
        while (what := found()) is None:
            assert time.monotonic() - begun < SECONDS, "nothing came"
            time.sleep(0.01)
        return what

    # ---- questions -----------------------------------------------------------------

    def at(self, method, uri, line, character, **more):
        """Ask about a place."""
        kind = types.METHOD_TO_TYPES[method][2]
        about = types.TextDocumentIdentifier(uri)
        return self.ask(method, kind(text_document=about, position=types.Position(line, character), **more))

    def of(self, method, uri, **more):
        """Ask about a document."""
        kind = types.METHOD_TO_TYPES[method][2]
        return self.ask(method, kind(text_document=types.TextDocumentIdentifier(uri), **more))

    def end(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.run(self.client.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(SECONDS)
        self.loop.close()
        return self.client._server.returncode
