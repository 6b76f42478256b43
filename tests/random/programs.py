"""Programs at random, and beside each what it must come to: keys, shapes, parameters, operations.

A program is a list of pieces. A piece is a text and what it does to a tensor at
a place; it is run on PyTorch's meta device, and named by the language's rules
as they stand in its reference, without asking archlang.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random
from typing import Any

import torch
from reference import SMALL, Layer, Misfit, a_layer, of_module, plain
from sequences import a_sequence
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

SAME_SIZE = ("bn", "relu", "identity", "dropout", "leakyrelu", "prelu", "scale", "silu", "groupnorm", "elu")


class Level:
    """A body, and the names that its children get."""

    def __init__(self, path: str = "", *, numbered: bool = False) -> None:
        self.path, self.numbered = path, numbered
        self.turns: dict[str, int] = {}

    def turn(self, family: str) -> str:
        """`0`, `1`, ... where children are numbered, else `conv1`, `conv2`, ..."""
        family = "" if self.numbered else family
        self.turns[family] = self.turns.get(family, -1 if self.numbered else 0) + 1
        return f"{family}{self.turns[family]}"

    def join(self, name: str) -> str:
        """The key of a child."""
        return f"{self.path}.{name}" if self.path else name

    def below(self, name: str, *, numbered: bool = False) -> Level:
        """The level of a child with children."""
        return Level(self.join(name), numbered=numbered)


@dataclass
class Sum:
    """What a run came to."""

    state: dict[str, tuple[int, ...]] = field(default_factory=dict)
    learned: int = 0
    train_only: int = 0
    train_flops: int = 0
    labels: dict[str, Tensor] = field(default_factory=dict)
    counter: FlopCounterMode | None = None


@dataclass(frozen=True)
class Place:
    """Where a piece stands: its level, the numbers of the copy it is in, the values in sight."""

    sum: Sum
    level: Level
    copy: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def put(self, layer: Layer, x: Tensor, label: str | None = None) -> Tensor:
        """Run one layer here, under its turn or its label."""
        turn = self.level.turn(layer.family)
        path = self.level.join(label + self.copy if label else turn)
        run, state, learned = layer.make(x)
        for name, shape in state.items():
            self.sum.state[f"{path}.{name}" if name else path] = shape
        self.sum.learned += learned
        out = run(x)
        if out.dim() == 4 and (min(out.shape) < 1 or max(out.shape[1:]) > 4 * SMALL):
            raise Misfit
        return out

    def within(self, name: str, family: str, label: str | None, *, numbered: bool = False) -> Place:
        """The level of something that has one: named by its label, else by its turn."""
        turn = self.level.turn(family)
        return replace(self, level=self.level.below(label + self.copy if label else turn, numbered=numbered), copy="")


@dataclass
class Piece:
    """Text, and what it does to a tensor."""

    text: str
    run: Callable[[Tensor, Place], Tensor]


@dataclass
class Word:
    """`conv means ...`: how its expansion is bracketed, and the layers in it after the convolution."""

    style: str
    companions: list[Layer]

    @property
    def text(self) -> str:
        """The line."""
        names = ["conv", *(c.text for c in self.companions)]
        if self.style == "labelled":
            names = [f"{name} as {label}" if label else name for name, label in zip(names, self._labels(), strict=True)]
        return f"conv means {'seq' if self.style == 'seq' else ''}[{'; '.join(names)}]"

    def _labels(self) -> list[str | None]:
        return ["main", *(f"more{i}" if c.stateful else None for i, c in enumerate(self.companions))]

    def run(self, conv: Layer, x: Tensor, at: Place, label: str | None, names: list[str], drop: str | None) -> Tensor:
        """The convolution and what stands with it."""
        layers = [(conv, "main"), *zip(self.companions, self._labels()[1:], strict=True)]
        layers = [(layer, name) for layer, name in layers if layer.word != drop]
        stateful = sum(layer.stateful for layer, _ in layers)
        if self.style == "seq":
            inner = at.within("seq", "seq", label, numbered=True)
        elif self.style == "labelled" or (label is not None and stateful > 1):
            inner = at.within("conv", "conv", label)
        else:
            inner = at
        left = list(names)
        for layer, name in layers:
            own = name if self.style == "labelled" else None
            if layer.stateful and left:
                own = left.pop(0)
            elif label is not None and inner is at and layer.stateful:
                own = label
            x = inner.put(layer, x, own)
        return x


@dataclass
class Block:
    """A block of the program's own: its parameters, and its pieces."""

    name: str
    parameters: str
    body: str
    run: Callable[[Tensor, Place], Tensor]
    numbered: bool = False

    def call(self, x: Tensor, at: Place, label: str | None, values: dict[str, Any]) -> Tensor:
        """The tensor that a call leaves."""
        inner = at.within(self.name, self.name, label, numbered=self.numbered)
        return self.run(x, replace(inner, values=values | {"in": x.shape[1]}))


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.r = Random(seed)
        self.saw: set[str] = set()
        self.labels = 0
        self.words: dict[str, Word] = {}
        self.blocks: list[Block] = []
        self.shortcut = False
        self.variant: str | None = None

    def chance(self, p: float, feature: str | None = None) -> bool:
        """True with probability p; then the program has the feature."""
        happens = self.r.random() < p
        if happens and feature is not None:
            self.saw.add(feature)
        return happens

    def label(self) -> str:
        """A name that nothing else has."""
        self.labels += 1
        return f"t{self.labels}"

    # ---- single layers ----

    def layer(self, x: Tensor, words: tuple[str, ...] | None = None) -> Piece:
        """A layer, perhaps with modifiers."""
        layer = a_layer(self.r, x, words)
        self.saw.add(layer.word)
        self.saw |= {f"{layer.word}.{option}" for option in layer.options}
        if layer.word == "conv":
            return self.conv(layer)
        text, label = layer.text, None
        if self.chance(0.15, "as"):
            label = self.label()
            text += f" as {label}"
        return Piece(text, lambda x, at: at.put(layer, x, label))

    def conv(self, layer: Layer) -> Piece:
        """A convolution with all that the word for it stands for."""
        word = self.words.get("conv")
        text, label, names, drop, bare = layer.text, None, [], None, word is None
        if word is not None and self.chance(0.15, "bare"):
            text, bare = f"{text} bare", True
        elif word is not None and self.chance(0.25, "no"):
            drop = self.r.choice(word.companions).word
            text += f" no {drop}"
        if self.chance(0.2, "as"):
            label = self.label()
            text += f" as {label}"
        elif word is not None and not bare and word.style == "plain" and self.chance(0.3, "as parts"):
            stateful = 1 + sum(c.stateful for c in word.companions if c.word != drop)
            names = [self.label() for _ in range(stateful)]
            text += f" as ({', '.join(names)})"

        def run(x: Tensor, at: Place) -> Tensor:
            if bare or word is None:
                return at.put(layer, x, label)
            return word.run(layer, x, at, label, names, drop)

        return Piece(text, run)

    def conv_of(self, k: int, width: str, out: Callable[[Tensor, Place], int], stride: int = 1) -> Piece:
        """A convolution whose width is an expression."""
        slash = f"/{stride}" if stride > 1 else ""

        def run(x: Tensor, at: Place) -> Tensor:
            make = lambda x: nn.Conv2d(x.shape[1], out(x, at), k, stride, k // 2)  # noqa: E731
            conv = of_module("conv", "conv", "conv", make, stateful=True)
            word = self.words.get("conv")
            return at.put(conv, x) if word is None else word.run(conv, x, at, None, [], None)

        return Piece(f"conv{k}-{width}{slash}", run)

    # ---- brackets ----

    def chain(self, x: Tensor, depth: int, most: int = 3) -> Piece:
        """Some items in order."""
        pieces = []
        trial = Place(Sum(), Level(), values={"w": 4, "in": 4})
        for _ in range(self.r.randint(1, most)):
            piece, x = self.fitting(lambda x=x: self.item(x, depth - 1), x, trial)
            pieces.append(piece)
        return joined(pieces)

    def fitting(self, make: Callable[[], Piece | None], x: Tensor, trial: Place) -> tuple[Piece, Tensor]:
        """A piece that can be run on `x`, and what it leaves."""
        while True:
            saw = set(self.saw)
            with suppress(RuntimeError, ValueError, IndexError, Misfit), torch.device("meta"):
                piece = make()
                if piece is not None:
                    return piece, piece.run(x, trial)
            self.saw = saw

    def item(self, x: Tensor, depth: int) -> Piece | None:
        """Anything that is an item."""
        if depth <= 0 or self.chance(0.5):
            piece = self.layer(x)
        else:
            kinds = [self.group, self.seq, self.repeat, self.call, self.call]
            if x.dim() == 4:
                kinds += [self.concat, self.add, self.res, self.split, self.mul, self.strided]
            piece = self.r.choice(kinds)(x, depth)
        return None if piece is None else self.guarded(piece)

    def guarded(self, piece: Piece) -> Piece:
        """The same, perhaps under a condition that holds or does not."""
        run = piece.run
        if self.chance(0.05, "when"):
            truth, text = self.r.choice(
                [(True, "1 < 2"), (False, "not 3 > 2"), (True, "true and 1 != 2"), (False, "false or 2 == 3")]
            )
            return Piece(f"{piece.text} when {text}", run if truth else lambda x, at: x)
        if self.variant is not None and self.chance(0.15, "guard"):
            guard, names = self.r.choice([("A", "A"), ("B", "B"), ("A, C", "AC"), ("B..C", "BC")])
            return Piece(f"{piece.text} @{guard}", run if self.variant in names else lambda x, at: x)
        return piece

    def group(self, x: Tensor, depth: int) -> Piece:
        inner = self.chain(x, depth)
        self.saw.add("group")
        if self.chance(0.3, "group as"):
            label = self.label()
            return Piece(
                f"[{inner.text}] as {label}", lambda x, at: inner.run(x, at.within("", label, label, numbered=True))
            )
        return Piece(f"[{inner.text}]", inner.run)

    def seq(self, x: Tensor, depth: int) -> Piece:
        inner = self.chain(x, depth)
        self.saw.add("seq")
        label = self.label() if self.chance(0.4, "seq as") else None
        text = f"seq[{inner.text}]" + (f" as {label}" if label else "")
        return Piece(text, lambda x, at: inner.run(x, at.within("seq", "seq", label, numbered=True)))

    def repeat(self, x: Tensor, depth: int) -> Piece:
        count = self.r.randint(0, 3)
        inner = self.chain(x, depth)
        times = self.r.choice([f"x{count}", f" x {count}", f" x({count} + 0)", f"*{count}"])
        self.saw.add(f"repeat {times.strip(' 0123456789()+')}")
        text = f"[{inner.text}]{times}"
        roll = self.r.random()
        if roll < 0.25:
            self.saw.add("repeat as")
            label = self.label()

            def labelled(x: Tensor, at: Place) -> Tensor:
                level = at.within("", "", label, numbered=True)
                for i in range(count):
                    x = inner.run(x, replace(level, copy=f"_{i + 1}"))
                return x

            return Piece(f"{text} as {label}", labelled)
        if roll < 0.5:
            self.saw.add("repeat as..")
            stem, first = self.label() + "n", self.r.randint(0, 3)

            def numbered(x: Tensor, at: Place) -> Tensor:
                for i in range(count):
                    x = inner.run(x, at.within("", stem, f"{stem}{first + i}", numbered=True))
                return x

            return Piece(f"{text} as {stem}{first}..", numbered)

        def run(x: Tensor, at: Place) -> Tensor:
            for i in range(count):
                x = inner.run(x, replace(at, copy=f"{at.copy}_{i + 1}"))
            return x

        return Piece(text, run)

    def wrap(
        self,
        word: str,
        argument: str,
        branches: list[Piece],
        join: Callable[[Tensor, list[Tensor]], Tensor],
        parts: int = 0,
    ) -> Piece:
        """`word[ a | b ]`, perhaps with labels."""
        self.saw.add(word)
        label = self.label() if self.chance(0.2, f"{word} as") else None
        names = [self.label() if self.chance(0.2, "branch label") else None for _ in branches]
        texts = [f"{name}: {b.text}" if name else b.text for name, b in zip(names, branches, strict=True)]
        text = f"{word}{argument}[{self.r.choice([' ', ''])}{' | '.join(texts)}]" + (f" as {label}" if label else "")

        def run(x: Tensor, at: Place) -> Tensor:
            inner = at.within(word, word, label) if label or at.level.numbered else at
            ends = []
            for index, (branch, name) in enumerate(zip(branches, names, strict=True)):
                place = inner
                share = x
                if parts:
                    if x.shape[1] % parts:
                        raise Misfit
                    share = x[:, index * (x.shape[1] // parts) : (index + 1) * (x.shape[1] // parts)]
                if name is not None:
                    place = inner.within("", name, name, numbered=True)
                ends.append(branch.run(share, place))
            return join(x, ends)

        return Piece(text, run)

    def same_size(self, x: Tensor, width: int | None, stride: int = 1) -> Piece:
        """A branch of two items or more that keeps rows and columns; `width` channels, if told."""
        pieces = [self.layer(x, SAME_SIZE) for _ in range(self.r.randint(1, 2))]
        out = width or self.r.randint(1, 8)
        k = self.r.choice([1, 3, 5])
        pieces.append(self.conv_of(k, str(out), lambda x, at: out, stride))
        return joined(pieces)

    def concat(self, x: Tensor, depth: int) -> Piece:
        branches = [self.same_size(x, None) for _ in range(self.r.randint(2, 3))]
        if self.chance(0.4):
            branches.append(
                Piece("identity; relu", lambda x, at: _stateless(_stateless(x, at, "identity"), at, "relu"))
            )
        return self.wrap("concat", "", branches, lambda x, ends: cat(ends))

    def add(self, x: Tensor, depth: int) -> Piece:
        width = self.r.randint(1, 8)
        branches = [self.same_size(x, width) for _ in range(self.r.randint(2, 3))]
        return self.wrap("add", "", branches, lambda x, ends: total(ends))

    def mul(self, x: Tensor, depth: int) -> Piece:
        def gap(x: Tensor, at: Place) -> Tensor:
            pool = plain("gap", "gap", "gap", lambda x: x.mean((2, 3), keepdim=True))
            return at.put(pool, x)

        squeeze = self.conv_of(1, "2", lambda x, at: 2)
        width = x.shape[1]
        back = self.conv_of(1, str(width), lambda x, at: width)
        sigmoid = Piece("sigmoid", lambda x, at: _stateless(x, at, "sigmoid"))
        gate = joined([Piece("gap", gap), squeeze, back, sigmoid])
        whole = joined(
            [
                Piece("identity", lambda x, at: _stateless(x, at, "identity")),
                Piece("relu", lambda x, at: _stateless(x, at, "relu")),
            ]
        )
        return self.wrap("mul", "", [whole, gate], gated)

    def split(self, x: Tensor, depth: int) -> Piece | None:
        parts = self.r.choice([2, 3])
        if x.shape[1] % parts:
            return None
        share = x[:, : x.shape[1] // parts]
        return self.wrap(
            "split", f"({parts})", [self.same_size(share, None) for _ in range(parts)], lambda x, ends: cat(ends), parts
        )

    def res(self, x: Tensor, depth: int) -> Piece:
        self.saw.add("res")
        stride, width = 1, x.shape[1]
        if self.shortcut and self.chance(0.5, "shortcut"):
            stride, width = self.r.choice([1, 2]), self.r.randint(1, 8)
        branch = self.same_size(x, width, stride)
        label = self.label() if self.chance(0.2, "res as") else None
        text = f"res[{branch.text}]" + (f" as {label}" if label else "")

        def run(x: Tensor, at: Place) -> Tensor:
            inner = at.within("res", "res", label) if label or at.level.numbered else at
            end = branch.run(x, inner)
            if end.shape == x.shape:
                return end + x
            if not self.shortcut:
                raise Misfit
            step = -(-x.shape[2] // end.shape[2])
            if stride > 1 and 1 in x.shape[2:]:
                raise Misfit
            return end + self.conv_of(1, "", lambda x, at: end.shape[1], step if stride > 1 else 1).run(x, inner)

        return Piece(text, run)

    def strided(self, x: Tensor, depth: int) -> Piece:
        """A stride that is not written at its layer: on a group's end, or on the first of a repeat."""
        stride = 2
        if self.chance(0.5, "repeat stride"):
            width, count = self.r.randint(1, 8), self.r.randint(1, 3)
            first, later = (self.conv_of(3, str(width), lambda x, at: width, s) for s in (stride, 1))

            def run(x: Tensor, at: Place) -> Tensor:
                for i in range(count):
                    x = (first if i == 0 else later).run(x, replace(at, copy=f"{at.copy}_{i + 1}"))
                return x

            return Piece(f"{later.text} x{count} /{stride}", run)
        self.saw.add("group stride")
        branches = []
        for _ in range(2):
            width = self.r.randint(1, 8)
            branches.append(self.conv_of(self.r.choice([1, 3]), str(width), lambda x, at, width=width: width, stride))
        made = self.wrap(
            "concat",
            "",
            [joined([b, Piece("relu", lambda x, at: _stateless(x, at, "relu"))]) for b in branches],
            lambda x, ends: cat(ends),
        )
        head, _, tail = made.text.rpartition("]")
        return Piece(f"{head.replace('/2', '')}]/{stride}{tail}", made.run)

    # ---- blocks ----

    def block(self) -> Block:
        """A block: its parameters are a width and a stride."""
        r, name = self.r, f"unit{len(self.blocks)}x"
        w = lambda x, at: at.values["w"]  # noqa: E731
        kind = r.choice(["plain", "seq", "if", "in"])
        self.saw.add(f"block {kind}")
        ends = [self.conv_of(3, "w", w), Piece("relu", lambda x, at: _stateless(x, at, "relu"))]
        if kind == "plain":
            inner = self.labelled_conv()
            ends = [inner, *ends]
            body = joined(ends)
            text = body.text
            run = body.run
        elif kind == "seq":
            body = joined([*ends, self.conv_of(1, "(2*w)", lambda x, at: 2 * at.values["w"])])
            return Block(name, "w", f"seq[{body.text}]", body.run, numbered=True)
        elif kind == "in":
            body = joined([self.conv_of(1, "(in.c + 1)", lambda x, at: at.values["in"] + 1), *ends])
            text, run = f"let m = in.c + 1\n  {body.text.replace('(in.c + 1)', 'm')}", body.run
        else:
            conv = self.conv_of(3, "w", w)
            text = f"if in.c == w {{ res[ {conv.text}; relu ] }} else {{ {conv.text} }}"

            def run(x: Tensor, at: Place) -> Tensor:
                end = conv.run(x, at)
                return _stateless(end, at, "relu") + x if at.values["in"] == at.values["w"] else end

        return Block(name, r.choice(["w", "w=4"]), text, run)

    def labelled_conv(self) -> Piece:
        """A convolution with a label, inside a block."""
        make = lambda x: nn.Conv2d(x.shape[1], 3, 1)  # noqa: E731
        conv, label = of_module("conv", "conv1-3", "conv", make, stateful=True), self.label()
        word = self.words.get("conv")
        run = lambda x, at: at.put(conv, x, label) if word is None else word.run(conv, x, at, label, [], None)  # noqa: E731
        return Piece(f"conv1-3 as {label}", run)

    def call(self, x: Tensor, depth: int) -> Piece | None:
        if not self.blocks or x.dim() != 4:
            return None
        self.saw.add("call")
        block, w = self.r.choice(self.blocks), self.r.randint(1, 8)
        label = self.label() if self.chance(0.3, "call as") else None
        given = (
            "" if block.parameters == "w=4" and self.chance(0.4, "default") else self.r.choice([f"({w})", f"(w={w})"])
        )
        values = {"w": w if given else 4}
        text = f"{block.name}{given}" + (f" as {label}" if label else "")
        return Piece(text, lambda x, at: block.call(x, at, label, values))

    # ---- lines of a net ----

    def program(self) -> Program:
        """The whole."""
        r = self.r
        shape = (r.randint(1, 6), r.randint(6, 20), r.randint(6, 20))
        x = torch.empty(1, *shape, device="meta")
        lines = []
        if r.random() < 0.6:
            self.words["conv"] = self.word(x)
            lines.append(self.words["conv"].text)
        if r.random() < 0.6:
            self.shortcut = True
            lines.append("shortcut means [conv1-out.c/out.stride]")
        self.blocks = []
        for _ in range(r.randint(0, 2)):
            self.blocks.append(self.block())
        lines += [f"block {b.name}({b.parameters}) {{\n  {b.body}\n}}" for b in self.blocks]
        as_net = r.random() < 0.5
        if as_net and r.random() < 0.6:
            self.variant = r.choice("ABC")
        lines += ["net Random(unused=1) {\n  let z = unused" if as_net else ""]
        if self.variant:
            self.saw.add("variant")
            lines.append("variant A, B, C")
        lines.append(f"input {'x'.join(map(str, shape))}")
        pieces: list[Piece] = []
        trial = Place(Sum(), Level())
        for _ in range(r.randint(2, 7)):
            with torch.device("meta"):
                piece, x = self.fitting(lambda x=x: self.line(x, trial), x, trial)
            pieces.append(piece)
        lines += [piece.text for piece in pieces]
        sum_, out = run_all(pieces, shape)
        if self.chance(0.3, "expect"):
            lines.append(f"expect params == {sum_.learned}")
        if as_net:
            lines.append("}")
        return Program("\n".join(lines) + "\n", self.variant, shape, sum_, tuple(out.shape[1:]), self.saw)

    def word(self, x: Tensor) -> Word:
        style = self.r.choice(["plain", "plain", "seq", "labelled"])
        self.saw.add(f"means {style}")
        makers = {
            "bn": lambda: of_module("bn", "bn", "bn", lambda x: nn.BatchNorm2d(x.shape[1]), stateful=True),
            "relu": lambda: plain("relu", "relu", "relu", lambda x: x),
            "prelu": lambda: of_module("prelu", "prelu", "prelu", lambda x: nn.PReLU(), stateful=True),
            "dropout": lambda: plain("dropout", "dropout(0.1)", "dropout", lambda x: x),
        }
        return Word(style, [makers[name]() for name in self.r.sample(list(makers), self.r.randint(1, 2))])

    def line(self, x: Tensor, trial: Place) -> Piece | None:
        """A line of the net."""
        kinds = [self.items, self.items, self.items, self.stage, self.aux, self.if_, self.let, self.claim]
        if x.dim() == 4:
            kinds += [self.for_, self.table, self.skip, self.from_, self.sequence]
        return self.r.choice(kinds)(x, trial)

    def items(self, x: Tensor, trial: Place) -> Piece:
        return self.chain(x, 3)

    def claim(self, x: Tensor, trial: Place) -> Piece | None:
        layer = self.layer(x)
        if layer.text.count("["):
            return None
        out = layer.run(x, Place(Sum(), Level()))
        self.saw.add("claim")
        return Piece(f"{layer.text} => {'x'.join(map(str, out.shape[1:]))}", layer.run)

    def stage(self, x: Tensor, trial: Place) -> Piece:
        inner = self.chain(x, 2)
        if self.chance(0.4, "stage"):
            return Piece(f"stage {inner.text}" if self.chance(0.5) else f"stage {{ {inner.text} }}", inner.run)
        name = self.label()
        self.saw.add("stage named")
        text = f"stage {name}: {inner.text}" if self.chance(0.5) else f"stage {name} {{\n  {inner.text}\n}}"
        return Piece(text, lambda x, at: inner.run(x, at.within("", "stage", name, numbered=True)))

    def aux(self, x: Tensor, trial: Place) -> Piece:
        inner = self.chain(x, 2)
        self.saw.add("aux")
        name = self.label()

        def run(x: Tensor, at: Place) -> Tensor:
            before, flops = at.sum.learned, at.sum.counter and at.sum.counter.get_total_flops()
            inner.run(x, replace(at, level=at.level.below(name), copy=""))
            at.sum.train_only += at.sum.learned - before
            at.sum.learned = before
            if at.sum.counter is not None:
                at.sum.train_flops += at.sum.counter.get_total_flops() - flops
            return x

        return Piece(f"aux {name}(weight=0.3) {{ {inner.text}; relu }}", run)

    def if_(self, x: Tensor, trial: Place) -> Piece:
        first, second = self.chain(x, 1), self.chain(x, 1)
        holds = self.chance(0.5)
        self.saw.add("if")
        test = "2 > 1" if holds else "1 > 2"
        return Piece(f"if {test} {{ {first.text} }} else {{ {second.text} }}", (first if holds else second).run)

    def let(self, x: Tensor, trial: Place) -> Piece | None:
        if x.dim() != 4:
            return None
        name, value = self.label(), self.r.randint(1, 4)
        self.saw.add("let")
        conv = self.conv_of(3, f"({name} * 2)", lambda x, at: 2 * value)
        return Piece(f"let {name} = {value}\n{conv.text}", conv.run)

    def for_(self, x: Tensor, trial: Place) -> Piece:
        values = [self.r.randint(1, 8) for _ in range(self.r.randint(1, 3))]
        label = self.label()
        self.saw.add("for")
        makes = [
            of_module("conv", "", "conv", lambda x, v=v: nn.Conv2d(x.shape[1], v, 3, 1, 1), stateful=True)
            for v in values
        ]
        word = self.words.get("conv")

        def run(x: Tensor, at: Place) -> Tensor:
            for i, conv in enumerate(makes):
                own = replace(at, copy=f"{at.copy}_{i + 1}")
                x = own.put(conv, x, label) if word is None else word.run(conv, x, own, label, [], None)
            return x

        return Piece(f"for i in {values} {{ conv3-i as {label} }}", run)

    def table(self, x: Tensor, trial: Place) -> Piece:
        rows = [(self.r.randint(1, 8), self.r.randint(1, 2), self.r.randint(1, 2)) for _ in range(self.r.randint(1, 3))]
        self.saw.add("table")
        pieces = [
            (self.conv_of(3, "c", lambda x, at, c=c: c, s), self.conv_of(3, "c", lambda x, at, c=c: c), n)
            for c, n, s in rows
        ]

        def run(x: Tensor, at: Place) -> Tensor:
            for first, later, n in pieces:
                for i in range(n):
                    x = (first if i == 0 else later).run(x, replace(at, copy=f"{at.copy}_{i + 1}"))
            return x

        lines = "\n".join(f"  {c}, {n}, {s}" for c, n, s in rows)
        return Piece(f"table conv3-c x n /s {{\n  c, n, s\n{lines}\n}}", run)

    def skip(self, x: Tensor, trial: Place) -> Piece:
        """A tensor kept, and joined later: by `concat`, `add`, `crop` or `resize`, or its layer used again."""
        keep, label = self.conv_of(1, str(x.shape[1]), lambda x, at: x.shape[1]), self.label()
        conv = of_module("conv", keep.text, "conv", lambda x: nn.Conv2d(x.shape[1], x.shape[1], 1), stateful=True)
        word = self.words.get("conv")
        between = self.same_size(x, x.shape[1])
        way = self.r.choice(["concat", "add", "again", "crop", "concat crop", "resize"])
        self.saw.add(f"label in {way}")
        ends = {"concat": f"concat({label})", "add": f"add({label})", "again": f"again({label})"}
        ends |= {
            "crop": f"pad(1); crop({label}, offset=1)",
            "resize": f"pad(1); resize({label}, mode=bilinear, align=true)",
            "concat crop": f"pad(2) as {label}p; from {label}: concat({label}p, crop=center)",
        }
        text = f"{keep.text} as {label}; {between.text}; {ends[way]}"
        if way == "concat crop":
            padded = f"{keep.text} as {label}; {between.text}; pad(2) as {label}p"
            text = f"{padded}\nfrom {label}: concat({label}p, crop=center)"

        def run(x: Tensor, at: Place) -> Tensor:
            x = at.put(conv, x, label) if word is None else word.run(conv, x, at, label, [], None)
            kept = x
            x = between.run(x, at)
            if way == "again":
                unseen = Place(Sum(), Level())
                return unseen.put(conv, x) if word is None else word.run(conv, x, unseen, None, [], None)
            if way == "add":
                return x + kept
            if way in ("crop", "resize"):  # back to the size that it had
                at.level.turn("pad")
                at.level.turn("crop" if way == "crop" else "upsample")
                return x
            if way == "concat crop":
                at.level.turn("pad")
                return cat([kept, x])
            return cat([x, kept])

        return Piece(text, run)

    def sequence(self, x: Tensor, trial: Place) -> Piece | None:
        """A map's positions as a sequence, and one of its elements; seldom, as little can follow."""
        if self.r.random() < 0.6:
            return None
        pool = plain("adaptiveavgpool", "adaptiveavgpool(3)", "pool", lambda x: nn.functional.adaptive_avg_pool2d(x, 3))
        layers = [pool, *a_sequence(self.r, x.shape[1], 9)]
        for layer in layers:
            self.saw |= {layer.word, *(f"{layer.word}.{option}" for option in layer.options)}

        def run(x: Tensor, at: Place) -> Tensor:
            for layer in layers:
                x = at.put(layer, x)
            return x

        return Piece("; ".join(layer.text for layer in layers), run)

    def from_(self, x: Tensor, trial: Place) -> Piece:
        """Two lines from one tensor, joined."""
        a, b = self.label(), self.label()
        left, right = self.same_size(x, 4), self.same_size(x, 4)
        start = self.label()
        word = self.r.choice(["concat", "add"])
        self.saw.add(f"from {word}")
        ends = f"from {start}: {left.text}; relu as {a}\nfrom {start}: {right.text}; relu as {b}"
        text = f"scale as {start}\n{ends}\nfrom {a}, {b}: {word}; relu"
        scale = Layer(
            "scale", "scale", "scale", lambda x: (lambda x: x, {"": (x.shape[1], 1, 1)}, x.shape[1]), stateful=True
        )

        def run(x: Tensor, at: Place) -> Tensor:
            x = at.put(scale, x, start)
            ends = [branch.run(x, at) for branch in (left, right)]
            return cat(ends) if word == "concat" else ends[0] + ends[1]

        return Piece(text, run)


def _stateless(x: Tensor, at: Place, word: str) -> Tensor:
    return at.put(plain(word, word, word, lambda x: x), x)


def joined(pieces: list[Piece]) -> Piece:
    """One after the other."""

    def run(x: Tensor, at: Place) -> Tensor:
        for piece in pieces:
            x = piece.run(x, at)
        return x

    return Piece("; ".join(piece.text for piece in pieces), run)


def cat(tensors: list[Tensor]) -> Tensor:
    """Channels one after the other."""
    return torch.cat(tensors, 1)


def gated(x: Tensor, ends: list[Tensor]) -> Tensor:
    """The map, each channel times its gate."""
    whole, gate = ends
    if whole.shape[1] != gate.shape[1]:
        raise Misfit
    return whole * gate


def total(tensors: list[Tensor]) -> Tensor:
    """The sum; of equal shapes."""
    if len({t.shape for t in tensors}) > 1:
        raise Misfit
    return torch.stack(tensors).sum(0)


def run_all(pieces: list[Piece], shape: tuple[int, ...]) -> tuple[Sum, Tensor]:
    """The program, run once from its input."""
    counter = FlopCounterMode(display=False)
    sum_ = Sum(counter=counter)
    place = Place(sum_, Level())
    with torch.device("meta"), counter:
        x = torch.empty(1, *shape)
        for piece in pieces:
            x = piece.run(x, place)
    return sum_, x


@dataclass
class Program:
    """A program, and what it must come to."""

    text: str
    variant: str | None
    input: tuple[int, ...]
    sum: Sum
    output: tuple[int, ...]
    saw: set[str]

    @property
    def reads(self) -> bool:
        """Whether it may end in a softmax, which a module does not take part in."""
        return "softmax" in self.saw

    @property
    def macs(self) -> int:
        """Multiply-accumulates, train-only heads left out."""
        assert self.sum.counter is not None
        return (self.sum.counter.get_total_flops() - self.sum.train_flops) // 2


@lru_cache(600)
def program(seed: int) -> Program:
    """The program of that number."""
    return Writer(seed).program()
