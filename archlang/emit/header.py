"""The source's docstring: from what, in which variant, with what totals, and how to make it again."""

from __future__ import annotations

from pathlib import PurePath

from archlang.emit.layout import WIDTH
from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.passes.cost import costs, totals
from archlang.passes.cost import said as said_of


def header(network: Network, command: str | None, *, kernels: bool = False) -> list[str]:
    """The docstring's lines. Names of the file are text here, and stay text whatever they hold."""
    said = f"{network.name}, variant {network.variant}," if network.variant else f"{network.name},"
    paper = f" ({network.paper})" if network.paper else ""
    sums = totals(network, costs(network))
    params = f"{said_of(f'{sums.params:,}', sums, 'params')} parameters"
    if sums.params_train != sums.params:
        params += f" ({sums.params_train:,} with its train-only heads)"
    if sums.params_trainable != sums.params_train:
        params += f", of which {sums.params_trainable:,} learn"
    inputs = ", ".join(_shape(network.shapes[id_]) for id_ in network.inputs)
    out = [
        *_wrapped(f'"""{plain(said)} made from {plain(PurePath(network.source.name).name)} by archlang{plain(paper)}.'),
        "",
        *_wrapped(
            f"{params}, {said_of(_number(sums.macs), sums, 'macs')} multiply-accumulates, input {plain(inputs)}."
        ),
    ]
    if kernels:
        out.append("It needs torch, and archlang for its kernels.")
    if command and _stands(command):
        out.append(f"Made again with: {command}")
    return [*out, '"""']


def plain(text: str) -> str:
    """Text that cannot end a docstring, begin a line, or mean anything else than itself."""
    return "".join(
        c if c.isprintable() and c not in '\\"' else "'" if c == '"' else "/" if c == "\\" else "?" for c in text
    )


def _stands(command: str) -> bool:
    """Whether a command can stand in a docstring as it must be typed; with another character it would be another."""
    return command.isprintable() and "\\" not in command and '""' not in command and not command.endswith('"')


def _number(size: Size) -> str:
    return f"{size:,}" if isinstance(size, int) else plain(str(size))


def _shape(sizes: tuple[Size, ...]) -> str:
    return "x".join(str(size) for size in sizes)


def _wrapped(text: str) -> list[str]:
    rows: list[str] = []
    row = ""
    for word in text.split():
        if row and len(row) + 1 + len(word) > WIDTH:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}" if row else word
    return [*rows, row]
