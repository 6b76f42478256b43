"""The module of a network: its emitted source, executed, with the weights asked for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archlang.emit import class_of, source
from archlang.ir.network import Network
from archlang.ir.scope import Scope
from archlang.runtime.fault import fault

if TYPE_CHECKING:
    from torch import nn


def build(
    network: Network,
    weights: str | Path | Mapping[str, Any] | None = None,
    *,
    without: str | Sequence[str] = (),
    command: str | None = None,
    text: str | None = None,
    trust: str | Sequence[str] = (),
) -> nn.Module:
    """The module of `network`, in training mode as PyTorch makes modules.

    `weights` is a file for the whole module (`.pth`, `.safetensors`), a mapping of
    its keys to tensors, or a mapping of the names that the network asks for
    (`weights="imagenet"`) to files. A name that is not given leaves the
    initialisation, with a warning. Parts of the module (layers, stages) that `without`
    names keep it in any case.
    `text` is the network's source, where somebody has it already. `trust` names the modules, or packages around them,
    that the classes of the file's own layers may be imported from.
    Raises `BuildError` where PyTorch is missing, a module is not trusted, a layer of the file's own is not as it is
    declared, or the weights do not fit.
    """
    try:
        import_module("torch")  # asked for first, so that its lack is told in our words
    except ModuleNotFoundError:
        message = "PyTorch is not installed, and a module needs it"
        raise fault("no-torch", message, network.name, "pip install archlang[torch]") from None
    from archlang.runtime.execute import execute

    text = text or source(network, command=command)
    foreign = any(node.op.foreign for node in network.graph)
    if foreign:
        from archlang.runtime.foreign import admit

        admit(network, (trust,) if isinstance(trust, str) else tuple(trust))
    module: nn.Module = getattr(execute(text, network.name), class_of(network))()
    if foreign:
        from archlang.runtime.foreign import agree

        agree(network, module)
    _fill(network, module, weights, (without,) if isinstance(without, str) else tuple(without))
    return module


def _fill(
    network: Network, module: nn.Module, weights: str | Path | Mapping[str, Any] | None, without: tuple[str, ...]
) -> None:
    from archlang.runtime.load import load

    asked = {name for name, _ in network.weights}
    if weights is not None and not _by_name(weights):
        load(module, weights, without=without)
        return
    named: Mapping[str, Any] = weights if isinstance(weights, Mapping) else {}
    unknown = [name for name in named if name not in asked]
    if unknown:
        known = f"it asks for {', '.join(sorted(asked))}" if asked else "it asks for none"
        raise fault("weights-name", f"`{network.name}` asks for no weights `{unknown[0]}`", unknown[0], known)
    for name, scope in network.weights:
        if name not in named:
            message = f"the weights `{name}` are not given: the network keeps its initialisation"
            warnings.warn(message, stacklevel=4)
        else:
            keys, prefix = _keys(network, module, scope)
            load(module, named[name], only=keys, prefix=prefix, without=without)


def _by_name(weights: str | Path | Mapping[str, Any]) -> bool:
    """Whether it says which file is meant by which name, rather than being weights."""
    return isinstance(weights, Mapping) and all(isinstance(value, str | Path | Mapping) for value in weights.values())


def _keys(network: Network, module: nn.Module, scope: Scope) -> tuple[list[str], str]:
    """The keys of the part of the module that `scope` is, and what they begin with there."""
    paths = [n.path for n in network.graph if n.op.stateful and n.shares is None and scope in n.scope.chain()]
    keys = [key for key in module.state_dict() if key in paths or any(key.startswith(f"{path}.") for path in paths)]
    return keys, f"{scope.path}." if scope.path else ""
