"""Classes of others that a network's file names: imported only where their modules are trusted, and held against it.

A file is text from anywhere, and importing a module runs it. So nothing is imported before whoever builds has named its
module or a package around it, and what is imported must be a kind of `nn.Module`.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from math import prod
from typing import TYPE_CHECKING

import torch

from archlang.diagnostics import Diagnostic
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.extern import Extern
from archlang.ops.map2d import show
from archlang.runtime.fault import BuildError
from archlang.source import Span

if TYPE_CHECKING:
    from torch import nn

ALWAYS = ("torch.nn",)
"""What every network's source imports anyway."""
LARGEST_TRIAL = 2**26
"""Numbers that may enter a layer when it is tried: more would take long, and nobody asked for it to run."""
IMAGES = 2


def admit(network: Network, trust: Sequence[str]) -> None:
    """Import the classes that the file's own layers name.

    `BuildError` if a module is not trusted, with nothing imported, or if there is no such class.
    """
    origins = {op.origin: op.rules.at for op in _declared(network) if op.origin is not None}
    refused = [(module, at) for (module, _), at in origins.items() if not _within(module, (*trust, *ALWAYS))]
    if refused:
        raise BuildError([_untrusted(network, module, at) for module, at in dict(refused).items()])
    wrong = [said for (module, name), at in origins.items() if (said := _wrong(module, name, at)) is not None]
    if wrong:
        raise BuildError(wrong)


def _declared(network: Network) -> Iterator[Extern]:
    return (node.op for node in network.graph if isinstance(node.op, Extern))


def _within(module: str, names: Sequence[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def _untrusted(network: Network, module: str, at: Span) -> Diagnostic:
    message = f"`{network.name}` asks for a class of `{module}`, and importing that would run it"
    top = module.partition(".")[0]
    help_ = f'if you trust it, build with `trust=["{top}"]`, or `--trust {top}` on the command line'
    return Diagnostic("untrusted", message, at, help=help_)


def _wrong(module: str, name: str, at: Span) -> Diagnostic | None:
    """What is wrong with a class that is named and trusted; None if nothing is."""
    from torch import nn

    try:
        found = getattr(import_module(module), name, None)
    except Exception as error:  # noqa: BLE001 - whatever the module does as it is imported is its own
        message = f"`{module}` cannot be imported: {type(error).__name__}: {error}"
        return Diagnostic("extern-import", message, at, help="install the package it is in, where Python finds it")
    if found is None:
        return Diagnostic("extern-import", f"`{module}` has no `{name}`", at)
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        return Diagnostic("extern-import", f"`{name}` of `{module}` is no kind of `nn.Module`", at)
    return None


def agree(network: Network, module: nn.Module) -> None:
    """Hold what is declared of each layer against its module; `BuildError` if a count or a shape is another.

    Parameters are counted, and each layer runs once by itself, a copy of it, on zeros. One that cannot be tried so
    gives a warning.
    """
    wrong: list[Diagnostic] = []
    seen: set[object] = set()
    for node in network.graph:
        op = node.op
        if not isinstance(op, Extern) or (op, network.entering(node)) in seen or node.shares is not None:
            continue
        seen.add((op, network.entering(node)))
        layer = module.get_submodule(node.path)
        wrong += [
            Diagnostic("extern-differs", said, node.span, help=_help(op)) for said in _held(network, node, op, layer)
        ]
    if wrong:
        raise BuildError(wrong)


def _help(op: Extern) -> str:
    return f"mend the declaration of `{op.word}`, or what it gives to `{op.origin[1] if op.origin else op.word}`"


def _held(network: Network, node: Node, op: Extern, layer: nn.Module) -> Iterator[str]:
    """What a layer's module has otherwise than declared, in words."""
    named = op.tensors(network.entering(node))
    for name in ("weight", "bias"):
        tensor = getattr(layer, name, None)
        if name in named and not isinstance(tensor, torch.Tensor):
            yield f"`{node.path}` has no `{name}`, which is declared as {show(named[name])}"
        elif name in named and isinstance(tensor, torch.Tensor) and tuple(tensor.shape) != named[name]:
            yield f"the `{name}` of `{node.path}` is {show(tuple(tensor.shape))}, and declared as {show(named[name])}"
    if "params" not in op.unsaid:
        declared, found = sum(map(prod, named.values())), _parameters(node, layer)
        if found is not None and found != declared:
            yield f"`{node.path}` has {found:,} parameters, and {declared:,} are declared"
    shape = network.shapes[node.id]
    left = _tried(network, node, layer)
    if left is not None and left != shape:
        entering = " and ".join(map(show, network.entering(node)))
        yield f"`{node.path}` makes {show(left)} of {entering}, and {show(shape)} is declared"


def _parameters(node: Node, layer: nn.Module) -> int | None:
    try:
        return sum(parameter.numel() for parameter in layer.parameters())
    except (ValueError, RuntimeError) as error:  # parameters that are made when it first runs
        warnings.warn(f"the parameters of `{node.path}` cannot be counted: {error}", stacklevel=5)
        return None


def _tried(network: Network, node: Node, layer: nn.Module) -> tuple[int, ...] | None:
    """What a copy of the layer makes of zeros, without the batch; None if it cannot be tried."""
    sizes = [tuple(size for size in shape if isinstance(size, int)) for shape in network.entering(node)]
    known = all(len(some) == len(shape) for some, shape in zip(sizes, network.entering(node), strict=True))
    if not known or sum(map(prod, sizes)) * IMAGES > LARGEST_TRIAL:
        return None
    first = next(iter(layer.parameters()), None)
    where = first.device if first is not None else None
    order = node.op.rules.order if isinstance(node.op, Extern) else ()
    try:
        alone = copy.deepcopy(layer).eval()
        with torch.no_grad():
            made = alone(*(torch.zeros(IMAGES, *sizes[port], device=where) for port in order))
    except Exception as error:  # noqa: BLE001 - somebody else's code
        shown = " and ".join(map(show, network.entering(node)))
        text = str(error).partition("\n")[0]
        message = (
            f"`{node.path}` could not be tried on {shown}, so its shape is not checked: {type(error).__name__}: {text}"
        )
        warnings.warn(message, stacklevel=5)
        return None
    if not isinstance(made, torch.Tensor):
        return ()
    return tuple(made.shape[1:])
