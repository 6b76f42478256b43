"""Weights: every misfit told at once, names that files ask for, and no code from a file."""

from __future__ import annotations

import json
import pickle
import struct
import sys
import warnings

import pytest
import torch

import archlang
from archlang.runtime.load import load

TEXT = "net N { input 3x8x8\nconv3-4; bn; relu; gap; FC-2 as head }"


def model():
    return archlang.parse(TEXT)


def weights():
    torch.manual_seed(3)
    state = model().build().state_dict()
    return {name: torch.rand_like(t) if t.is_floating_point() else t for name, t in state.items()}


def same(module, state):
    return all(torch.equal(tensor, state[name]) for name, tensor in module.state_dict().items())


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_pth_file_is_loaded(tmp_path, wrapped):
    state = weights()
    torch.save({"state_dict": state, "epoch": 3} if wrapped else state, tmp_path / "w.pth")
    assert same(model().build(weights=tmp_path / "w.pth"), state)


def test_a_safetensors_file_is_loaded(tmp_path):
    from safetensors.torch import save_file

    state = weights()
    save_file(state, tmp_path / "w.safetensors", metadata={"format": "pt"})
    assert same(model().build(weights=str(tmp_path / "w.safetensors")), state)


def test_a_mapping_is_loaded():
    state = weights()
    assert same(model().build(weights=state), state)


def test_every_missing_extra_and_misshapen_key_is_told_at_once():
    state = weights()
    state["other"] = torch.zeros(2, 3)
    state["extra.weight"] = torch.zeros(1)
    del state["conv1.bias"], state["bn1.running_mean"]
    state["head.weight"] = torch.zeros(9, 4)
    with pytest.raises(archlang.ArchError) as caught:
        model().build(weights=state)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "weights-mismatch"
    assert sorted(note.split(" ")[0] for note in diagnostic.notes) == [
        "extra:",
        "extra:",
        "missing:",
        "missing:",
        "shape:",
    ]
    said = str(caught.value)
    for words in ("`conv1.bias`", "`bn1.running_mean`", "`other` 2x3", "9x4 in the weights and 2x4 in the network"):
        assert words in said


def test_a_part_may_be_left_out_that_has_other_sizes_in_the_file():
    state = weights()
    torch.manual_seed(4)
    fresh = model().build().state_dict()
    others = {**state, "head.weight": torch.zeros(9, 4), "head.bias": torch.zeros(9)}
    torch.manual_seed(4)
    made = model().build(weights=others, without="head").state_dict()
    assert all(torch.equal(made[key], fresh[key] if key.startswith("head.") else state[key]) for key in made)


def test_parts_that_the_file_alone_has_and_that_it_lacks_may_be_left_out():
    state = {("fc" + key.removeprefix("head") if key.startswith("head.") else key): t for key, t in weights().items()}
    with pytest.raises(archlang.ArchError) as caught:
        model().build(weights=state)
    assert caught.value.diagnostics[0].help.endswith('`build(weights=..., without=["head", "fc"])`')
    made = model().build(weights=state, without=["head", "fc"]).state_dict()
    assert torch.equal(made["conv1.weight"], state["conv1.weight"])


def test_what_fits_nowhere_is_not_to_be_saved_by_leaving_it_out():
    with pytest.raises(archlang.ArchError) as caught:
        model().build(weights={f"other{i}.weight": torch.zeros(1) for i in range(5)})
    assert caught.value.diagnostics[0].help is None


@pytest.mark.parametrize(
    ("part", "help_"), [("haed", "did you mean `head`?"), ("hea", "did you mean `head`?"), ("", None)]
)
def test_a_part_to_leave_out_that_is_not_there_is_told(part, help_):
    with pytest.raises(archlang.ArchError) as caught:
        model().build(weights=weights(), without=part)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.help) == ("weights-name", help_)


def test_a_part_of_named_weights_may_be_left_out():
    inner = "net Inner { input 3x8x8; conv3-4 as a; conv3-4 as b; gap; FC-2 as c }\n"
    outer = inner + 'net Outer { input 3x8x8; Inner(weights="old") as trunk; FC-5 as head }'
    state = archlang.parse(inner).build().state_dict()
    state["b.weight"] = torch.zeros(1)
    made = archlang.parse(outer).build({"old": state}, without="trunk.b").state_dict()
    assert torch.equal(made["trunk.a.weight"], state["a.weight"])
    assert made["trunk.b.weight"].shape == (4, 4, 3, 3)


def test_nothing_is_copied_unless_everything_fits():
    from archlang.runtime.load import load

    module, state = model().build(), weights()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    del state["head.bias"]
    with pytest.raises(archlang.ArchError):
        load(module, state)
    assert same(module, before)


class Evil:
    def __reduce__(self):
        return (print, ("run!",))


def test_code_in_a_pth_file_is_refused_and_not_run(tmp_path, capsys):
    for number, content in enumerate((Evil(), {"conv1.weight": Evil()})):
        torch.save(content, tmp_path / f"{number}.pth")
        (tmp_path / f"{number}.bin").write_bytes(pickle.dumps(content))
        for name in (f"{number}.pth", f"{number}.bin"):
            with pytest.raises(archlang.ArchError) as caught:
                model().build(weights=tmp_path / name)
            assert caught.value.diagnostics[0].code == "weights-file"
    assert "run!" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04broken", b"\x80\x02."])
def test_a_broken_pth_file_is_told_and_no_traceback(tmp_path, content):
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(archlang.ArchError) as caught:
        model().build(weights=tmp_path / "w.pth")
    assert caught.value.diagnostics[0].code == "weights-file"


def safetensors(table, body=b""):
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return struct.pack("<Q", len(text)) + text + body


BROKEN = {
    "short": b"\x01",
    "long table": struct.pack("<Q", 1 << 62) + b"{}",
    "no json": safetensors(b"{"),
    "deep json": safetensors(b"[" * 100_000),
    "no object": safetensors([1]),
    "no shape": safetensors({"a": {"dtype": "F32", "data_offsets": [0, 4]}}, b"1234"),
    "unknown kind": safetensors({"a": {"dtype": "X9", "shape": [1], "data_offsets": [0, 4]}}, b"1234"),
    "past the end": safetensors({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, b"1234"),
    "negative": safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}, b"1234"),
    "wrong size": safetensors({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 4]}}, b"1234"),
    "true for one": safetensors({"a": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, b"1234"),
    "again and again": safetensors(
        {f"t{i}": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 4000]} for i in range(3)}, b"1" * 4000
    ),
    "entry is text": safetensors({"a": "F32"}),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_safetensors_file_is_told_and_no_traceback(tmp_path, content):
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(archlang.ArchError) as caught:
        model().build(weights=tmp_path / "w.safetensors")
    assert caught.value.diagnostics[0].code == "weights-file"


def test_an_enormous_file_of_weights_is_not_read_into_memory(tmp_path):
    with (tmp_path / "w.safetensors").open("wb") as file:
        file.write(safetensors({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}))
        file.truncate(2**42 + 10_000)  # four terabytes of nothing, which the disk need not hold
    with pytest.raises(archlang.ArchError) as caught:
        model().build(weights=tmp_path / "w.safetensors")
    assert caught.value.diagnostics[0].code in ("weights-file", "weights-mismatch")


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(archlang.ArchError, match="there is no file"):
        model().build(weights="nowhere.pth")


LIB = """
net Lib { input 3x8x8
  conv3-4 as c; bn as b; relu; gap as pool; FC-7 as old; softmax }
"""
USER = 'import "lib.arch": Lib\nnet User { input 3x8x8\nLib(weights="imagenet") to pool{label}\nFC-2 as head }'


@pytest.fixture
def user(tmp_path):
    (tmp_path / "lib.arch").write_text(LIB)

    def read(label=""):
        (tmp_path / "user.arch").write_text(USER.replace("{label}", label))
        return archlang.read(tmp_path / "user.arch")

    trunk = archlang.read(tmp_path / "lib.arch").build().state_dict()
    torch.save({name: torch.full_like(tensor, 2) for name, tensor in trunk.items()}, tmp_path / "lib.pth")
    return read, tmp_path / "lib.pth"


@pytest.mark.parametrize(("label", "prefix"), [("", ""), (" as trunk", "trunk.")])
def test_named_weights_fill_their_trunk_whatever_else_the_file_holds(user, label, prefix):
    read, path = user
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = read(label).build(weights={"imagenet": path})
    state = module.state_dict()
    assert all(torch.all(state[prefix + name] == 2) for name in ("c.weight", "c.bias", "b.running_var"))
    assert not torch.any(state["head.weight"] == 2)


def test_named_weights_that_are_not_given_leave_the_initialisation_with_a_warning(user):
    read, _ = user
    with pytest.warns(UserWarning, match="`imagenet` are not given"):
        read().build()


def test_named_weights_that_lack_a_layer_of_the_trunk_are_refused(user):
    read, _ = user
    with pytest.raises(archlang.ArchError) as caught:
        read().build(weights={"imagenet": {"c.weight": torch.zeros(4, 3, 3, 3)}})
    assert any("`b.weight`" in note for note in caught.value.diagnostics[0].notes)


def test_weights_by_a_name_that_nobody_asks_for_are_refused(user):
    read, path = user
    with pytest.raises(archlang.ArchError) as caught:
        read().build(weights={"places": path})
    assert caught.value.diagnostics[0].code == "weights-name"


def test_without_torch_building_says_what_to_install(monkeypatch):
    for name in [n for n in sys.modules if n == "torch" or n.startswith(("torch.", "archlang.runtime"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(archlang.ArchError) as caught:
        model().build()
    assert caught.value.diagnostics[0].code == "no-torch"
    assert "pip install archlang[torch]" in str(caught.value)
    assert "class N(nn.Module)" in model().code()


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_orig_mod.module.", "module._orig_mod."])
def test_what_a_wrapper_put_before_every_key_is_left_out(prefix):
    source, target = (archlang.parse("net N { input 3x8x8; conv3-4; gap; FC-5 }").build() for _ in range(2))
    load(target, {f"{prefix}{key}": one for key, one in source.state_dict().items()})
    assert all(torch.equal(one, target.state_dict()[key]) for key, one in source.state_dict().items())


def test_a_network_with_a_part_called_module_keeps_that_name():
    source, target = (archlang.parse("input 3x8x8; [conv3-4; bn] as module").build() for _ in range(2))
    load(target, source.state_dict())
    assert torch.equal(source.state_dict()["module.0.weight"], target.state_dict()["module.0.weight"])


def test_a_prefix_that_only_some_keys_have_is_told_as_missing_and_extra():
    module = archlang.parse("net N { input 3x8x8; conv3-4; gap; FC-5 }").build()
    weights = dict(module.state_dict())
    weights["module.fc1.bias"] = weights.pop("fc1.bias")
    with pytest.raises(archlang.ArchError) as caught:
        load(module, weights)
    assert len(caught.value.diagnostics[0].notes) == 2
