"""Ops in PyTorch, each said as its own file says it."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from archlang.ops.op import Code

SCOPE = {"nn": nn, "F": F, "torch": torch}
"""The names that an op's text may use."""


def scope(op):
    """The names that this op's text may use: PyTorch's, and the class it brings along."""
    names = {**SCOPE, "Tensor": torch.Tensor}
    exec(op.definition or "", names)  # noqa: S102 - text of our own ops
    return names


def said(code: Code, **holes: str) -> str:
    """The text of an op, its values and these names written in."""
    values = {name: repr(value) for name, value in code.values}
    return code.text.format(**values, **holes)


def stands_alone(op, shapes):
    """Whether its module is all of it: some op's function puts more around it."""
    apply = op.apply(shapes)
    around = op.stateful and apply is not None and "{self}" in apply.text
    return op.module(shapes) is not None and not around


class Layer(nn.Module):
    """One op as a module: with its own module, or with what is applied in `forward`."""

    def __init__(self, op, shapes, *, by_module):
        super().__init__()
        self.flattens = op.flattens(shapes)
        holes = {f"x{i}": f"x[{i}]" for i in range(len(shapes))}
        holes |= {"x": "x[0]", "xs": ", ".join(holes.values()), "self": "self.it", "training": "self.training"}
        module, apply = op.module(shapes), op.apply(shapes)
        if module is not None and (by_module or op.stateful):
            self.it = eval(said(module), scope(op))  # noqa: S307 - text of our own ops
        text = said(apply, **holes) if apply is not None and not by_module else "self.it(x[0])"
        self.run = eval(f"lambda self, *x: {text}", SCOPE)  # noqa: S307 - as above

    def forward(self, *x):
        return self.run(self, *(torch.flatten(t, 1) for t in x)) if self.flattens else self.run(self, *x)
