"""The tables of papers, given back from their files."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from latex_check import assert_latex
from sampled import every

import archlang
from archlang import resources
from archlang.cli import main
from archlang.columns import columns

FORMATS = ("markdown", "latex", "html", "csv")

VGG = {
    "A": [1, 1, 2, 2, 2],
    "B": [2, 2, 2, 2, 2],
    "D": [2, 2, 3, 3, 3],
    "E": [2, 2, 4, 4, 4],
}
"""How many 3x3 convolutions a column has in each row, where it has nothing else."""

INCEPTION = """
3a 256x28x28   64  96 128 16  32  32
3b 480x28x28  128 128 192 32  96  64
4a 512x14x14  192  96 208 16  48  64
4b 512x14x14  160 112 224 24  64  64
4c 512x14x14  128 128 256 24  64  64
4d 528x14x14  112 144 288 32  64  64
4e 832x14x14  256 160 320 32 128 128
5a 832x7x7    256 160 320 32 128 128
5b 1024x7x7   384 192 384 48 128 128
"""

HOSTILE = r"<script>alert(1)</script>|a|`b`**c** \input{x} $y$ {z} % # _ & ~ ^ [w](http://v)"


def read_csv(text):
    """The rows as dictionaries by heading."""
    return list(csv.DictReader(io.StringIO(text)))


def column(name, variant):
    """What a column of the zoo's network says, top to bottom, without what it says nothing in."""
    return [row[variant] for row in read_csv(archlang.table(name, format="csv")) if row[variant]]


def markdown_rows(text):
    """The cells of a Markdown table, headings first, the rule left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for i, line in enumerate(lines) if i != 1]


# ---- VGG ---------------------------------------------------------------------


@pytest.mark.parametrize("variant", VGG)
def test_a_column_of_vgg_is_table_1_word_for_word(variant):
    widths = (64, 128, 256, 512, 512)
    rows = [
        text
        for width, many in zip(widths, VGG[variant], strict=True)
        for text in ("; ".join([f"conv3-{width}"] * many), "maxpool")
    ]
    said = column("vgg", variant)
    assert said[:-3] == [*rows, "FC-4096", "FC-4096", "FC-1000", "soft-max"]


def test_the_columns_of_vgg_that_differ_in_kind_are_table_1_too():
    assert column("vgg", "A-LRN")[0] == "conv3-64; LRN"
    assert [text for text in column("vgg", "C") if "conv1" in text] == [
        "conv3-256; conv3-256; conv1-256",
        "conv3-512; conv3-512; conv1-512",
        "conv3-512; conv3-512; conv1-512",
    ]


def test_the_feet_of_vggs_columns_are_its_weight_layers_and_table_2():
    rows = markdown_rows(archlang.table("vgg"))
    feet = {row[0]: row[1:] for row in rows[-3:]}
    assert rows[0] == ["output", "A", "A-LRN", "B", "C", "D", "E"]
    assert feet["weight layers"] == ["11", "11", "13", "16", "16", "19"]
    assert feet["parameters"] == ["133 M", "133 M", "133 M", "134 M", "138 M", "144 M"]


def test_what_a_column_of_vgg_adds_is_bold():
    first, *_ = [row for row in markdown_rows(archlang.table("vgg")) if row[0] == "224x224"]
    third, *_ = [row for row in markdown_rows(archlang.table("vgg")) if "conv1-256" in row[4]]
    assert first[1:5] == ["conv3-64", "conv3-64<br>**LRN**", "conv3-64<br>**conv3-64**", "conv3-64<br>conv3-64"]
    same = "conv3-256<br>conv3-256"
    assert third[3:] == [
        same,
        f"{same}<br>**conv1-256**",
        f"{same}<br>**conv3-256**",
        f"{same}<br>conv3-256<br>**conv3-256**",
    ]


def test_the_order_of_the_columns_is_the_readers():
    assert markdown_rows(archlang.table("vgg", variants=["E", "A"]))[0] == ["output", "E", "A"]


# ---- ResNet ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variant", "times"),
    [("18", (2, 2, 2, 2)), ("34", (3, 4, 6, 3)), ("50", (3, 4, 6, 3)), ("101", (3, 4, 23, 3)), ("152", (3, 8, 36, 3))],
)
def test_a_column_of_resnet_has_the_brackets_and_multipliers_of_table_1(variant, times):
    bodies = [
        f"[3x3, {w}; 3x3, {w}]" if variant in ("18", "34") else f"[1x1, {w}; 3x3, {w}; 1x1, {4 * w}]"
        for w in (64, 128, 256, 512)
    ]
    expected = [f"{body} x{many}" for body, many in zip(bodies, times, strict=True)]
    assert [text for text in column("resnet", variant) if text.startswith("[")] == expected


def test_resnets_output_sizes_are_those_of_table_1():
    rows = read_csv(archlang.table("resnet", format="csv"))
    assert [row["output"] for row in rows[:7]] == ["112x112", "56x56", "56x56", "28x28", "14x14", "7x7", "1x1"]


def test_only_the_multiplier_is_bold_where_the_bracket_stays():
    text = archlang.table("resnet", variants=["50", "101"])
    assert r"\[1x1, 256; 3x3, 256; 1x1, 1024\] **x23** |" in text
    assert r"\[1x1, 64; 3x3, 64; 1x1, 256\] x3 |" in text


def test_latex_stacks_a_bracket_and_writes_what_all_columns_share_once():
    text = archlang.table("resnet", variants=[18, 34], format="latex")
    assert r"\left[\mbox{\begin{tabular}{@{}c@{}}3x3, 64 \\ 3x3, 64\end{tabular}}\right]" in text
    assert r"& \multicolumn{2}{c}{conv7-64/2} \\" in text


# ---- a row a call ------------------------------------------------------------


def test_googlenets_rows_have_the_six_numbers_of_table_1():
    rows = read_csv(archlang.table("googlenet", format="csv"))
    calls = [row for row in rows if row["type"].startswith("inception")]
    expected = [line.split() for line in INCEPTION.strip().splitlines()]
    names = ("output", "#1x1", "#3x3 reduce", "#3x3", "#5x5 reduce", "#5x5", "pool proj")
    assert [[row[name] for name in names] for row in calls] == [line[1:] for line in expected]
    assert [row["type"] for row in calls] == [f"inception (i{line[0]})" for line in expected]


def test_googlenets_rows_have_their_params_and_ops():
    model = archlang.read("googlenet")
    rows = {row["type"]: row for row in read_csv(archlang.table("googlenet", format="csv"))}
    for label, ops in (("i3a", 128), ("i3b", 304), ("i4b", 88), ("i4c", 100), ("i4d", 119), ("i4e", 170), ("i5b", 71)):
        row = rows[f"inception ({label})"]
        mine = [layer for layer in model.layers if layer.path.startswith(f"{label}.")]
        assert int(row["params"]) == sum(layer.params for layer in mine)
        assert round(int(row["ops"]) / 1e6) == ops
    foot = rows["total"]
    assert (int(foot["params"]), int(foot["ops"]), foot["depth"]) == (model.params, model.macs, "22")


def test_googlenets_rows_have_their_depth():
    rows = read_csv(archlang.table("googlenet", format="csv"))
    # Table 1: 1, 0, 2, 0, then 2 a module with pools between, 0, 0 (dropout), 1, 0. No number is 0 here.
    assert [row["depth"] for row in rows] == [*"1", "", "2", "", *"22", "", *"22222", "", *"22", "", "1", "", "22"]


def test_a_row_is_as_deep_as_the_way_through_it_not_as_its_gates():
    rows = read_csv(archlang.table("efficientnet", format="csv"))
    assert [row["depth"] for row in rows if row["type"] == "mbconv"] == ["2", "6", "6", "9", "9", "12", "3"]


def test_parameters_keep_their_names_where_one_says_no_single_convolution():
    rows = read_csv(archlang.table("squeezenet@1.0", format="csv"))
    assert {"s", "e"} <= set(rows[0])


def test_googlenets_other_rows_have_patch_and_stride():
    rows = read_csv(archlang.table("googlenet", format="csv"))
    assert [(row["type"], row["patch/stride"], row["output"]) for row in rows[:4]] == [
        ("conv", "7x7/2", "64x112x112"),
        ("maxpool", "3x3/2", "64x56x56"),
        ("conv1-64; conv3-192", "", "192x56x56"),
        ("maxpool", "3x3/2", "192x28x28"),
    ]


def test_a_table_of_the_file_comes_back_row_by_row():
    rows = read_csv(archlang.table("mobilenetv2", format="csv"))
    said = [[row[name] for name in ("t", "c", "repeats", "stride")] for row in rows if row["type"] == "bneck"]
    assert said == [
        ["1", "16", "1", "1"],
        ["6", "24", "2", "2"],
        ["6", "32", "3", "2"],
        ["6", "64", "4", "2"],
        ["6", "96", "3", "1"],
        ["6", "160", "3", "2"],
        ["6", "320", "1", "1"],
    ]


def test_variants_that_are_asked_for_stand_side_by_side_whatever_the_net_is_made_of():
    rows = read_csv(archlang.table("squeezenet", variants=["1.0", "1.1"], format="csv"))
    assert {"stage", "output", "1.0", "1.1"} == set(rows[0])
    assert any(row["1.0"] == row["1.1"] == "fire(16, 64) x2" for row in rows)
    assert any(row["1.0"] == "fire(32, 128)" and not row["1.1"] for row in rows)


# ---- any file ----------------------------------------------------------------


FILES = sorted(path.stem for path in resources.zoo().glob("*.arch"))


@pytest.mark.parametrize("name", every(4, FILES))
def test_every_file_of_the_zoo_gives_its_table_in_every_format(name):
    found = columns(name, {})
    texts = {each: found.text(each) for each in FORMATS}
    rows = list(csv.reader(io.StringIO(texts["csv"])))
    many = len(rows)
    assert many > 2
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = markdown_rows(texts["markdown"])
    assert [len(row) for row in cells] == [len(rows[0])] * many
    assert all(any(row[1:]) for row in rows)
    assert texts["html"].count("<tr>") == many
    assert len(rows[0]) == texts["html"].count("<th ")
    assert str(found.usual.params) in texts["csv"]
    assert_latex(texts["latex"], len(rows[0]))
    _is_html(texts["html"])


def test_a_script_without_variants_is_one_column(tmp_path):
    path = tmp_path / "mine.arch"
    path.write_text("input 3x32x32\nconv3-16 x2; relu; maxpool\n[conv3-32; bn; relu] x3\nconv3-8 x6\ngap; FC-10\n")
    assert markdown_rows(archlang.table(path))[:6] == [
        ["output", "mine"],
        ["32x32", "conv3-16"],
        ["32x32", "conv3-16"],
        ["16x16", "maxpool"],
        ["16x16", "conv3-32"],
        ["16x16", "conv3-32"],
    ]
    assert column(path, "mine")[6:9] == ["[3x3, 8] x6", "gap", "FC-10"]


def test_a_size_that_is_not_known_is_a_formula(tmp_path):
    path = tmp_path / "any.arch"
    path.write_text("input 3xHxW\nconv3-8/2; maxpool\n")
    rows = read_csv(archlang.table(path, format="csv"))
    assert rows[0]["output"] == "ceil(H/2)xceil(W/2)"
    assert rows[-1]["any"].startswith("216*")


def test_branches_that_no_block_names_stand_side_by_side(tmp_path):
    path = tmp_path / "wide.arch"
    path.write_text("input 3x32x32\nconcat[ conv1-8 | conv1-4; relu; conv3-8 ]\nres[conv3-16; conv3-16]\n")
    assert column(path, "wide")[:2] == ["concat[1x1, 8 | 1x1, 4; 3x3, 8]", "[3x3, 16; 3x3, 16]"]


def test_branches_of_a_block_called_without_numbers_are_written_out(tmp_path):
    path = tmp_path / "made.arch"
    path.write_text("block a { concat[ conv1-8 | avgpool3/1(pad=1); conv1-4 ] }\nnet Made { input 3x32x32; a x5 }\n")
    assert column(path, "Made")[0] == "concat[1x1, 8 | avgpool3/1; 1x1, 4] x5"


def test_a_repeat_within_a_repeat_keeps_both_brackets(tmp_path):
    path = tmp_path / "deep.arch"
    path.write_text("block u { res[ [conv3-3; conv1-3] x3 ] }\nnet Deep { input 3x32x32; u x8 }\n")
    assert column(path, "Deep")[0] == "[[3x3, 3; 1x1, 3] x3] x8"


def test_groups_and_dilation_are_told(tmp_path):
    path = tmp_path / "odd.arch"
    path.write_text("input 4x32x32\nconv3-8(groups=2)\n[conv1-4; conv3-8(dilation=2)] x2\n")
    assert column(path, "odd")[:2] == ["conv3-8(groups=2)", "[1x1, 4; 3x3, 8, dilation=2] x2"]


def test_variants_that_are_written_apart_share_lines_by_what_their_rows_are(tmp_path):
    path = tmp_path / "apart.arch"
    path.write_text(
        "net Apart {\n  variant A, B\n  input 3x32x32\n  @A: conv3-8; maxpool\n"
        "  @B: conv5-8; LRN; avgpool; conv3-8\n  gap\n}\n"
    )
    rows = read_csv(archlang.table(path, format="csv"))[:5]
    assert [row["A"] for row in rows] == ["conv3-8", "", "maxpool", "", "gap"]
    assert [row["B"] for row in rows] == ["conv5-8", "LRN", "avgpool", "conv3-8", "gap"]


def test_stages_of_other_names_share_no_line(tmp_path):
    path = tmp_path / "apart.arch"
    path.write_text(
        "net Apart {\n  variant A, B\n  input 3x32x32\n  @A: stage one: conv3-8\n  @B: stage two: conv3-8\n  gap\n}\n"
    )
    rows = read_csv(archlang.table(path, format="csv"))[:2]
    assert [(row["stage"], row["A"], row["B"]) for row in rows] == [("one", "conv3-8", ""), ("two", "", "conv3-8")]


def test_lenet_stands_beside_lenet_not_below_it():
    rows = read_csv(archlang.table("lenet", format="csv"))
    assert [row["caffe"] for row in rows[1:6]] == ["conv5-20", "maxpool", "conv5-50", "maxpool", ""]
    assert [row["5"] for row in rows[1:6]] == ["conv5-6", "avgpool", "conv5-16", "avgpool", "conv5-120"]


def test_inputs_that_differ_have_a_line():
    rows = read_csv(archlang.table("nin", variants=["cifar10", "imagenet"], format="csv"))
    assert (rows[0]["output"], rows[0]["cifar10"], rows[0]["imagenet"]) == ("input", "3x32x32", "3x224x224")


def test_a_gate_is_written_as_the_paper_of_squeeze_and_excitation_writes_it():
    assert "[1x1, 64; 3x3, 64; 1x1, 256; fc, [16, 256]] x3" in column("senet", "50")
    assert "hidden, features" in archlang.table("senet")
    assert "hidden, features" not in archlang.table("resnet")


def test_a_block_that_is_a_repeat_has_one_bracket():
    assert "[7x7 dwconv; FC-384; FC-96] x3" in column("convnext", "tiny")


# ---- words of others ---------------------------------------------------------


@pytest.fixture
def hostile(tmp_path):
    path = tmp_path / "hostile.arch"
    text = HOSTILE.replace("\\", "\\\\")
    path.write_text(
        f'block f(w, why) {{ concat[ conv1-w | conv3-w ] }}\nnet N {{\n  paper "{text}"\n  input 3x8x8\n'
        f'  f(4, "{text}")\n  maxpool\n  f(8, "=1+2")\n}}\n'
    )
    return path


def test_hostile_words_are_escaped_in_html(hostile):
    text = archlang.table(hostile, format="html")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    _is_html(text)


def test_hostile_words_are_escaped_in_markdown(hostile):
    text = archlang.table(hostile)
    assert "<script" not in text.replace(r"\<script", "")
    assert {len(row) for row in markdown_rows(text)} == {8}


def test_hostile_words_are_escaped_in_latex(hostile):
    text = archlang.table(hostile, format="latex")
    assert r"\input" not in text
    assert_latex(text, 8)


def test_what_a_spreadsheet_would_run_is_defused_in_csv(hostile):
    assert "'=1+2" in [row["why"] for row in read_csv(archlang.table(hostile, format="csv"))]


# ---- the command -------------------------------------------------------------


def test_the_command_prints_what_the_function_gives(capsys):
    assert main.main(["table", "vgg@A", "--format", "html"]) == 0
    assert capsys.readouterr().out == archlang.table("vgg", variant="A", format="html")


def test_the_command_writes_a_file(tmp_path, capsys):
    out = tmp_path / "table1.tex"
    assert main.main(["table", "resnet", "--variants", "18,34", "--format", "latex", "-o", str(out)]) == 0
    assert out.read_text() == archlang.table("resnet", variants=["18", "34"], format="latex")
    assert capsys.readouterr().out == f"{out}: the table of ResNet\n"


@pytest.mark.parametrize(
    ("argv", "status", "said"),
    [
        (["vgg", "--variants", "A,Z"], 1, "no variant `Z`"),
        (["vgg", "--variant", "A", "--variants", "B"], 2, "not both"),
        (["vgg@D", "--variants", "B"], 2, "vgg@B"),
    ],
)
def test_a_table_that_cannot_be_made_says_why(argv, status, said, capsys):
    assert main.main(["table", *argv]) == status
    assert said in capsys.readouterr().err


def test_a_format_that_there_is_not_says_which_there_are():
    with pytest.raises(ValueError, match="markdown, latex, html or csv"):
        archlang.table("lenet", format="word")


# ---- what a format asks for --------------------------------------------------


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _is_html(text):
    """A whole `table` element, of the tags that a table needs."""
    tags = _Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.seen <= {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "br", "strong"}
    assert text.startswith("<table ")
    assert text.endswith("</table>\n")
