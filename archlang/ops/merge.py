"""Two tensors or more made one: `concat`, `add`, `mul`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.compare import may_equal
from archlang.ops.dim import Size, count
from archlang.ops.map2d import show
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError


def _agree(a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and all(may_equal(x, y) for x, y in zip(a, b, strict=True))


def _refuse(word: str, inputs: tuple[Shape, ...], number: int, help_: str) -> ShapeError:
    ports = {0: show(inputs[0]), number: show(inputs[number])}
    message = f"`{word}` branch {number + 1} is {ports[number]} but branch 1 is {ports[0]}"
    return ShapeError("branch-shapes", message, help=help_, ports=ports)


class Concat(Op):
    """The channels of all inputs one after the other; spatial sizes must agree."""

    __slots__ = ()

    word: ClassVar[str] = "concat"
    family: ClassVar[str] = "concat"
    arity: ClassVar[int | None] = None

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(sum of C, H, W), or the sum of features."""
        first = inputs[0]
        for number, shape in enumerate(inputs):
            if len(shape) != len(first):
                raise _refuse(self.word, inputs, number, "a map and features do not go together: `flatten` the map")
            if not _agree(shape[1:], first[1:]):
                raise _refuse(self.word, inputs, number, "spatial sizes must agree: check padding and stride")
        channels = first[0]
        for shape in inputs[1:]:
            channels = channels + shape[0]
        return (channels, *first[1:])

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`torch.cat([a, b], 1)`."""
        return Code("torch.cat([{xs}], 1)")


class Add(Op):
    """The sum, value by value; all inputs have the same shape."""

    __slots__ = ()

    word: ClassVar[str] = "add"
    family: ClassVar[str] = "add"
    arity: ClassVar[int | None] = None

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As each of them."""
        for number, shape in enumerate(inputs):
            if not _agree(shape, inputs[0]):
                raise _refuse(self.word, inputs, number, _why(shape, inputs[0]))
        return inputs[0]

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`a + b`."""
        return Code(" + ".join(f"{{x{i}}}" for i in range(len(inputs))))


class Mul(Op):
    """The product, value by value; a 1x1 map gates a larger one, channel by channel."""

    __slots__ = ()

    word: ClassVar[str] = "mul"
    family: ClassVar[str] = "mul"
    arity: ClassVar[int | None] = None
    gated: ClassVar[bool] = True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As the largest of them."""
        largest = next((shape for shape in inputs if not _is_gate(shape)), inputs[0])
        for number, shape in enumerate(inputs):
            if len(shape) == len(largest) and _is_gate(shape):
                if shape[0] != largest[0]:
                    raise _refuse(self.word, inputs, number or inputs.index(largest), _why(shape, largest))
            elif not _agree(shape, largest):
                raise _refuse(self.word, inputs, number or inputs.index(largest), _why(shape, largest))
        return largest

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """All its inputs, and the products between if there are more than two."""
        between: Size = 0
        so_far = inputs[0]
        for shape in inputs[1:-1]:
            so_far = self.shape((so_far, shape))
            between = between + 4 * count(so_far)
        return Saved(inputs=tuple(range(len(inputs))), extra=between)

    def apply(self, inputs: tuple[Shape, ...]) -> Code:
        """`a * b`."""
        return Code(" * ".join(f"{{x{i}}}" for i in range(len(inputs))))


def _is_gate(shape: Shape) -> bool:
    return len(shape) > 1 and all(size == 1 for size in shape[1:])


def _why(shape: Shape, first: Shape) -> str:
    if len(shape) != len(first):
        return "a map and features do not go together: `flatten` the map"
    if shape[0] != first[0]:
        return "channels must agree: a 1x1 convolution changes their number"
    return "spatial sizes must agree: check padding and stride"
