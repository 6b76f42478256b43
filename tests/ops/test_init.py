"""Initialisations fill what they say they fill."""

import math

import pytest

from archlang.ops import BY_WORD
from archlang.ops.init import INITIALIZERS

torch = pytest.importorskip("torch")
CONV = BY_WORD["conv"](64, (3, 3))
INPUT = ((32, 8, 8),)


def fill(name, args=(), op=CONV, inputs=INPUT):
    scheme = INITIALIZERS[name]
    weight, bias = (torch.full(shape, 7.0) for shape in op.tensors(inputs).values())
    names = {"nn": torch.nn, "torch": torch, "weight": weight, "bias": bias}
    exec(scheme.helper or "", names)  # noqa: S102
    for code in scheme.statements(args, op, inputs):
        values = {key: repr(value) for key, value in code.values}
        exec(code.text.format(weight="weight", bias="bias", **values), names)  # noqa: S102
    return weight, bias


SPREAD = {
    "gaussian": ((0.05,), 0.05),
    "truncated": ((0.05,), 0.05),
    "uniform": ((0.1,), 0.1 / math.sqrt(3)),
    "xavier": ((), math.sqrt(2 / (32 * 9 + 64 * 9))),
    "xavier_normal": ((), math.sqrt(2 / (32 * 9 + 64 * 9))),
    "msra": ((), math.sqrt(2 / (32 * 9))),
    "msra_out": ((), math.sqrt(2 / (64 * 9))),
    "kaiming": ((), math.sqrt(2 / (32 * 9))),
    "kaiming_out": ((), math.sqrt(2 / (64 * 9))),
}


@pytest.mark.parametrize("name", SPREAD)
def test_random_weights_have_the_deviation_their_name_says(name):
    torch.manual_seed(0)
    args, wanted = SPREAD[name]
    weight, bias = fill(name, args)
    assert float(weight.std()) == pytest.approx(wanted, rel=0.05)
    assert abs(float(weight.mean())) < wanted / 20
    assert not bias.any()


def test_constants_fill_and_reach_batch_norm_too():
    assert set(fill("constant", (0.5,))[0].flatten().tolist()) == {0.5}
    bn = BY_WORD["bn"]()
    weight, bias = fill("zeros", op=bn)
    assert not weight.any()
    assert not bias.any()
    assert set(fill("ones", op=bn)[0].tolist()) == {1.0}


def test_random_weights_pass_over_batch_norm():
    assert INITIALIZERS["gaussian"].statements((0.01,), BY_WORD["bn"](), INPUT) == ()
    assert INITIALIZERS["bilinear"].statements((), CONV, INPUT) == ()


def test_each_matrix_of_an_lstm_is_filled_and_each_bias_is_zero():
    op = BY_WORD["lstm"](64)
    tensors = {name: torch.full(shape, 7.0) for name, shape in op.tensors(((9, 32),)).items()}
    torch.manual_seed(0)
    for code in INITIALIZERS["xavier"].statements((), op, ((9, 32),)):
        values = {key: repr(value) for key, value in code.values}
        exec(code.text.format(**{name: name for name in tensors}, **values), {"nn": torch.nn, **tensors})  # noqa: S102
    for name, tensor in tensors.items():
        wanted = math.sqrt(2 / sum(tensor.shape)) if name.startswith("weight") else 0
        assert float(tensor.std()) == pytest.approx(wanted, rel=0.05), name


@pytest.mark.parametrize("groups", [1, 4])
def test_bilinear_enlarges_each_channel_by_itself(groups):
    op = BY_WORD["deconv"](4, (4, 4), (2, 2), groups=groups)
    weight, _ = fill("bilinear", op=op, inputs=((4, 5, 5),))
    image = torch.rand(1, 4, 5, 5)
    large = torch.nn.functional.conv_transpose2d(image, weight, stride=2, padding=1, groups=groups)
    wanted = torch.nn.functional.interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)
    torch.testing.assert_close(large[:, :, 1:-1, 1:-1], wanted[:, :, 1:-1, 1:-1])


def test_orthogonal_rows_are_orthogonal():
    weight, _ = fill("orthogonal")
    rows = weight.flatten(1)
    torch.testing.assert_close(rows @ rows.T, torch.eye(64), atol=1e-4, rtol=0)
