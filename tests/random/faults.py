"""Mistakes to plant: wrong rules of shapes, counts and names, one a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

from archlang.elaborate import blocks, items, level, modifiers, place, repeats, words, work, wraps
from archlang.ops import BY_WORD
from archlang.passes import cost

Plant = Callable[[Any], None]
Rule = Callable[..., Any]

Conv, Deconv, DepthwiseConv = BY_WORD["conv"], BY_WORD["deconv"], BY_WORD["dwconv"]
MaxPool, AvgPool = BY_WORD["maxpool"], BY_WORD["avgpool"]


def method(word: str, name: str, wrong: Callable[[Rule], Rule]) -> Plant:
    """A method of an op, replaced by what `wrong` makes of the right one."""
    kind = BY_WORD[word]

    def plant(patch: Any) -> None:
        patch.setattr(kind, name, wrong(getattr(kind, name)))

    return plant


def getter(word: str, name: str, wrong: Callable[[Any], Any]) -> Plant:
    """The same for a property."""
    return lambda patch: patch.setattr(BY_WORD[word], name, property(wrong))


def changed(**fields: Any) -> Callable[[Rule], Rule]:
    """The right rule of an op with other options."""
    return lambda right: lambda op, *given: right(replace(op, **fields), *given)


def flipped(shape: tuple[Any, ...]) -> tuple[Any, ...]:
    """Height and width exchanged."""
    return (*shape[:1], *reversed(shape[1:]))


def renamed(module: Any, name: str, wrong: Any) -> Plant:
    """A function of a module, replaced."""
    return lambda patch: patch.setattr(module, name, wrong)


# ---- functions of the elaborator, done wrong ---------------------------------


def _turns(first_named: int, first_numbered: int, skip: tuple[str, ...] = ()) -> Rule:
    def next_(self: level.Level, family: str) -> str:
        key = "" if self.numbered else family
        begin = first_numbered if self.numbered else first_named
        turn = self._ordinals.get(key, begin)
        if family not in skip or not self.numbered:
            self._ordinals[key] = turn + 1
        return str(turn) if self.numbered else f"{family}{turn}"

    return next_


def _no_turn_for_labels(patch: Any) -> None:
    right = level.Level.next

    def place_(work_: Any, op: Any, inputs: Any, where: Any, span: Any, **more: Any) -> int:
        if more.get("label") is None:
            return original(work_, op, inputs, where, span, **more)
        patch.setattr(level.Level, "next", lambda self, family: "none")
        try:
            return original(work_, op, inputs, where, span, **more)
        finally:
            patch.setattr(level.Level, "next", right)

    original = place.place
    for module in (place, items, wraps):
        if hasattr(module, "place"):
            patch.setattr(module, "place", place_)
    from archlang.elaborate import layers

    patch.setattr(layers, "place", place_)


def _copies_from_zero(stem: Any) -> tuple[str, int]:
    return right_number(stem)[0], 0


right_number = repeats._first_number
right_view = wraps.view_of


def _view(shape: Any, stride: Any = None) -> Any:
    return right_view(None if shape is None else (shape[0] + 1, *shape[1:]), stride)


def _heads_count(network: Any, by_node: Any) -> Any:
    found = right_totals(network, by_node)
    return replace(found, params=found.params_train)


right_totals = cost.totals


def _shared_count(network: Any, node: Any) -> Any:
    entering, out = network.entering(node), network.shapes[node.id]
    params = sum(map(prod, node.op.tensors(entering).values())) if node.op.stateful else 0
    return replace(right_cost(network, node), params=params, macs=node.op.macs(entering, out))


right_cost = cost.cost


def _every_copy(work_: Any, what: Any, left: int, cur: int, where: Any, stride: Any, number: int) -> int:
    for _ in range(number):
        cur = right_copies(work_, what, left, cur, where, stride, 1)
    return cur


right_copies = repeats._copies


def _views_everywhere(patch: Any) -> None:
    for module in (wraps, blocks):
        patch.setattr(module, "view_of", _view)


FAULTS: dict[str, Plant] = {
    # shapes
    "an odd convolution pads nothing": getter("conv", "padding", lambda op: op.pad or (0, 0)),
    "an even convolution pads too": getter("conv", "padding", lambda op: op.pad or tuple(k // 2 for k in op.k)),
    "padding forgets the dilation": getter(
        "conv", "padding", lambda op: op.pad or tuple(k // 2 if k % 2 else 0 for k in op.k)
    ),
    "a convolution's height is its width": method("conv", "shape", lambda right: lambda op, x: flipped(right(op, x))),
    "strides are across, then down": method(
        "conv", "shape", lambda right: lambda op, x: right(replace(op, stride=op.stride[::-1]), x)
    ),
    "a convolution forgets its dilation": method("conv", "shape", changed(dilation=(1, 1))),
    "a max pool rounds down, always": method("maxpool", "shape", changed(ceil=False)),
    "a max pool rounds up, always": method("maxpool", "shape", changed(ceil=True)),
    "an average pool rounds down, always": method("avgpool", "shape", changed(ceil=False)),
    "a max pool forgets its dilation": method("maxpool", "shape", changed(dilation=(1, 1))),
    "a pool's stride is 1": method(
        "maxpool", "shape", lambda right: lambda op, x: right(replace(op, stride=op.stride or (1, 1)), x)
    ),
    "a pool forgets its padding": method("avgpool", "shape", changed(pad=(0, 0))),
    "a transposed convolution forgets its output padding": method("deconv", "shape", changed(out_pad=(0, 0))),
    "a transposed convolution forgets its dilation": method("deconv", "shape", changed(dilation=(1, 1))),
    "zeros around a map are left and right first": method(
        "pad", "shape", lambda right: lambda op, x: flipped(right(op, flipped(x[0]) and (flipped(x[0]),)))
    ),
    "an enlarged map is enlarged down only": method(
        "upsample", "shape", lambda right: lambda op, x: right(replace(op, scale=(op.scale[0], 1)), x)
    ),
    "every other row, rounded down": method(
        "subsample",
        "shape",
        lambda right: lambda op, x: (x[0][0], *(max(1, s // t) for s, t in zip(x[0][1:], op.stride, strict=True))),
    ),
    "an adaptive pool is as wide as it should be high": method(
        "adaptiveavgpool", "shape", lambda right: lambda op, x: flipped(right(op, x))
    ),
    "a concatenation counts two branches": method(
        "concat", "shape", lambda right: lambda op, x: (x[0][0] + x[1][0], *right(op, x)[1:])
    ),
    "a softmax leaves a 1x1 map as it is": method("softmax", "shape", lambda right: lambda op, x: x[0]),
    "a product is as its last factor": method("mul", "shape", lambda right: lambda op, x: right(op, x) and x[-1]),
    "a slice is one channel less": method(
        "slice", "shape", lambda right: lambda op, x: (max(1, right(op, x)[0] - 1), *x[0][1:])
    ),
    # counts
    "groups do not matter to weights": method("conv", "tensors", changed(groups=1)),
    "groups do not matter to operations": method("conv", "macs", changed(groups=1)),
    "every convolution has a bias": method("conv", "tensors", changed(bias=True)),
    "no convolution has a bias": method("conv", "tensors", changed(bias=False)),
    "a kernel is width by height": method(
        "conv", "tensors", lambda right: lambda op, x: right(replace(op, k=op.k[::-1]), x)
    ),
    "a bias is an operation": method(
        "conv", "macs", lambda right: lambda op, x, y: right(op, x, y) + (prod(y) if op.bias else 0)
    ),
    "a depthwise convolution has one filter a channel": method("dwconv", "tensors", changed(mult=1, out=None)),
    "a depthwise convolution costs what a full one does": method(
        "dwconv", "macs", lambda right: lambda op, x, y: right(op, x, y) * x[0][0]
    ),
    "a transposed weight is as any": method(
        "deconv",
        "tensors",
        lambda right: lambda op, x: {n: (t[1], t[0], *t[2:]) if n == "weight" else t for n, t in right(op, x).items()},
    ),
    "a transposed convolution costs by its output": method(
        "deconv", "macs", lambda right: lambda op, x, y: prod(op.k) * (x[0][0] // op.groups) * prod(y)
    ),
    "a fully connected layer has no bias": method("FC", "tensors", changed(bias=False)),
    "a batch norm always learns": method("bn", "tensors", changed(affine=True)),
    "a batch norm keeps no statistics": method("bn", "buffers", lambda right: lambda op, x: {}),
    "a group norm always learns": method("groupnorm", "tensors", changed(affine=True)),
    "an instance norm never learns": method("instancenorm", "tensors", changed(affine=False)),
    "a layer norm learns a scale alone": method(
        "layernorm", "tensors", lambda right: lambda op, x: {"weight": right(op, x)["weight"]}
    ),
    "a prelu has one factor": method("prelu", "tensors", changed(per_channel=False)),
    "a scale is a row": method("scale", "tensors", lambda right: lambda op, x: {"": x[0][:1]}),
    "a bias of positions is one of channels": method("posbias", "tensors", lambda right: lambda op, x: {"": x[0][:1]}),
    "heads count": renamed(cost, "totals", _heads_count),
    "weights used again count again": renamed(cost, "cost", _shared_count),
    # names
    "names begin at 0": renamed(level.Level, "next", _turns(0, 0)),
    "numbers begin at 1": renamed(level.Level, "next", _turns(1, 1)),
    "a relu takes no number": renamed(level.Level, "next", _turns(1, 0, ("relu",))),
    "a block takes no number": renamed(level.Level, "next", _turns(1, 0, ("unit0x", "unit1x"))),
    "a labelled layer takes no turn": _no_turn_for_labels,
    "copies are numbered from 0, always": renamed(repeats, "_first_number", _copies_from_zero),
    "a block of one sequence has a level more": renamed(blocks, "_is_seq", lambda body: False),
    # meaning
    "`no` leaves nothing out": renamed(items, "is_dropped", lambda it, where: False),
    "`bare` keeps the companions": renamed(
        words, "_bare", lambda work_, it, cur, use, inner, how, bare: words._whole(work_, it, cur, use, inner, how)
    ),
    "every copy is strided": renamed(repeats, "_copies", _every_copy),
    "a guard lets everything in": renamed(modifiers, "holds", lambda *given: True),
    "a condition always holds": renamed(modifiers, "condition", lambda *given: True),
    "`in.c` is one more": _views_everywhere,
    "a shortcut's stride is 1": renamed(wraps, "_ratio", lambda *given: 1),
    "a stride on a group is lost": renamed(wraps, "_stride", lambda *given: None),
}
"""By what each makes of the language."""

assert work
