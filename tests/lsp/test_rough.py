"""What goes wrong on the way: wide letters, bad requests, slow files, questions that nobody wants any more."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from archlang.lsp.places import Places


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)])
def test_places_are_counted_in_the_units_of_an_encoding(encoding, units):
    text = "x\r\n😀éx\rz\u2028z\n"
    places = Places(text, encoding)
    assert places.position(text.index("x\rz") + 1) == {"line": 1, "character": units}
    assert places.offset(1, units) == text.index("x\rz") + 1
    assert places.position(text.index("z\u2028")) == {"line": 2, "character": 0}  # U+2028 ends no line
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":
            place = places.position(offset)
            assert places.offset(place["line"], place["character"]) == offset


def test_a_place_past_the_end_of_a_line_or_of_the_text_is_at_that_end():
    places = Places("ab\ncd", "utf-16")
    assert [places.offset(0, 99), places.offset(9, 9), places.offset(1, -1)] == [2, 5, 3]
    assert Places("a😀", "utf-16").offset(0, 2) == 1  # in the middle of a letter


@pytest.mark.parametrize("which", ["editor", "in_bytes"])
def test_an_emoji_is_as_wide_as_the_client_counts_it(request, folder, which):
    client = request.getfixturevalue(which)
    assert client.capabilities.position_encoding == {"editor": "utf-16", "in_bytes": "utf-8"}[which]
    text = 'input 3x8x8\nrelu; paper "é😀"; expect parms == 9\n'
    uri = client.open((folder / f"emoji_{which}.arch").as_uri(), text)
    [one] = client.diagnostics(uri)
    before = len('relu; paper "') + {"editor": 1 + 2, "in_bytes": 2 + 4}[which] + len('"; expect ')
    assert one.range == types.Range(types.Position(1, before), types.Position(1, before + 5))
    [action] = client.of("textDocument/codeAction", uri, range=one.range, context=types.CodeActionContext([]))
    assert action.edit.changes[uri][0].range == one.range
    client.close(uri)


@pytest.mark.parametrize("which", ["editor", "in_bytes"])
def test_edits_of_lines_with_emoji_leave_the_text_that_the_client_has(request, folder, which):
    client = request.getfixturevalue(which)
    size = {"editor": 2, "in_bytes": 4}[which]
    text = "# 😀\u2028😀 x\r\ninput 3x8x8 # 😀\nconv3-8; relu\n"
    uri = client.open((folder / f"edits_{which}.arch").as_uri(), text)
    line_separator = {"editor": 1, "in_bytes": 3}[which]
    before_x = 2 + size + line_separator + size + 1
    change = types.TextDocumentContentChangePartial
    client.edit(
        uri,
        2,
        change(types.Range(types.Position(0, before_x), types.Position(0, before_x + 1)), "y😀"),
        change(types.Range(types.Position(2, 9), types.Position(2, 13)), "expect params == 1"),
    )
    [one] = client.diagnostics(uri, 2)
    assert (one.code, one.range.start.line) == ("expect", 2)
    assert client.at("textDocument/hover", uri, 2, 2).contents.value.startswith("3x8x8 → 8x8x8")
    client.close(uri)


def test_a_document_that_was_never_saved_is_answered(editor):
    uri = editor.open("untitled:Untitled-1", "input 3x8x8\nconv3-8 as one\nbasic(8)\ntaps one\nexpect parms == 1\n")
    assert [each.code for each in editor.diagnostics(uri)] == ["expect-subject"]
    assert editor.at("textDocument/hover", uri, 1, 2).contents.value.startswith("3x8x8 → 8x8x8")
    assert editor.at("textDocument/definition", uri, 3, 6).uri == uri
    edit = editor.at("textDocument/rename", uri, 3, 6, new_name="first")
    assert list(edit.changes) == [uri]
    labels = {each.label for each in editor.at("textDocument/completion", uri, 4, 0).items}
    assert "conv3-64" in labels
    editor.close(uri)


def test_a_document_that_is_not_open_has_no_answers(editor, folder):
    uri = (folder / "nowhere.arch").as_uri()
    assert editor.at("textDocument/hover", uri, 0, 0) is None
    assert list(editor.of("textDocument/documentSymbol", uri)) == []
    editor.change(uri, "relu", 2)
    editor.close(uri)
    editor.close(uri)
    uri = editor.open(uri, "input 3x8x8\ngap\n")
    assert editor.diagnostics(uri) == ()
    editor.close(uri)
    assert editor.at("textDocument/hover", uri, 1, 0) is None
    assert editor.diagnostics(uri, version=None) == ()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, -32602),
        ({"textDocument": {"uri": 3}, "position": "here"}, -32602),
        ({"textDocument": {"uri": "untitled:a"}, "position": {"line": "x", "character": 0}}, -32602),
    ],
)
def test_a_request_that_is_malformed_is_refused_and_the_next_one_answered(folder, params, code):
    with pytest.raises(JsonRpcException) as caught:
        _raw([{"id": 7, "method": "textDocument/hover", "params": params}], 7)
    assert caught.value.code == code


def test_nonsense_between_messages_ends_nothing():
    found = _raw(
        [
            b"{ no json",
            b"[1, 2]",
            b"\xff\xfe",
            {"method": "no/such/notification", "params": None},
            {"method": "$/cancelRequest", "params": {"id": "nobody"}},
            {"id": 5, "method": "no/such/request", "params": None},
            {"id": 9, "method": "textDocument/hover", "params": _place("untitled:none", 5, 10**8)},
        ],
        9,
    )
    assert found is None


def _place(uri, line, character):
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def _raw(messages, wanted):
    """Speak to a server in bytes; the result of the request `wanted`, or its error raised."""
    begin = {"id": 0, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
    end = [{"id": 99, "method": "shutdown"}, {"method": "exit"}]
    sent = b""
    for each in [begin, {"method": "initialized", "params": {}}, *messages, *end]:
        body = each if isinstance(each, bytes) else json.dumps({"jsonrpc": "2.0", **each}).encode()
        sent += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    done = subprocess.run(
        [sys.executable, "-m", "archlang", "lsp", "--stdio"], input=sent, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answers = {}
    rest = done.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        size = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        answer = json.loads(rest[:size])
        answers[answer.get("id")] = answer
        rest = rest[size:]
    error = answers[wanted].get("error")
    if error:
        raise JsonRpcException(error["message"], error["code"])
    return answers[wanted]["result"]


def test_a_server_whose_client_is_gone_ends():
    done = subprocess.run(
        [sys.executable, "-m", "archlang", "lsp"], input=b"", capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, b"")


# ---- what takes long -------------------------------------------------------------

SLOW = "input 3x8x8\n[conv3-8; relu] x 40000\n"
"""A text that takes many seconds."""


def test_a_slow_document_holds_up_no_other_and_a_newer_text_is_answered_soon(editor, folder):
    slow, small = (folder / "slow.arch").as_uri(), (folder / "small.arch").as_uri()
    editor.open(slow, SLOW)
    waiting = editor.client.protocol
    about = types.TextDocumentIdentifier(slow)
    hover = types.HoverParams(about, types.Position(1, 2))

    async def ask():
        return waiting.send_request("textDocument/hover", hover)

    old = editor.run(ask())
    editor.open(small, "input 3x8x8\nconv3-8\n")
    begun = time.monotonic()
    assert editor.at("textDocument/hover", small, 1, 2).contents.value.startswith("3x8x8")
    assert not old.done() or time.monotonic() - begun < 5
    editor.change(slow, "input 3x8x8\nconv3-8\n", 2)
    with pytest.raises(JsonRpcException) as caught:
        old.result(60)
    assert caught.value.code == -32801  # the content was modified
    assert editor.diagnostics(slow, 2) == ()
    assert editor.at("textDocument/hover", slow, 1, 2).contents.value.startswith("3x8x8")
    editor.close(slow)
    editor.close(small)


def test_a_question_that_is_cancelled_is_answered_so(editor, folder):
    uri = editor.open((folder / "cancel.arch").as_uri(), SLOW)
    hover = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(1, 2))

    async def ask():
        return editor.client.protocol.send_request("textDocument/hover", hover, msg_id="mine")

    asked = editor.run(ask())
    time.sleep(0.2)
    editor.tell("$/cancelRequest", types.CancelParams("mine"))
    with pytest.raises(JsonRpcException) as caught:
        asked.result(60)
    assert caught.value.code == -32800
    editor.close(uri)
