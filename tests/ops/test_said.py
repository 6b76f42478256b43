"""How layers are said in PyTorch: every option that is set is passed on, and defaults are left out."""

from random import Random

import pytest
from instances import MAKERS

from archlang.ops import ALL, BY_WORD

MAP = (8, 12, 12)


def op(word, *args, **options):
    return BY_WORD[word](*args, **options)


def text(code):
    if code is None:
        return None
    return code.text.format_map(
        {"x": "x", "xs": "a, b", "self": "self.it", "training": "self.training", "x0": "a", "x1": "b"}
        | {k: repr(v) for k, v in code.values}
    )


MODULES = {
    "nn.Conv2d(8, 4, (3, 5), stride=2, padding=(0, 1), dilation=(1, 2), groups=2, bias=False)": op(
        "conv", 4, (3, 5), (2, 2), (0, 1), 2, (1, 2), bias=False
    ),
    "nn.Conv2d(8, 4, 3, padding=1)": op("conv", 4, (3, 3)),
    "nn.Conv2d(8, 16, 3, padding=1, groups=8, bias=False)": op("dwconv", mult=2, bias=False),
    "nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1, output_padding=(1, 0), groups=4, bias=False, dilation=2)": op(
        "deconv", 4, (4, 4), (2, 2), (1, 1), (1, 0), 4, (2, 2), bias=False
    ),
    "nn.Embedding(12000, 512)": op("embed", 512, 12000),
    "nn.Linear(1152, 5, bias=False)": op("FC", 5, bias=False),
    "nn.BatchNorm2d(8, eps=0.001, momentum=0.01, affine=False)": op("bn", 1e-3, 0.01, affine=False),
    "nn.BatchNorm2d(8)": op("bn"),
    "nn.LocalResponseNorm(3, alpha=0.01, beta=0.5, k=2.0)": op("LRN", 3, 1e-2, 0.5, 2),
    "nn.GroupNorm(2, 8, eps=0.001, affine=False)": op("groupnorm", 2, 1e-3, affine=False),
    "nn.InstanceNorm2d(8, eps=0.001, affine=True)": op("instancenorm", 1e-3, affine=True),
    "nn.GroupNorm(1, 8, eps=0.001)": op("layernorm", 1e-3),
    "nn.LeakyReLU(negative_slope=0.2)": op("leakyrelu", 0.2),
    "nn.PReLU(8, init=0.1)": op("prelu", per_channel=True, start=0.1),
    "nn.ELU(alpha=0.5)": op("elu", 0.5),
    "nn.MaxPool2d(3, stride=2, padding=1, dilation=2, ceil_mode=True)": op(
        "maxpool", (3, 3), (2, 2), (1, 1), (2, 2), ceil=True
    ),
    "nn.MaxPool2d(2)": op("maxpool"),
    "nn.AvgPool2d((3, 2), stride=1, padding=1, ceil_mode=True, count_include_pad=False)": op(
        "avgpool", (3, 2), (1, 1), (1, 1), ceil=True, include_pad=False
    ),
    "nn.AdaptiveAvgPool2d((3, 2))": op("adaptiveavgpool", (3, 2)),
    "nn.AdaptiveMaxPool2d(3)": op("adaptivemaxpool", (3, 3)),
    "nn.Dropout(0.2)": op("dropout", 0.2),
    "nn.Dropout2d(0.2)": op("dropout2d", 0.2),
    "nn.ConstantPad3d((0, 0, 0, 0, 0, 4), 0.0)": op("padc", 12),
    "nn.ChannelShuffle(4)": op("shuffle", 4),
    "nn.Upsample(scale_factor=(2, 3), mode='bilinear', align_corners=True)": op(
        "upsample", (2, 3), "bilinear", align=True
    ),
    "nn.Upsample(scale_factor=2)": op("upsample"),
    "nn.ZeroPad2d((2, 3, 0, 1))": op("pad", (0, 1, 2, 3)),
    "nn.Parameter(torch.full((8, 1, 1), 0.1))": op("scale", 0.1),
    "nn.Parameter(torch.zeros(8, 12, 12))": op("posbias"),
}

FUNCTIONS = {
    "F.local_response_norm(x, 3, alpha=0.01, beta=0.5, k=2.0)": op("LRN", 3, 1e-2, 0.5, 2),
    "x / (1.0 + 0.01 * F.avg_pool2d(x * x, 3, 1, 1)) ** 0.5": op("LRN", 3, 1e-2, 0.5, within=True),
    "F.leaky_relu(x, negative_slope=0.2)": op("leakyrelu", 0.2),
    "F.max_pool2d(x, 3, stride=2, padding=1, dilation=2, ceil_mode=True)": op(
        "maxpool", (3, 3), (2, 2), (1, 1), (2, 2), ceil=True
    ),
    "F.avg_pool2d(x, 2, padding=1, count_include_pad=False)": op("avgpool", pad=(1, 1), include_pad=False),
    "F.dropout(x, 0.2, self.training)": op("dropout", 0.2),
    "F.dropout3d(x.unsqueeze(1), 0.2, self.training).squeeze(1)": op("droppath", 0.2),
    "F.softmax(x, 1)": op("softmax"),
    "x[:, 4:8]": op("slice", 1, 2),
    "x[:, :, ::2, ::3]": op("subsample", (2, 3)),
    "F.pad(x, (2, 3, 0, 1))": op("pad", (0, 1, 2, 3)),
    "x[:, [0, 4, 4]]": op("maps", (0, 4, 4)),
    "x * self.it": op("scale"),
    "self.it(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)": op("layernorm", each=True),
    'F.conv2d(x, self.it.get_parameter("weight")[:, :, None, None], self.it.get_parameter("bias"))': op(
        "FC", 4, each=True
    ),
    'F.conv2d(x, self.it.get_parameter("weight")[:, :, None, None])': op("FC", 4, bias=False, each=True),
    "x * 0.17": op("times", 0.17),
    "x + self.it": op("posbias"),
}


@pytest.mark.parametrize("said", MODULES)
def test_a_module_is_told_what_differs_from_its_defaults(said):
    assert text(MODULES[said].module((MAP,))) == said


@pytest.mark.parametrize("said", FUNCTIONS)
def test_a_function_is_told_the_same(said):
    assert text(FUNCTIONS[said].apply((MAP,))) == said


def test_features_have_modules_of_their_own():
    assert text(op("bn").module(((30,),))) == "nn.BatchNorm1d(30)"
    assert text(op("layernorm").module(((30,),))) == "nn.LayerNorm(30)"
    assert not op("FC", 5).flattens(((30,),))
    assert op("FC", 5).flattens((MAP,))
    assert op("softmax").flattens(((10, 1, 1),))
    assert not op("softmax").flattens((MAP,))


def test_a_crop_follows_its_reference_at_any_size():
    wide, narrow = (8, 20, 20), (4, 10, 12)
    assert text(op("crop", (5, 4)).apply((wide, narrow))) == "a[:, :, 5 : 5 + b.shape[2], 4 : 4 + b.shape[3]]"
    rows, columns = (f".narrow({i}, (a.shape[{i}] - b.shape[{i}]) // 2, b.shape[{i}])" for i in (2, 3))
    assert text(op("crop").apply((wide, narrow))) == "a" + rows + columns


def test_a_map_takes_the_size_of_another_at_any_size():
    small, large = (8, 7, 7), (4, 10, 12)
    assert text(op("resize").apply((small, large))) == "F.interpolate(a, size=b.shape[2:])"
    mixed = text(op("resize", "bilinear", align=True).apply((small, large)))
    assert mixed == "F.interpolate(a, size=b.shape[2:], mode='bilinear', align_corners=True)"


def test_a_sequence_has_its_classes_last_and_features_are_one_element():
    assert text(op("softmax").apply(((20, 30),))) == "F.softmax(x, 2)"
    assert text(op("softmax").module(((20, 30),))) == "nn.Softmax(2)"
    assert not op("softmax").flattens(((20, 1),))
    assert text(op("tokens").apply(((512,),))) == "x.unsqueeze(1)"
    assert text(op("mean").apply(((20, 512),))) == "x.mean(1)"


def test_an_lstm_is_told_its_biases_where_they_are_not_pytorchs_two():
    assert text(op("lstm", 8).module(((20, 6),))) == "LSTM(6, 8)"
    assert text(op("lstm", 8, biases=1).module(((20, 6),))) == "LSTM(6, 8, biases=1)"


def test_layers_with_weights_are_said_by_their_module_alone():
    for kind in ALL:
        if kind.counted:
            assert kind.stateful
            made, shapes = MAKERS[kind.word](Random(0))
            said = made.apply(shapes)
            assert said is None or "{self}" in said.text
