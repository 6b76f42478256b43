"""Calls of kernels for what sequences hold: items told apart, classes that are many things, other activations."""

from __future__ import annotations

import pytest
from emitted_networks import model
from kernel_runs import forward, forwards, same

import archlang

CONV = "conv means seq[conv(bias=false); bn; relu6]\n"


@pytest.mark.parametrize(("word", "function"), [("relu6", "F.relu6"), ("silu", "F.silu"), ("hardswish", "F.hardswish")])
def test_another_activation_is_said_by_its_function(word, function):
    assert f"K.conv1x1(x, self.conv1, self.bn1, activation={function})" in forward(
        f"input 16x8x8\nconv1-16; bn; {word}; gap"
    )
    assert f"K.conv_relu(x, self.conv1, activation={function})" in forward(f"input 16x8x8\nconv3-16; {word}; gap")


def test_an_activation_in_a_sequence_is_said_by_its_module():
    text = "net A { input 16x8x8\n seq[conv1-16; bn; silu] as head; gap }"
    assert "K.conv1x1(x, self.head[0], self.head[1], activation=self.head[2])" in forward(text)


def test_a_1x1_that_hands_on_what_it_reads_may_have_another_activation():
    text = forward("input 16x8x8\nconv3-16; relu\nadd[ conv1-8; bn; relu6; conv3-16; bn | identity ]; relu; gap")
    assert "K.conv1x1_skip(x, self.conv2, self.bn1, activation=F.relu6)" in text


def test_the_blocks_of_mobilenet_v2_are_calls():
    text = model("zoo/mobilenetv2.arch").code(kernels=True)
    assert forwards(text)["Conv"].splitlines() == ["return K.conv_relu(x, self[0], self[1], activation=self[2])"]
    assert forwards(text)["Bneck"].splitlines() == [
        "out = self.conv[:-2](x)",
        "return K.conv1x1(out, self.conv[-2], self.conv[-1], residual=x if self.residual else None)",
    ]


def test_an_activation_that_is_another_in_some_calls_is_said_by_its_module():
    text = model("zoo/mobilenetv3.arch").code(kernels=True)
    assert forwards(text)["Conv"].splitlines() == ["return K.conv_relu(x, self[0], self[1], activation=self[2])"]


def test_a_class_of_1x1_and_larger_convolutions_calls_what_runs_both():
    text = model("zoo/googlenet_torchvision.arch").code(kernels=True)
    assert forwards(text)["Conv"].splitlines() == ["return K.conv_relu(x, self[0], self[1])"]
    assert "K.conv1x1(x, self.branch1[0], self.branch1[1], relu=True)" in forwards(text)["Inception"]


def test_convolutions_that_a_forward_reaches_need_no_forward_of_their_class():
    text = archlang.parse(f"{CONV}net A {{ input 16x8x8\n conv3-16; conv1-16; gap }}").code(kernels=True)
    assert "K.conv_relu(x, self.seq1[0], self.seq1[1], activation=self.seq1[2])" in text
    assert sorted(forwards(text)) == ["A"]


def test_a_sum_that_more_is_done_with_under_its_if_is_no_part_of_a_call():
    block = "block b(p=true) { if p { add[ conv1-16; bn | identity ]; sigmoid } else { conv1-16; bn } }\n"
    text = forward(f"{block}net A {{ input 16x8x8\n conv3-16; relu; b(p=false); b; gap }}", "B")
    assert "if self." in text
    assert "residual=" not in text


def test_items_in_front_of_a_subclass_are_not_cut_off():
    text = model("zoo/mobilenetv2.arch").code(kernels=True)
    assert ":-" not in forwards(text)["MobileNetV2"]


def test_items_that_no_kernel_runs_go_together_as_a_slice():
    assert forwards(model("zoo/squeezenet.arch@1.0").code(kernels=True))["SqueezeNet"].splitlines()[:3] == [
        "x = K.conv_relu(x, self.features[0])",
        "x = self.classifier[0](self.features[2:](x))",
        "x = K.conv1x1(x, self.classifier[1], relu=True)",
    ]
    assert forwards(model("zoo/densenet.arch@121").code(kernels=True))["DenseNet"].splitlines()[:2] == [
        "x = K.conv_relu(x, self.features[0], self.features[1])",
        "x = K.bn_add_relu(self.features[3:11](x), self.features[11])",
    ]


def test_a_single_item_between_two_calls_goes_by_its_number():
    text = model("zoo/mnasnet.arch@1.0").code(kernels=True)
    assert "x = self.layers[3](x)\nx = K.conv1x1(x, self.layers[6]," in forwards(text)["MNASNet"]
    assert "x = self.layers[8:14](x)\nx = K.conv1x1(x, self.layers[14]," in forwards(text)["MNASNet"]


def test_a_sequence_that_would_be_many_statements_runs_as_a_whole():
    def body(convolutions):
        items = "; sigmoid; ".join(["conv3-16; relu"] * convolutions)
        return forward(f"net A {{ input 16x8x8\n seq[{items}] as body; conv1-16; relu; gap }}")

    assert "x = self.body[2](K.conv_relu(x, self.body[0]))" in body(4)
    assert "self.body(x)" in body(5)


@pytest.mark.parametrize(
    "spec", ["squeezenet@1.0", "densenet@121", "mobilenetv2", "mobilenetv3@small", "mnasnet@0.5", "efficientnet@B0"]
)
def test_it_computes_what_the_modules_do(spec):
    name, _, variant = spec.partition("@")
    same(archlang.read(f"zoo/{name}.arch", variant=variant or None, input="3x64x64"))
