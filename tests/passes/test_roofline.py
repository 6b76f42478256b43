"""Operations and bytes against cases counted by hand, PyTorch's flop counter, and published floors."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from handmade import conv, network, op, residual
from sampled import every
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

import archlang
from archlang.passes.devices import DEVICES, LAUNCH, Device, Figure, known_as
from archlang.passes.fuse import fusions
from archlang.passes.inductor import compiled, grouped
from archlang.passes.launches import eager
from archlang.passes.roofline import bound, floor, peak, total
from archlang.passes.steps import Setting, UnknownSizeError, Work
from archlang.passes.with_kernels import with_kernels
from archlang.report.explained import explain

ROUND = Device("round", "a round one", Figure(1e12), {"bf16": Figure(1e12), "fp32": Figure(1e11)}, 1 << 20, 8)


def work(made, images=1, dtype="bf16", *, training=False):
    return Work(made, Setting(images, dtype, training))


def said(launches):
    return [(one.name, one.operations, one.read, one.written) for one in launches]


def milliseconds(name, plan, *, training=False):
    found = plan(work(archlang.read(name).network, 256, training=training))
    return total(DEVICES["h200"], "bf16", found).floor * 1e3


def test_a_layer_reads_its_input_and_weights_once_and_writes_its_output():
    made = network(conv(16, 3), op("relu"), op("FC", 10), size=(8, 4, 4))
    assert said(eager(work(made, images=2))) == [
        ("conv", 2 * 2 * 9 * 8 * 16 * 16, 2 * (2 * 8 * 16 + 9 * 8 * 16 + 16), 2 * 2 * 16 * 16),
        ("bias", 0, 2 * 2 * 16 * 16, 2 * 2 * 16 * 16),
        ("relu", 0, 2 * 2 * 16 * 16, 2 * 2 * 16 * 16),
        ("FC", 2 * 2 * 256 * 10, 2 * (2 * 256 + 256 * 10 + 10), 2 * 2 * 10),
    ]


def test_a_strided_1x1_reads_only_the_pixels_it_needs():
    made = network(conv(8, 1, 2, bias=False), size=(8, 8, 8))
    (launch,) = eager(work(made))
    assert launch.read == 2 * (8 * 16 + 8 * 8)


def test_batch_norm_reads_its_vectors_in_fp32_and_its_input_twice_in_training():
    made = network(conv(8, 1, bias=False), op("bn"), size=(8, 4, 4))
    _, norm = eager(work(made))
    assert (norm.read, norm.written) == (2 * 128 + 4 * 4 * 8, 2 * 128)
    forth = [one for one in eager(work(made, training=True)) if one.nodes == (2,) and one.direction == "forward"]
    assert forth[0].read == 2 * 2 * 128 + 4 * 4 * 8


def test_the_way_back_has_two_products_a_layer_and_none_for_the_image():
    made = network(conv(8, 1, bias=False), conv(4, 1, bias=False), size=(8, 4, 4))
    back = [one for one in eager(work(made, training=True)) if one.direction == "backward"]
    assert said(back) == [
        ("gradient of x", 2 * 8 * 4 * 16, 2 * (4 * 16 + 8 * 4), 2 * 8 * 16),
        ("gradient of w", 2 * 8 * 4 * 16, 2 * (4 * 16 + 8 * 16), 2 * 8 * 4),
        ("gradient of w", 2 * 8 * 8 * 16, 2 * (8 * 16 + 8 * 16), 2 * 8 * 8),
    ]


def test_a_tensor_with_two_readers_has_its_gradients_added():
    made = network(conv(8, 1), op("relu"), conv(8, 1), (op("add"), (2, 3)), size=(8, 4, 4))
    names = [one.name for one in eager(work(made, training=True))]
    assert names.count("add gradients") == 1


def test_frozen_layers_have_no_gradients():
    assert not [one for one in eager(work(archlang.parse(FROZEN).network, training=True)) if one.direction == "update"]


FROZEN = "net T {\n input 8x4x4\n conv1-8\n freeze all\n}\n"


def test_views_and_layers_that_only_training_runs_cost_nothing_at_inference():
    made = network(op("dropout"), op("flatten"), op("FC", 4), size=(8, 4, 4))
    assert [one.name for one in eager(work(made))] == ["FC"]
    assert [one.name for one in eager(work(made, training=True))][:2] == ["dropout", "FC"]


@pytest.mark.parametrize("more", [{}, {"size": 3, "within": True}])
def test_local_response_normalisation_is_as_many_launches_as_pytorch_makes_of_it(more):
    made = network(op("LRN", **more), size=(8, 6, 6))
    (one,) = eager(work(made))
    code = made.graph[one.nodes[0]].op.apply(((8, 6, 6),))
    x = torch.randn(1, 8, 6, 6)
    with Operators() as seen:
        eval(code.text.format(x="x", **dict(code.values)), {"F": F, "x": x})  # noqa: S307 - text of our own op
    assert one.count == seen.count


class Operators(TorchDispatchMode):
    """Counts the operators that compute, views aside."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += not func.is_view
        return func(*args, **(kwargs or {}))


def test_train_only_heads_count_in_training_alone():
    made = archlang.read("googlenet").network
    heads = made.train_only
    assert not any(set(one.nodes) & heads for one in eager(work(made)))
    assert any(set(one.nodes) & heads for one in eager(work(made, training=True)))


@pytest.mark.parametrize("name", every(2, ["resnet@18", "densenet@121", "mobilenetv2", "googlenet"]))
def test_operations_are_those_of_pytorchs_flop_counter(name):
    model = archlang.read(name)
    module = model.build().to("meta")
    image = torch.empty(2, *model.shapes[model.network.inputs[0]], device="meta")
    with FlopCounterMode(display=False) as forward, torch.no_grad():
        module.eval()(image)
    assert total(ROUND, "fp32", eager(work(model.network, 2, "fp32"))).operations == forward.get_total_flops()
    if name == "mobilenetv2":
        return  # it counts the way back of a convolution with groups as if it had none
    module.train()
    with FlopCounterMode(display=False) as both:
        output = module(image)
        outputs = output if isinstance(output, tuple) else (output,)
        sum(one.sum() for one in outputs).backward()
    assert (
        total(ROUND, "fp32", eager(work(model.network, 2, "fp32", training=True))).operations == both.get_total_flops()
    )


def test_a_compiler_fuses_what_is_pointwise_and_read_once():
    made = network(
        conv(8, 1, bias=False), op("bn"), op("relu"), conv(8, 1, bias=False), op("bn"), (op("add"), (5, 3)), op("relu"),
        size=(8, 4, 4),
    )  # fmt: skip
    assert [group.nodes for group in grouped(work(made))] == [(2, 3), (5, 6, 7)]
    _, first, _, last = compiled(work(made))
    assert (first.read, first.written) == (2 * 128 + 128, 2 * 128)
    assert (last.read, last.written) == (2 * 2 * 128 + 128, 2 * 128)


def test_a_bias_is_added_by_the_pointwise_layer_that_reads_the_convolution():
    assert [one.name for one in compiled(work(network(conv(8, 1), op("relu"))))] == ["conv", "relu"]
    assert [one.name for one in compiled(work(network(conv(8, 1), op("maxpool"))))] == ["conv", "bias", "maxpool"]


def test_a_compiler_writes_what_is_tapped():
    made = network(conv(8, 1, bias=False), op("relu"), op("sigmoid"), taps={"features": 2})
    assert [group.nodes for group in grouped(work(made))] == [(2,), (3,)]


BLOCK = """
net T {
  input 8x4x4
  conv1-8(bias=false) bare; bn; relu
  res[ conv1-8(bias=false) bare; bn ]; relu
  gap; FC-4
}
"""


def fused(made, *, training=False):
    return with_kernels(work(made, training=training), fusions(made))


def test_a_fusion_reads_what_enters_it_once_and_writes_what_leaves_it():
    first, last, *_ = fused(archlang.parse(BLOCK).network)
    vectors = 4 * 4 * 8
    assert (first.name, first.read, first.written) == ("conv1x1", 2 * (128 + 64) + vectors, 2 * 128)
    assert (last.name, last.read, last.written) == (first.name, first.read, first.written)  # its x is its residual
    assert first.operations == last.operations == 2 * 8 * 8 * 16


def test_in_training_a_fusion_with_batch_norm_is_a_product_and_a_pass():
    made = archlang.parse(BLOCK).network
    forth = [one for one in fused(made, training=True) if one.direction == "forward"]
    assert [one.name for one in forth[:4]] == ["conv1x1", "bn_apply", "conv1x1", "bn_apply"]
    assert (forth[1].read, forth[1].written) == (2 * 128 + 4 * 4 * 8, 2 * 128)
    assert (forth[3].read, forth[3].written) == (2 * (128 + 128) + 4 * 4 * 8, 2 * 128 + 128 // 8)  # one bit a value


def test_on_the_way_back_both_products_make_batch_norms_gradient_as_they_read():
    made = archlang.parse(BLOCK).network
    found = {(one.name, one.nodes[0]): one for one in fused(made, training=True) if one.direction == "backward"}
    sums, dgrad, wgrad = found["sums", 5], found["dgrad", 4], found["wgrad", 4]
    assert (sums.read, sums.written) == (2 * 256 + 16, 2 * 128)  # dz, y and bits; the residual's gradient
    assert (dgrad.read, dgrad.written) == (2 * (256 + 64), 2 * 128)
    assert (wgrad.read, wgrad.written) == (2 * (256 + 128), 2 * 64)
    assert (found["add gradients", 3].read, found["add gradients", 3].written) == (2 * 256, 2 * 128)
    assert ("dgrad", 1) not in found  # nobody wants the image's


def test_a_batch_norm_in_front_is_normalised_as_it_is_read_and_its_sums_come_with_dgrad():
    made = archlang.parse("net T {\n input 8x4x4\n conv3-8\n bn; relu\n conv1-16(bias=false) bare; bn\n}\n").network
    said = [one for one in fused(made, training=True) if set(one.nodes) & {2, 3, 4, 5}]
    names = ["statistics", "conv1x1", "bn_apply", "sums", "dgrad", "wgrad", "bn, back"]
    assert [one.name for one in said] == names
    by_name = dict(zip(names, said, strict=True))
    assert by_name["dgrad"].read == 2 * (2 * 256 + 128 + 128)  # g, y, w, x
    assert by_name["wgrad"].read == 2 * (2 * 256 + 128)
    assert (by_name["bn, back"].read, by_name["bn, back"].written) == (2 * 256, 2 * 128)


HANDED = """
net T {
  input 16x4x4
  conv3-16; relu
  add[ conv1-8(bias=false) bare; bn; relu; conv3-16 | identity ]; gap
}
"""


def test_what_is_handed_on_to_a_sum_is_one_more_read_of_dgrad_in_place_of_a_pass():
    made = archlang.parse(HANDED).network
    found = fusions(made)
    reduce = next(one for one in found.groups if one.hands_on)
    back = [one for one in fused(made, training=True) if one.direction == "backward"]
    apart = replace(found, groups=tuple(replace(one, hands_on=False) for one in found.groups))
    other = [one for one in with_kernels(work(made, training=True), apart) if one.direction == "backward"]
    size = 2 * 16 * 16
    dgrad, plain = (next(one for one in all_ if one.name == "dgrad") for all_ in (back, other))
    assert dgrad.nodes[0] == reduce.nodes[0]
    assert dgrad.read == plain.read + size
    assert sum(one.bytes for one in other) - sum(one.bytes for one in back) == 3 * size - size
    assert "add gradients" not in [one.name for one in back]


@pytest.mark.parametrize(
    "body",
    [
        "conv3-16; relu\n add[ conv3-16; bn | conv1-16; bn; relu ]",  # a 3x3 is the first to read it
        "conv3-16; relu\n concat[ conv1-8; bn; relu | identity ]",  # nobody adds it
        "conv3-16; relu\n conv1-8; bn; relu",  # nobody else reads it
        "conv3-16; relu\n add[ conv1-16; relu; conv3-16; bn | identity ]",  # no batch norm
    ],
)
def test_what_no_sum_adds_further_on_is_handed_on_by_nobody(body):
    assert not any(one.hands_on for one in fusions(archlang.parse(f"input 16x8x8\n{body}; gap").network).groups)


@pytest.mark.parametrize(("conv", "end"), [("conv3-16", "relu6"), ("conv3-16(groups=2)", "relu"), ("dwconv3", "silu")])
def test_a_larger_convolution_without_an_epilogue_of_cudnns_is_two_launches(conv, end):
    made = archlang.parse(f"input 16x4x4\n{conv}; bn; {end}; gap").network
    one, other, _ = fused(made)
    assert (one.name, other.name) == ("conv_relu", "bn_apply")
    assert one.written == other.written == 2 * 256
    assert other.read == 2 * 256 + 4 * 4 * 16


def test_a_larger_convolution_in_training_leaves_one_pass_behind_it():
    made = archlang.parse("input 16x4x4\nconv3-16(bias=false); bn; relu; gap").network
    said = fused(made, training=True)
    assert [one.name for one in said if one.direction == "forward"] == ["conv", "statistics", "bn_apply", "gap"]
    assert [one.name for one in said if one.nodes[:1] == (2,) and one.direction == "backward"] == [
        "sums of bn_apply",
        "bn_apply, back",
    ]


INCEPTION = """
net T {
  input 8x4x4
  concat[ conv1-16; relu | conv1-8; relu; conv3-8; relu | maxpool3/1(pad=1); conv1-8; relu ]
}
"""


def test_branches_that_kernels_make_are_not_copied_into_their_concatenation():
    made = archlang.parse(INCEPTION).network
    copied = [one for one in fused(made) if one.name == "concat"]
    assert [(one.count, one.bytes) for one in copied] == [(0, 0)]
    trained = [one for one in fused(made, training=True) if one.name == "concat"]
    assert [(one.count, one.bytes) for one in trained] == [(1, 2 * 2 * 32 * 16)]


def test_what_no_convolution_makes_is_concatenated_by_copies():
    text = INCEPTION.replace("conv1-8; relu ]", "relu ]")
    copied = [one for one in fused(archlang.parse(text).network) if one.name == "concat"]
    assert copied[0].count == 1
    assert copied[0].written == 2 * 32 * 16


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet@121", "senet", "mobilenetv2", "nin", "unet"])
@pytest.mark.parametrize("training", [False, True])
def test_kernels_do_the_same_products_and_move_less(name, training):
    made = archlang.read(name).network
    alone = total(ROUND, "bf16", eager(work(made, training=training)))
    both = total(ROUND, "bf16", fused(made, training=training))
    assert both.operations == alone.operations
    assert both.bytes < alone.bytes or (training and both.bytes == alone.bytes)
    assert training or both.launches < alone.launches


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet@121", "senet", "mobilenetv2", "nin", "unet"])
@pytest.mark.parametrize("training", [False, True])
def test_a_compiler_for_the_rest_moves_less_than_layers_alone(name, training):
    made = archlang.read(name).network
    there, found = work(made, training=training), fusions(made)
    groups = tuple(replace(one, hands_on=False) for one in found.groups)  # a compiled module hands on nothing
    alone = total(ROUND, "bf16", with_kernels(there, replace(found, groups=groups)))
    both = total(ROUND, "bf16", with_kernels(there, fusions(made), compiling=True))
    assert both.operations == alone.operations
    assert both.bytes <= alone.bytes
    assert both.launches <= alone.launches


def test_every_layer_that_does_something_is_in_a_launch_forth():
    for name in ("resnet50", "googlenet", "densenet@121"):
        made = archlang.read(name).network
        for training in (False, True):
            there = work(made, training=training)
            both = with_kernels(there, fusions(made), compiling=True)
            for launches in (eager(there), compiled(there), with_kernels(there, fusions(made)), both):
                seen = {id_ for one in launches if one.direction == "forward" for id_ in one.nodes}
                assert set(there.steps) <= seen


# An independent model of the same networks, kernel by kernel, has these milliseconds.
@pytest.mark.parametrize(
    ("name", "plan", "training", "published", "within"),
    [
        ("resnet50", eager, False, 10.58, 0.01),
        ("resnet50", compiled, False, 6.62, 0.01),
        ("resnet50", eager, True, 31.38, 0.01),
        ("resnet50", compiled, True, 24.46, 0.02),
        ("nin@imagenet", eager, False, 1.74, 0.01),
        ("nin@imagenet", compiled, False, 1.33, 0.01),
    ],
)
def test_floors_on_an_h200_are_the_published_ones(name, plan, training, published, within):
    assert milliseconds(name, plan, training=training) == pytest.approx(published, rel=within)


def test_a_launch_takes_as_long_as_the_slower_of_memory_and_arithmetic():
    (launch,) = eager(work(network(conv(8, 1, bias=False), size=(8, 4, 4))))
    assert floor(ROUND, "bf16", launch) == pytest.approx(2 * 8 * 8 * 16 / 1e12)
    assert floor(ROUND, "fp32", launch) == pytest.approx(2 * 8 * 8 * 16 / 1e11)
    slow = Device("slow", "a slow one", Figure(1.0), {"bf16": Figure(1e12)}, 1, 1)
    assert floor(slow, "bf16", launch) == launch.bytes
    assert bound(slow, "bf16", launch) == "memory"
    assert bound(ROUND, "bf16", launch) == "launch"


def test_totals_add_what_each_launch_costs():
    found = total(ROUND, "bf16", eager(work(residual())))
    assert found.seconds == pytest.approx(found.floor + found.launches * LAUNCH)


def test_a_type_that_a_device_lacks_is_refused():
    with pytest.raises(ValueError, match="NVIDIA V100 SXM has no bf16: it has fp32, fp16"):
        peak(DEVICES["v100"], "bf16")


def test_a_symbolic_size_is_refused():
    with pytest.raises(UnknownSizeError):
        work(archlang.parse("net T {\n input 3xHxW\n conv3-8\n}\n").network)


def test_a_setting_is_checked():
    with pytest.raises(ValueError, match="dtype is one of fp32, tf32, fp16, bf16, not 'int8'"):
        Setting(1, "int8")
    with pytest.raises(ValueError, match="at least 1, not 0"):
        Setting(0)


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_every_devices_figures_are_plausible_and_say_where_they_come_from(device):
    assert 1e11 < device.bandwidth.value < 1e13
    assert device.peak["fp32"].value <= device.peak["fp16"].value
    assert {figure.source for figure in (device.bandwidth, *device.peak.values())} <= {"vendor", "measured"}


def test_a_device_is_found_by_what_its_driver_calls_it():
    assert known_as("NVIDIA H200") is DEVICES["h200"]
    assert known_as("NVIDIA GeForce RTX 4090") is DEVICES["rtx4090"]
    assert known_as("NVIDIA A100-SXM4-80GB") is DEVICES["a100"]
    assert known_as("llvmpipe") is None


def test_the_floor_with_kernels_lies_between_those_of_1x1_epilogues_alone_and_of_all_epilogues():
    made = archlang.read("resnet50").network
    least = total(DEVICES["h200"], "bf16", with_kernels(work(made, 256), fusions(made))).floor * 1e3
    assert 3.98 < least < 4.79


PAGE = (Path(__file__).parents[2] / "docs/kernels.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\S+)(?: \(ImageNet\))?, (inference|a step of training) \| (.*) \|$", PAGE, re.MULTILINE)
NAMES = {"ResNet-50": "resnet50", "GoogLeNet": "googlenet", "NIN": "nin@imagenet", "DenseNet-121": "densenet@121"}


@pytest.mark.parametrize(("title", "what", "cells"), ROWS)
def test_the_page_about_kernels_says_what_the_model_says(title, what, cells):
    model = archlang.read(NAMES[title])
    setting = Setting(256, "bf16", what != "inference")
    said = explain(model.network, model.code(kernels=True), setting, DEVICES["h200"])
    totals = (said.eager, said.compiled, said.kernels, said.both)
    assert cells.split(" | ") == [f"{one.floor * 1e3:.1f}" for one in totals]


def test_the_page_about_kernels_has_such_a_table():
    assert len(ROWS) == 5
