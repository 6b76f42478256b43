"""What layers refuse, and in which words."""

import pytest

from archlang.ops import ALL, BY_WORD
from archlang.ops.dim import symbol
from archlang.ops.input import Input
from archlang.ops.limits import checked_shape
from archlang.ops.op import ShapeError

H, W = symbol("H"), symbol("W")
MAP = (64, 56, 56)


def op(word, *args, **options):
    return BY_WORD[word](*args, **options)


REFUSED = {
    "features into a convolution": (
        op("conv", 8, (3, 3)),
        ((4096,),),
        "not-a-map",
        "`conv` needs a map, but what enters is 4096 features",
    ),
    "a kernel larger than the map": (
        op("conv", 8, (7, 7), (1, 1), (0, 0)),
        ((3, 5, 9),),
        "empty-output",
        "`conv` leaves nothing of 5x9: its 7x7 kernel is larger, padding 0 included",
    ),
    "a dilated kernel larger than the map": (
        op("conv", 8, (3, 3), (1, 1), (0, 0), 1, (4, 4)),
        ((3, 5, 5),),
        "empty-output",
        "dilation 4x4",
    ),
    "a pool larger than the map": (op("maxpool"), ((3, 1, 1),), "empty-output", "2x2 kernel"),
    "a square without a middle": (
        op("LRN", 4, within=True),
        (MAP,),
        "option",
        "`size=4` has no position in its middle",
    ),
    "too much padding": (op("maxpool", (2, 2), pad=(2, 2)), (MAP,), "padding", "more than half"),
    "groups that do not divide": (
        op("conv", 8, (3, 3), groups=3),
        (MAP,),
        "groups",
        "`groups=3` does not divide the 64 input channels",
    ),
    "groups that do not divide the output": (op("deconv", 9, (3, 3), groups=4), (MAP,), "groups", "9 output channels"),
    "a depthwise width": (op("dwconv", 65), (MAP,), "groups", "not a multiple"),
    "two depthwise widths": (op("dwconv", 128, mult=3), (MAP,), "groups", "`mult=3` makes 192"),
    "padding larger than the stride": (op("deconv", 8, (2, 2), (2, 2), (0, 0), (2, 2)), (MAP,), "padding", "out_pad=2"),
    "a deconvolution padded away": (
        op("deconv", 8, (1, 1), (1, 1), (3, 3)),
        ((3, 4, 4),),
        "empty-output",
        "takes it all",
    ),
    "a symbolic map into a fully connected layer": (
        op("FC", 10),
        ((512, H, W),),
        "symbolic",
        "`FC` needs an input of known size, but what enters is 512xHxW",
    ),
    "symbolic features": (op("bn"), ((H,),), "symbolic", "but what enters is H"),
    "a bias for each place of a symbolic map": (op("posbias"), ((4, H, W),), "symbolic", "known size"),
    "symbolic channels": (Input((H, 5, 5)), (), "symbolic", "channels must be a number"),
    "branches of two sizes": (
        op("concat"),
        (MAP, (128, 28, 28)),
        "branch-shapes",
        "`concat` branch 2 is 128x28x28 but branch 1 is 64x56x56",
    ),
    "a third branch of another size": (op("concat"), (MAP, MAP, (128, 28, 28)), "branch-shapes", "branch 3"),
    "a sum of different channels": (op("add"), (MAP, (128, 56, 56)), "branch-shapes", "`add` branch 2 is 128x56x56"),
    "a sum with a gate": (op("add"), (MAP, (64, 1, 1)), "branch-shapes", "`add` branch 2 is 64x1x1"),
    "a map with features": (op("add"), (MAP, (64,)), "branch-shapes", "64"),
    "a gate of other channels": (op("mul"), (MAP, (32, 1, 1)), "branch-shapes", "`mul` branch 2 is 32x1x1"),
    "a gate first, of other channels": (op("mul"), ((32, 1, 1), MAP), "branch-shapes", "`mul` branch 2 is 64x56x56"),
    "a product of different sizes": (op("mul"), (MAP, (64, 28, 28)), "branch-shapes", "28"),
    "one branch": (op("concat"), (MAP,), "merge-arity", "two tensors or more"),
    "two inputs": (op("relu"), (MAP, MAP), "merge-arity", "reads 1 tensor, but gets 2"),
    "channels that do not split": (op("slice", 0, 3), (MAP,), "split", "64 channels do not split into 3"),
    "a part too far": (op("slice", 2, 2), (MAP,), "split", "no part 2"),
    "a crop of a smaller map": (op("crop"), ((8, 4, 4), (8, 5, 5)), "crop", "smaller"),
    "a crop past the end": (op("crop", 3), ((8, 6, 6), (8, 4, 4)), "crop", "passes the end"),
    "a crop from nowhere": (op("crop", "left"), ((8, 6, 6), (8, 4, 4)), "crop", "whole number"),
    "the size of features": (op("resize"), (MAP, (64,)), "not-a-map", "64"),
    "fewer channels than there are": (op("padc", 32), (MAP,), "channels", "cannot make 32 of 64"),
    "shuffled groups": (op("shuffle", 5), (MAP,), "groups", "divide"),
    "normalised groups": (op("groupnorm", 5), (MAP,), "groups", "divide"),
    "the variance of one value": (op("instancenorm"), ((8, 1, 1),), "empty-output", "no variance"),
    "three sides": (op("pad", (1, 2, 3)), (MAP,), "padding", "one, two or four"),
    "a negative side": (op("pad", -1), (MAP,), "padding", "one, two or four"),
    "too many channels": (op("conv", 10**9 + 1, (1, 1)), (MAP,), "limit", "1,000,000,000"),
    "too large a tensor": (op("conv", 10**9, (1, 1)), (MAP,), "limit", "1,000,000,000,000"),
    "too large a weight": (op("FC", 10**8), ((10**8,),), "limit", "weight"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused_in_plain_words(what):
    layer, inputs, code, words = REFUSED[what]
    with pytest.raises(ShapeError) as caught:
        checked_shape(layer, inputs)
    assert caught.value.code == code
    assert words in caught.value.message


def test_a_refused_branch_is_labelled_with_the_one_it_disagrees_with():
    with pytest.raises(ShapeError) as caught:
        op("concat").shape((MAP, MAP, (1, 28, 28)))
    assert caught.value.ports == {0: "64x56x56", 2: "1x28x28"}


def test_an_option_to_blame_is_named():
    for layer in (op("conv", 8, (3, 3), groups=3), op("shuffle", 5), op("slice", 0, 3), op("padc", 2), op("pad", -1)):
        with pytest.raises(ShapeError) as caught:
            layer.shape((MAP,))
        assert caught.value.option in set(type(layer).__dataclass_fields__)


def test_a_symbolic_map_passes_where_its_size_does_not_matter():
    shape = (3, H, W)
    for layer in (op("conv", 8, (7, 7), (2, 2)), op("relu"), op("maxpool"), op("upsample"), op("softmax"), op("bn")):
        assert len(checked_shape(layer, (shape,))) == 3
    assert checked_shape(op("gap"), (shape,)) == (3, 1, 1)
    assert checked_shape(op("add"), (shape, (3, 2 * (H // 2), W))) == shape
    assert str(checked_shape(op("flatten"), (shape,))[0]) == "3*H*W"


def test_symbolic_pools_round_as_pytorch_does():
    torch = pytest.importorskip("torch")
    for k, stride, pad, ceil in [(2, 2, 0, True), (3, 2, 1, True), (2, 2, 1, True), (2, 3, 1, True), (3, 2, 0, False)]:
        layer = op("maxpool", (k, k), (stride, stride), (pad, pad), ceil=ceil)
        symbolic = layer.shape(((1, H, W),))
        for size in range(k + stride, 20):
            result = torch.nn.functional.max_pool2d(torch.zeros(1, 1, size, size), k, stride, pad, ceil_mode=ceil)
            assert symbolic[1].substitute({"H": size}) == result.shape[2] == layer.shape(((1, size, size),))[1]


def test_an_odd_kernel_keeps_the_size_and_an_even_one_does_not():
    assert op("conv", 8, (5, 3), dilation=(2, 3)).shape(((3, 32, 32),)) == (8, 32, 32)
    assert op("conv", 8, (4, 4)).shape(((3, 32, 32),)) == (8, 29, 29)


def test_caffe_s_rule_drops_a_window_that_begins_in_the_padding():
    assert op("maxpool", (2, 2), (2, 2), (1, 1), ceil=True).shape(((1, 3, 4),)) == (1, 2, 3)


def test_every_word_belongs_to_one_layer():
    words = [word for kind in ALL for word in (kind.word, *kind.aliases)]
    assert len(words) == len(set(words)) == len(BY_WORD)
