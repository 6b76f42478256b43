"""Warnings: what is legal and probably wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archlang.diagnostics import Diagnostic, Severity
from archlang.elaborate.imports import Module
from archlang.elaborate.strides import stride_on_copies
from archlang.elaborate.uses import own_stride, uses
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.op import Shape, Window
from archlang.source import Span
from archlang.syntax import ast

AXES = ("rows", "columns")
IMAGE = (1, 2, 3, 4)
"""Channels that images have: grey, with alpha, colours, colours with alpha."""


def _warning(code: str, message: str, span: Span, help: str | None = None) -> Diagnostic:
    return Diagnostic(code, message, span, help=help, severity=Severity.WARNING)


def lint(network: Network) -> Iterator[Diagnostic]:
    """What one network in one variant is warned of: windows that leave rows or columns out."""
    yield from _channels_last(network)
    claimed = network.claimed
    windows: dict[int, Window | None] = {}  # copies of a block have one op
    for node in network.graph:
        if id(node.op) not in windows:
            windows[id(node.op)] = None if "field" in node.op.unsaid else node.op.window
        window = windows[id(node.op)]
        if window is None or node.id in claimed or len(node.inputs) != 1 or window.scale != (1, 1):
            continue
        left = _left_out(window, network.shapes[node.inputs[0]], network.shapes[node.id])
        if any(left):
            yield _leftover(node, left, network.shapes[node.inputs[0]])


def _channels_last(network: Network) -> Iterator[Diagnostic]:
    """Inputs that read as height x width x channels: square that way, with the channels of an image at the end."""
    for node in (network.graph[id_] for id_ in network.inputs):
        sizes = network.shapes[node.id]
        if len(sizes) == 3 and sizes[0] == sizes[1] and sizes[0] not in IMAGE and sizes[2] in IMAGE:
            message = f"channels come first: this is {sizes[0]} channels of {sizes[1]}x{sizes[2]}"
            yield _warning("channels-last", message, node.span, f"write `input {sizes[2]}x{sizes[0]}x{sizes[1]}`")


def _left_out(window: Window, entered: Shape, out: Shape) -> tuple[int, int]:
    """Real rows and columns past the last window, those the stride would have skipped anyway not counted."""
    found: list[int] = []
    for axis in range(2):
        size, count = entered[axis + 1], out[axis + 1]
        if not isinstance(size, int) or not isinstance(count, int):
            found.append(0)
            continue
        reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1
        end = (count - 1) * window.stride[axis] + reach - window.padding[axis][0]
        skipped = max(0, window.stride[axis] - reach)
        found.append(max(0, size - end - skipped))
    return found[0], found[1]


def _leftover(node: Node, left: tuple[int, int], entered: Shape) -> Diagnostic:
    what = " and ".join(f"{n} {axis if n > 1 else axis[:-1]}" for n, axis in zip(left, AXES, strict=True) if n)
    message = f"the last {what} of {entered[1]}x{entered[2]} lie past the last window, and are never seen"
    help_ = "pad, choose another size, write `ceil=true` for a pool, or say that it is meant: `=> shape`"
    return _warning("partial-window", message, node.span, help_)


def lint_file(module: Module, chosen: ast.Net | None = None) -> Iterator[Diagnostic]:
    """What a file is warned of, whatever the variant: blocks and parameters that nothing uses, strides on repeats.

    With `chosen`, what is said of the file's other nets is left out.
    """
    others = [(net.span.start, net.body.span.end) for net in module.nets if chosen is not None and net is not chosen]
    for found in _of_file(module):
        if not any(start <= found.span.start < end for start, end in others):
            yield found


def _of_file(module: Module) -> Iterator[Diagnostic]:
    body = module.program.body
    if module.is_script:
        yield from _unused_blocks(body)
    for statement in body.statements:
        if isinstance(statement, ast.Net | ast.Block):
            yield from _definition(statement)
        elif isinstance(statement, ast.Extern):
            yield from _declaration(statement)
    yield from _strided_repeats(module.program)


def _definition(node: ast.Net | ast.Block) -> Iterator[Diagnostic]:
    defaults = {name for p in node.parameters if p.default for name in uses(p.default)}
    named = uses(node.body) if node.parameters else set[str]()
    for parameter in node.parameters:
        if parameter.name not in defaults and not _reads(node.body, parameter.name, named):
            message = f"nothing in `{node.name}` uses the parameter `{parameter.name}`"
            yield _warning("unused-parameter", message, parameter.span, "use it, or leave it out")
    yield from _unused_blocks(node.body)


def _declaration(node: ast.Extern) -> Iterator[Diagnostic]:
    """Parameters of a layer of one's own that neither its class nor what is said of it hangs on."""
    if node.args is None:
        return
    named = {name for part in (*node.args, *node.facts) for name in uses(part.value)}
    for parameter in node.parameters:
        if parameter.name not in named:
            message = f"nothing in `{node.name}` uses the parameter `{parameter.name}`"
            yield _warning("unused-parameter", message, parameter.span, "use it, or leave it out")


def _reads(body: ast.Body, name: str, named: set[str]) -> bool:
    """Whether a body, which names all of `named`, means its own `name` somewhere."""
    if name not in named:
        return False
    seen = _seeing(body, name)
    return seen == body.statements or name in uses(seen)


def _seeing(body: ast.Body, name: str) -> tuple[object, ...]:
    """What of a body means its own `name`: not the bodies of blocks that have a parameter called so."""
    return tuple(
        s.parameters if isinstance(s, ast.Block) and any(p.name == name for p in s.parameters) else s
        for s in body.statements
    )


def _unused_blocks(body: ast.Body) -> Iterator[Diagnostic]:
    blocks = [s for s in body.statements if isinstance(s, ast.Block)]
    named = Counter(name for s in body.statements for name in uses(s)) if blocks else Counter[str]()
    for block in blocks:
        elsewhere = named[block.name] - (block.name in uses(block))
        if not elsewhere:
            yield _warning("unused-block", f"nothing calls the block `{block.name}`", block.name_span)
        yield from _definition(block)


def _strided_repeats(tree: object) -> Iterator[Diagnostic]:
    """Repeats whose stride and count are numbers; with names in them it takes their values (`repeats`)."""
    from archlang.elaborate.uses import items

    for it in items(tree):
        repeat = next((m for m in it.modifiers if isinstance(m, ast.Repeat)), None)
        stride = own_stride(it)
        if repeat is None or repeat.stride is not None:
            continue
        if all(isinstance(n, ast.Number) and n.value != 1 for n in (stride, repeat.count)) and stride is not None:
            yield stride_on_copies(stride.span)
