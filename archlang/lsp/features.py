"""What the server answers, request by request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from archlang.lsp.kinds import COLOURS
from archlang.lsp.server import REQUEST_FAILED, Server

TRIGGERS = ["@", "-", "(", ",", "=", '"', ".", "/"]
"""Characters after which something else may be typed than before."""

QUICK, ALL = str(types.CodeActionKind.QuickFix.value), f"{types.CodeActionKind.SourceFixAll.value}.archlang"
"""What mends one mistake, and what mends a document."""

WATCHED = "**/*.arch"

Params = Any  # a record of the protocol, which each feature's name tells


def server() -> Server:
    """A server that has not started."""
    made = Server()
    for method, (answer, options) in _FEATURES.items():
        made.feature(method, options)(_bound(made, answer))
    return made


def _bound(made: Server, answer: Callable[..., Any]) -> Callable[[Params], Any]:
    """The answer of this server, in a form that the library knows for what it is: awaited or not."""
    if answer.__name__.startswith("_did"):
        return lambda params: answer(made, params)

    async def later(params: Params) -> Any:
        return await answer(made, params)

    return later


# ---- documents -------------------------------------------------------------------


def _did_initialize(server: Server, params: types.InitializeParams) -> None:
    server.start(params.capabilities)


def _did_shutdown(server: Server, _params: Any) -> None:
    server.end()


def _did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    server.open(params.text_document)


def _did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    server.change(params)


def _did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    server.close(params.text_document.uri)


def _did_save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    server.saved(params.text_document.uri)


def _did_change_outside(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    server.changed_outside([each.uri for each in params.changes])


async def _watch(server: Server, _params: types.InitializedParams) -> None:
    """Ask to be told of files that change on the disk, where the client can."""
    workspace = server.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace else None
    if watched and watched.dynamic_registration:
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(WATCHED)])
        one = types.Registration("watched", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await server.client_register_capability_async(types.RegistrationParams([one]))


# ---- at a place ------------------------------------------------------------------


async def _completion(server: Server, params: types.CompletionParams) -> types.CompletionList | None:
    found = await _at(server, params, "complete")
    items = {"isIncomplete": False, "items": found}
    return server.converter.structure(items, types.CompletionList) if found is not None else None


async def _hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    found = await _at(server, params, "hover")
    return server.converter.structure(found, types.Hover) if found is not None else None


async def _definition(server: Server, params: types.DefinitionParams) -> types.Location | None:
    found = await _at(server, params, "definition")
    return server.converter.structure(found, types.Location) if found is not None else None


async def _references(server: Server, params: types.ReferenceParams) -> list[types.Location] | None:
    found = await _at(server, params, "references", params.context.include_declaration)
    return server.converter.structure(found or [], list[types.Location])


async def _prepare_rename(server: Server, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    found = await _at(server, params, "name")
    return server.converter.structure(found, types.PrepareRenamePlaceholder) if found is not None else None


async def _rename(server: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    found = await _at(server, params, "rename", params.new_name)
    if found is None:
        return None
    if "refused" in found:
        raise JsonRpcException(found["refused"], REQUEST_FAILED)
    return server.converter.structure(found, types.WorkspaceEdit)


async def _at(server: Server, params: Params, kind: str, *given: Any) -> Any:
    return await server.ask(params.text_document.uri, kind, _place(params.position), *given)


def _place(position: types.Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}


def _span(span: types.Range) -> dict[str, Any]:
    return {"start": _place(span.start), "end": _place(span.end)}


# ---- of the whole document -------------------------------------------------------


async def _symbols(server: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
    found = await server.ask(params.text_document.uri, "symbols")
    return server.converter.structure(found or [], list[types.DocumentSymbol])


async def _folds(server: Server, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
    found = await server.ask(params.text_document.uri, "folds")
    return server.converter.structure(found or [], list[types.FoldingRange])


async def _shapes(server: Server, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    found = await server.ask(params.text_document.uri, "shapes", _span(params.range))
    return server.converter.structure(found or [], list[types.InlayHint])


async def _colours(server: Server, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
    found = await server.ask(params.text_document.uri, "colours")
    return types.SemanticTokens(found) if found is not None else None


async def _format(server: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    found = await server.ask(params.text_document.uri, "format")
    return server.converter.structure(found or [], list[types.TextEdit])


async def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    uri, only = params.text_document.uri, params.context.only
    if only is None or any(kind in ("", QUICK) for kind in only):
        return [_action(server, uri, each) for each in await server.mend(uri, _span(params.range))]
    if any(_holds(kind, ALL) for kind in only):
        edits = server.converter.structure(await server.mend_all(uri), list[types.TextEdit])
        change = types.WorkspaceEdit({uri: edits})
        return [types.CodeAction("mend what needs no choice", kind=ALL, edit=change)] if edits else []
    return []


def _action(server: Server, uri: str, found: dict[str, Any]) -> types.CodeAction:
    return types.CodeAction(
        found["title"],
        kind=QUICK,
        diagnostics=[server.converter.structure(found["diagnostic"], types.Diagnostic)],
        is_preferred=found["sure"] or None,
        edit=types.WorkspaceEdit({uri: server.converter.structure(found["edits"], list[types.TextEdit])}),
    )


def _holds(kind: str, other: str) -> bool:
    """Whether a kind of actions holds another: `source` holds `source.fixAll`."""
    return f"{other}.".startswith(f"{kind}.")


_FEATURES: dict[str, tuple[Callable[..., Any], Any]] = {
    types.INITIALIZE: (_did_initialize, None),
    types.INITIALIZED: (_watch, None),
    types.SHUTDOWN: (_did_shutdown, None),
    types.TEXT_DOCUMENT_DID_OPEN: (_did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (_did_change, None),
    types.TEXT_DOCUMENT_DID_CLOSE: (_did_close, None),
    types.TEXT_DOCUMENT_DID_SAVE: (_did_save, None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (_did_change_outside, None),
    types.TEXT_DOCUMENT_COMPLETION: (_completion, types.CompletionOptions(trigger_characters=TRIGGERS)),
    types.TEXT_DOCUMENT_HOVER: (_hover, None),
    types.TEXT_DOCUMENT_DEFINITION: (_definition, None),
    types.TEXT_DOCUMENT_REFERENCES: (_references, None),
    types.TEXT_DOCUMENT_PREPARE_RENAME: (_prepare_rename, None),
    types.TEXT_DOCUMENT_RENAME: (_rename, types.RenameOptions(prepare_provider=True)),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (_symbols, None),
    types.TEXT_DOCUMENT_FOLDING_RANGE: (_folds, None),
    types.TEXT_DOCUMENT_INLAY_HINT: (_shapes, None),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: (_colours, types.SemanticTokensLegend([*COLOURS.values()], [])),
    types.TEXT_DOCUMENT_FORMATTING: (_format, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (_actions, types.CodeActionOptions([QUICK, ALL])),
}
