"""Initialisations by name: `init conv = gaussian(0.01)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archlang.ops.op import Code, Op, Shape, Slot, call
from archlang.record import record

WEIGHT = Slot("weight")

BILINEAR = '''\
def bilinear(weight: torch.Tensor) -> None:
    """Fill a transposed convolution so that it enlarges each channel bilinearly, as Caffe does."""
    channels, outputs, height, width = weight.shape
    sides = []
    for size in (height, width):
        half = (size + 1) // 2
        centre = (2 * half - 1 - half % 2) / (2 * half)
        sides.append(1 - (torch.arange(size) / half - centre).abs())
    with torch.no_grad():
        weight.zero_()
        for i in range(channels):
            weight[i, i % outputs] = torch.outer(*sides)
'''


@record
class Initialization:
    """A way to fill a layer's weights, each matrix by itself; biases become 0.

    It takes `least` to `most` numbers. `say` turns them into the PyTorch that
    fills `{weight}`. `matrices` says that it needs a weight with two axes or more
    (a convolution's, a fully connected layer's), `deconv` that it is for
    transposed convolutions alone. `helper` is the function that the source must
    define to say it, if there is one.
    """

    least: int
    most: int
    say: Callable[[tuple[float, ...]], Code]
    matrices: bool = True
    deconv: bool = False
    helper: str | None = None

    def fits(self, op: Op, inputs: tuple[Shape, ...]) -> bool:
        """Whether it can fill this layer's weights; lines that mean many layers pass over the rest."""
        if self.deconv:
            return op.family == "deconv"
        return bool(_weights(op, inputs)) and (op.counted or not self.matrices)

    def statements(self, args: tuple[float, ...], op: Op, inputs: tuple[Shape, ...]) -> tuple[Code, ...]:
        """The calls that fill the layer, with a hole for each tensor, `{weight}`, `{bias}`; none if it does not fit."""
        if not self.fits(op, inputs):
            return ()
        said = self.say(args)
        weights = [Code(said.text.replace("{weight}", f"{{{name}}}"), said.values) for name in _weights(op, inputs)]
        biases = [name for name in op.tensors(inputs) if name.startswith("bias")]
        return (*weights, *(call("nn.init.zeros_", Slot(name)) for name in biases))


def _weights(op: Op, inputs: tuple[Shape, ...]) -> list[str]:
    """The names of a layer's weights: its tensors that begin so, or `weight` where it is one bare tensor."""
    tensors = op.tensors(inputs)
    return ["weight"] if "" in tensors else [name for name in tensors if name.startswith("weight")]


def _gaussian(args: tuple[float, ...]) -> Code:
    return call("nn.init.normal_", WEIGHT, std=args[0])


def _truncated(args: tuple[float, ...]) -> Code:
    return call("nn.init.trunc_normal_", WEIGHT, std=args[0])


def _uniform(args: tuple[float, ...]) -> Code:
    high = args[-1]
    low = args[0] if len(args) > 1 else -high
    return call("nn.init.uniform_", WEIGHT, low, high)


def _constant(args: tuple[float, ...]) -> Code:
    return call("nn.init.constant_", WEIGHT, args[0])


def _plain(function: str, **more: str) -> Callable[[tuple[float, ...]], Code]:
    return lambda _: call(function, WEIGHT, **more)


_MSRA = _plain("nn.init.kaiming_normal_", nonlinearity="relu")
_MSRA_OUT = _plain("nn.init.kaiming_normal_", mode="fan_out", nonlinearity="relu")

INITIALIZERS: Mapping[str, Initialization] = {
    "gaussian": Initialization(1, 1, _gaussian),
    "truncated": Initialization(1, 1, _truncated),
    "uniform": Initialization(1, 2, _uniform),
    "constant": Initialization(1, 1, _constant, matrices=False),
    "zeros": Initialization(0, 0, _plain("nn.init.zeros_"), matrices=False),
    "ones": Initialization(0, 0, _plain("nn.init.ones_"), matrices=False),
    "xavier": Initialization(0, 0, _plain("nn.init.xavier_uniform_")),
    "xavier_normal": Initialization(0, 0, _plain("nn.init.xavier_normal_")),
    "msra": Initialization(0, 0, _MSRA),
    "msra_out": Initialization(0, 0, _MSRA_OUT),
    "kaiming": Initialization(0, 0, _MSRA),
    "kaiming_out": Initialization(0, 0, _MSRA_OUT),
    "orthogonal": Initialization(0, 0, _plain("nn.init.orthogonal_")),
    "bilinear": Initialization(0, 0, _plain("bilinear"), deconv=True, helper=BILINEAR),
}
"""By the names that `init` lines use; `msra_out` looks at the fan out, `gaussian(0.01)` takes the deviation."""

ELSEWHERE: Mapping[str, str] = {
    "normal": "gaussian",
    "trunc_normal": "truncated",
    "truncated_normal": "truncated",
    "xavier_uniform": "xavier",
    "glorot_uniform": "xavier",
    "glorot_normal": "xavier_normal",
    "kaiming_normal": "kaiming",
    "he_normal": "kaiming",
}
"""What PyTorch and Keras call some of them, for those who come from there."""
