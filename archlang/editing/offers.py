"""The single things that are offered: layers in their short forms, what has a name, words of the language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields

from archlang.editing.describe import about_op, comment_above, plain, signature
from archlang.editing.named import Named
from archlang.ops.op import Op
from archlang.record import record
from archlang.syntax import ast

STATEMENTS = {
    "stage": "a row of the table, named or not",
    "input": "what the network takes: `input 3x224x224`",
    "extern": 'a layer that is a class of somebody else\'s: `extern name(out) = "module:Class"(in.c, out) { ... }`',
    "block": "layers with a name and parameters: `block unit(w) { ... }`",
    "net": "a network: `net Name(classes=1000) { ... }`",
    "let": "a name for a value: `let m = 4*w`",
    "from": "goes on from a label: `from c1: maxpool`",
    "aux": "a head that only training runs",
    "table": "a table of the paper, pasted",
    "if": "layers under a condition",
    "for": "layers for each of several values",
    "variant": "a column of the table",
    "expect": "a number of the paper, checked: `expect params == 138M`",
    "paper": "where the network comes from",
    "import": "blocks and nets of another file",
    "taps": "tensors that `features(x)` returns",
    "output": "what the network returns, if not its last layer's output",
    "freeze": "layers that do not learn",
    "lr": "a factor of layers' learning rate",
    "decay": "layers' weight decay",
    "init": "how weights start: `init conv = gaussian(0.01)`",
}
"""The words that begin a statement, and what it is for."""

SAYS = {
    "shape": "what it leaves: `in`, or `[out, in.h, in.w]`; it has to be said",
    "inputs": "the tensors that enter, as `forward` takes them: `[in, offset]`",
    "params": "how many learnable numbers it has",
    "weight": "the shape of its `weight`, which `init` can fill",
    "bias": "the shape of its `bias`",
    "macs": "multiply-accumulates for one image",
    "depth": "how many weight layers it is",
    "kernel": 'what an output value sees: a number, `[3, 5]`, or "all"',
    "stride": "how far apart two output values look",
    "pad": "zeros on each side",
    "dilation": "steps between the kernel's taps",
}
"""What an `extern` may say of its layer."""

MODIFIERS = {
    "as": "a name for it: `as c1`",
    "when": "keeps or drops it: `when depth > 3`",
    "x": "repeats it: `x 3`",
    "no": "without companions of the word: `no relu`",
    "bare": "the plain layer, with no companion",
    "to": "a net up to one of its layers: `to pool4`",
    "means": "what the word stands for: `conv means [conv; bn; relu]`",
}
"""The words that may follow a layer, group or call."""

WRAPPED = {
    "add": ("add[  ]", "the sum of branches of equal shapes"),
    "concat": ("concat[  ]", "branches, channels one after the other"),
    "mul": ("mul[  ]", "the product of branches"),
    "res": ("res[  ]", "layers, added to what came in"),
    "seq": ("seq[  ]", "layers with a level of their own in the names of the weights"),
    "split": ("split(2)[  ]", "branches that read a share of the channels each"),
}
"""What joins branches or holds layers: how it is written, and what it is."""


@record
class Completion:
    """One thing that could stand at a place.

    `label` is how a list shows it, `detail` a few words beside it, `documentation` more of them. `kind` is layer,
    block, extern, net, word, value, parameter, label, variant, option, function, file, keyword, subject or
    initializer. `insert` replaces the text from `start` up to the place that was asked about.
    """

    label: str
    kind: str
    detail: str
    insert: str
    documentation: str = ""
    start: int = 0


def shorts(kind: type[Op]) -> list[str]:
    """The ways in which a layer is written most: `conv3-64`, `conv1-64`; `maxpool`, `maxpool3/2`; `relu`."""
    needed = {option.name for option in fields(kind) if option.default is MISSING}
    width = "-64" if kind.width else ""
    if kind.kernel_option is None:
        return [f"{kind.word}{'-1000' if width and kind.word == 'FC' else width}"]
    if kind.kernel_option in needed:
        return [f"{kind.word}3{width}", f"{kind.word}1{width}"] if width else [f"{kind.word}3"]
    return [kind.word, f"{kind.word}3/2"] if kind.stride_option else [kind.word]


def layer(kind: type[Op], label: str) -> Completion:
    """A layer, written so."""
    summary = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return Completion(label, "layer", summary, label, about_op(kind))


def completion(named: Named) -> Completion:
    """What has a name."""
    insert = named.name
    if isinstance(named.node, ast.Block) and any(each.default is None for each in named.node.parameters):
        insert += "("
    return Completion(named.name, named.kind, signature(named), insert, plain(comment_above(named)))


def keywords(words: dict[str, str]) -> Iterator[Completion]:
    """Words of the language, with what they are for."""
    for word, about in words.items():
        yield Completion(word, "keyword", about, word)
