"""Activations: `relu`, `prelu`, `silu`, ... One value in, one value out."""

from __future__ import annotations

from typing import Any, ClassVar

from archlang.ops.map2d import channels_of
from archlang.ops.op import Code, Op, Saved, Shape, X, call, option
from archlang.record import record


class Activation(Op):
    """What all activations share: the shape stays, and autograd keeps the input or the output."""

    __slots__ = ()

    pointwise: ClassVar[bool] = True
    layer: ClassVar[str]
    """Its class in PyTorch."""
    function: ClassVar[str]
    """Its function in PyTorch."""
    keeps_output: ClassVar[bool] = False
    """Whether the backward pass looks at what came out rather than at what went in."""

    def arguments(self) -> dict[str, Any]:
        """What PyTorch is told, defaults left out."""
        return {}

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        return inputs[0]

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its output or its input."""
        return Saved(output=True) if self.keeps_output else Saved(inputs=(0,))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.ReLU()` and the like."""
        return call(self.layer, **self.arguments())

    def apply(self, inputs: tuple[Shape, ...]) -> Code | None:
        """`F.relu(x)` and the like."""
        return call(self.function, X, **self.arguments())


class ReLU(Activation):
    """max(0, x)."""

    __slots__ = ()

    word: ClassVar[str] = "relu"
    family: ClassVar[str] = "relu"
    can_overwrite: ClassVar[bool] = True
    layer: ClassVar[str] = "nn.ReLU"
    function: ClassVar[str] = "F.relu"
    keeps_output: ClassVar[bool] = True


class ReLU6(Activation):
    """min(6, max(0, x)). In place, autograd would keep a copy of what it overwrites."""

    __slots__ = ()

    word: ClassVar[str] = "relu6"
    family: ClassVar[str] = "relu"
    layer: ClassVar[str] = "nn.ReLU6"
    function: ClassVar[str] = "F.relu6"


@record
class LeakyReLU(Activation):
    """x, or slope * x below 0."""

    word: ClassVar[str] = "leakyrelu"
    aliases: ClassVar[tuple[str, ...]] = ("leaky",)
    family: ClassVar[str] = "relu"
    can_overwrite: ClassVar[bool] = True
    layer: ClassVar[str] = "nn.LeakyReLU"
    function: ClassVar[str] = "F.leaky_relu"

    slope: float = option(0.01, doc="factor below zero", kind="number", least=0)

    def arguments(self) -> dict[str, Any]:
        """`negative_slope`."""
        return {} if self.slope == 0.01 else {"negative_slope": self.slope}


@record
class PReLU(Activation):
    """x, or a learned factor times x below 0: one factor for all channels, or one each."""

    word: ClassVar[str] = "prelu"
    family: ClassVar[str] = "prelu"
    stateful: ClassVar[bool] = True
    layer: ClassVar[str] = "nn.PReLU"

    per_channel: bool = option(False, doc="whether each channel has a factor of its own", kind="bool")
    start: float = option(0.25, doc="the factor before training", kind="number")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        channels_of(inputs[0], self.word)
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight`, one number or (C,)."""
        return {"weight": (channels_of(inputs[0], self.word) if self.per_channel else 1,)}

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.PReLU()` or `nn.PReLU(C)`."""
        number = (channels_of(inputs[0], self.word),) if self.per_channel else ()
        more = {} if self.start == 0.25 else {"init": self.start}
        return call(self.layer, *number, **more)

    def apply(self, inputs: tuple[Shape, ...]) -> Code | None:
        """Through its module, which holds the factors."""
        return None


@record
class ELU(Activation):
    """x, or alpha * (exp(x) - 1) below 0."""

    word: ClassVar[str] = "elu"
    family: ClassVar[str] = "elu"
    can_overwrite: ClassVar[bool] = True
    layer: ClassVar[str] = "nn.ELU"
    function: ClassVar[str] = "F.elu"

    alpha: float = option(1.0, doc="depth of the lower side", kind="number", least=0)

    def arguments(self) -> dict[str, Any]:
        """`alpha`."""
        return {} if self.alpha == 1 else {"alpha": float(self.alpha)}


class GELU(Activation):
    """x times the normal distribution's Phi(x)."""

    __slots__ = ()

    word: ClassVar[str] = "gelu"
    family: ClassVar[str] = "gelu"
    layer: ClassVar[str] = "nn.GELU"
    function: ClassVar[str] = "F.gelu"


class SiLU(Activation):
    """x * sigmoid(x)."""

    __slots__ = ()

    word: ClassVar[str] = "silu"
    aliases: ClassVar[tuple[str, ...]] = ("swish",)
    family: ClassVar[str] = "silu"
    layer: ClassVar[str] = "nn.SiLU"
    function: ClassVar[str] = "F.silu"


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    __slots__ = ()

    word: ClassVar[str] = "sigmoid"
    family: ClassVar[str] = "sigmoid"
    layer: ClassVar[str] = "nn.Sigmoid"
    function: ClassVar[str] = "torch.sigmoid"
    keeps_output: ClassVar[bool] = True


class Tanh(Activation):
    """Hyperbolic tangent."""

    __slots__ = ()

    word: ClassVar[str] = "tanh"
    family: ClassVar[str] = "tanh"
    layer: ClassVar[str] = "nn.Tanh"
    function: ClassVar[str] = "torch.tanh"
    keeps_output: ClassVar[bool] = True


class HardSwish(Activation):
    """x * min(6, max(0, x + 3)) / 6."""

    __slots__ = ()

    word: ClassVar[str] = "hardswish"
    family: ClassVar[str] = "hardswish"
    layer: ClassVar[str] = "nn.Hardswish"
    function: ClassVar[str] = "F.hardswish"


class HardSigmoid(Activation):
    """min(6, max(0, x + 3)) / 6."""

    __slots__ = ()

    word: ClassVar[str] = "hardsigmoid"
    family: ClassVar[str] = "hardsigmoid"
    layer: ClassVar[str] = "nn.Hardsigmoid"
    function: ClassVar[str] = "F.hardsigmoid"


class Softplus(Activation):
    """log(1 + exp(x))."""

    __slots__ = ()

    word: ClassVar[str] = "softplus"
    family: ClassVar[str] = "softplus"
    layer: ClassVar[str] = "nn.Softplus"
    function: ClassVar[str] = "F.softplus"


class Mish(Activation):
    """x * tanh(softplus(x))."""

    __slots__ = ()

    word: ClassVar[str] = "mish"
    family: ClassVar[str] = "mish"
    layer: ClassVar[str] = "nn.Mish"
    function: ClassVar[str] = "F.mish"
