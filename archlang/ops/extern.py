"""Layers that a file declares: what is known of them is what their declaration says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, fields
from typing import Any, ClassVar, Protocol

from archlang.ops.dim import Size
from archlang.ops.op import Code, Op, Saved, Shape, Window, option, typed
from archlang.record import record
from archlang.source import Span


class Rules(Protocol):
    """What a declaration says, worked out for the options of one layer and what enters it.

    Each raises `ShapeError` where that cannot be done.
    """

    @property
    def key(self) -> object:
        """What the declarations of two files must agree in to be one."""
        ...

    @property
    def at(self) -> Span:
        """Where the class is named."""
        ...

    def shape(self, options: Mapping[str, Any], inputs: tuple[Shape, ...]) -> Shape:
        """The output's shape."""
        ...

    def tensors(self, options: Mapping[str, Any], inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]] | None:
        """The learnable tensors by name, those without one together; None if it does not say."""
        ...

    def macs(self, options: Mapping[str, Any], inputs: tuple[Shape, ...], output: Shape) -> Size | None:
        """Multiply-accumulates for one image; None if it does not say."""
        ...

    def depth(self, options: Mapping[str, Any]) -> int:
        """How many weight layers it is."""
        ...

    def window(self, options: Mapping[str, Any]) -> Window | None:
        """What an output position sees; None if it does not say."""
        ...

    def sees_all(self, options: Mapping[str, Any]) -> bool:
        """Whether every output value sees the whole map."""
        ...

    def arguments(self, options: Mapping[str, Any], inputs: tuple[Shape, ...]) -> Sequence[tuple[str | None, Any]]:
        """What the constructor of its class gets: values, with the names of those that are given by name."""
        ...

    @property
    def order(self) -> tuple[int, ...]:
        """The inputs in the order its `forward` takes them."""
        ...


class Extern(Op):
    """A layer of somebody else's class, as a file declares it. Each declaration is a kind of its own (`kind`)."""

    __slots__ = ()

    stateful: ClassVar[bool] = True
    foreign: ClassVar[bool] = True
    rules: ClassVar[Rules]
    origin: ClassVar[tuple[str, str] | None]

    def __eq__(self, other: object) -> bool:
        """Whether two layers are declared alike, in whichever file, and have the same options."""
        return isinstance(other, Extern) and self.rules.key == other.rules.key and self.options == other.options

    def __hash__(self) -> int:
        return hash((self.rules.key, tuple(self.options.values())))

    @property
    def options(self) -> dict[str, Any]:
        """Its options, by the names that a person writes."""
        return {typed(each): getattr(self, each.name) for each in fields(self)}

    @property
    def unsaid(self) -> frozenset[str]:
        """What its declaration leaves open; what its class keeps for the way back nobody can say."""
        facts = set(self.left_open)
        return frozenset({*facts, "saved"})

    left_open: ClassVar[frozenset[str]] = frozenset()

    @property
    def counted(self) -> int:  # type: ignore[override]
        """How many weight layers it is: it may stand for several."""
        return self.rules.depth(self.options)

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As declared. All else that is declared is worked out as well: what is wrong is told where the call stands."""
        output = self.rules.shape(self.options, inputs)
        self.tensors(inputs)
        self.macs(inputs, output)
        self.rules.depth(self.options)
        self.rules.window(self.options)
        self.rules.arguments(self.options, inputs)
        return output

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """Those declared by name, `weight` and `bias`, and all others as one."""
        return self.rules.tensors(self.options, inputs) or {}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> Size:
        """As declared."""
        return self.rules.macs(self.options, inputs, output) or 0

    @property
    def window(self) -> Window | None:
        """As declared; where nothing is, only its stride is known."""
        return self.rules.window(self.options)

    @property
    def sees_all(self) -> bool:
        """As declared."""
        return self.rules.sees_all(self.options)

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """What enters it and what leaves it, so that nothing is computed in place of them: nobody knows."""
        return Saved(inputs=tuple(range(len(inputs))), output=True)

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`DeformConv2d(64, 64, 3, padding=1)`."""
        said = self.rules.arguments(self.options, inputs)
        holes = [(f"h{at}", name, value) for at, (name, value) in enumerate(said)]
        text = ", ".join(f"{name}={{{hole}}}" if name else f"{{{hole}}}" for hole, name, _ in holes)
        called = self.origin[1] if self.origin is not None else self.word
        return Code(f"{called}({text})", tuple((hole, value) for hole, _, value in holes))

    def apply(self, inputs: tuple[Shape, ...]) -> Code | None:
        """Through its module; `self.deform1(x, offset)` where more than one tensor enters."""
        if len(inputs) == 1:
            return None
        return Code(f"{{self}}({', '.join(f'{{x{port}}}' for port in self.rules.order)})")


def kind(
    word: str,
    origin: tuple[str, str],
    rules: Rules,
    parameters: Sequence[tuple[str, dict[str, Any]]],
    ports: tuple[str, ...] = (),
    left_open: frozenset[str] = frozenset(),
) -> type[Extern]:
    """The kind of layer that a declaration makes.

    `parameters` are its options by name, with what `option` takes for each. `out`, `k` and `stride` are what a dash,
    the digits behind the word, and a slash set. One that is called as an attribute of every op is another field.
    """
    names = {name: f"{name}_" if hasattr(Extern, name) else name for name, _ in parameters}
    body: dict[str, Any] = {
        "__doc__": f"`{word}`, as a file declares it.",
        "__module__": __name__,
        "__annotations__": {"_": KW_ONLY, **{names[name]: Any for name, _ in parameters}},
        "word": word,
        "family": word,
        "origin": origin,
        "rules": rules,
        "ports": ports,
        "left_open": left_open,
        "arity": 1 + len(ports),
        "width": "out" if "out" in names else None,
        "kernel_option": "k" if "k" in names else None,
        "stride_option": "stride" if "stride" in names else None,
    }
    for name, said in parameters:
        body[names[name]] = option(**said, **({"typed": name} if names[name] != name else {}))
    made = record(type(f"Extern_{word}", (Extern,), body))
    made.__eq__, made.__hash__ = Extern.__eq__, Extern.__hash__  # type: ignore[method-assign]
    return made
