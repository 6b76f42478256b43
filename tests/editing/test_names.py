"""Declarations, references, renaming."""

from __future__ import annotations

import pytest

from archlang.editing import RenameError, applied, definition, references, rename
from archlang.editing.look import Look
from archlang.model import check
from archlang.resources import zoo
from archlang.source import Source

TEXT = """\
import "other.arch": cell, Trunk
conv means [conv; relu]
block unit(w, stride=1) { conv3-w/stride }
net A(unit2=unit, w=4) {
  variant a, b
  input 3x32x32
  stage first: unit2(w) x2; conv1-w as c1
  Trunk-v to mid
  from c1: add(c1) @b; inception(1, 2, 3, 4, 5, 6)
  cell; unit(w=8, stride=2); gap; FC-w
  expect c1.params == 20
  taps pool1
}
"""
OTHER = "block cell { relu }\nnet Trunk {\n  variant v\n  conv1-3 as mid\n}\n"


@pytest.fixture
def source(tmp_path):
    (tmp_path / "other.arch").write_text(OTHER)
    (tmp_path / "a.arch").write_text(TEXT)
    (tmp_path / "third.arch").write_text('import "other.arch" as o\no.cell; relu\n')
    return Source("a.arch", TEXT, tmp_path / "a.arch")


def at(marked):
    plain = marked.replace("^", "")
    assert TEXT.count(plain) == 1, plain
    return TEXT.index(plain) + marked.index("^")


def where(span):
    return (span.source.path.name, span.line, span.text) if span else None


@pytest.mark.parametrize(
    ("marked", "place"),
    [
        ("^unit2(w) x2", ("a.arch", 4, "unit2")),
        ("=^unit, w=4", ("a.arch", 3, "unit")),
        ("unit2(^w) x2", ("a.arch", 4, "w")),
        ("(^w=8", ("a.arch", 3, "w")),
        ("conv3-^w", ("a.arch", 3, "w")),
        ("^conv1-w as", ("a.arch", 2, "conv")),
        ("from ^c1", ("a.arch", 7, "c1")),
        ("add(^c1)", ("a.arch", 7, "c1")),
        ("expect ^c1.p", ("a.arch", 7, "c1")),
        ("@^b", ("a.arch", 5, "b")),
        ("Trunk-^v to", ("other.arch", 3, "v")),
        ("to ^mid", ("other.arch", 4, "mid")),
        ("  ^cell;", ("other.arch", 1, "cell")),
        ("^Trunk-v", ("other.arch", 2, "Trunk")),
        ('"oth^er.arch"', ("other.arch", 1, "")),
        ("^inception(", ("inception.arch", 3, "inception")),
        ("^gap;", None),
    ],
)
def test_a_name_leads_to_where_it_is_declared(source, marked, place):
    assert where(definition(source, at(marked))) == place


def test_the_name_a_layer_has_of_itself_leads_to_the_layer():
    text = "input 3x8x8\nconv3-4; maxpool\ntaps pool1\n"
    span = definition(Source("a", text), text.index("pool1"))
    assert span.text == "maxpool"


def test_references_are_found_here_and_in_the_files_beside_that_import_it(source):
    assert [where(s) for s in references(source, at("  ^cell;"))] == [
        ("a.arch", 1, "cell"),
        ("a.arch", 10, "cell"),
        ("other.arch", 1, "cell"),
        ("third.arch", 2, "o.cell"),
    ]
    assert [s.line for s in references(source, at("as ^c1"))] == [7, 9, 9, 11]
    assert [s.line for s in references(source, at("conv3-^w"))] == [3, 3, 10]
    assert references(source, at("^gap;")) == []


def test_a_name_is_changed_wherever_it_is_mentioned_and_nowhere_else(source):
    text = applied(TEXT, rename(source, at("as ^c1"), "wide"))
    assert text == TEXT.replace("c1", "wide")
    text = applied(TEXT, rename(source, at("unit2(^w) x2"), "width"))
    assert text == TEXT.replace("w=4", "width=4").replace("unit2(w)", "unit2(width)").replace(
        "conv1-w", "conv1-width"
    ).replace("FC-w", "FC-width")


def test_a_name_that_several_files_share_is_changed_in_all_of_them(source):
    edits = rename(source, at("  ^cell;"), "atom")
    assert {(e.span.source.path.name, e.text) for e in edits} == {
        ("a.arch", "atom"),
        ("other.arch", "atom"),
        ("third.arch", "o.atom"),
    }


@pytest.mark.parametrize(
    ("marked", "new", "why"),
    [
        ("as ^c1", "first", "`first` is a name in `a.arch` already"),
        ("as ^c1", "3c", "`3c` is no name"),
        ("as ^c1", "a b", "is no name"),
        ("block ^unit(", "relu", "`relu` is a name in"),
        ("^inception(", "mine", "comes along with archlang"),
        ("^gap;", "mine", "nothing that this file gives a name to"),
    ],
)
def test_a_name_that_cannot_be_changed_is_refused_with_the_reason(source, marked, new, why):
    with pytest.raises(RenameError) as caught:
        rename(source, at(marked), new)
    assert why in str(caught.value)


def test_a_name_that_would_make_the_text_wrong_is_refused():
    text = "input 3x8x8\nconv3-4 as a; maxpool\ntaps a, pool1\n"
    with pytest.raises(RenameError):
        rename(Source("a", text), text.index("a;"), "pool1")


@pytest.mark.parametrize(
    "path", sorted(zoo().glob("*.arch"), key=lambda path: path.stat().st_size)[:48:12], ids=lambda path: path.stem
)
def test_every_name_of_the_zoo_can_be_changed_and_the_file_checks_as_before(path):
    source = Source(path.name, path.read_text("utf-8"))
    kinds = {"block", "label", "stage", "value", "parameter"}
    own = [each for each in Look(source).index.named if each.kind in kinds and each.name != "stride"]  # `/2` goes to it
    for named in own[:: max(len(own) // 3, 1)]:
        text = applied(source.text, rename(source, named.span.start, "zzz"))
        assert [d.code for d in check(Source(path.name, text))] == [d.code for d in check(source)]
