"""What `archlang build --explain` says of a network."""

import json
from pathlib import Path

import pytest

import archlang
from archlang.cli.main import main
from archlang.passes.devices import DEVICES, Device, Figure
from archlang.passes.fuse import fusions
from archlang.passes.steps import Setting, Work
from archlang.report.explain import explanation
from archlang.report.explained import explain

BLOCK = """
block bottleneck(w) {
  res[ conv1-w; bn; relu; conv3-w; bn; relu; conv1-(4*w); bn ]; relu
}
net T {
  input 32x8x8
  bottleneck(8) x2
  gap; FC-10
}
"""


def found(name="resnet50", images=256, dtype="bf16", *, training=False, device="h200"):
    model = archlang.read(name)
    return explain(model.network, model.code(kernels=True), Setting(images, dtype, training), DEVICES[device])


@pytest.fixture(scope="module")
def resnet():
    return found()


def test_the_lines_are_those_of_the_emitted_text(resnet):
    text = archlang.read("resnet50").code(kernels=True).splitlines()
    for line in resnet.lines:
        assert line.text.split("(")[0] in text[line.number - 1]


def test_a_line_has_a_row_for_each_shape_and_counts_its_calls(resnet):
    line = next(line for line in resnet.lines if line.text.startswith("x = K.conv1x1(out"))
    assert [(row.count, row.shape) for row in line.rows] == [
        (2, "64x56x56 to 256x56x56"),
        (3, "128x28x28 to 512x28x28"),
        (5, "256x14x14 to 1024x14x14"),
        (2, "512x7x7 to 2048x7x7"),
    ]
    projected = next(line for line in resnet.lines if "K.conv1x1_two(" in line.text)
    assert [(row.kernel, row.count) for row in projected.rows] == [("conv1x1_two", 1)] * 4
    assert line.rows[0].kernel == "conv1x1"
    assert line.rows[0].written == "resnet.arch:15"
    assert line.rows[0].total.operations == 2 * 2 * 256 * 56 * 56 * 64 * 256


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet@121", "nin", "mobilenetv2"])
def test_the_rows_add_up_to_the_total(name, training):
    said = found(name, training=training)
    rows = [row for line in said.lines for row in line.rows]
    update = 1 if training else 0
    assert sum(row.total.operations for row in rows) == said.kernels.operations
    assert sum(row.total.launches for row in rows) == said.kernels.launches - update
    if not training:
        assert sum(row.total.bytes for row in rows) == said.kernels.bytes
        assert sum(row.total.seconds for row in rows) == pytest.approx(said.kernels.seconds)


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet@121", "nin", "senet", "unet"])
def test_every_layer_that_runs_is_on_a_line(name):
    model = archlang.read(name)
    setting = Setting(1)
    said = explain(model.network, model.code(kernels=True), setting, DEVICES["h200"])
    assert all(line.number > 0 for line in said.lines)
    of = fusions(model.network).by_node
    heads = {path for line in said.lines for row in line.rows for path in row.layers}
    for step in Work(model.network, setting).steps.values():
        paths = {model.graph[id_].path for id_ in (of[step.id].nodes if step.id in of else (step.id,))}
        assert paths & heads


def test_what_is_left_alone_says_why(resnet):
    reasons = {row.why for line in resnet.lines for row in line.rows if row.kinds[0] == "conv" and not row.kernel}
    assert all(reasons)
    assert "`layer" not in " ".join(reasons)


def test_what_the_source_has_no_call_for_counts_as_layers_by_themselves():
    model = archlang.read("resnet50")
    plain = explain(model.network, model.code(), Setting(256), DEVICES["h200"])
    assert plain.kernels == plain.eager
    reasons = {row.why for line in plain.lines for row in line.rows if row.kinds == ("conv",)}
    assert any(why.startswith("not emitted here, though `conv1x1` could run it") for why in reasons)


def test_a_kernel_of_several_convolutions_runs_one_where_it_is_all_there_is():
    rows = [row for line in found("nin").lines if "conv1x1_chain" in line.text for row in line.rows]
    assert {row.kernel for row in rows} == {"conv1x1_chain", "conv1x1", ""}
    assert next(row for row in rows if row.kinds == ("conv",)).why == "its 10 channels out do not divide by 8"


@pytest.mark.parametrize("name", ["googlenet", "densenet", "efficientnet"])
def test_every_layer_is_in_a_kernel_or_has_its_reason(name):
    rows = [row for line in found(name).lines for row in line.rows]
    assert [row for row in rows if not row.why] == []
    reasons = {row.kinds[0]: row.why for row in rows if not row.kernel}
    assert reasons.get("maxpool", "no kernel is for `maxpool`") == "no kernel is for `maxpool`"
    placed = "its branches are written into their places"
    copied = "not all its branches are made here by kernels"
    assert reasons.get("concat") == {"googlenet": placed, "densenet": copied}.get(name)


def test_what_is_seen_and_not_emitted_is_told(resnet):
    for one in resnet.larger:
        assert one.why
        assert one.count > 0


def test_kernels_are_modelled_faster_than_a_compiler_and_that_than_layers_alone(resnet):
    assert resnet.kernels.floor < resnet.compiled.floor < resnet.eager.floor


def test_the_device_matters():
    slow, fast = found("lenet", device="t4", dtype="fp16"), found("lenet", device="h200", dtype="fp16")
    assert slow.kernels.floor > 3 * fast.kernels.floor
    assert slow.kernels.bytes == fast.kernels.bytes


def test_a_block_is_explained_once_for_its_copies():
    model = archlang.parse(BLOCK)
    device = Device("d", "D", Figure(1e12), {"bf16": Figure(1e15)}, 1, 1)
    said = explain(model.network, model.code(kernels=True), Setting(2), device)
    first = next(row for line in said.lines for row in line.rows if row.kernel == "conv1x1")
    assert first.count == 2
    assert first.bound == "launch"


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet@121", "senet", "unet"])
@pytest.mark.parametrize("training", [False, True])
def test_the_text_fits_100_columns_and_claims_nothing_measured(name, training):
    model = archlang.read(name)
    text = explanation(model.network, model.code(kernels=True), Setting(256, "bf16", training), DEVICES["h100"])
    assert max(map(len, text.splitlines())) <= 100
    unwrapped = " ".join(text.split())
    assert "Modelled, not" in unwrapped
    assert "3.35 TB/s (its vendor's)" in unwrapped


def test_many_shapes_of_one_line_are_cut_short_in_text_and_whole_in_json():
    model = archlang.read("densenet@121")
    asked = (model.network, model.code(kernels=True), Setting(256), DEVICES["h200"])
    text, record = explanation(*asked), json.loads(explanation(*asked, "json"))
    line = next(line for line in record["lines"] if "before=self.norm1" in line["text"] or "self.conv1" in line["text"])
    assert len(line["runs"]) > 40
    assert "shapes more, together" in text
    assert len(text.splitlines()) < 120


def test_json_has_the_same_numbers(resnet):
    model = archlang.read("resnet50")
    text = explanation(model.network, model.code(kernels=True), Setting(256), DEVICES["h200"], "json")
    record = json.loads(text)
    assert record["modelled"] is True
    assert record["totals"]["kernels"]["bytes"] == resnet.kernels.bytes
    assert [line["line"] for line in record["lines"]] == [line.number for line in resnet.lines]
    assert record["device"]["bytes_per_second_is"] == "measured"


OPEN = """\
extern gate = "mypkg:Gate" { shape = in }
extern shift = "mypkg:Shift" {
  shape = in
  params = 0
  macs = in.c
}
input 3x8x8
conv3-16; gate; shift; gap; FC-3
"""


def test_what_a_declaration_leaves_open_is_marked_and_not_taken_for_nothing():
    text = explanation(
        archlang.parse(OPEN).network,
        archlang.parse(OPEN).code(kernels=True),
        Setting(256, "bf16", training=False),
        DEVICES["h200"],
    )
    [gate, shift] = [line for line in text.splitlines() if line.startswith(("  gate,", "  shift,"))]
    assert " ?  " in gate
    assert "?" not in shift
    sums = [line for line in text.splitlines() if line.startswith(("with kernels ", "layer by layer"))]
    assert [line.count("FLOP + ? ") for line in sums] == [1, 1]
    assert all(len(line) <= 100 for line in text.splitlines())
    said = "Left out, since its declaration does not say them: the operations of `gate` and the bytes of the parameters"
    assert said in " ".join(text.split())


def test_json_names_what_a_declaration_leaves_open():
    made = archlang.parse(OPEN)
    text = explanation(
        made.network, made.code(kernels=True), Setting(256, "bf16", training=False), DEVICES["h200"], "json"
    )
    assert json.loads(text)["unsaid"] == {"macs": ["gate"], "params": ["gate"]}


def test_an_unknown_format_is_refused():
    model = archlang.read("lenet")
    with pytest.raises(ValueError, match="format is one of text, json, not 'yaml'"):
        explanation(model.network, model.code(kernels=True), Setting(), DEVICES["h200"], "yaml")


# ---- the command -----------------------------------------------------------------


def test_build_explains_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build", "nin", "--explain", "--device", "a100", "--batch", "64", "--dtype", "tf32", "--train"]) == 0
    assert "a step of training, batch 64, tf32, on NVIDIA A100 SXM 80 GB" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--explain", "--device", "abacus"], "no device `abacus` is known: there are h200, h100"),
        (["--explain", "--device", "v100"], "NVIDIA V100 SXM has no bf16: it has fp32, fp16"),
        (["--device", "h100"], "--device goes with --explain"),
        (["--train"], "--train goes with --explain"),
        (["--explain", "-o", "net.py"], "--explain prints and writes nothing"),
    ],
)
def test_what_cannot_be_explained_is_refused(words, said, capsys):
    assert main(["build", "lenet", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_symbolic_size_is_asked_for(tmp_path, capsys):
    file = tmp_path / "any.arch"
    file.write_text("net Any {\n input 3xHxW\n conv3-8; gap\n}\n")
    assert main(["build", str(file), "--explain"]) == 2
    assert "give the input's, such as 3x224x224" in capsys.readouterr().err
    assert main(["build", str(file), "--explain", "--input", "3x32x32"]) == 0


def test_what_is_not_read_in_as_it_could_be_is_an_end_of_a_block_by_itself():
    rows = [
        row for line in found("preact_resnet").lines if "K.bn_add_relu(x, self.bn1)" in line.text for row in line.rows
    ]
    assert {row.kernel for row in rows} == {"bn_add_relu"}
    assert {row.why for row in rows} == {"batch norm and ReLU in one pass"}


def test_an_item_of_a_sequence_that_runs_as_a_whole_says_so():
    line = next(line for line in found("efficientnet@B0").lines if line.text == "out = self.block(x)")
    assert {row.why.partition(",")[0] for row in line.rows if row.kinds == ("conv",)} == {
        "an item of a sequence that runs as a whole"
    }


@pytest.mark.parametrize("name", ["googlenet_torchvision", "mobilenetv2", "mobilenetv3", "regnet", "shufflenetv2"])
def test_every_call_of_a_kernel_is_explained_as_that_kernel(name):
    said = found(name)
    calls = [line for line in said.lines if ".conv1x1" in line.text or ".conv_relu" in line.text]
    assert calls
    for line in calls:
        assert any(row.kernel for row in line.rows), line.text


def test_what_two_blocks_could_share_is_told_with_what_it_saves_and_asks_of_the_cache(resnet):
    first = resnet.larger[0]
    assert (first.kernel, first.shape, first.count) == ("conv1x1_pair", "64x56x56 to 256+64x56x56", 1)
    pixels, width = 256 * 56 * 56, 2
    assert first.apart.bytes - first.together.bytes == pixels * width * 256  # what the end makes is not read again
    assert first.cached == pixels // 128 * width * (64 * 256 + 256 * 64)
    assert first.apart.operations == first.together.operations
    assert "411.04 MB of weights of the cache" in explanation(*_asked("resnet50")).replace("\n  ", " ")


def test_in_training_there_is_nothing_that_two_blocks_could_share():
    assert found("resnet50", training=True).larger == ()


def test_two_blocks_that_share_a_call_are_one_row():
    part = "conv1-8(bias=false); bn; relu; conv3-8(bias=false); bn; relu; conv1-32(bias=false); bn"
    model = archlang.parse(f"input 3x8x8\nconv3-32; relu\nres[ {part} ]; relu\nres[ {part} ]; relu\ngap; FC-4")
    said = explain(model.network, model.code(kernels=True), Setting(2), DEVICES["h200"])
    line = next(line for line in said.lines if "conv1x1_pair" in line.text)
    assert [(row.kernel, row.shape) for row in line.rows] == [("conv1x1_pair", "8x8x8 to 32+8x8x8")]
    assert said.larger == ()


def _asked(name):
    model = archlang.read(name)
    return model.network, model.code(kernels=True), Setting(256), DEVICES["h200"]


def test_the_page_about_kernels_has_the_arithmetic_of_what_two_blocks_could_share(resnet):
    page = (Path(archlang.__file__).parents[1] / "docs" / "kernels.md").read_text("utf-8")
    rows = [
        (
            one.count,
            f"{one.apart.floor * 1e6:.1f} us",
            f"{one.together.floor * 1e6:.1f} us",
            f"{one.cached / 1e6:.0f} MB",
        )
        for one in resnet.larger
    ]
    assert len(rows) == 4
    for row in rows:
        assert f"| {' | '.join(map(str, row))} |" in page
