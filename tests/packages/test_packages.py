"""Layers and blocks of other packages: found when a word is met that is unknown, and refused in plain words."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from brought import SWISH

import archlang
from archlang.cli.main import main
from archlang.editing.listed import listed as editing_listed
from archlang.model import check
from archlang.source import Source


def told(text):
    return [(found.code, found.message) for found in check(Source("case.arch", text))]


@pytest.mark.usefixtures("swish")
def test_a_packages_layer_is_used_as_any_other():
    net = archlang.parse("""
    lswish means [bn; lswish]
    input 3x8x8
    conv3-8; lswish(start=2) as s; conv3-8; slopedsilu no bn; lswish bare
    expect s.params == 17
    gap; FC-2
    """)
    assert [layer.kind for layer in net.layers][1:3] == ["bn", "lswish"]
    module = net.build()
    assert module(torch.zeros(2, 3, 8, 8)).shape == (2, 2)
    assert sum(p.numel() for p in module.parameters()) == net.params
    assert {name for name, _ in module.named_parameters() if "slope" in name} == {
        "s.lswish1.slope",
        "lswish2.slope",
        "lswish3.slope",
    }


@pytest.mark.usefixtures("swish")
def test_a_packages_blocks_are_used_as_the_preludes_with_the_callers_words():
    net = archlang.parse("""
    conv means [conv; relu]
    block twice(unit) { unit(8); unit(16, stride=2) }
    input 3x8x8
    wide(8); narrow(2); wide(8)/2
    twice(wide)
    """)
    assert [layer.kind for layer in net.layers][:4] == ["conv", "relu", "conv", "relu"]
    assert net.layers[-1].output == (16, 2, 2)
    net.build()


@pytest.mark.usefixtures("swish")
def test_archlangs_own_words_and_the_files_come_first():
    net = archlang.parse("block lswish { relu }\nblock wide(w) { conv1-w }\ninput 3x8x8\nlswish; wide(4)")
    assert [layer.kind for layer in net.layers] == ["relu", "conv"]


def test_nothing_is_looked_for_while_every_word_is_known():
    code = """
import sys
from archlang.cli.main import main
assert main(["check", "resnet50", "googlenet", "vgg"]) == 0
found = [name for name in ("importlib.metadata", "swishpkg", "torch") if name in sys.modules]
assert not found, found
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_layer_is_imported_when_its_word_is_met(swish):
    told("input 3x8x8\nconv3-8; relux")
    assert "swishpkg.op" not in sys.modules
    assert told("input 3x8x8\nlswish") == []
    assert "swishpkg.op" in sys.modules


@pytest.mark.usefixtures("swish")
def test_a_slip_leads_to_a_packages_word():
    (found,) = check(Source("case.arch", "input 3x8x8\nlswishh; relu"))
    assert (found.code, found.help) == ("unknown-layer", "did you mean `lswish`?")


def broken(install, source, word="lswish"):
    install("badpkg", {"archlang.ops": {word: "badpkg:Swish"}}, {"badpkg.py": source})
    found = told(f"input 3x8x8\nconv3-8; {word}\nnet unused {{ input 3x4x4; {word} }}".partition("\nnet")[0])
    ((code, message),) = found
    assert code == "broken-package"
    return message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "api: ClassVar[int] = 1",
            "api: ClassVar[int] = 2",
            "is made for version 2 of ops, and this archlang has version 1",
        ),
        ("    api: ClassVar[int] = 1\n", "", "does not say which archlang it is made for, and this archlang has"),
        ('= "lswish"\n    aliases', '= "other"\n    aliases', "calls itself `other`"),
        ('("slopedsilu",)', '("relu",)', "also calls itself `relu`, and archlang has a layer of that name"),
        ("import annotations", "import gone", "cannot be imported: SyntaxError: future feature gone is not defined"),
        ("class Swish(Op)", "class Other(Op)", "cannot be imported: AttributeError: module 'badpkg' has no attribute"),
        ("class Swish(Op)", "class Swish", "is no kind of `archlang.ops.op.Op`"),
        ("= option(1.0", "= float(1.0) or option(1.0", "has an option `start` that is not made by `option(...)`"),
        ('    family: ClassVar[str] = "lswish"\n', "", "has no `family`, which names and colours go by"),
    ],
)
def test_a_package_that_is_broken_is_told_where_its_word_stands(install, old, new, words):
    assert old in SWISH
    message = broken(install, SWISH.replace(old, new))
    assert message.startswith("`lswish` of the package `badpkg` ")
    assert words in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("return inputs[0]", "return inputs[1]", "fails here: IndexError: tuple index out of range"),
        ("return inputs[0]", 'return "3x8x8"', "leaves '3x8x8', which is no shape"),
        ('call("Swish", float(self.start))', "self.nothing", "fails here: AttributeError"),
    ],
)
def test_a_mistake_of_a_packages_rule_is_told_as_one(install, old, new, words):
    message = broken(install, SWISH.replace(old, new))
    assert message.startswith("`lswish` of the package `badpkg 1.0` ")
    assert words in message


def test_a_word_that_two_packages_give_is_refused(swish):
    swish("otherpkg", {"archlang.ops": {"lswish": "otherpkg:Swish"}}, {"otherpkg.py": SWISH})
    assert told("input 3x8x8\nlswish") == [
        ("broken-package", "`lswish` is a layer of several packages: otherpkg and swishpkg")
    ]
    swish("third", {"archlang.preludes": {"x": "third:b.arch"}}, {"third/b.arch": "block narrow { relu }"})
    assert told("input 3x8x8\nnarrow") == [
        ("broken-package", "`narrow` is a block of several packages: swishpkg 2.1 and third 1.0")
    ]


def test_blocks_that_cannot_be_read_bring_nothing(install):
    install("bad1", {"archlang.preludes": {"a": "bad1:gone"}}, {"bad1/__init__.py": ""})
    install("bad2", {"archlang.preludes": {"b": "bad2:b.arch"}}, {"bad2/b.arch": "block narrow { conv3-8 -> relu }"})
    install("bad3", {"archlang.preludes": {"c": "bad3"}}, {"bad3.py": "raise SystemError('no')"})
    ((code, _),) = told("input 3x8x8\nnarrow")
    assert code == "unknown-layer"


def test_a_package_that_is_on_the_path_twice_is_one(swish, monkeypatch):
    monkeypatch.syspath_prepend(str(swish.folder) + "/.")
    swish.forget()
    assert told("input 3x8x8\nlswish") == []


def test_the_list_has_what_packages_bring_and_what_is_wrong_with_it(swish, capsys):
    swish("bad1", {"archlang.preludes": {"a": "bad1:gone"}}, {"bad1/__init__.py": ""})
    swish("bad2", {"archlang.ops": {"conv": "bad2:Conv"}}, {"bad2.py": ""})
    swish("bad3", {"archlang.preludes": {"b": "bad3:b.arch"}}, {"bad3/b.arch": "block basic { relu }"})
    listed = {(each.source, each.name): each for each in editing_listed()}
    assert listed["swishpkg 2.1", "lswish"].options == (("start", "number", "1", "the slope before training"),)
    assert listed["swishpkg 2.1", "narrow"].about == "A squeeze to one in r, and back."
    assert listed["bad2 1.0", "conv"].wrong == (
        "`conv` of the package `bad2` is never used: archlang has a layer of that name"
    )
    assert listed["bad1 1.0", "?"].wrong.startswith("its blocks cannot be read: FileNotFoundError")
    assert listed["bad3 1.0", "basic"].wrong == "archlang has one of that name"
    assert main(["ops"]) == 0
    out = capsys.readouterr().out
    assert "layers of swishpkg 2.1\n  lswish  start=1  As it entered.\n" in out
    assert "cannot be used: `conv` of the package `bad2` is never used" in out
    assert told("input 3x8x8\nconv3-8; basic(8)") == []
