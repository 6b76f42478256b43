"""Shapes as they are typed: `3xHxW` read as sizes, `=> 56x56` held against a tensor."""

from __future__ import annotations

from archlang.diagnostics import Diagnostic
from archlang.elaborate.work import Where, Work
from archlang.ops.dim import Dim, Size, symbol
from archlang.ops.op import Shape
from archlang.syntax import ast


def sizes(shape: ast.ShapeText) -> Shape:
    """The shape of an `input` line: whole numbers, and symbols for letters."""
    return tuple(symbol(dim) if isinstance(dim, str) else dim for dim in shape.dims)


def show(shape: Shape) -> str:
    """`64x56x56`; a feature vector is `4096`, symbolic sizes stand in parentheses if they are long."""
    return "x".join(_part(size) for size in shape)


def _part(size: Size) -> str:
    text = str(size)
    return (
        f"({text})" if isinstance(size, Dim) and any(c in text for c in "+-*/ ") and not text.startswith("(") else text
    )


def check_claim(work: Work, claim: ast.Claim, node: int, where: Where) -> None:
    """Hold `=> 56x56`, `=> 256x56x56` or `=> 4096` against the tensor, and note whether it holds; if not, an error."""
    held = _holds(work, claim, node, where)
    work.sizes[claim.span] = held and work.sizes.get(claim.span, True)


def _holds(work: Work, claim: ast.Claim, node: int, where: Where) -> bool:
    shape = work.shape(node)
    if shape is None:
        return False
    wanted = claim.shape.dims
    if len(wanted) == 2 and len(shape) == 3:
        compared: Shape = shape[1:]
    elif len(wanted) == 1 and len(shape) == 3 and shape[1:] == (1, 1):
        compared = shape[:1]
    else:
        compared = shape
    if len(compared) == len(wanted) and all(_agree(w, s) for w, s in zip(wanted, compared, strict=True)):
        return True
    typed = "x".join(str(dim) for dim in wanted)
    found = show(compared if len(compared) == len(wanted) else shape)
    message = f"this leaves {show(shape)}, not {typed}"
    help_ = f"write `=> {found}`, or look at what leads here"
    wrong = Diagnostic("shape-claim", message, claim.span, help=help_, trace=where.trace)
    work.report.add(wrong)  # the network stands all the same, so that its other claims are checked too
    return False


def _agree(wanted: int | str, size: Size) -> bool:
    if wanted == "?":
        return True
    return str(size) == str(wanted)
