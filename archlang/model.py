"""From a text, a file or a name of the zoo to its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archlang.diagnostics import ArchError, Diagnostic, Severity
from archlang.elaborate.check import in_order, load
from archlang.elaborate.lint import lint, lint_file
from archlang.elaborate.network import Ask, elaborate, meant, no_network
from archlang.elaborate.report import Report
from archlang.ir.most import CHECK, Most
from archlang.locate import command_line, joined, locate, word
from archlang.modelled import Model
from archlang.ops.map2d import typed_shape
from archlang.passes.claims import claims
from archlang.passes.findings import check
from archlang.resting import resting
from archlang.source import Source, Span
from archlang.syntax.parse import Parsed

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Model", "build", "check", "model_of", "parse", "read", "read_for"]


def parse(
    text: str,
    /,
    *,
    name: str = "network.arch",
    variant: str | int | None = None,
    net: str | None = None,
    input: str | Sequence[int | str] | None = None,
    **parameters: Any,
) -> Model:
    """The model that a text describes. Raises `ArchError` with everything that is wrong with it."""
    return model_of(Source(name, text), parameters, variant=word(variant), net=net, input=joined(input))


def read(
    place: str | Path,
    /,
    *,
    variant: str | int | None = None,
    net: str | None = None,
    input: str | Sequence[int | str] | None = None,
    **parameters: Any,
) -> Model:
    """The model of a file or of a network of the zoo.

    `place` is a path (`nets/my.arch`, `my.arch@D`, `my.arch:Net@D`) or a zoo name (`googlenet`, `resnet50`). `input`
    binds the input's size: `"3x512x512"` or `(3, 512, 512)`. Others are the net's parameters: `classes=10`; a text
    is an expression of the language, `unit="bottleneck(groups=32, base=4)"`. Raises `ArchError` with all that is wrong.
    """
    return read_for(CHECK, place, parameters, variant=variant, net=net, input=input)


def read_for(
    most: Most,
    place: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    variant: str | int | None = None,
    net: str | None = None,
    input: str | Sequence[int | str] | None = None,
) -> Model:
    """As `read`, for something that takes only so large a network: a larger one is refused before it is made."""
    variant, input, parameters = word(variant), joined(input), dict(parameters or {})
    located = locate(str(place), variant)
    start = Span(located.source, 0, 0)
    notes = tuple(Diagnostic("zoo-network", note, start, severity=Severity.NOTE) for note in located.notes)
    found = model_of(
        located.source,
        parameters,
        variant=located.variant,
        net=net or located.net,
        input=input,
        command=command_line(str(place), variant, input, parameters),
        parsed=located.parsed,
        most=most,
    )
    found.warnings = notes + found.warnings
    return found


@resting()
def build(
    place: str | Path,
    /,
    *,
    variant: str | int | None = None,
    weights: Any = None,
    without: str | Sequence[str] = (),
    kernels: bool = False,
    trust: str | Sequence[str] = (),
    **parameters: Any,
) -> nn.Module:
    """The PyTorch module of a file or zoo network, the short way."""
    return read(place, variant=variant, **parameters).build(weights, without=without, kernels=kernels, trust=trust)


def model_of(
    source: Source,
    parameters: Mapping[str, Any] | None = None,
    *,
    variant: str | None = None,
    net: str | None = None,
    input: str | None = None,
    command: str | None = None,
    parsed: Parsed | None = None,
    most: Most = CHECK,
) -> Model:
    """The model of a source, `parsed` already or not, for what takes as large a network. Raises `ArchError`."""
    report = Report()
    module = load(source, report, parsed)
    chosen = meant(module, net)
    network = None
    if chosen is None:
        if not any(diagnostic.code == "too-long" for diagnostic in report.found):  # of which nothing was read
            report.add(no_network(module, net))
    else:
        inputs = (typed_shape(input),) if input is not None else ()
        network = elaborate(module, chosen, report, Ask(net, variant, parameters, inputs, most=most))
    if chosen is not None and network is not None:
        for diagnostic in [*claims(network), *lint(network), *lint_file(module, chosen)]:
            report.add(diagnostic)
    if network is None or report.failed:
        raise ArchError(in_order(report.found))
    return Model(network, tuple(in_order(report.found)), command, parameters)
