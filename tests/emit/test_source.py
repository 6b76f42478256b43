"""The emitted text itself: formatted, short, the same each time, and never anybody else's code."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from emitted_networks import code, first_variants, lines_of, model, programs, specs
from sampled import every

import archlang
from archlang.emit.forms import Each, literal

ROOT = Path(__file__).parent.parent.parent

EACH = every(3, specs())


@pytest.mark.parametrize("of", [first_variants, pytest.param(specs, marks=pytest.mark.slow)])
def test_ruff_format_leaves_every_source_as_it_is(tmp_path, of):
    for number, spec in enumerate(of()):
        (tmp_path / f"n{number}.py").write_text(code(spec), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[:4000]


@pytest.mark.parametrize("spec", EACH)
def test_a_source_is_python_that_imports_only_torch_and_the_standard_library(spec):
    tree = ast.parse(code(spec))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert imported <= {"torch", "torch.nn", "collections", "collections.abc", "typing"}


@pytest.mark.parametrize(("spec", "budget"), [("zoo/googlenet.arch", 120), ("tests/samples/googlenet.arch", 120)])
def test_googlenet_with_its_heads_stays_within_its_budget(spec, budget):
    assert lines_of(code(spec)) <= budget


def test_resnet_50_stays_within_90_lines_and_resnet_152_takes_not_one_more():
    for file in ("zoo/resnet.arch", "tests/samples/resnet.arch"):
        assert lines_of(code(f"{file}@50")) <= 90
        assert lines_of(code(f"{file}@152")) <= lines_of(code(f"{file}@50"))


def test_a_repeat_takes_as_many_lines_however_often_it_is_repeated():
    counts = {lines_of(code(f"zoo/cifar_resnet.arch@{v}")) for v in ("20", "56", "110")}
    assert len(counts) == 1


def test_two_processes_with_other_hash_seeds_emit_the_same_bytes():
    names = ["zoo/googlenet.arch", "zoo/mobilenetv2.arch", "zoo/unet.arch", "tests/emit/programs/settings.arch"]
    script = f"import archlang\nfor n in {names!r}: print(archlang.read(n).code())"
    seen = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=env, cwd=ROOT, check=True)
        seen.add(done.stdout)
    assert len(seen) == 1


def test_emitting_twice_gives_the_same_text():
    for spec in programs():
        assert model(spec).code() == code(spec)


def test_the_header_says_from_what_with_what_totals_and_how_to_make_it_again():
    text = archlang.read(ROOT / "zoo/googlenet.arch").code()
    head = " ".join(ast.get_docstring(ast.parse(text)).split())
    assert "GoogLeNet, variant imagenet, made from googlenet.arch by archlang (arXiv:1409.4842)" in head
    assert "6,998,552 parameters (13,378,280 with its train-only heads)" in head
    assert "archlang build" in head
    assert "variant 152" in code("zoo/resnet.arch@152")


@pytest.mark.parametrize("name", ['a"""+exit()+"""', "a\\", "a\nimport os", "a\x00b", "é\u202e'"])
def test_a_files_name_and_paper_stay_text_whatever_they_hold(name):
    text = 'net A { paper "p\\"; import os #"\n input 3x8x8; conv3-4; gap; FC-2 }'.replace('\\"', "'")
    emitted = archlang.parse(text, name=f"{name}.arch").code()
    tree = ast.parse(emitted)
    assert [type(node).__name__ for node in tree.body[:2]] == ["Expr", "Import"]
    assert not any(isinstance(node, ast.Name) and node.id in {"exit", "os"} for node in ast.walk(tree))


@pytest.mark.parametrize("spec", first_variants())
def test_every_class_is_used_and_none_is_defined_twice(spec):
    tree = ast.parse(code(spec))
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert len(classes) == len(set(classes))
    bodies = [
        ast.dump(ast.Module(body=node.body, type_ignores=[])) for node in tree.body if isinstance(node, ast.ClassDef)
    ]
    assert len(bodies) == len(set(bodies))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert set(classes[:-1]) <= used


def test_a_block_becomes_one_class_with_what_differs_as_arguments():
    text = code("tests/samples/googlenet.arch")
    assert text.count("class Inception(") == 1
    assert (
        "def __init__(\n        self, in_channels: int, n1: int, r3: int, n3: int, r5: int, n5: int, pp: int\n" in text
    )
    assert "self.i4a = Inception(480, 192, 96, 208, 16, 48, 64)" in text


def test_a_projection_is_a_condition_and_not_another_class():
    text = code("tests/samples/resnet.arch@50")
    assert text.count("class Bottleneck(") == 1
    assert "class Bottleneck2" not in text
    assert "in_channels != 4 * w" in text


def test_numbered_copies_are_made_and_run_in_loops():
    text = code("tests/samples/cifar_resnet.arch@110")
    assert 'self.add_module(f"unit{i}", Unit(16, 16))' in text
    assert 'x = getattr(self, f"unit{i}")(x)' in text


def test_channels_that_step_are_a_comprehension():
    assert "Dense(32 * i + 32)) for i in range(1, 7)" in code("tests/samples/keys/densenet121.arch")


def test_a_source_that_archlang_cannot_read_back_is_never_written_for_names_that_python_uses():
    text = code("tests/emit/programs/names.arch")
    tree = ast.parse(text)
    assigned = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    assert not assigned & {"nn", "F", "torch", "self", "Tensor"}
    arguments = {a.arg for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) for a in n.args.args[1:]}
    assert not arguments & {"nn", "F", "torch", "Tensor", "print", "int"}


@pytest.mark.slow
def test_pyright_finds_nothing_in_any_source(tmp_path):
    for number, spec in enumerate(specs()):
        (tmp_path / f"n{number}.py").write_text(code(spec), encoding="utf-8")
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "basic"}', encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "-p", str(tmp_path), "--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("spec", EACH)
def test_no_member_that_has_a_name_is_looked_up_by_a_constant(spec):
    assert re.findall(r'getattr\(self, "[A-Za-z_]\w*"\)', code(spec)) == []


def test_convolutions_run_in_a_loop_where_the_first_reads_a_tensor_that_is_kept():
    text = code("zoo/fcn8s.arch")
    assert 'self.add_module(f"conv{i}", nn.Conv2d(512, 512, 3, padding=1))' in text
    assert "x = pool3 = F.max_pool2d(x, 2, ceil_mode=True)\n        for i in range(8, 11):\n" in text
    assert "x = self.score_pool3(pool3)" in text


def test_equal_members_that_no_loop_runs_are_made_one_by_one():
    text = code("tests/emit/programs/towers.arch")
    assert "self.conv3 = nn.Conv2d(2, 2, 3, padding=1)" in text
    assert "F.relu(self.conv3(out), inplace=True)" in text


def test_a_loop_holds_the_last_copy_too_though_batch_norm_follows():
    text = code("tests/samples/wrn.arch")
    assert "for i in range(1, 13):" in text
    assert "x = F.relu(self.bn1(x), inplace=True)" in text


def test_a_round_of_a_loop_ends_with_its_pool():
    text = code("zoo/vgg.arch@A")
    assert text.count("for i in range(3, 8, 2):") == 1
    assert text.index('f"conv{i + 1}"') < text.rindex("F.max_pool2d") < text.index("torch.flatten")


def test_a_count_that_callers_give_is_the_end_of_a_loop_and_not_a_class_of_its_own():
    text = code("tests/emit/programs/counts.arch")
    for name in ("Same", "First", "Listed", "Staged", "Twice", "Shifted"):
        assert text.count(f"class {name}") == 1
    assert text.count("for i in range(2, n + 1):") == 2
    assert "self.same3 = Same(16, 16, 1)" in text


def test_stages_that_are_one_repeat_each_are_calls_of_one_class():
    text = code("zoo/resnet.arch@50")
    assert "*[Bottleneck(4 * w, w) for _ in range(n - 1)]" in text
    assert "self.layer2 = Stage(256, 128, 4, stride=2)" in text
    assert "self.c = Stage(16, 32, 1)" in code("tests/emit/programs/stages.arch")
    assert "class Stage(" in code("zoo/resnet.arch@18")


def test_a_layer_that_only_some_calls_have_is_an_option_of_its_sequence_and_not_another_class():
    for file in ("zoo/mobilenetv2.arch", "tests/samples/keys/mobilenet_v2.arch"):
        text = code(file)
        assert "class Bneck2" not in text
        assert "*([Conv(in_channels, t * in_channels, 1)] if t != 1 else [])," in text
        assert "Bneck(32, 1, 16)," in text
    text = code("tests/emit/programs/optional.arch")
    assert text.count("class Front(") == text.count("class Both(") == 1


def test_a_block_is_no_call_of_a_word_that_has_the_same_layers():
    text = code("tests/emit/programs/optional.arch")
    assert "class Both2" not in text
    assert "*([Conv(8, 8, 1)] if end else [])," in text
    assert "self.both3 = Both(first=False, end=False)" in text


def test_a_condition_is_said_as_the_file_says_it():
    assert "self.residual = stride == 1 and in_channels == c" in code("zoo/mobilenetv2.arch")
    text = code("tests/emit/programs/optional.arch")
    assert "if deep else []" in text
    assert "if s == 2 else []" in text
    assert "self.has_first = a == 1" in code("tests/emit/programs/when_twice.arch")


def test_a_layer_after_a_repeat_is_named_by_the_count_and_its_block_stays_one_class():
    text = code("tests/emit/programs/numbered.arch")
    assert text.count("class Counted") == text.count("class Nested") == 1
    assert 'self.add_module(f"conv{n + 1}", nn.Conv2d(w, w, 1, bias=False))' in text
    assert 'out = getattr(self, f"inner{self.n + 1}")(x)' in text
    assert "class Outer2" not in code("tests/emit/programs/deep.arch")


def test_a_layer_after_an_optional_one_is_named_by_the_condition_and_its_block_stays_one_class():
    for spec, block in (
        ("tests/samples/mobilenetv2.arch", "Bneck"),
        ("tests/emit/programs/symbolic_se.arch", "Mbconv"),
    ):
        text = code(spec)
        assert "class FNet2" not in text
        assert f"class {block}2" not in text
        assert "self.extra = t != 1" in text
        assert 'x = getattr(self, f"conv{self.extra + 1}")(x)' in text
    text = code("tests/emit/programs/numbered.arch")
    for name in ("Expanded", "Twofold", "Pairs"):
        assert text.count(f"class {name}(") == 1
    assert 'self.add_module(f"bn{2 * deep + 2}", nn.BatchNorm2d(8))' in text
    assert 'getattr(self, f"conv{2 * self.deep + 2}")' in text
    assert 'getattr(self, f"conv{self.first + self.second + 2}")' in text
    assert "class Twofold2" not in text


def test_a_layer_that_only_some_calls_have_is_said_with_the_blocks_parameters_and_not_with_their_numbers():
    text = code("tests/emit/programs/numbered.arch")
    assert "nn.Conv2d(8, 8, 3, padding=1, bias=False))\n            self.add_module(f" not in text
    assert 'self.add_module(f"conv{i}", nn.Conv2d(w, w, 3, padding=1, bias=False))' in text


def test_what_enters_after_an_optional_layer_is_said_with_its_condition_and_is_no_argument_more():
    text = code("tests/emit/programs/optional.arch")
    assert "*([Conv(in_channels, w, 1), Conv(w, w, 3)] if deep else [])," in text
    assert "Conv(w if deep else in_channels, w, 1)," in text
    assert "in_channels2" not in text + code("tests/emit/programs/numbered.arch")


def test_classes_of_stages_that_have_nothing_in_common_are_named_after_the_stages():
    text = code("tests/emit/programs/skipstage.arch")
    assert "class Enc(nn.Module):" in text
    assert "class Dec(nn.Sequential):" in text


def test_a_block_that_gives_out_more_in_one_of_its_calls_stays_one_class():
    text = code("tests/emit/programs/taps_shared.arch")
    for name in ("Inner", "Two", "Outer", "Pair"):
        assert text.count(f"class {name}") == 1
    assert "_, e1 = self.e1(x)\n" in text
    assert "a, x = self.e2(x)\n" in text
    assert "class Two2" not in code("tests/emit/programs/taps_inside.arch")


def test_a_call_in_a_sequence_gives_out_one_tensor_and_the_call_again_of_another_as_many_as_the_first():
    text = code("tests/emit/programs/taps_shared.arch")
    assert "self.s = nn.Sequential(*[Row2() for _ in range(3)])" in text
    assert "_, x = self.r1(x)\n" in text


def test_a_repeat_of_sums_branches_or_several_layers_is_a_loop_whose_count_callers_give():
    text = code("tests/emit/programs/rounds.arch")
    for name in ("Chain", "Wide", "Pairs", "Sums", "Gated", "Around"):
        assert text.count(f"class {name}") == 1
    assert "has_conv" not in text
    assert "for i in range(2, 2 * self.n + 2, 2):" in text
    assert "            x = F.relu(out + x, inplace=True)\n" in text
    assert "nn.Conv2d(2 * w, w, 3, padding=1, bias=False))" in text
    assert "self.chain3 = Chain(16, 8, 1)" in text


def test_members_of_a_round_that_are_not_equally_many_are_numbered_each_in_its_own_steps():
    text = code("tests/emit/programs/rounds.arch")
    assert "for i in range(self.n):" in text
    assert 'self.add_module(f"bn{2 * i + 3}", nn.BatchNorm2d(w))' in text
    assert 'f"conv{3 * i + 4}"' in text


def test_the_copies_of_a_repeat_that_get_wider_evenly_are_one_loop_whose_count_callers_give():
    text = code("tests/emit/programs/denseblocks.arch")
    assert re.findall(r"class (\w+)", text) == ["Unit", "Denseblock", "DN"]
    assert (
        'for i in range(1, n + 1):\n            self.add_module(f"unit{i}", Unit(in_channels + 12 * (i - 1)))' in text
    )
    assert "self.denseblock3 = Denseblock(144, 8)" in text
    assert text.count("Unit(") == 2


def test_copies_get_wider_by_a_parameter_of_the_block_and_what_comes_after_them_is_no_argument():
    text = code("tests/emit/programs/growing.arch")
    assert "Unit(in_channels + k * (i - 1), k))" in text
    assert "nn.Conv2d(in_channels + 12 * n, 32, 1, bias=False)" in text
    assert "self.narrowed2 = Narrowed(32, 5)" in text
    assert "nn.Conv2d(in_channels + i_ * (i - 1), i_, 3, padding=1, bias=False)" in text


def test_copies_that_get_twice_as_wide_are_a_loop_of_powers():
    text = code("tests/emit/programs/growing.arch")
    doubled = text[text.index("class Doubled") : text.index("class Growing")]
    assert 'self.add_module(f"bn{i}", nn.BatchNorm2d(in_channels * 2 ** (i - 1)))' in doubled
    assert "nn.Conv2d(in_channels * 2**n, 16, 1, bias=False)" in doubled
    assert text.count("class Doubled") == 1


def test_a_round_of_several_layers_that_get_wider_is_one_loop_whose_count_callers_give():
    text = code("tests/emit/programs/steps.arch")
    assert re.findall(r"class (\w+)", text) == ["TwoSteps", "After", "Later", "Steps"]
    assert 'self.add_module(f"bn{2 * i + 1}", nn.BatchNorm2d(in_channels + (s + 8) * i))' in text
    assert "nn.Conv2d(in_channels + s + (s + 8) * i, 8, 1, bias=False)" in text
    assert "nn.Conv2d(in_channels + 20 * n, 32, 1, bias=False)" in text
    assert "self.two_steps3 = TwoSteps(76, 4, 6)" in text


def test_copies_that_get_wider_from_the_second_on_are_a_loop_after_the_first():
    text = code("tests/emit/programs/steps.arch")
    assert "self.conv1 = nn.Conv2d(in_channels, w, 3, padding=1, bias=False)" in text
    assert "nn.Conv2d(w + 4 * (i - 2), w + 4 * (i - 1), 3, padding=1, bias=False)," in text
    assert "nn.Conv2d(w + 4 * (n - 1), 16, 1, bias=False)" in text


def test_a_repeat_after_one_whose_count_callers_give_is_numbered_on_from_it():
    text = code("tests/emit/programs/after_counts.arch")
    assert re.findall(r"class (\w+)", text) == ["Double", "Between", "Unit", "Wide", "Twice", "Dense", "AfterCounts"]
    assert "for i in range(n + 1, n + m + 1):\n            self.add_module(f" in text
    assert "for i in range(self.n + 2, 2 * self.n + 2):\n            x = F.relu6(" in text
    assert 'self.add_module(f"conv{n + 1}", nn.Conv2d(w, 2 * w, 3, padding=1, bias=False))' in text
    assert "self.wide3 = Wide(16, 8, 3, 1)" in text


def test_a_block_called_as_its_network_is_has_a_class_of_that_name_and_no_number():
    text = code("tests/emit/programs/two.arch")
    assert "class TwoBlock(nn.Module):" in text
    assert "class Two(nn.Module):" in text
    assert "self.two2 = TwoBlock(8, 16, 3)" in text


def test_classes_of_one_block_are_told_apart_by_the_block_that_its_calls_are_given():
    text = code("tests/emit/programs/two.arch")
    assert "class PlainRow(" in text
    assert "class WideRow(" in text
    assert "class FusedRow(" in code("zoo/efficientnetv2.arch@S")


def test_a_class_of_one_stage_is_named_after_the_stage():
    assert "self.classifier = Classifier()" in code("zoo/convnext.arch@tiny")
    assert "class Stage(" in code("zoo/resnet.arch@50")


def test_a_layer_that_may_overwrite_its_input_in_some_calls_alone_overwrites_it_in_none_and_its_block_is_one_class():
    text = code("tests/emit/programs/options.arch")
    assert text.count("class Part") == 1
    assert "x = F.dropout(x, self.p, self.training)\n" in text
    assert "self.part3 = Part(16, 3, p=0.3, pool=False)" in text


def test_a_block_that_does_nothing_is_a_layer_less_and_no_class_more():
    text = code("tests/emit/programs/options.arch")
    assert re.findall(r"class (\w*Unit\d*)", text) == ["Unit", "EcaUnit"]
    assert "self.unit2 = Unit(16, 16, has_se1=True)" in text


def test_what_enters_after_an_optional_layer_of_one_width_is_that_number_or_what_enters_the_block():
    text = code("tests/emit/programs/options.arch")
    assert "32 if narrow else in_channels" in text
    assert "channels2" not in text


def test_a_shortcuts_stride_is_the_blocks_though_all_calls_that_have_one_agree_in_it():
    text = code("tests/emit/programs/options.arch")
    assert "self.conv3 = nn.Conv2d(16, 32, 1, stride=stride, bias=False)" in text
    assert "nn.Conv2d(in_channels, w, 1, stride=stride, bias=False)" in code("zoo/cifar_resnet.arch@20-B")


def test_a_stride_is_no_number_of_channels_divided():
    text = code("tests/emit/programs/options.arch")
    assert "stride=in_channels" not in text
    assert "self.y = Conv(8, 16, stride=2)" in text


def test_a_function_that_is_another_in_some_calls_is_a_condition_and_no_class_more():
    text = code("tests/emit/programs/swish.arch")
    assert text.count("class Layer") == 1
    assert "return F.silu(x) if self.swish else F.relu(x, inplace=True)" in text
    assert "self.layer3 = Layer(16, 32, swish=True)" in text


def test_a_repeat_that_some_call_does_not_go_through_even_once_is_a_loop_and_no_class_more():
    text = code("tests/emit/programs/none.arch")
    assert re.findall(r"class (\w+)", text) == ["Unit", "Tower", "Sums", "Pair", "Ends", "Dense", "NoneNet"]
    assert 'for i in range(2, n + 1):\n            self.add_module(f"unit{i}", Unit(w, w))' in text
    assert "self.tower2 = Tower(16, 24, 1)" in text
    assert "self.pair2 = Pair(8, 12, 3, 0)" in text
    assert 'self.add_module(f"conv{n + 1}", nn.Conv2d(w, 4, 1))' in text


def test_one_of_three_functions_or_more_is_an_argument_and_no_class_more():
    text = code("tests/emit/programs/activations.arch")
    assert re.findall(r"class (\w+)", text) == ["Unit", "Head", "Two", "Activations"]
    assert "from collections.abc import Callable\n" in text
    assert "activation: Callable[[Tensor], Tensor]" in text
    assert "return self.activation(out + x)" in text
    assert "self.unit2 = Unit(16, 32, F.gelu)" in text


def test_one_of_three_modules_or_more_is_an_argument_and_no_class_more():
    text = code("tests/emit/programs/activations.arch")
    assert "def __init__(self, in_channels: int, w: int, activation: type[nn.Module]) -> None:" in text
    assert "            activation(),\n" in text
    assert "Head(64, 16, nn.ReLU)" in text


def test_a_function_that_is_another_in_some_calls_at_several_places_is_one_condition():
    text = code("tests/emit/programs/activations.arch")
    assert "self.soft = soft\n" in text
    assert re.findall(r"F\.gelu\((\w+)\) if self\.soft else F\.relu\(\1, inplace=True\)", text) == ["x", "x"]


def test_a_stage_of_three_like_layers_or_more_is_a_loop_within_the_loop_over_the_stages():
    text = code("zoo/vgg.arch@E")
    assert (
        "        for i in range(5, 14, 4):\n            for j in range(i, i + 4):\n                x = F.relu(" in text
    )
    assert 'getattr(self, f"conv{j}")(x)' in text


def test_a_layer_that_only_some_calls_have_does_not_hang_on_a_number_of_channels_by_chance():
    text = code("tests/emit/programs/growing.arch")
    assert "in_channels == 128" not in text
    assert "self.doubled3 = Doubled(16, 3)" in text


@pytest.mark.parametrize("of", [first_variants, pytest.param(specs, marks=pytest.mark.slow)])
def test_no_class_of_a_network_in_the_zoo_has_a_number_that_its_file_has_not(of):
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "zoo").glob("*.arch"))
    known = written.lower().replace("_", "")
    for spec in [one for one in of() if one.startswith("zoo/")]:
        numbered = re.findall(r"^class (\w+\d)\(", code(spec), re.MULTILINE)
        assert [name for name in numbered if name.lower() not in known] == [], spec


def test_a_tensor_that_is_read_after_a_loop_is_not_overwritten_in_it():
    text = code("tests/emit/programs/rounds.arch")
    around = text[text.index("class Around") :]
    assert "        kept = self.kept(x)\n        x = kept\n        for i in" in around
    assert "return torch.cat([x, kept], 1)" in around


def test_a_block_that_differs_in_kernel_gate_activation_and_first_layer_is_one_class():
    for variant in ("large", "small"):
        text = code(f"zoo/mobilenetv3.arch@{variant}")
        assert re.findall(r"class (\w+)", text) == ["Conv", "Gate", "Bneck", "MobileNetV3"]
        assert "nn.Hardswish() if swish else nn.ReLU(inplace=True)" in text
        assert "*([Conv(in_channels, m, 1, swish=swish)] if m != in_channels else [])," in text
        assert "*([Gate(m, squeeze)] if se else [])," in text


def test_a_repeat_whose_rounds_differ_in_one_number_is_a_loop_over_a_list():
    text = code("zoo/convnext.arch@tiny")
    assert "super().__init__(*[Unit(in_channels, each) for each in drops])" in text
    assert "Row(384, [0.1 * i / 17 for i in range(6, 15)])," in text
    text = code("zoo/efficientnet.arch@B0")
    assert text.count("class Row") == 1
    assert "*[Mbconv(c, t, c, k, each) for each in drops]," in text
    assert "Row(24, 6, 40, 5, 0.0375, [0.05], stride=2)," in text


def test_numbers_that_no_even_steps_give_exactly_are_a_list():
    assert literal(Each([0.0, 0.1, 0.2])) == "[0.1 * i for i in range(3)]"
    assert literal(Each([0.1, 0.2, 0.4])) == "[0.1, 0.2, 0.4]"
    assert literal(Each([0.3, 0.2, 0.1])) == "[0.3, 0.2, 0.1]"
    assert literal(Each([0.5, 0.5, 0.5])) == "[0.5, 0.5, 0.5]"
    for count in (3, 7, 19):
        values = [0.2 * i / 39 for i in range(5, 5 + count)]
        assert eval(literal(Each(values))) == values  # noqa: S307 - our own text


def test_items_that_lack_others_before_them_are_the_ones_the_file_says():
    text = code("tests/emit/programs/optional.arch")
    assert "Conv(in_channels, w, 1),\n            *([Conv(w, w, 3), Conv(w, w, 1)] if deep else [])," in text


NATURAL = [
    "for w in [16, 32, 64] { conv3-w; concat[ conv1-w | conv3-w ] }",
    "for i in [1, 2, 3] { conv3-16; relu; dropout(0.1 * i) }",
    "concat[ conv1-16 | conv3-16 ] x3",
    "res[ conv3-3; relu; conv3-3 ] x4",
    "for i in range(3) { conv3-16 as b; conv1-16; add(b) }",
    "for i in range(3) { res[ conv3-3; bn ]; relu }",
]


@pytest.mark.parametrize("repeat", NATURAL)
def test_what_the_file_repeats_without_a_block_is_a_loop(repeat):
    text = archlang.parse(f"input 3x8x8\nconv5-3\n{repeat}\ngap; fc-10").code()
    forward = text.partition("def forward")[2]
    calls = re.findall(r"self\.(\w+)\(|getattr\(self, f\"(\w+{.*?})", forward)
    assert "        for i" in forward
    assert len(calls) == len(set(calls)), forward


def test_a_repeat_may_begin_with_the_input():
    forward = (
        archlang.parse("input 3x8x8\nres[ conv3-3; relu; conv3-3 ] x4\ngap; fc-10").code().partition("def forward")[2]
    )
    assert "x = image" in forward
    assert "for i in range(1, 8, 2):" in forward


def test_numbers_are_printed_as_they_were_meant():
    assert literal(0.1 * 3) == "0.3"
    assert literal(1 / 3) == "0.3333333333333333"
    assert float(literal(1e-7)) == 1e-7
    assert literal(2.0) == "2.0"


@pytest.mark.parametrize("head", ["relu", "logsoftmax; relu", "conv1-2"])
def test_a_head_beside_nothing_is_a_head(head):
    torch = pytest.importorskip("torch")
    network = archlang.parse(f"net L {{\n  input 3x4x4\n  aux h(weight=0.3) {{ {head} }}\n}}\n").build()
    output = network.train()(torch.zeros(1, 3, 4, 4))
    assert [one.shape[0] for one in output] == [1, 1]
