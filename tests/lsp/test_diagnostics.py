"""What is wrong with a document, told as one types, and what mends it."""

from __future__ import annotations

from lsprotocol import types

from archlang import resources

ALL = types.Range(types.Position(0, 0), types.Position(10_000, 0))
WRONG = "input 3x8x8\nconv3-8\nexpect parms == 9\n"


def codes(told):
    return [each.code for each in told]


def test_what_is_wrong_is_told_with_its_code_its_place_and_its_help(editor, folder):
    uri = editor.open((folder / "w1.arch").as_uri(), WRONG)
    [one] = editor.diagnostics(uri)
    assert (one.code, one.source, one.severity) == ("expect-subject", "archlang", types.DiagnosticSeverity.Error)
    assert (one.range.start, one.range.end) == (types.Position(2, 7), types.Position(2, 12))
    assert "help: did you mean `params`?" in one.message
    assert one.code_description.href == (resources.errors() / "expect-subject.md").resolve().as_uri()
    editor.change(uri, WRONG.replace("parms", "params").replace("9", "224"), 2)
    assert editor.diagnostics(uri, 2) == ()
    editor.close(uri)


def test_labels_and_calls_are_told_with_their_places(editor, folder):
    text = "block b(w) {\n  add[conv3-w | conv3-4]\n}\ninput 3x8x8\nb(8)\n"
    uri = editor.open((folder / "w2.arch").as_uri(), text)
    [one] = [each for each in editor.diagnostics(uri) if each.code == "branch-shapes"]
    told = [(each.location.range.start.line, each.message) for each in one.related_information]
    assert told == [(1, "8x8x8"), (4, "in the call `b(8)`")]
    editor.close(uri)


def test_a_client_that_shows_no_related_places_is_told_them_in_the_message(in_bytes, folder):
    text = "input 3x8x8\nadd[conv3-8 | conv3-4]\n"
    uri = in_bytes.open((folder / "w3.arch").as_uri(), text)
    [one] = in_bytes.diagnostics(uri)
    assert one.related_information is None
    assert "w3.arch:2: 8x8x8" in one.message
    in_bytes.close(uri)


def test_what_nothing_uses_is_marked_as_unnecessary(editor, folder):
    uri = editor.open((folder / "w4.arch").as_uri(), "block b { relu }\ninput 3x8x8\ngap\n")
    [one] = editor.diagnostics(uri)
    assert (one.code, one.severity) == ("unused-block", types.DiagnosticSeverity.Warning)
    assert one.tags == (types.DiagnosticTag.Unnecessary,)
    editor.close(uri)


def test_what_imports_a_document_is_checked_as_that_changes_before_it_is_saved(editor, folder):
    (folder / "part.arch").write_text("block part { relu }\n")
    part, whole = (folder / "part.arch").as_uri(), (folder / "whole.arch").as_uri()
    editor.open(whole, 'import "part.arch": part\ninput 3x8x8\npart; gap\n')
    assert editor.diagnostics(whole) == ()
    editor.open(part, "block part { relu }\n")
    editor.change(part, "block other { relu }\n", 2)
    told = editor.diagnostics(whole, when=lambda told: told)
    assert codes(told) == ["unknown-import"]
    editor.close(part)  # the disk's counts again
    assert editor.diagnostics(whole, when=lambda told: not told) == ()
    editor.close(whole)


def test_a_file_that_comes_to_be_ends_the_search_for_it(editor, folder):
    whole, late = (folder / "awaiting.arch").as_uri(), (folder / "late.arch").as_uri()
    editor.open(whole, 'import "late.arch": late\ninput 3x8x8\nlate\n')
    assert codes(editor.diagnostics(whole)) == ["import-missing"]
    editor.open(late, "block late { relu }\n")  # a new document, not on the disk
    assert editor.diagnostics(whole, when=lambda told: not told) == ()
    editor.close(late)
    editor.close(whole)


def test_a_file_that_changes_on_the_disk_is_read_again(editor, folder):
    editor.wait(lambda: "workspace/didChangeWatchedFiles" in editor.registered or None)
    (folder / "disk.arch").write_text("block disk { relu }\n")
    whole = editor.open((folder / "reading.arch").as_uri(), 'import "disk.arch": disk\ninput 3x8x8\ndisk\n')
    assert editor.diagnostics(whole) == ()
    (folder / "disk.arch").write_text("block dusk { relu }\n")
    changed = types.FileEvent((folder / "disk.arch").as_uri(), types.FileChangeType.Changed)
    editor.tell("workspace/didChangeWatchedFiles", types.DidChangeWatchedFilesParams([changed]))
    assert codes(editor.diagnostics(whole, when=lambda told: told)) == ["unknown-import"]
    editor.close(whole)


def test_files_that_are_not_open_are_told_of_when_what_they_import_breaks_them(editor, folder):
    (folder / "core.arch").write_text("block core { relu }\n")
    (folder / "user.arch").write_text('import "core.arch": core\ninput 3x8x8\ncore\n')
    core, user = (folder / "core.arch").as_uri(), (folder / "user.arch").as_uri()
    editor.open(core, "block core { relu }\n")
    editor.change(core, "block kern { relu }\n", 2)
    assert codes(editor.diagnostics(user, version=None, when=lambda told: told)) == ["unknown-import"]
    editor.change(core, "block core { relu }\n", 3)
    assert editor.diagnostics(user, version=None, when=lambda told: not told) == ()
    editor.close(core)


def test_a_mistake_in_an_imported_file_is_told_where_it_is_imported_or_called(editor, folder):
    (folder / "bad.arch").write_text("block bad(w) { add[conv3-w | conv3-4] }\n")
    uri = editor.open((folder / "w5.arch").as_uri(), 'import "bad.arch": bad\ninput 3x8x8\nbad(8)\n')
    [one] = editor.diagnostics(uri)
    assert one.range.start.line == 2
    assert one.message.startswith("bad.arch, line 1: ")
    assert one.related_information[0].location.uri == (folder / "bad.arch").as_uri()
    (folder / "bad.arch").write_text("block bad(w) { conv3-w ]\n")
    editor.change(uri, 'import "bad.arch": bad\ninput 3x8x8\nbad(8) \n', 2)
    assert {each.range.start.line for each in editor.diagnostics(uri, 2)} == {0}
    editor.close(uri)


# ---- what mends ------------------------------------------------------------------


def actions(editor, uri, span=ALL, **more):
    return editor.of("textDocument/codeAction", uri, range=span, context=types.CodeActionContext([], **more))


def test_a_mistake_is_mended_by_its_action(editor, folder):
    uri = editor.open((folder / "w6.arch").as_uri(), WRONG + "res(conv1-8; relu)\n")
    sure, tried = actions(editor, uri)
    assert (sure.title, sure.is_preferred, sure.diagnostics[0].code) == ("write `params`", True, "expect-subject")
    [edit] = sure.edit.changes[uri]
    assert (edit.range.start.line, edit.new_text) == (2, "params")
    assert tried.title == "write `res[conv1-8; relu]`"
    here = types.Range(types.Position(2, 9), types.Position(2, 9))
    assert [each.title for each in actions(editor, uri, here)] == ["write `params`"]
    assert actions(editor, uri, types.Range(types.Position(0, 0), types.Position(0, 3))) == ()
    assert actions(editor, uri, only=["refactor"]) == ()
    editor.close(uri)


def test_a_document_is_mended_as_a_whole_where_that_needs_no_choice(editor, folder):
    uri = editor.open((folder / "all.arch").as_uri(), WRONG.replace("9", "224") + "reluu\n")
    [action] = actions(editor, uri, only=["source.fixAll"])
    [edit] = action.edit.changes[uri]
    assert (action.kind, edit.new_text) == ("source.fixAll.archlang", "expect params == 224\nrelu\n")
    assert actions(editor, uri, only=["source.organizeImports"]) == ()
    editor.close(uri)


def test_lines_end_as_the_document_ends_them(editor, folder):
    uri = editor.open((folder / "w7.arch").as_uri(), WRONG.replace("\n", "\r\n"))
    [one] = editor.diagnostics(uri)
    assert (one.range.start, one.range.end) == (types.Position(2, 7), types.Position(2, 12))
    [action] = actions(editor, uri)
    assert action.edit.changes[uri][0].range.start == types.Position(2, 7)
    editor.close(uri)
