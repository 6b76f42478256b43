"""The class that the source brings along is `nn.LSTM`: its tensors, its numbers, its gradients."""

import pytest

from archlang.ops import BY_WORD

torch = pytest.importorskip("torch")

from said_in_pytorch import Layer  # noqa: E402


def twins(biases=2):
    ours = Layer(BY_WORD["lstm"](8, biases=biases), ((5, 6),), by_module=True).it
    theirs = torch.nn.LSTM(6, 8, bias=biases > 0, batch_first=True)
    return ours, theirs


def test_it_takes_the_state_of_pytorchs_and_computes_and_learns_the_same():
    torch.manual_seed(0)
    ours, theirs = twins()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    x = torch.randn(3, 5, 6, requires_grad=True)
    said, (wanted, _) = ours(x), theirs(x)
    torch.testing.assert_close(said, wanted)
    weigh = torch.randn_like(said)
    for mine, its in zip(
        torch.autograd.grad((said * weigh).sum(), [x, *ours.parameters()]),
        torch.autograd.grad((wanted * weigh).sum(), [x, *theirs.parameters()]),
        strict=True,
    ):
        torch.testing.assert_close(mine, its)


def test_with_one_bias_it_is_pytorchs_whose_second_is_zero():
    torch.manual_seed(0)
    ours, theirs = twins(biases=1)
    assert set(ours.state_dict()) == set(theirs.state_dict()) - {"bias_hh_l0"}
    with torch.no_grad():
        theirs.bias_hh_l0.zero_()
    ours.load_state_dict({name: theirs.state_dict()[name] for name in ours.state_dict()})
    x = torch.randn(3, 5, 6)
    torch.testing.assert_close(ours(x), theirs(x)[0])


def test_without_biases_it_is_pytorchs_without():
    ours, theirs = twins(biases=0)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    x = torch.randn(2, 5, 6)
    torch.testing.assert_close(ours(x), theirs(x)[0])


def test_its_weights_start_as_pytorchs_do():
    torch.manual_seed(0)
    layer = Layer(BY_WORD["lstm"](64), ((5, 64),), by_module=True).it
    for tensor in layer.parameters():
        assert float(tensor.detach().abs().max()) <= 1 / 8
        assert float(tensor.detach().std()) == pytest.approx(1 / 8 / 3**0.5, rel=0.1)
