"""What an op is: facts about one kind of layer, and nothing about what is done with them.

An op is a frozen dataclass; its fields are the options a person may write. The
class says how the language calls it, the instance answers for shapes, weights,
operations, windows and how it is said in PyTorch. Backends (drawing, emission,
tables) read these and set policy; they never ask which class an op is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, field
from typing import Any, ClassVar

from archlang.ops.dim import Size
from archlang.record import record
from archlang.source import Span

Shape = tuple[Size, ...]
"""Sizes of one image's tensor, without the batch: (channels, height, width) or (features,)."""

Pair = tuple[int, int]
"""Height, width."""


class ShapeError(Exception):
    """A rule's complaint: what is wrong. Whoever called the rule knows where.

    `ports` puts words on inputs, `{0: "64x112x112", 1: "128x56x56"}`; `option`
    is the option to blame, if one is; `help` what to do about it. `rule` is the place of a rule that stands in a file.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        help: str | None = None,
        ports: Mapping[int, str] | None = None,
        option: str | None = None,
        rule: Span | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.help, self.option = code, message, help, option
        self.ports, self.rule = dict(ports or {}), rule


@record
class Window:
    """What one output position sees of the input, per axis (height, width).

    `scale` is 1 for a layer that keeps or shrinks the map, and the stride of
    one that enlarges it (a transposed convolution), whose `stride` is then 1.
    `padding` is before and after: ((top, bottom), (left, right)).
    """

    kernel: Pair
    stride: Pair = (1, 1)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)
    scale: Pair = (1, 1)


@record
class Code:
    """PyTorch, as text with holes: `nn.Conv2d({0}, {1}, {2}, stride={stride})`.

    `values` fills the named holes. `{x}` is the only input, `{x0}`, `{x1}` ...
    the inputs in order, `{xs}` all of them with commas, `{self}` the layer's own
    module or parameter, `{training}` whether the module trains.
    """

    text: str
    values: tuple[tuple[str, Any], ...] = ()


@record
class Slot:
    """A hole that emission fills, as an argument of `call`: `Slot("x")`."""

    name: str


X = Slot("x")


def call(function: str, *args: Any, **kwargs: Any) -> Code:
    """The code of a call: values become holes, a `Slot` stays one."""
    values: list[tuple[str, Any]] = []
    parts: list[str] = []
    named = [(f"a{i}", value, "") for i, value in enumerate(args)]
    named += [(name, value, f"{name}=") for name, value in kwargs.items()]
    for name, value, prefix in named:
        if isinstance(value, Slot):
            parts.append(f"{prefix}{{{value.name}}}")
        else:
            parts.append(f"{prefix}{{{name}}}")
            values.append((name, value))
    return Code(f"{function}({', '.join(parts)})", tuple(values))


@record
class Saved:
    """What autograd keeps of one layer for its backward pass.

    `inputs` and `output` say whether it keeps those very tensors (their
    storage is shared with whoever else keeps them); `extra` is bytes of
    tensors of its own for one image, masks among them; `fixed` is bytes that are
    kept once however many images there are: batch statistics.
    """

    inputs: tuple[int, ...] = ()
    output: bool = False
    extra: Size = 0
    fixed: int = 0


def option(default: Any = ..., *, doc: str, kind: str = "int", **more: Any) -> Any:
    """A field of an op that a person may set.

    `kind` is what may be written: "int" (at least `least`, 1 unless said),
    "number", "bool", "string" (one of `choices`), "pair" (one whole number, or
    two as `[3, 5]`), "label" (another tensor of the network), or "any".
    """
    metadata = {"doc": doc, "kind": kind, **more}
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def typed(option: Field[Any]) -> str:
    """What a person calls an option: the name of its field, unless that had to be another."""
    return option.metadata.get("typed", option.name)


@record
class Op:
    """One layer with its options set. Subclasses are declarations; see `conv.py`."""

    word: ClassVar[str]
    """How the language calls it: `conv`."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other spellings of the word."""
    family: ClassVar[str]
    """What names and colours go by: `conv1`, `bn2`, `pool3`, `fc1`."""
    width: ClassVar[str | None] = None
    """The option that a dash sets: `conv3-64`."""
    kernel_option: ClassVar[str | None] = None
    """The option that trailing digits set: `maxpool3`, `conv1x7-192`."""
    stride_option: ClassVar[str | None] = None
    """The option that a slash sets: `maxpool3/2`."""
    arity: ClassVar[int | None] = 1
    """How many inputs; None is any number from two up."""
    stateful: ClassVar[bool] = False
    """Whether it may own tensors of a state_dict."""
    counted: ClassVar[bool] = False
    """Whether it is a weight layer: it adds one to the depth."""
    pointwise: ClassVar[bool] = False
    """Whether each output value depends on the input value in its place alone."""
    view: ClassVar[bool] = False
    """Whether its output shares the input's storage (flatten, identity, a slice)."""
    can_overwrite: ClassVar[bool] = False
    """Whether PyTorch can compute it in place of its input (ReLU)."""
    gated: ClassVar[bool] = False
    """Whether inputs past the first only weigh it (`mul`): depth does not follow them."""
    sized_by: ClassVar[bool] = False
    """Whether the second input only says how large the output is (`crop`, `resize`)."""
    idle_in_eval: ClassVar[bool] = False
    """Whether it passes its input on untouched unless the module trains (dropout)."""

    definition: ClassVar[str | None] = None
    """A class that the source must define for its module, if PyTorch has none that will do."""
    origin: ClassVar[tuple[str, str] | None] = None
    """The module and the name of a class of somebody else's that the source must import, and `module` calls by it."""
    ports: ClassVar[tuple[str, ...]] = ()
    """The names of the inputs after the first, for a layer whose call may name them: `deform(64, offset=c1)`."""
    foreign: ClassVar[bool] = False
    """Whether nobody here has seen its class: what is known of it is what a file declares."""

    package: ClassVar[str | None] = None
    """The package and version that brought it, `mypkg 1.2`; None for archlang's own and those of files."""

    @property
    def unsaid(self) -> frozenset[str]:
        """What nobody knows of it, among `params`, `macs`, `saved` and `field`: totals say that they leave it out."""
        return frozenset()

    @property
    def vocabulary(self) -> int | None:
        """How many different whole numbers it reads, counted from 0 (`embed`); None if it reads measurements."""
        return None

    @property
    def told(self) -> str | None:
        """Its options in words, for a layer that nobody types (`part 1 of 2`); None if they speak for themselves."""
        return None

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The output's shape; raises `ShapeError` for inputs that do not fit."""
        raise NotImplementedError

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Learnable tensors by state_dict name, `{"weight": (64, 3, 7, 7), "bias": (64,)}`.

        A layer whose only state is one bare `nn.Parameter` has the key "".
        """
        return {}

    def buffers(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Tensors of the state_dict that do not learn: running statistics."""
        return {}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """Multiply-accumulates for one image: convolutions, fully connected layers and attention only."""
        return 0

    @property
    def window(self) -> Window | None:
        """What an output position sees; None if it sees one place, `None` kernels excluded."""
        return None

    @property
    def mixes(self) -> int | None:
        """How many neighbours along an axis a value is made of, where a map is brought to another's size (`resize`)."""
        return None

    def corner(self, inputs: tuple[Shape, ...]) -> tuple[Size, Size]:
        """The row and column of the input that the output begins at, padding aside: a crop's offset."""
        return 0, 0

    @property
    def sees_all(self) -> bool:
        """Whether every output value sees the whole map (global pooling, fully connected)."""
        return False

    def flattens(self, inputs: tuple[Shape, ...]) -> bool:
        """Whether `torch.flatten(x, 1)` must come before its module or function: a fully connected layer on a map."""
        return False

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """What its backward pass needs kept, as PyTorch's autograd does it on CPU in fp32."""
        return Saved()

    def saved_frozen(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """The same where its own parameters are frozen, and a gradient flows through it to what stands before."""
        return self.saved(inputs, output)

    def module(self, inputs: tuple[Shape, ...]) -> Code | None:
        """The `nn.Module` (or, for a bare parameter, the tensor) that holds its state or stands for it.

        Every unary layer has one, so that it can stand in an `nn.Sequential`.
        """
        return None

    def apply(self, inputs: tuple[Shape, ...]) -> Code | None:
        """How `forward` says it without a module; None if it must go through its module."""
        return None
