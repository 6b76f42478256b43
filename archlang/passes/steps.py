"""The layers of a network that do something, for so many images in such a type: what each reads, writes and owns."""

from __future__ import annotations

from math import prod

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.dim import Size, count
from archlang.ops.op import Window
from archlang.passes.devices import WIDTHS
from archlang.passes.memory import learning
from archlang.record import entity, record


class UnknownSizeError(ValueError):
    """A size depends on a symbol, so that nothing can be counted."""


@record
class Setting:
    """For how many images, in which type (`fp32`, `tf32`, `fp16`, `bf16`), and whether it trains.

    Raises `ValueError` for a type there is none of, or for no images.
    """

    images: int = 1
    dtype: str = "bf16"
    training: bool = False

    def __post_init__(self) -> None:
        if self.dtype not in WIDTHS:
            raise ValueError(f"dtype is one of {', '.join(WIDTHS)}, not {self.dtype!r}")
        if self.images < 1:
            raise ValueError(f"a batch is a number of images, at least 1, not {self.images!r}")

    @property
    def width(self) -> int:
        """The bytes of one number."""
        return WIDTHS[self.dtype]


@entity
class Step:
    """A layer that does something: what it reads, by the node whose memory that lies in, and how many bytes of it.

    `out` are the bytes of its output; `weights` those of its parameters and
    statistics; `operations` its products'. `moves` says of each input whether a
    gradient flows to it, `learns` whether its own parameters do.
    """

    node: Node
    reads: tuple[tuple[int, int], ...]
    out: int
    weights: int
    operations: int
    moves: tuple[bool, ...]
    learns: bool
    normalises: bool

    @property
    def id(self) -> int:
        """Its node's."""
        return self.node.id

    @property
    def read(self) -> int:
        """The bytes of all it reads, a tensor that enters twice once."""
        return sum(dict(self.reads).values())

    @property
    def whole(self) -> int:
        """The bytes of its input, what it passes over included: those of that input's gradient."""
        window = self.node.op.window
        return self.read if window is None or not self.node.op.counted else self.read * _passed_over(window)

    @property
    def pointwise(self) -> bool:
        """Whether a compiler fuses it with what stands beside it: each output value has one place in each input."""
        return self.node.op.pointwise or self.merges

    @property
    def merges(self) -> bool:
        """Whether it makes one tensor of several."""
        return self.node.op.arity is None


class Work:
    """The layers of a network that do something under a setting, and who reads whom.

    Raises `UnknownSizeError` where a size depends on a symbol.
    """

    def __init__(self, network: Network, setting: Setting) -> None:
        self.network, self.setting = network, setting
        self._learns = learning(network)
        self._owns: dict[int, int] = {}
        left_out = _left_out(network, setting)
        self.steps: dict[int, Step] = {}
        for node in network.graph:
            self._owns[node.id] = node.id
            if not node.inputs or node.id in left_out:
                continue
            if node.op.view or (node.op.idle_in_eval and not setting.training):
                self._owns[node.id] = self._owns[node.inputs[0]]
            else:
                self.steps[node.id] = self._step(node)
        self.readers: dict[int, list[Step]] = {}
        for step in self.steps.values():
            for source, _ in step.reads:
                self.readers.setdefault(source, []).append(step)
        seen = [result.output for result in network.results] + list(network.taps.values())
        seen += [head.output for head in network.heads] if setting.training else []
        self.wanted = frozenset(self._owns[id_] for id_ in seen)

    def owner(self, id_: int) -> int:
        """The node in whose memory the output of `id_` lies."""
        return self._owns[id_]

    def bytes(self, id_: int) -> int:
        """The bytes of a tensor of the whole batch."""
        return self.setting.images * self.setting.width * known(count(self.network.shapes[id_]))

    def gradients(self, step: Step) -> int:
        """How many of its readers hand a gradient back to a step."""
        found = 0
        for reader in self.readers.get(step.id, ()):
            for (source, _), moves in zip(reader.reads, reader.moves, strict=True):
                found += source == step.id and moves
        return found

    def _step(self, node: Node) -> Step:
        network, setting = self.network, self.setting
        entering = network.entering(node)
        ports = node.inputs[:1] if node.op.sized_by else node.inputs
        wide = node.op.buffers(entering)
        tensors = [*node.op.tensors(entering).values(), *wide.values()]
        owner = node.id if node.shares is None else node.shares
        return Step(
            node,
            tuple((self._owns[source], self._touched(node, source)) for source in ports),
            self.bytes(node.id),
            sum(prod(shape) for shape in tensors if shape) * (4 if wide else setting.width),
            2 * setting.images * known(node.op.macs(entering, network.shapes[node.id])),
            tuple(self._learns[source] for source in ports),
            bool(tensors) and owner not in network.settings.frozen,
            bool(wide),
        )

    def _touched(self, node: Node, source: int) -> int:
        """The bytes of an input that a layer looks at: a 1x1 with a stride of 2 reads every other pixel."""
        whole, window = self.bytes(source), node.op.window
        if window is None or not node.op.counted:
            return whole
        return whole // _passed_over(window)


def _left_out(network: Network, setting: Setting) -> set[int]:
    """The final softmaxes, which only `predict` applies, and what only training runs."""
    readings = {part.reading for part in (*network.results, *network.heads) if part.reading is not None}
    return readings if setting.training else readings | network.train_only


def _passed_over(window: Window) -> int:
    """How many times what a window looks at goes into the whole map."""
    return prod(max(1, s // k) for k, s in zip(window.kernel, window.stride, strict=True))


def known(size: Size) -> int:
    """A size that is a number; raises `UnknownSizeError` for one that is not."""
    if not isinstance(size, int):
        raise UnknownSizeError(f"a size is not known, {size}: give the input's, such as 3x224x224")
    return size
