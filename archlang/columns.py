"""The table of a paper from its file: all variants of one net, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archlang.diagnostics import ArchError, Diagnostic
from archlang.elaborate.check import MOST_TOGETHER
from archlang.ir.most import TABLE
from archlang.locate import joined, locate, word
from archlang.model import Model, model_of
from archlang.record import entity
from archlang.report import paper_table_text
from archlang.report.paper_table import paper_table


@entity
class Columns:
    """The variants of a net in order, and `usual`, the one that is meant; `chosen` if somebody said which to show."""

    usual: Model
    models: tuple[Model, ...]
    chosen: bool

    def text(self, format: str = "markdown") -> str:  # noqa: A002 - it is what the format is called
        """The table. Raises ValueError for a format that there is not."""
        networks = [model.network for model in self.models]
        return paper_table_text.write(paper_table(networks, self.usual.network, side_by_side=self.chosen), format)


def table(
    place: str | Path,
    /,
    *,
    format: str = "markdown",  # noqa: A002 - it is what the format is called
    variant: str | int | None = None,
    variants: Sequence[str | int] = (),
    net: str | None = None,
    input: str | Sequence[int | str] | None = None,
    **parameters: Any,
) -> str:
    """The table of the paper, from a file or a network of the zoo: a column a variant, or a row a call of its block.

    `format` is `markdown`, `latex` (for `booktabs`), `html` or `csv`; the rest is
    as for `read`. With a variant the table is of that one alone, with `variants`
    it has a column for each of those, in that order. Raises `ArchError` with everything that is wrong, and
    ValueError for another format, or where both a variant and variants are asked for.
    """
    names = [str(each) for each in variants]
    found = columns(str(place), parameters, variant=word(variant), variants=names, net=net, input=joined(input))
    return found.text(format)


def columns(
    place: str,
    parameters: dict[str, Any],
    *,
    variant: str | None = None,
    variants: Sequence[str] = (),
    net: str | None = None,
    input: str | None = None,
) -> Columns:
    """The net that `place` means in every variant, or in those that are asked for. Raises `ArchError`."""
    if variant is not None and variants:
        raise ValueError("one variant is asked for, and several: say one or the other")
    located = locate(place, variants[0] if variants else variant)
    name = net or located.net

    def model(which: str | None) -> Model:
        return model_of(
            located.source, parameters, variant=which, net=name, input=input, parsed=located.parsed, most=TABLE
        )

    usual = model(located.variant)
    if located.variant is not None and not variants:
        return Columns(usual, (usual,), chosen=False)
    found: list[Model] = []
    for each in variants or usual.network.variants or (usual.variant,):
        found.append(usual if each == usual.variant else model(each))
        if sum(len(one.graph) for one in found) > MOST_TOGETHER:
            raise _too_much(usual)
    return Columns(usual, tuple(found), chosen=bool(variants))


def _too_much(model: Model) -> ArchError:
    message = f"the variants of `{model.name}` have more than {MOST_TOGETHER:,} layers together"
    help_ = "ask for one of them, `--variant`"
    return ArchError([Diagnostic("too-many-layers", message, model.network.span, help=help_)])
