"""What an editor is answered, by a real client over stdio."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from archlang import resources

ALL = types.Range(types.Position(0, 0), types.Position(10_000, 0))
OTHER = "# A cell.\nblock cell(w) { conv3-w; relu }\nnet Trunk {\n  variant v\n  conv1-3 as mid\n}\n"
TEXT = """\
import "other.arch": cell
net A(classes=10) {
  paper "arXiv:1512.03385"
  input 3x32x32
  stage one {
    cell(8) as first
    conv3-16/2
  }
  basic(16)
  stage two: maxpool
  gap; FC-classes
}
"""


@pytest.fixture(scope="module")
def doc(editor, folder):
    (folder / "other.arch").write_text(OTHER)
    (folder / "a.arch").write_text(TEXT)
    uri = (folder / "a.arch").as_uri()
    editor.open(uri, TEXT)
    assert editor.diagnostics(uri) == ()
    yield uri
    editor.close(uri)


def spot(marked, text=TEXT):
    """The line and column of the `^` in a piece of the text that stands there once."""
    plain = marked.replace("^", "")
    assert text.count(plain) == 1, plain
    before = text[: text.index(plain) + marked.index("^")]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def place(location):
    start = location.range.start
    return location.uri.rpartition("/")[2], start.line, start.character


# ---- hover -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("^conv3-16/2", ["8x32x32 → 16x16x16", "parameters", "MACs", "receptive field 5x5", "dilation"]),
        ("^cell(8)", ["3x32x32 → 8x32x32", "224 parameters", "block cell(w)", "A cell."]),
        ("  b^asic(16)", ["16x16x16 → 16x16x16", "block basic(w, stride=1)", "arXiv:1512.03385"]),
        ("net ^A(", ["paper: arXiv:1512.03385", "parameters"]),
    ],
)
def test_hover_tells_shapes_costs_what_it_does_and_the_paper(editor, doc, marked, words):
    text = editor.at("textDocument/hover", doc, *spot(marked)).contents.value
    assert [word for word in words if word not in text] == []


def test_hover_says_nothing_where_there_is_nothing_to_say(editor, doc):
    assert editor.at("textDocument/hover", doc, 3, 0) is None


# ---- completion ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "label", "new"),
    [
        ("conv", "conv3-64", "conv3-64"),
        ("bott", "bottleneck", "bottleneck("),
        ("ce", "cell", "cell("),
        ("add", "add[ ]", "add[ $0 ]"),
        ("conv3-8(pa", "pad", "pad="),
        ("from fi", "first", "first"),
        ("relu @b", "big", "big"),
        ("expect pa", "params", "params"),
        ('import "goog', "googlenet.arch", "googlenet.arch"),
        ('import "oth', "other.arch", "other.arch"),
    ],
)
def test_what_could_be_typed_is_offered(editor, folder, typed, label, new):
    before = 'import "other.arch": cell\nnet B {\n  variant small, big\n  input 3x8x8\n  conv3-8 as first\n'
    text = before + f"  {typed}\n}}\n"
    if typed.startswith("import"):
        before, text = "", typed + "\n"
    uri = editor.open((folder / "typing.arch").as_uri(), text)
    line, column = before.count("\n"), len(text.split("\n")[before.count("\n")])
    found = editor.at("textDocument/completion", uri, line, column)
    [one] = [each for each in found.items if each.label == label and each.text_edit.new_text == new]
    span = one.text_edit.range
    assert (span.start.line, span.end.line, span.end.character) == (line, line, column)
    row = text.split("\n")[line]
    assert new.lower().startswith(row[span.start.character : column].lower())
    editor.close(uri)


def test_options_are_offered_with_their_kinds_and_defaults_and_layers_with_what_they_do(editor, folder):
    text = "input 3x8x8\nconv3-8(\n"
    uri = editor.open((folder / "typing.arch").as_uri(), text)
    found = {each.label: each for each in editor.at("textDocument/completion", uri, 1, 8).items}
    assert found["pad"].detail == "pair = same"
    assert found["pad"].documentation.value == "rows and columns of zeros on each side"
    layers = {each.label: each for each in editor.at("textDocument/completion", uri, 1, 0).items}
    assert "convolution" in layers["conv3-64"].detail.lower()
    editor.close(uri)


# ---- names -----------------------------------------------------------------------


def test_a_name_leads_to_its_declaration_across_an_import(editor, doc):
    assert place(editor.at("textDocument/definition", doc, *spot("  ^cell(8)"))) == ("other.arch", 1, 6)


def test_a_block_of_the_prelude_leads_into_the_file_that_came_along(editor, doc):
    found = editor.at("textDocument/definition", doc, *spot("^basic"))
    path = resources.zoo() / "std" / "residual.arch"
    assert found.uri == path.resolve().as_uri()
    assert path.read_text().split("\n")[found.range.start.line].startswith("block basic")


def test_the_file_of_an_import_leads_there_and_a_zoo_file_too(editor, folder, doc):
    assert place(editor.at("textDocument/definition", doc, *spot('"oth^er.arch"'))) == ("other.arch", 0, 0)
    uri = editor.open((folder / "z.arch").as_uri(), 'import "resnet.arch": ResNet\nnet Z { ResNet-50 }\n')
    found = editor.at("textDocument/definition", uri, 0, 12)
    assert found.uri == (resources.zoo() / "resnet.arch").resolve().as_uri()
    editor.close(uri)


def test_references_are_found_in_this_file_in_the_imported_one_and_in_folders_above(editor, folder, doc):
    (folder / "parts").mkdir(exist_ok=True)
    (folder / "parts" / "deep.arch").write_text("block deep { relu }\n")
    (folder / "above.arch").write_text('import "parts/deep.arch": deep\ninput 3x8x8\ndeep\n')
    uri = editor.open((folder / "parts" / "deep.arch").as_uri(), "block deep { relu }\n")
    found = editor.at("textDocument/references", uri, 0, 7, context=types.ReferenceContext(include_declaration=True))
    assert [place(each) for each in found] == [("deep.arch", 0, 6), ("above.arch", 0, 26), ("above.arch", 2, 0)]
    editor.close(uri)
    context = types.ReferenceContext(include_declaration=True)
    found = editor.at("textDocument/references", doc, *spot("  ^cell(8)"), context=context)
    assert [place(each) for each in found] == [("a.arch", 0, 21), ("a.arch", 5, 4), ("other.arch", 1, 6)]
    without = types.ReferenceContext(include_declaration=False)
    found = editor.at("textDocument/references", doc, *spot("  ^cell(8)"), context=without)
    assert [place(each) for each in found] == [("a.arch", 0, 21), ("a.arch", 5, 4)]


def test_a_name_is_changed_in_every_file_that_has_it(editor, doc):
    span = editor.at("textDocument/prepareRename", doc, *spot("  ^cell(8)"))
    assert (span.placeholder, span.range.start.line) == ("cell", 5)
    edit = editor.at("textDocument/rename", doc, *spot("  ^cell(8)"), new_name="unit")
    assert {uri.rpartition("/")[2]: len(edits) for uri, edits in edit.changes.items()} == {"a.arch": 2, "other.arch": 1}
    assert {each.new_text for edits in edit.changes.values() for each in edits} == {"unit"}


def test_what_comes_along_keeps_its_name_and_a_name_that_is_none_is_refused(editor, doc):
    with pytest.raises(JsonRpcException, match="comes along with archlang"):
        editor.at("textDocument/rename", doc, *spot("^basic"), new_name="mine")
    with pytest.raises(JsonRpcException, match="is no name"):
        editor.at("textDocument/rename", doc, *spot("  ^cell(8)"), new_name="3x3")
    assert editor.at("textDocument/prepareRename", doc, *spot("^gap;")) is None
    assert editor.at("textDocument/prepareRename", doc, *spot("^basic")) is None


# ---- the whole document ----------------------------------------------------------


def test_the_outline_holds_the_stages_in_their_net(editor, doc):
    [net] = editor.of("textDocument/documentSymbol", doc)
    assert (net.name, net.detail, net.kind) == ("A", "net A(classes=10)", types.SymbolKind.Class)
    assert [(one.name, [part.name for part in one.children]) for one in net.children] == [
        ("one", ["first"]),
        ("two", []),
    ]


def test_nets_and_stages_fold(editor, doc):
    found = editor.of("textDocument/foldingRange", doc)
    assert [(each.start_line, each.end_line) for each in found] == [(1, 11), (4, 7)]


def test_shapes_stand_at_the_ends_of_the_lines_asked_for(editor, doc):
    found = editor.of("textDocument/inlayHint", doc, range=ALL)
    assert [(each.position.line, each.label) for each in found] == [
        (5, "→ 8x32x32"),
        (6, "→ 16x16x16"),
        (8, "→ 16x16x16"),
        (9, "→ 16x8x8"),
        (10, "→ 10"),
    ]
    assert found[0].position.character == len("    cell(8) as first")
    some = types.Range(types.Position(6, 0), types.Position(8, 99))
    assert [each.position.line for each in editor.of("textDocument/inlayHint", doc, range=some)] == [6, 8]


def test_words_are_coloured_for_editors_that_ask_for_it(editor, folder):
    text = "# 😀\nnet A {\n  conv3-8 as c # é\n}\n"
    uri = editor.open((folder / "colours.arch").as_uri(), text)
    kinds = editor.capabilities.semantic_tokens_provider.legend.token_types
    data, found, line, at = editor.of("textDocument/semanticTokens/full", uri).data, [], 0, 0
    for down, ahead, size, kind, _ in zip(*[iter(data)] * 5, strict=True):
        line, at = line + down, ahead + (0 if down else at)
        found.append(
            (text.split("\n")[line].encode("utf-16-le")[2 * at : 2 * (at + size)].decode("utf-16-le"), kinds[kind])
        )
    assert found == [
        ("# 😀", "comment"),
        ("net", "keyword"),
        ("A", "class"),
        ("conv3", "function"),
        ("-", "operator"),
        ("8", "number"),
        ("as", "keyword"),
        ("c", "property"),
        ("# é", "comment"),
    ]
    editor.close(uri)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_is_formatted_by_one_edit_that_leaves_what_is_right(editor, folder, end):
    rows = ["input 3x8x8", "conv3-8  ;relu", "gap;FC-2", ""]
    uri = editor.open((folder / "form.arch").as_uri(), end.join(rows))
    [edit] = editor.of("textDocument/formatting", uri, options=types.FormattingOptions(2, insert_spaces=True))
    assert edit.range.start == types.Position(1, 0)
    assert edit.range.end == types.Position(3, 0)
    assert edit.new_text == f"conv3-8; relu{end}gap; FC-2{end}"
    editor.close(uri)


def test_a_text_with_errors_of_form_stays_as_it_is(editor, folder):
    uri = editor.open((folder / "form.arch").as_uri(), "input 3x8x8\nconv3-8 ;; ]\n")
    options = types.FormattingOptions(2, insert_spaces=True)
    assert editor.of("textDocument/formatting", uri, options=options) == ()
    editor.close(uri)
