"""What a value of a class may be said with: the widths of what comes before it, or the same value of a first copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archlang.emit import expr as ex
from archlang.emit import roll
from archlang.emit.bodies import Step
from archlang.emit.expr import Bin, Expr, Lit
from archlang.emit.forms import Form, Path


def joined_width(step: Step, entering: Sequence[Expr | None]) -> list[Expr]:
    """The channels of tensors put together; two halves, which say less than the whole, are left alone."""
    if not step.code.startswith("torch.cat("):
        return []
    known = [one for one in entering if one is not None and not (isinstance(one, Bin) and one.op == "//")]
    return [ex.added(*known)] if len(known) == len(entering) else []


def by_round(made: Expr | None, entering: Expr | None) -> dict[str, Expr]:
    """By how many channels a round makes a tensor wider, as `step`."""
    if made is None or entering is None:
        return {}
    return {"step": ex.added(made, Bin("*", Lit(-1), entering))}


def of_rounds(
    path: Path,
    title: str,
    form: Form,
    rounds: Mapping[str, Expr],
    exprs: Mapping[tuple[str, Path], Expr],
    others: Sequence[Expr | None],
) -> list[Expr | None]:
    """What a value of rounds may be: what `rounds` says of its `title`, or what the first copy has there.

    `others` are what it may be wherever it stands.
    """
    if len(path) == 1 or title == "step":
        return [rounds[title]] if title in rounds else []
    number = sum(isinstance(value, Form) for _, value in form.args[: path[0]])
    head = roll.heads(form)[number]
    known, grown = exprs.get((head, path[1:])), exprs.get((head, path[1:-1]))
    return [*others, known] if known is not None else [grown, *others]
