"""Tables: what they say is what was counted, in every format."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

import archlang
from archlang.report import summarize
from archlang.report.csv import write as write_csv
from archlang.report.latex import write as write_latex
from archlang.report.markdown import write as write_markdown
from archlang.report.table import write as write_table

SMALL = """net Small(classes=10) {
  input 3x32x32
  stage stem: conv3-16/2; bn; relu
  stage body: res[conv3-16; conv3-16]; relu
  aux helper(weight=0.3) { gap; FC-classes; softmax }
  gap; FC-classes; softmax
}
"""
FORMATS = ("table", "json", "csv", "markdown", "latex")


@pytest.fixture(scope="module")
def small():
    return archlang.parse(SMALL)


@pytest.fixture(scope="module")
def resnet():
    return archlang.read("resnet@50")


def test_json_has_the_totals_of_its_layers(small):
    record = json.loads(small.summary("json"))
    main = [layer for layer in record["layers"] if not layer["train_only"]]
    totals = record["totals"]
    assert record["network"] == "Small"
    assert record["variant"] is None
    assert record["input"] == [3, 32, 32]
    assert totals["params"] == sum(layer["params"] for layer in main) == small.params
    assert totals["params_train"] == sum(layer["params"] for layer in record["layers"]) == small.params + 170
    assert totals["macs"] == sum(layer["macs"] for layer in main) == small.macs
    assert totals["activation_bytes"] == sum(layer["activation_bytes"] for layer in main)
    assert totals["depth"] == 4
    assert record["layers"][0]["output"] == [16, 16, 16]
    assert record["layers"][0]["receptive_field"] == [3, 3]
    assert record["layers"][0]["line"] == 3


TUNED = """
net Tuned {
  input 3x8x8
  conv3-16 as a; relu; conv3-16 as b; relu; conv1-4 as c
  aux helper(weight=0.3) { FC-2 as d }
  gap; FC-10 as e
  freeze a, helper
  lr b = 0
  lr c = 0.1
}
"""


def test_the_parameters_that_learn_are_counted_layer_by_layer_and_in_all():
    record = json.loads(archlang.parse(TUNED).summary("json"))
    learn = {layer["name"]: layer["params_trainable"] for layer in record["layers"] if layer["params"]}
    assert learn == {"a": 0, "b": 0, "c": 68, "helper.d": 0, "e": 50}
    assert record["totals"]["params_trainable"] == archlang.parse(TUNED).params_trainable == 118


def test_the_table_says_what_is_frozen_and_how_much_learns():
    text = archlang.parse(TUNED).summary()
    assert [line.split("  ")[0] for line in text.splitlines() if "frozen" in line] == [
        "a (frozen)",
        "b (frozen)",
        "helper.d (training, frozen)",
    ]
    assert "of which learn" in text
    assert " 118\n" in text


def test_a_network_where_all_learns_says_nothing_of_it(small):
    assert "learn" not in small.summary()
    assert small.params_trainable == small.params_train


def test_a_symbolic_size_is_a_string():
    record = json.loads(archlang.parse("input 3xHxW; conv3-8/2").summary("json"))
    assert record["layers"][0]["output"] == [8, "ceil(H/2)", "ceil(W/2)"]
    assert record["totals"]["macs"] == "216*ceil(H/2)*ceil(W/2)"
    assert record["totals"]["peak_bytes"] is None


def test_a_network_of_two_inputs_names_them():
    record = json.loads(
        archlang.parse("input left 3x8x8\ninput right 3x8x8\nconv3-4\nfrom right: conv3-4").summary("json")
    )
    assert record["input"] == {"left": [3, 8, 8], "right": [3, 8, 8]}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_has_every_layer(resnet, format_):
    text = resnet.summary(format_)
    for layer in resnet.layers:
        assert layer.name.replace("_", "\\_") in text or layer.name in text
    assert text.endswith("\n")


def test_the_table_is_aligned_and_says_what_is_counted(small):
    lines = small.summary().splitlines()
    assert lines[0] == "Small  input 3x32x32"
    assert "multiply-accumulates of convolutions" in lines[1]
    header = next(line for line in lines if line.startswith("layer"))
    row = next(line for line in lines if line.startswith("stem.0"))
    assert header.index("kind") == row.index("conv")
    assert header.index("params") + len("params") == row.index("448") + len("448")
    assert re.search(r"^parameters +5,\d\d\d$", small.summary(), re.MULTILINE)


def test_stages_have_subtotals(small):
    (stem,) = [line for line in small.summary().splitlines() if line.startswith("  = stem")]
    assert "480" in stem.split()  # 448 of the convolution, 32 of the batch norm


def test_train_only_layers_are_marked(small):
    marked = [line for line in small.summary().splitlines() if "(training)" in line]
    assert len(marked) == 3


def test_a_batch_multiplies_memory_and_operations_not_parameters(small):
    one, eight = summarize(small.network), summarize(small.network, batch=8)
    assert eight.params == one.params
    assert (eight.macs, eight.activation_bytes) == (8 * one.macs, 8 * one.activation_bytes)
    assert eight.peak_bytes == 8 * one.peak_bytes
    assert eight.saved_bytes == 8 * one.saved_bytes - 7 * 16 * 16  # statistics of the batch norm are kept once
    assert "8 images" in small.summary(batch=8)


COUNTED = {None: 4_089_184_256, "fvcore": 4_111_512_576, "torchinfo": 4_089_238_376, "netscope": 4_089_184_256}


@pytest.mark.parametrize("name", COUNTED)
def test_resnet50_is_counted_as_the_others_count_it(resnet, name):
    record = json.loads(resnet.summary("json", count_as=name))
    assert record["totals"]["macs"] == COUNTED[name]
    if name:
        assert name in record["counted"].lower()


def test_lrn_counts_for_netscope_and_biases_for_torchinfo():
    model = archlang.parse("input 4x8x8; conv3-8; LRN; deconv2-4/2")
    assert summarize(model.network, "netscope").macs - model.macs == 5 * 8 * 64
    assert summarize(model.network, "torchinfo").macs == (8 * 36 + 8) * 64 + (4 * 32 + 4) * 256


def test_fvcore_counts_what_is_done_to_every_value():
    extra = {"bn": 2, "gap": 1, "groupnorm(4)": 5, "layernorm": 5, "instancenorm": 4, "relu": 0, "maxpool": 0}
    for layer, each in extra.items():
        model = archlang.parse(f"input 8x8x8; {layer}")
        assert summarize(model.network, "fvcore").macs == each * 8 * 64, layer
    assert summarize(archlang.parse("input 8x8x8; upsample(2)").network, "fvcore").macs == 8 * 256


def test_csv_has_a_line_a_layer_and_exact_numbers(small):
    rows = list(csv.DictReader(io.StringIO(small.summary("csv"))))
    assert [row["name"] for row in rows] == [layer.name for layer in small.layers]
    assert [int(row["macs"]) for row in rows] == [layer.macs for layer in small.layers]


@pytest.mark.parametrize("start", "=+-@\t")
def test_a_csv_cell_that_a_spreadsheet_would_run_is_defused(small, start):
    summary = summarize(small.network)
    wicked = replace(summary.layers[0], name=f"{start}cmd()", stage=f"{start}cmd()", inputs=(f"{start}cmd()",))
    (row,) = csv.DictReader(io.StringIO(write_csv(replace(summary, layers=(wicked,)))))
    assert row["name"] == row["stage"] == row["inputs"] == f"'{start}cmd()"


def test_a_negative_offset_stays_a_number_in_csv():
    model = archlang.parse("input 3x32x32; pad(3)")
    (row,) = csv.DictReader(io.StringIO(model.summary("csv")))
    assert row["offset"] == "-3"


def test_names_are_escaped_where_they_mean_something(small):
    summary = summarize(small.network)
    wicked = replace(summary.layers[0], name=r"a_b&c%d\e|f*g", stage="")
    one = replace(summary, layers=(wicked,), network="x_y#z")
    assert r"a\_b\&c\%d\textbackslash{}e" in write_latex(one)
    assert r"x\_y\#z" in write_latex(one)
    assert r"a\_b&c%d\\e\|f\*g" in write_markdown(one)
    assert wicked.name in write_table(one)


def test_latex_rows_have_as_many_cells_as_columns(resnet):
    text = resnet.summary("latex")
    (columns,) = re.findall(r"\\begin{longtable}{(\w+)}", text)
    rows = [line for line in text.splitlines() if line.endswith(r"\\") and line.count("&") > 2]
    assert len(rows) > len(resnet.layers)
    assert {line.count(" & ") + 1 for line in rows} == {len(columns)}


def test_netscope_counts_comparisons_additions_divisions_and_exponentials():
    text = (
        "input 8x8x8; conv3-8; bn; relu; LRN; maxpool3/2; avgpool2; res[conv3-8; relu6]; gap; FC-10; dropout; softmax"
    )
    totals = json.loads(archlang.parse(text).summary("json", count_as="netscope", batch=2))["totals"]
    big, pooled, small = 8 * 64, 8 * 9, 8
    assert totals["comparisons"] == 2 * (big + 9 * pooled + small + 10)
    assert totals["additions"] == 2 * (2 * big + 4 * small + small + small + 10)
    assert totals["divisions"] == 2 * (big + 2 * big + 10)
    assert totals["exponentials"] == 2 * (big + 10)
    assert "comparisons" not in archlang.parse(text).summary("json", count_as="fvcore")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"format": "xml"}, "format is one of table, json, csv, markdown, latex, not 'xml'"),
        ({"count_as": "me"}, "count_as is one of .*, not 'me'"),
        ({"batch": 0}, "batch is a number of images, at least 1, not 0"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(asked, said):
    with pytest.raises(ValueError, match=said):
        archlang.read("lenet").summary(**asked)


OWN = """
extern se = "mypkg.layers:SE" { shape = in }
extern warp(out) = "mypkg.layers:Warp" { shape = [out, in.h, in.w]; params = out; macs = 7; kernel = 3 }
net Own {
  input 3x8x8
  stage a: conv3-4; warp-4; se
  stage b: relu; warp-5
  gap; FC-2
}
"""


def test_what_layers_of_the_files_own_do_not_say_is_never_nothing():
    net = archlang.parse(OWN)
    lines = {line.split()[0]: line for line in net.summary().splitlines() if line.strip()}
    assert lines["a.1"].split()[3:5] == ["4", "7"]
    assert lines["a.1"].split()[-3:] == ["5", "1", "0"]
    assert lines["a.2"].split() == ["a.2", "se", "4x8x8", "?", "?", "1.02", "kB", "?", "?", "?"]
    assert lines["b.1"].split()[-3:] == ["?", "?", "?"]
    assert lines["parameters"].split(None, 1)[1] == "133 + ?"
    assert lines["MACs"].split(None, 1)[1] == "6,936 + ?"
    assert lines["kept"].endswith(" + ?")
    assert lines["not"].endswith("a.2: parameters, MACs, receptive field; a.1, a.2, b.1: what is kept")
    record = json.loads(net.summary("json"))
    (se,) = (layer for layer in record["layers"] if layer["kind"] == "se")
    assert (se["params"], se["macs"], se["receptive_field"]) == (None, None, None)
    assert record["totals"]["unsaid"] == {
        "params": ["a.2"],
        "macs": ["a.2"],
        "saved": ["a.1", "a.2", "b.1"],
        "field": ["a.2"],
    }
    assert ",se,4x8x8" not in net.summary("csv")
    (row,) = (line for line in net.summary("csv").splitlines() if line.startswith("a.2,"))
    assert ",4x8x8,,,1024," in row
    assert "133 + ?" in net.svg()
    assert '"""Own' in net.code()
    assert "133 + ? parameters, 6,936 + ? multiply-accumulates" in net.code()
    assert net.unsaid == {("params", "se"), ("macs", "se")}
    assert "133 + ? parameters" in repr(net)
