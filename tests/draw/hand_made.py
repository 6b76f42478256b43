"""Networks made by hand, without the language: nodes placed in scopes one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assembled import SPAN, assembled

from archlang.ir.graph import Node
from archlang.ir.network import Network, Result
from archlang.ir.scope import Kind, Scope
from archlang.ops import BY_WORD, Input
from archlang.ops.op import Op


class Builder:
    """Places layers one after the other; `at` is the id of the last one."""

    def __init__(self, name: str = "Net") -> None:
        self.name = name
        self.top = Scope(Kind.NET, name, None, SPAN)
        self.here = self.top
        self.nodes: list[Node] = []
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.train_only: set[int] = set()
        self.at = -1

    @contextmanager
    def scope(
        self, kind: Kind, title: str = "", label: str | None = None, copy: int = 0, copies: int = 1
    ) -> Iterator[None]:
        """Everything placed inside stands in this scope."""
        outer = self.here
        self.here = Scope(kind, title, outer, SPAN, label=label, copy=copy, copies=copies)
        first = len(self.nodes)
        yield
        if kind is Kind.AUX:
            self.train_only.update(range(first, len(self.nodes)))
        self.here = outer

    def place(self, op: Op, *inputs: int, label: str | None = None) -> int:
        """One layer; it reads the last one if nothing is said."""
        reads = inputs or ((self.at,) if op.arity != 0 else ())
        id_ = len(self.nodes)
        self.nodes.append(Node(id_, op, reads, f"{op.family}{id_}", f"{op.family}{id_}", self.here, SPAN, label))
        self.shapes[id_] = op.shape(tuple(self.shapes[i] for i in reads))
        self.at = id_
        return id_

    def word(self, word: str, *inputs: int, **options: object) -> int:
        """One layer, by its word."""
        return self.place(BY_WORD[word](**options), *inputs)

    def input(self, *shape: int) -> int:
        """An input."""
        return self.place(Input(size=shape))

    def conv(self, out: int, k: int = 3, *inputs: int, stride: int = 1, after: tuple[str, ...] = ("relu",)) -> int:
        """A convolution with companions, as a word of the table."""
        with self.scope(Kind.WORD, "conv"):
            self.word("conv", *inputs, out=out, k=(k, k), stride=(stride, stride))
            for word in after:
                self.word(word)
        return self.at

    def network(self, *outputs: int) -> Network:
        """What has been placed, as a network; the last layer is the output if none is named."""
        ends = outputs or (self.at,)
        results = tuple(Result(f"out{i}" if len(ends) > 1 else "", end, None) for i, end in enumerate(ends))
        return assembled(self.nodes, self.shapes, self.top, results, train_only=frozenset(self.train_only))


def googlenet_like() -> Network:
    """A stem, two inceptions with a train-only head between them, a classifier."""
    b = Builder("GoogLeNet")
    b.input(3, 224, 224)
    b.conv(64, 7, stride=2)
    b.word("maxpool", k=(3, 3), stride=(2, 2))
    _inception(b, "i3a")
    with b.scope(Kind.AUX, "loss1"):
        entered = b.at
        b.word("gap")
        b.word("FC", out=10)
        b.word("softmax")
        b.at = entered
    _inception(b, "i3b")
    b.word("gap")
    b.word("FC", out=1000)
    b.word("softmax")
    return b.network()


def _inception(b: Builder, label: str) -> None:
    with b.scope(Kind.BLOCK, "inception", label), b.scope(Kind.WRAP, "concat"):
        entered, ends = b.at, []
        for kernels in ((1,), (1, 3), (1, 5), (0, 1)):
            with b.scope(Kind.BRANCH):
                b.at = entered
                for k in kernels:
                    if k:
                        b.conv(32, k)
                    else:
                        b.word("maxpool", k=(3, 3), stride=(1, 1), pad=(1, 1))
                ends.append(b.at)
        b.word("concat", *ends)


def resnet_like(copies: tuple[int, ...] = (3, 4), width: int = 64) -> Network:
    """Stages of bottlenecks, the first of each with a projection."""
    b = Builder("ResNet")
    b.input(3, 224, 224)
    b.conv(64, 7, stride=2, after=("bn", "relu"))
    b.word("maxpool", k=(3, 3), stride=(2, 2), pad=(1, 1))
    for stage, count in enumerate(copies):
        with b.scope(Kind.STAGE, f"conv{stage + 2}", f"conv{stage + 2}"), b.scope(Kind.REPEAT):
            for copy in range(count):
                with b.scope(Kind.COPY, copy=copy, copies=count):
                    _bottleneck(b, width * 2**stage, 2 if copy == 0 and stage else 1, project=copy == 0)
    b.word("gap")
    b.word("FC", out=1000)
    b.word("softmax")
    return b.network()


def _bottleneck(b: Builder, width: int, stride: int, *, project: bool) -> None:
    with b.scope(Kind.BLOCK, "bottleneck"):
        with b.scope(Kind.WRAP, "res"):
            entered = b.at
            with b.scope(Kind.BRANCH):
                b.conv(width, 1, after=("bn", "relu"))
                b.conv(width, 3, stride=stride, after=("bn", "relu"))
                end = b.conv(4 * width, 1, after=("bn",))
            shortcut = entered
            if project:
                with b.scope(Kind.SHORTCUT, "shortcut"):
                    shortcut = b.conv(4 * width, 1, entered, stride=stride, after=("bn",))
            b.word("add", end, shortcut)
        b.word("relu")


def unet_like() -> Network:
    """Four scales down, four up, a skip at each."""
    b = Builder("UNet")
    b.input(1, 128, 128)
    skips = []
    for scale in range(4):
        b.conv(64 * 2**scale)
        b.conv(64 * 2**scale)
        skips.append(b.at)
        b.word("maxpool")
    b.conv(1024)
    b.conv(1024)
    for scale in reversed(range(4)):
        with b.scope(Kind.BLOCK, "up"):
            b.word("deconv", out=64 * 2**scale, k=(2, 2), stride=(2, 2))
            b.word("concat", b.at, skips[scale])
            b.conv(64 * 2**scale)
            b.conv(64 * 2**scale)
    b.word("conv", out=2, k=(1, 1))
    return b.network()


def dense_like(copies: int = 6) -> Network:
    """A dense stage: every layer reads all before it."""
    b = Builder("DenseNet")
    b.input(3, 56, 56)
    b.conv(64)
    with b.scope(Kind.STAGE, "block1", "block1"), b.scope(Kind.REPEAT):
        for copy in range(copies):
            with (
                b.scope(Kind.COPY, copy=copy, copies=copies),
                b.scope(Kind.BLOCK, "dense"),
                b.scope(Kind.WRAP, "concat"),
            ):
                entered = b.at
                with b.scope(Kind.BRANCH):
                    b.word("identity", entered)
                    passed = b.at
                b.at = entered
                with b.scope(Kind.BRANCH):
                    for k, out in ((1, 128), (3, 32)):
                        with b.scope(Kind.WORD, "conv"):
                            b.word("bn")
                            b.word("relu")
                            b.word("conv", out=out, k=(k, k))
                b.word("concat", passed, b.at)
    b.word("gap")
    return b.network()


def towers_like() -> Network:
    """Two inputs, each with layers of its own, joined; and a split in two shares."""
    b = Builder("Towers")
    left, right = b.input(3, 64, 64), b.input(10, 64, 64)
    ends = []
    for entered in (left, right):
        b.at = entered
        b.conv(64)
        b.word("maxpool")
        ends.append(b.conv(64))
    b.word("concat", *ends)
    with b.scope(Kind.WRAP, "split"):
        entered, ends = b.at, []
        for index in range(2):
            b.word("slice", entered, index=index, parts=2)
            with b.scope(Kind.BRANCH):
                ends.append(b.conv(32))
        b.word("concat", *ends)
    return b.network()


def twin_blocks() -> Network:
    """One block called twice on the same sizes."""
    b = Builder("Twins")
    b.input(32, 16, 16)
    for _ in range(2):
        with b.scope(Kind.BLOCK, "unit"):
            entered = b.at
            b.conv(32)
            end = b.conv(32)
            b.word("add", end, entered)
    return b.network()
