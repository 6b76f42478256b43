"""Words as vectors: `embed-512(words=12000)`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.map2d import describe
from archlang.ops.op import Code, Op, Saved, Shape, ShapeError, call, option
from archlang.record import record


@record
class Embed(Op):
    """A learned vector for each word: numbers of words, from 0 to `words` - 1, (L,) become a sequence, (L, out).

    What enters is an `input` of whole numbers (`int64` in PyTorch), which nothing else reads as measurements.
    """

    word: ClassVar[str] = "embed"
    aliases: ClassVar[tuple[str, ...]] = ("embedding",)
    family: ClassVar[str] = "embed"
    width: ClassVar[str | None] = "out"
    stateful: ClassVar[bool] = True
    counted: ClassVar[bool] = True

    out: int = option(doc="numbers in a word's vector")
    words: int = option(doc="how many words there are")

    @property
    def vocabulary(self) -> int:
        """`words`."""
        return self.words

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(L, out)."""
        if len(inputs[0]) != 1:
            message = f"`{self.word}` needs the numbers of words, and what enters is {describe(inputs[0])}"
            raise ShapeError("words", message, help="an input of 20 words is `input words 20`")
        return (inputs[0][0], self.out)

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """`weight`, (words, out)."""
        return {"weight": (self.words, self.out)}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """The numbers that entered."""
        return Saved(inputs=(0,))

    def saved_frozen(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Nothing: no gradient flows to words."""
        return Saved()

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`nn.Embedding(12000, 512)`."""
        return call("nn.Embedding", self.words, self.out)
