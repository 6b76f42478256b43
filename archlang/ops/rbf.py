"""Nearness to patterns that do not learn: `rbf-10`, LeNet-5's output."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.map2d import describe
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, call, option
from archlang.record import record

PATTERNS = '''\
class RBF(nn.Module):
    """Minus the squared distance of features to each of `out` patterns of 1 and -1, which do not learn."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        patterns = torch.randint(0, 2, (out_features, in_features)) * 2.0 - 1
        self.register_buffer("patterns", patterns)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return -(x.unsqueeze(1) - self.get_buffer("patterns")).square().sum(2)
'''


@record
class RBF(Op):
    """Minus the squared distance of features to each of `out` patterns, (F,) becomes (out,): LeNet-5's output.

    The patterns are of 1 and -1, drawn at random unless they are loaded, and do not learn. Their `softmax` says how
    likely each is.
    """

    word: ClassVar[str] = "rbf"
    family: ClassVar[str] = "rbf"
    width: ClassVar[str | None] = "out"
    stateful: ClassVar[bool] = True
    definition: ClassVar[str | None] = PATTERNS

    out: int = option(doc="patterns")

    @property
    def sees_all(self) -> bool:
        """Always."""
        return True

    def features(self, inputs: tuple[Shape, ...]) -> int:
        """How many numbers enter; `ShapeError` if they are no features, or nobody knows how many."""
        (shape,) = inputs
        if len(shape) != 1:
            message = f"`{self.word}` needs features, but what enters is {describe(shape)}"
            raise ShapeError("not-a-map", message, help="`flatten` makes features of a map")
        if not isinstance(shape[0], int):
            message = f"`{self.word}` needs to know its features, but what enters is {shape[0]}"
            raise ShapeError("symbolic", message, help="give the size with `--input`")
        return shape[0]

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(out,)."""
        self.features(inputs)
        return (self.out,)

    def buffers(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`patterns`, (out, F)."""
        return {"patterns": (self.out, self.features(inputs))}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """The differences."""
        return Saved(extra=4 * self.out * self.features(inputs))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`RBF(84, 10)`, the class that stands in front of the network's."""
        return call("RBF", self.features(inputs), self.out)
