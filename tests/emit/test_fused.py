"""Sources that call kernels: the same module as without, in every respect but the calls."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import warnings

import pytest
import torch
from emitted_networks import code, families, first_variants, model, programs, small, specs
from kernel_runs import forward, forwards, same
from sampled import every, only
from trial_runs import agree, images, made, outputs, randomised

import archlang

torch.set_num_threads(1)
ALONE = ["tests/samples/keys/squeezenet1_1.arch", "tests/samples/symbolic.arch"]
LARGE = tuple(
    "vgg alexnet caffenet places_cnds_8 zfnet fcn ccnn hed deeplabv3 binary_hash subitizing yearbook alphago"
    " inception_resnet inceptionv3 inceptionv4 efficientnetv2 video2text show_and_tell vit flowers convnext"
    " preact_resnet_imagenet googlenet_naive googlenet_torchvision senet resnext xception regnet".split()
)
"""Families that take long, and have nothing for a kernel that others have not."""
QUICK = [*programs(), *(one for one in families() if not one.split("/")[1].startswith(LARGE)), *ALONE]
SOME = [*every(2, programs()), *every(3, QUICK[len(programs()) :])]
EACH = only(first_variants()[::3].__contains__, specs())


LONG = "conv1-8; bn; relu; conv3-16; bn"


def without_forwards(source):
    """A source but for its forwards, its imports and its docstring."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            kept = [
                one for one in node.body if not isinstance(one, ast.FunctionDef) or one.name not in ("forward", "_run")
            ]
            node.body = kept or node.body
    return ast.unparse(tree)


# ---- the text ----------------------------------------------------------------------------


@pytest.mark.parametrize("spec", EACH)
def test_everything_but_the_forwards_is_as_it_is_without_kernels(spec):
    assert without_forwards(model(spec).code(kernels=True)) == without_forwards(code(spec))


@pytest.mark.parametrize("of", [programs, pytest.param(specs, marks=pytest.mark.slow)])
def test_ruff_format_leaves_every_source_with_kernels_as_it_is(tmp_path, of):
    for number, spec in enumerate(of()):
        (tmp_path / f"n{number}.py").write_text(model(spec).code(kernels=True), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[:4000]


@pytest.mark.slow
def test_pyright_finds_nothing_in_any_source_with_kernels(tmp_path):
    for number, spec in enumerate(specs()):
        (tmp_path / f"n{number}.py").write_text(model(spec).code(kernels=True), encoding="utf-8")
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "basic"}', encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "-p", str(tmp_path), "--pythonpath", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_header_says_what_a_source_with_kernels_needs():
    text = archlang.read("nin").code(kernels=True)
    assert "needs torch, and archlang" in ast.get_docstring(ast.parse(text))
    assert "archlang build nin --kernels" in text
    assert "from archlang import kernels as K" in text
    assert "import kernels" not in archlang.read("nin").code()


def test_a_bottleneck_is_a_call_for_each_1x1():
    text = model("zoo/resnet.arch@50").code(kernels=True)
    assert forwards(text)["Bottleneck"].splitlines() == [
        "out, x = K.conv1x1_skip(x, self.conv1, self.bn1, relu=True)",
        "out = self.conv2(out)",
        "if self.has_downsample:",
        ("x = K.conv1x1_two(out, self.conv3, self.bn3, x, self.downsample[0], self.downsample[1], before=self.bn2)"),
        "else:",
        "x = K.conv1x1(out, self.conv3, self.bn3, before=self.bn2, residual=x, relu=True)",
        "return x",
    ]


def test_a_block_that_is_always_projected_ends_in_one_call():
    text = forward("input 16x8x8\nconv3-16; relu\nadd[ conv1-32; bn | conv1-32/1; bn ]; relu; gap")
    assert "K.conv1x1_two(x, self.conv2, self.bn1, x, self.conv3, self.bn2)" in text


@pytest.mark.parametrize("branches", [f"{LONG} | identity", f"identity | {LONG}"])
def test_what_a_skip_connection_reads_is_handed_on_by_who_reads_it_first(branches):
    text = forward(f"net A {{ input 16x8x8\n conv3-16; relu as a\n add[ {branches} ]; relu; gap }}")
    made, handed_on = re.search(r"(\w+), (\w+) = K.conv1x1_skip\(\w+, self.conv2, self.bn1, relu=True\)", text).groups()
    assert f"K.conv_relu({made}, self.conv3, self.bn2, residual={handed_on})" in text


@pytest.mark.parametrize(
    "body",
    [
        "conv1-16 as a; relu as b; add(a); relu as c; gap\n taps a, b",  # the sum reads what an output is, too
        "add[ conv3-16; bn | conv1-16; bn; relu ]; relu; gap",  # who reads it first is no 1x1
        "concat[ conv1-16; bn; relu; conv3-16 | identity ]; gap",  # nobody adds it
    ],
)
def test_what_no_sum_reads_after_a_1x1_is_not_handed_on(body):
    assert "conv1x1_skip" not in archlang.parse("net A { input 16x8x8\n " + body + " }").code(kernels=True)


def test_a_projection_without_norms_and_relu_says_so():
    text = forward("input 16x8x8\nconv3-16; relu\nadd[ conv1-32 | conv1-32 ]; gap")
    assert "K.conv1x1_two(x, self.conv2, None, x, self.conv3, None, relu=False)" in text


def test_a_projection_that_more_is_done_under_the_same_if_is_a_call_of_its_own():
    block = "block b(w, p=true) { add[ conv1-w; bn | [conv1-w; bn; sigmoid] when p ]; relu }"
    text = forward(block + "\nnet A { input 16x8x8\n b(16, p=false); b(24); gap }", "B")
    assert "conv1x1_two" not in text


def test_the_branches_of_an_inception_block_write_into_their_slices():
    text = model("zoo/googlenet.arch").code(kernels=True)
    assert forwards(text)["Inception"].splitlines() == [
        (
            "slices = K.slices(x, self.conv1.out_channels, self.conv3.out_channels, self.conv5.out_channels,"
            " self.conv6.out_channels)"
        ),
        (
            "branch1, branch2, branch3 = K.conv1x1_many(x, [self.conv1, self.conv2, self.conv4], relu=True,"
            " outs=[slices[0], None, None])"
        ),
        "branch2 = K.conv_relu(branch2, self.conv3, out=slices[1])",
        "branch3 = K.conv_relu(branch3, self.conv5, out=slices[2])",
        "x = F.max_pool2d(x, 3, stride=1, padding=1, ceil_mode=True)",
        "x = K.conv1x1(x, self.conv6, relu=True, out=slices[3])",
        "return K.concat([branch1, branch2, branch3, x], slices)",
    ]


def test_a_branch_that_is_read_elsewhere_or_changes_its_size_is_copied():
    body = "concat[ conv1-8; relu as a | conv1-8/2; relu; upsample(2) ]; add[ identity | conv1-16 ]"
    text = forward("net A { input 16x8x8\n conv1-16; relu\n " + body + "; gap\n taps a }")
    assert "K.slices" not in text


# ---- the numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("spec", SOME)
def test_a_network_computes_and_learns_with_kernels_what_it_does_without(spec):
    same(small(spec))


@pytest.mark.slow
@pytest.mark.parametrize("spec", [one for one in specs() if one not in QUICK])
def test_every_variant_computes_and_learns_with_kernels_what_it_does_without(spec):
    same(small(spec))


# ---- whatever is done with a module ----------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        "zoo/resnet.arch@18",
        "zoo/inception_module.arch@reduced",
        pytest.param("zoo/mobilenetv2.arch", marks=pytest.mark.slow),
        "tests/emit/programs/taps_inside.arch",
    ],
)
def test_a_module_with_kernels_compiles_to_one_graph_and_exports(spec):
    network_model = small(spec)
    module = randomised(made(network_model, kernels=True)).eval()
    inputs = tuple(images(network_model))
    torch._dynamo.reset()
    with torch.no_grad():
        eager = outputs(module(*inputs))
        compiled = outputs(torch.compile(module, fullgraph=True, backend="eager")(*inputs))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch's own, about its exporter
            exported = outputs(torch.export.export(module, inputs).module()(*inputs))
    for one, two, three in zip(eager, compiled, exported, strict=True):
        agree(two, one)
        agree(three, one)
    module.train()
    torch.compile(module, fullgraph=True, backend="eager")(*inputs)


BOTTLENECKS = "net A { conv means [conv(bias=false); bn; relu]\n input 16x8x8; bottleneck(8) x2; gap; FC-4; softmax }"


def test_gradient_checkpointing_gives_the_same_gradients():
    module = randomised(archlang.parse(BOTTLENECKS).build(kernels=True))
    x = torch.randn(3, 16, 8, 8, requires_grad=True)
    module(x).square().sum().backward()
    wanted, x.grad = x.grad, None
    torch.utils.checkpoint.checkpoint(module, x, use_reentrant=False).square().sum().backward()
    torch.testing.assert_close(x.grad, wanted)


def test_layers_that_are_frozen_stay_frozen_with_kernels():
    text = """net A {
  conv means [conv(bias=false); bn; relu]
  input 16x8x8
  stage s { bottleneck(8) }
  bottleneck(8)
  gap; FC-4; softmax
  freeze s
}"""
    module = archlang.parse(text).build(kernels=True).train()
    assert not any(p.requires_grad for p in module.s.parameters())
    before = {name: buffer.clone() for name, buffer in module.s.named_buffers()}
    module(torch.randn(3, 16, 8, 8)).sum().backward()
    assert all(torch.equal(buffer, before[name]) for name, buffer in module.s.named_buffers())


# ---- where a fusion holds ------------------------------------------------------------------


def test_weights_that_are_used_again_are_called_again():
    text = forward("input 16x8x8\nconv1-16 as c; relu; again(c); relu; gap")
    assert "K.conv1x1_chain(x, [self.c, self.c])" in text


def test_a_tensor_that_a_sibling_reads_is_not_swallowed():
    text = forward("net A { input 16x8x8\nconv1-16 as a; bn as b; relu; add(b); gap }")
    assert "K.conv1x1(x, self.a, self.b)" in text
    assert "relu=True" not in text


def test_what_only_some_calls_of_a_block_have_is_left_out_of_its_call():
    text = """block b(w, r=true) { conv1-w; bn; relu when r }
net A { input 16x8x8\n b(16); b(24, r=false); b(32); gap }"""
    source = archlang.parse(text).code(kernels=True)
    assert source.count("class B(") == 1
    assert "K.conv1x1(x, self.conv1, self.bn1)" in forwards(source)["B"]


def test_channels_that_no_kernel_takes_in_one_call_do_not_keep_the_others_from_it():
    text = "block b(w) { conv1-w; relu; conv1-16; relu }\nnet A { input 16x8x8\n b(24); b(10); b(32); gap }"
    source = archlang.parse(text).code(kernels=True)
    assert forwards(source)["B"] == "return K.conv1x1_chain(x, [self.conv1, self.conv2])"


def test_a_norm_that_only_some_calls_could_read_in_is_a_call_of_its_own():
    text = "input 16x8x8\npreact_bottleneck(8); preact_bottleneck(8); preact_bottleneck(16); bn; relu; gap"
    found = forwards(archlang.parse(text).code(kernels=True))
    assert "out = K.bn_add_relu(x, self.bn1)" in found["PreactBottleneck"]


def test_a_chain_that_one_call_taps_is_none():
    text = """block b(w) { conv1-w; relu as r; conv1-16; relu }
net A { input 16x8x8
b(24) as one; b(32); gap
taps one.r }"""
    assert "K.conv1x1_chain" not in forwards(archlang.parse(text).code(kernels=True))["B"]


def test_a_network_without_anything_to_fuse_calls_no_kernel():
    assert "K." not in archlang.read("lenet").code(kernels=True)


def test_a_network_called_k_calls_its_kernels_by_another_name():
    source = archlang.parse("net K { input 16x8x8\n conv1-16 as kernels; relu as K; gap; FC-4 }").code(kernels=True)
    assert "class K(" in source
    assert "from archlang import kernels\n" in source
    module = archlang.parse("net K { input 16x8x8\n conv1-16 as kernels; relu as K; gap; FC-4 }").build(kernels=True)
    assert module(torch.randn(1, 16, 8, 8)).shape == (1, 4)


def test_a_tensor_called_k_does_not_hide_the_kernels():
    module = archlang.parse("input 16x8x8\nconv1-16; relu as K; conv1-16; relu; add(K); conv1-8; relu; gap").build(
        kernels=True
    )
    assert module(torch.randn(1, 16, 8, 8)).shape[:2] == (1, 8)
