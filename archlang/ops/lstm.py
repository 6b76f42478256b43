"""Long short-term memory: `lstm-512`."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.dim import Size
from archlang.ops.map2d import as_sequence
from archlang.ops.op import Code, Op, Saved, Shape, call, option
from archlang.record import record

RECURRENCE = '''\
class LSTM(nn.Module):
    """Long short-term memory, (N, L, C) to (N, L, out), with the tensors of `nn.LSTM` and its numbers.

    It is written out because `torch.compile` refuses `nn.LSTM` in a graph.
    """

    def __init__(self, in_features: int, out_features: int, biases: int = 2) -> None:
        super().__init__()
        rows = 4 * out_features
        self.weight_ih_l0 = nn.Parameter(torch.empty(rows, in_features))
        self.weight_hh_l0 = nn.Parameter(torch.empty(rows, out_features))
        self.bias_ih_l0 = nn.Parameter(torch.empty(rows)) if biases > 0 else None
        self.bias_hh_l0 = nn.Parameter(torch.empty(rows)) if biases > 1 else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(out_features**-0.5), out_features**-0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = cell = x.new_zeros(x.shape[0], self.weight_hh_l0.shape[1])
        outs: list[torch.Tensor] = []
        for entering in F.linear(x, self.weight_ih_l0, self.bias_ih_l0).unbind(1):
            gates = entering + F.linear(out, self.weight_hh_l0, self.bias_hh_l0)
            i, f, g, o = gates.chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            out = o.sigmoid() * cell.tanh()
            outs.append(out)
        return torch.stack(outs, 1)
'''

GATES = 4  # what enters, what is forgotten, what is proposed, what leaves: in PyTorch's order


@record
class LSTM(Op):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997): reads a sequence in order, (L, C) becomes (L, out).

    At each element it says what it makes of all so far. Four gates see the element and what it said before; PyTorch
    adds two biases to them, which come to one, Caffe one: `lstm-512(biases=1)`.
    """

    word: ClassVar[str] = "lstm"
    family: ClassVar[str] = "lstm"
    width: ClassVar[str | None] = "out"
    stateful: ClassVar[bool] = True
    counted: ClassVar[bool] = True
    definition: ClassVar[str | None] = RECURRENCE

    out: int = option(doc="numbers that it says at each element, and remembers")
    biases: int = option(2, doc="biases added to the gates: 2, 1 or 0", least=0, most=2)

    @property
    def sees_all(self) -> bool:
        """At the end it has."""
        return True

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """(L, out)."""
        length, _ = as_sequence(inputs[0], self.word)
        return (length, self.out)

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Those of a layer of `nn.LSTM`: `weight_ih_l0` (4 out, C), `weight_hh_l0` (4 out, out), biases (4 out,)."""
        _, channels = as_sequence(inputs[0], self.word)
        rows = GATES * self.out
        weights = {"weight_ih_l0": (rows, channels), "weight_hh_l0": (rows, self.out)}
        return {**weights, **dict.fromkeys(_BIASES[: self.biases], (rows,))}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """4 out (C + out) for each element."""
        length, channels = as_sequence(inputs[0], self.word)
        return GATES * self.out * (channels + self.out) * length

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input; for each element four gates, its memory before and after tanh, and what it said before.

        At the first the last two are one tensor of zeros.
        """
        length, _ = as_sequence(inputs[0], self.word)
        return Saved(inputs=(0,), extra=4 * self.out * (7 * length - 1))

    def saved_frozen(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Gates and memory alone: what multiplies the weights is not asked for."""
        length, _ = as_sequence(inputs[0], self.word)
        return Saved(extra=4 * self.out * 6 * length)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`LSTM(512, 512)`, the class that stands in front of the network's."""
        _, channels = as_sequence(inputs[0], self.word)
        more = {} if self.biases == len(_BIASES) else {"biases": self.biases}
        return call("LSTM", channels, self.out, **more)


_BIASES = ("bias_ih_l0", "bias_hh_l0")
