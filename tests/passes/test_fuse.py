"""What the fusion pass finds in a network, and why it leaves the rest alone."""

import pytest
from emitted_networks import first_variants, model, specs

import archlang
from archlang.passes.fuse import fusions
from archlang.passes.fusion import Role

EACH = pytest.mark.parametrize(
    "spec",
    [*first_variants(), *(pytest.param(one, marks=pytest.mark.slow) for one in specs() if one not in first_variants())],
)


LAYERS = {"conv", "dwconv", "deconv", "bn", "add", "relu", "relu6"}


def found(text):
    """The network of a text, and its fusions."""
    net = archlang.parse(text).network
    return net, fusions(net)


def said(text):
    """The groups of a text: the kernel, and its layers' words in order."""
    net, all_ = found(text)
    return [(one.kernel, " ".join(net.graph[id_].op.word for id_ in one.nodes)) for one in all_.groups]


def why(text, word, at=0):
    """The reason why the layer of that word is left alone."""
    net, all_ = found(text)
    ids = [node.id for node in net.graph if node.op.word == word]
    return all_.alone[ids[at]]


def roles(text, group=0):
    return [part.role for part in found(text)[1].groups[group].parts]


# ---- 1x1 convolutions -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "group"),
    [
        ("relu", "conv relu"),
        ("bn", "conv bn"),
        ("bn; relu", "conv bn relu"),
        ("bn; relu6", "conv bn relu6"),
        ("silu", "conv silu"),
        ("bn; hardswish", "conv bn hardswish"),
        ("bn; leakyrelu", "conv bn"),
    ],
)
def test_a_1x1_convolution_takes_in_its_norm_and_the_activations_that_a_kernel_ends_in(after, group):
    assert said(f"input 16x8x8\nconv1-24; {after}; gap") == [("conv1x1", group)]


def test_a_stride_of_2_is_taken_and_one_of_3_is_not():
    assert said("input 16x8x8\nconv1-24/2; relu; gap") == [("conv1x1", "conv relu")]
    assert said("input 16x9x9\nconv1-24/3; bn; relu; gap")[0][0] == "conv_relu"


def test_a_1x1_with_padding_or_groups_is_no_product():
    assert said("input 16x8x8\nconv1-24(pad=1); relu; gap")[0][0] == "conv_relu"
    assert said("input 16x8x8\nconv1-24(groups=2); relu; gap")[0][0] == "conv_relu"
    assert why("input 16x8x8\nconv1-24(groups=2); gap", "conv") == "its channels are in 2 groups, and `gap` follows it"


def test_channels_that_do_not_divide_by_8_leave_a_group_idle():
    _, all_ = found("input 16x8x8\nconv1-10; relu; gap")
    assert all_.groups == ()
    assert [one.but for one in all_.idle] == ["its 10 channels out do not divide by 8"]
    assert set(all_.alone.values()) == {"its 10 channels out do not divide by 8"}


# ---- residual sums ----------------------------------------------------------------------


@pytest.mark.parametrize("branches", ["conv1-16; bn | identity", "identity | conv1-16; bn"])
def test_a_sum_is_taken_in_whichever_operand_the_1x1_is(branches):
    net, all_ = found(f"input 16x8x8\nconv3-16; bn; relu as a\nadd[ {branches} ]; relu; gap")
    (one,) = [one for one in all_.groups if one.kernel == "conv1x1"]
    assert [part.role for part in one.parts] == [Role.CONV, Role.BN, Role.ADD, Role.RELU]
    assert net.graph[one.residual].op.word == "identity"
    assert one.inputs == (net.labels["a"], one.residual)


PROJECTED = "input 16x8x8\nconv3-16; relu\nadd[ {} ]; relu; gap"
LONG, SHORT = "conv1-8; bn; relu; conv3-8; bn; relu; conv1-32; bn", "conv1-32; bn"


@pytest.mark.parametrize("branches", [f"{LONG} | {SHORT}", f"{SHORT} | {LONG}"])
def test_a_projection_is_the_residual_of_the_long_way_however_they_are_written(branches):
    net, all_ = found(PROJECTED.format(branches))
    (two,) = [one for one in all_.groups if one.kernel == "conv1x1_two"]
    (end,) = [one for one in two.pieces if one.residual is not None]
    words = [net.graph[id_].op.word for id_ in end.nodes]
    assert words == ["bn", "relu", "conv", "bn", "add", "relu"]
    assert [part.role for part in end.parts][:2] == [Role.BEFORE_BN, Role.BEFORE_RELU]
    assert end is two.pieces[1]


def test_expand_and_downsample_are_one_product():
    _, all_ = found("input 16x8x8\nconv3-16; relu\nadd[ conv1-32; bn | conv1-32; bn ]; relu; gap")
    (two,) = [one for one in all_.groups if one.kernel == "conv1x1_two"]
    assert [piece.residual is None for piece in two.pieces] == [True, False]
    assert not all_.larger
    assert set(two.pieces) < set(all_.apart())


def test_the_end_of_a_basic_block_is_the_epilogue_of_its_3x3():
    text = "input 16x8x8\nconv3-16; relu\nadd[ conv3-16; bn | identity ]; relu; gap"
    assert said(text)[-1] == ("conv_relu", "conv bn add relu")


def test_a_norm_of_what_is_no_convolution_ends_a_block_by_itself():
    text = "input 16x8x8\nconv3-16; relu\nadd[ maxpool3/1(pad=1); bn | identity ]; relu; gap"
    assert said(text)[-1] == ("bn_add_relu", "bn add relu")


@pytest.mark.parametrize("conv", ["dwconv3", "conv3-16(groups=4)", "conv3-16"])
def test_a_larger_convolution_takes_in_what_follows_in_groups_or_not(conv):
    assert said(f"input 16x8x8\n{conv}; bn; silu; gap") == [
        ("conv_relu", f"{'dwconv' if conv == 'dwconv3' else 'conv'} bn silu")
    ]


def test_behind_a_sum_there_is_relu_or_relu6_and_nothing_else():
    text = "input 16x8x8\nconv3-16; relu\nadd[ conv1-16; bn | identity ]; %s; gap"
    assert said(text % "relu6")[-1] == ("conv1x1", "conv bn add relu6")
    assert said(text % "silu")[-1] == ("conv1x1", "conv bn add")
    assert why(text % "silu", "silu") == "no kernel has SiLU behind a sum"


@pytest.mark.parametrize("word", ["relu6", "silu"])
def test_several_convolutions_in_one_call_end_in_relu_or_nothing(word):
    kinds = [one.kernel for one in found(f"input 16x8x8\nconv1-16; {word}; conv1-16; {word}; gap")[1].groups]
    assert kinds == ["conv1x1", "conv1x1"]
    text = f"input 16x8x8\nmaxpool2\nconcat[ conv1-16; {word} | conv1-8; {word} ]; gap"
    assert [one.kernel for one in found(text)[1].groups] == ["conv1x1", "conv1x1"]
    text = "input 16x8x8\nadd[ conv3-16; relu; conv1-16; bn | conv1-16; bn ]; relu6; gap"
    assert [one.kernel for one in found(text)[1].groups] == ["conv_relu", "conv1x1", "conv1x1"]
    assert said("input 16x8x8\nmaxpool2; bn; relu; gap") == [("bn_add_relu", "bn relu")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("input 16x8x8\nconv3-16; relu as a\nadd[ identity | maxpool3/1(pad=1) ]; gap", "neither"),
        ("input 16x8x8\nconv3-16; relu as a\nadd[ conv1-16 | identity | maxpool3/1(pad=1) ]; gap", "it adds 3 tensors"),
        ("input 16x8x8\nconv3-16; relu as a\nadd(a); gap", "to itself"),
    ],
)
def test_a_sum_that_no_kernel_takes_in_says_why(text, reason):
    assert reason in why(text, "add")


# ---- what others read ---------------------------------------------------------------------


def test_nothing_is_fused_across_a_tensor_that_another_layer_reads():
    text = "input 16x8x8\nconv1-16 as a; bn as b; relu; add(b); gap"
    assert said(text) == [("conv1x1", "conv bn")]
    assert why(text, "relu") == "of `b`: its output is read by `relu1` and `add1`"


def test_nothing_is_fused_across_a_tap():
    text = "net A { input 16x8x8\nconv1-16; bn as b; relu; gap\ntaps b }"
    assert said(text) == [("conv1x1", "conv bn")]
    assert why(text, "relu") == "of `b`: its output is tapped as `b`"


def test_nothing_is_fused_across_an_output():
    text = "net A { input 16x8x8\nconv1-16 as c; bn; relu as r\noutput c, r }"
    assert said(text) == [("bn_add_relu", "bn relu")]
    assert why(text, "conv") == "there is nothing to take in: its output is an output of the network"


def test_a_train_only_head_does_not_share_a_product_with_what_always_runs():
    text = """net A { input 16x8x8
conv3-16; relu as a
aux side(weight=0.3) { conv1-8; relu; gap; FC-3; softmax }
conv1-8; relu; gap; FC-3; softmax }"""
    assert [kernel for kernel, _ in said(text)].count("conv1x1") == 2


def test_weights_used_again_are_run_again():
    text = "input 16x8x8\nconv1-16 as c; relu; again(c); relu; gap"
    assert said(text) == [("conv1x1_chain", "conv relu conv relu")]


# ---- parallel convolutions -------------------------------------------------------------------

INCEPTION = (
    "input 32x8x8\nconv3-32; relu\nconcat[ conv1-16; relu | conv1-8; relu; conv3-16; relu | conv1-8; relu ]; gap"
)


def test_parallel_1x1s_of_one_tensor_are_one_product_with_several_results():
    _, all_ = found(INCEPTION)
    (many,) = [one for one in all_.groups if one.kernel == "conv1x1_many"]
    assert len(many.pieces) == len(many.outputs) == 3
    assert len(many.inputs) == 1


def test_at_most_four_1x1s_are_one_product():
    branches = " | ".join(["conv1-8; relu"] * 6)
    _, all_ = found(f"input 32x8x8\nconv3-32; relu\nconcat[ {branches} ]; gap")
    assert [len(one.outputs) for one in all_.groups if one.kernel == "conv1x1_many"] == [4, 2]


def test_parallel_1x1s_of_different_forms_stay_apart():
    text = "input 32x8x8\nconv3-32; relu\nconcat[ conv1-8; relu | conv1-8; bn; relu | conv1-8/1 ]; gap"
    assert "conv1x1_many" not in [kernel for kernel, _ in said(text)]


# ---- across blocks ------------------------------------------------------------------------------


def test_an_expand_and_the_next_blocks_reduce_are_seen():
    net = archlang.read("resnet50").network
    pairs = [one for one in fusions(net).larger if one.kernel == "conv1x1_pair"]
    first = pairs[0]
    assert [net.graph[id_].path for id_ in first.outputs] == ["layer1.1.relu3", "layer1.2.relu1"]
    assert len(pairs) == 5  # the borders in and after stages 1 and 2, but behind the blocks that are projected
    assert all(one.but for one in pairs)


def test_nins_chains_are_one_group_each():
    all_ = fusions(archlang.read("nin", variant="imagenet").network)
    chains = [one for one in all_.groups if one.kernel == "conv1x1_chain"]
    assert [len(one.pieces) for one in chains] == [2, 2, 2, 2]
    assert all(one.inputs == one.pieces[0].inputs and one.outputs == one.pieces[-1].outputs for one in chains)


@pytest.mark.parametrize(
    "between", ["conv1-8; relu as a; conv1-8; relu; add(a)", "conv1-8; conv1-8; relu", "conv1-8; relu; conv1-8/2; relu"]
)
def test_a_chain_needs_relu_stride_1_and_a_tensor_that_nobody_else_reads(between):
    assert "conv1x1_chain" not in [kernel for kernel, _ in said(f"input 16x8x8\n{between}; gap")]


# ---- norm and ReLU before -------------------------------------------------------------------------


def test_a_norm_and_relu_before_a_1x1_are_done_as_it_reads():
    text = "input 16x8x8\nconv3-16\nbn; relu; conv1-8; gap"
    assert roles(text) == [Role.BEFORE_BN, Role.BEFORE_RELU, Role.CONV]
    assert "`bn1` is read in" in why(text, "conv")


def test_between_two_1x1s_the_first_takes_the_norm():
    assert said("input 16x8x8\nconv1-16; bn; relu; conv1-8; relu; gap") == [
        ("conv1x1", "conv bn relu"),
        ("conv1x1", "conv relu"),
    ]


# ---- all networks -----------------------------------------------------------------------------------


@EACH
def test_each_layer_is_in_one_group_or_has_a_reason(spec):
    net = model(spec).network
    all_ = fusions(net)
    seen = [id_ for one in all_.groups for id_ in one.nodes]
    assert len(seen) == len(set(seen))
    asked = {node.id for node in net.graph if node.op.word in LAYERS}
    assert asked <= set(seen) | set(all_.alone)
    assert not set(seen) & set(all_.alone)
    assert all(all_.alone.values())


@EACH
def test_what_is_inside_a_group_is_read_by_nobody_outside(spec):
    net = model(spec).network
    wanted = {*net.taps.values(), *(r.output for r in net.results), *(h.output for h in net.heads)}
    all_ = fusions(net)
    for one in (*all_.groups, *all_.larger):
        inside = set(one.nodes)
        for id_ in one.nodes:
            leaves = id_ in wanted or any(reader not in inside for reader in net.graph.readers(id_))
            assert leaves == (id_ in one.outputs)
            assert set(net.graph[id_].inputs) <= inside | set(one.inputs)
