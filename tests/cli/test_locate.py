from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from archlang import locate as locating
from archlang import zoo_names
from archlang.diagnostics import ArchError
from archlang.elaborate import imports
from archlang.locate import LocateError, locate
from archlang.model import read
from archlang.syntax.limits import MAX_SOURCE
from archlang.syntax.parse import parse

RESNET = """
net Plain(n=2) {
  variant 34p: n=3
  input 3x8x8
  conv3-8
}
net ResNet(n=2) {
  variant 50
  variant 101: n=4
  variant wide50-2
  input 3x8x8
  conv3-8
}
"""
SCRIPT = "variant A, B\ninput 3x8x8\nconv3-8\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to stand in, with a zoo elsewhere: resnet, resnet50 of another kind, vgg."""
    zoo = tmp_path / "zoo"
    (zoo / "std").mkdir(parents=True)
    (zoo / "resnet.arch").write_text(RESNET)
    (zoo / "vgg.arch").write_text(SCRIPT)
    (zoo / "cifar_resnet.arch").write_text(SCRIPT)
    monkeypatch.setattr(locating.zoo_names.resources, "zoo", lambda: zoo)
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def found(spec):
    located = locate(spec)
    return located.source.name, located.net, located.variant


@pytest.mark.parametrize("name", ["resnet50", "resnet-50", "ResNet-50", "RESNET_50", "resnet@50"])
def test_spellings_of_resnet_50_all_mean_its_variant_50(here, name):
    assert found(name) == ("zoo/resnet.arch", None, "50")


def test_a_zoo_name_alone_leaves_the_variant_open(here):
    assert found("ResNet") == ("zoo/resnet.arch", None, None)
    assert found("CIFAR-ResNet") == ("zoo/cifar_resnet.arch", None, None)


def test_a_variant_with_a_dash_is_found_as_it_is_declared(here):
    assert found("resnet-wide50_2") == ("zoo/resnet.arch", None, "wide50-2")


def test_a_variant_that_another_net_of_the_file_declares_brings_its_net(here):
    assert found("resnet34p") == ("zoo/resnet.arch", "Plain", "34p")


def test_variants_of_a_script_are_found_too(here):
    assert found("vggb") == ("zoo/vgg.arch", None, "B")


def test_an_exact_file_name_wins_over_a_variant(here):
    (locating.zoo_names.resources.zoo() / "resnet50.arch").write_text(SCRIPT)
    assert found("resnet-50") == ("zoo/resnet50.arch", None, None)


def test_a_path_is_taken_apart_at_net_and_variant(here):
    (here / "a@b.arch").write_text(SCRIPT)
    assert found("a@b.arch") == ("a@b.arch", None, None)
    assert found("a@b.arch@A") == ("a@b.arch", None, "A")
    assert found("./a@b.arch:Net@A-LRN") == ("a@b.arch", "Net", "A-LRN")


def test_a_file_that_is_there_wins_over_the_zoo(here):
    (here / "vgg.arch").write_text("conv3-1\n")
    located = locate("vgg.arch")
    assert located.source.text == "conv3-1\n"
    assert located.notes == ()


def test_a_zoo_file_that_is_not_here_is_taken_from_the_zoo_with_a_note(here):
    located = locate("resnet-50.arch")
    assert (located.source.name, located.variant) == ("zoo/resnet.arch", "50")
    assert located.notes == ("there is no file `resnet-50.arch` here: this is the zoo's `resnet`",)


def test_a_path_into_a_folder_never_falls_back_to_the_zoo(here):
    with pytest.raises(LocateError, match=r"there is no file `nets/vgg\.arch`"):
        locate("nets/vgg.arch")


def test_a_wrong_variant_in_a_zoo_name_lists_those_there_are(here):
    with pytest.raises(LocateError, match="has the variants 50, 101, wide50-2, 34p"):
        locate("resnet51")


def test_a_misspelt_name_is_answered_with_the_right_one(here):
    (here / "flowers.arch").write_text(SCRIPT)
    with pytest.raises(LocateError, match="did you mean `resnet`"):
        locate("resent")
    with pytest.raises(LocateError, match=r"did you mean `flowers\.arch`"):
        locate("flower.arch")


@pytest.mark.parametrize(("name", "variant"), [("resnet50@101", None), ("resnet50", "101"), ("resnet@50", "101")])
def test_two_variants_at_once_are_refused(here, name, variant):
    with pytest.raises(LocateError, match="is the variant `50`, and `101` is asked for too") as caught:
        locate(name, variant)
    (error,) = caught.value.diagnostics
    assert (error.code, error.help) == ("bad-network-name", "write `resnet@101`")


def test_the_same_variant_said_twice_is_once(here):
    assert locate("resnet50", "50").variant == locate("resnet@50", "50").variant == "50"


def test_a_variant_beside_the_name_is_taken(here):
    assert locate("resnet", "101").variant == "101"


@pytest.mark.parametrize("name", ["", "@D", "a:b:c", "vgg@", "vgg:"])
def test_what_names_no_network_is_refused_with_the_forms_there_are(here, name):
    with pytest.raises(LocateError, match=r"path\.arch:Net@VARIANT"):
        locate(name)


def test_a_folder_is_said_to_be_one(here):
    (here / "nets.arch").mkdir()
    with pytest.raises(LocateError, match="it is a folder"):
        locate("nets.arch")


def test_a_dash_reads_standard_input(here, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"conv3-64\r\n")))
    located = locate("-@B")
    assert (located.source.name, located.source.text, located.variant) == ("<stdin>", "conv3-64\r\n", "B")


def test_a_byte_order_mark_is_no_part_of_the_text(here):
    (here / "a.arch").write_bytes(b"\xef\xbb\xbfconv3-64\n")
    assert locate("a.arch").source.text == "conv3-64\n"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_that_is_not_utf8_is_pointed_at(here, mark):
    (here / "a.arch").write_bytes(mark + "# é\nconv3-".encode() + b"\xff64\n")
    with pytest.raises(ArchError) as caught:
        locate("a.arch")
    (error,) = caught.value.diagnostics
    assert (error.code, error.span.line, error.span.column) == ("not-utf8", 2, 7)
    assert not isinstance(caught.value, LocateError)


def test_no_more_of_a_source_is_read_than_the_parser_could_take(here, monkeypatch):
    monkeypatch.setattr(locating, "MOST_BYTES", 101)
    (here / "a.arch").write_text("é" * 10_000, "utf-8")
    assert len(locate("a.arch").source.text) == 51


def test_what_is_cut_off_is_still_too_long_for_the_parser():
    assert locating.MOST_BYTES // 4 > MAX_SOURCE  # a character takes at most four bytes


def test_the_end_of_a_variant_may_be_left_out_where_one_alone_begins_so(here):
    located = locate("resnet-wide50")
    assert (located.source.name, located.variant) == ("zoo/resnet.arch", "wide50-2")
    assert located.notes == ("`resnet-wide50` is short for the zoo's `resnet@wide50-2`",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wide101", "`resnet@wide101-2`"),
        ("wrn28", "`wrn@28-10` or `wrn@28-12`"),
        ("Wide-ResNet-28-10", "`wrn@28-10`"),
        ("wide_resnet50_2", "`resnet@wide50-2`"),
        ("resnet110", "`cifar_resnet@110` or `preact_resnet@110`"),
        ("resnet-1202", "`cifar_resnet@1202`"),
        ("VGG-19", "`vgg@E`"),
        ("vgg16_bn", "`vgg_torchvision@16-bn`"),
        ("places205-googlenet", "`googlenet@places205`"),
        ("hybrid_cnn_places", "`caffenet@hybrid`"),
        ("plain34", "`resnet@plain34`"),
        ("se-resnet50", "`senet@50`"),
        ("inception-v1", "`googlenet`"),
        ("googelnet", "`googlenet`"),
        ("denssenet", "`densenet`"),
        ("alex", "`alexnet`"),
        ("fcn", "`fcn8s`"),
        ("network-in-network", "`nin`"),
    ],
)
def test_a_name_that_others_use_or_a_slip_is_answered_with_the_zoo_s(typed, meant):
    with pytest.raises(LocateError) as caught:
        locate(typed)
    assert caught.value.diagnostics[0].help == f"did you mean {meant}?"


def test_what_the_zoo_has_nothing_like_is_answered_with_all_it_has():
    with pytest.raises(LocateError, match=r"the zoo has .*alexnet, .*zfnet"):
        locate("perceptron")


def test_a_zoo_network_called_by_its_variant_has_its_text_read_once(monkeypatch):
    seen = []

    def counted(source):
        seen.append(source.name)
        return parse(source)

    monkeypatch.setattr(zoo_names, "parse", counted)
    monkeypatch.setattr(imports, "parse", counted)
    assert read("resnet50").variant == "50"
    assert seen.count("zoo/resnet.arch") == 1
