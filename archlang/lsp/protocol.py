# pyright: basic
"""The library's protocol, with two things its own way does not do.

A request that is malformed is answered, and a change of a document is left to us: the library ends lines where Python
does, and the protocol does not.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method


class Protocol(LanguageServerProtocol):
    """Reads and writes messages."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message of its JSON; where that is none, a request is refused with the reason."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            raise

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand a change to the server, which keeps the text."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None
