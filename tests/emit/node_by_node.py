"""A network run node by node, straight from the graph: what emitted source is compared with."""

from __future__ import annotations

import torch
from said_in_pytorch import SCOPE, said
from said_in_pytorch import scope as names_of
from torch import nn

from archlang.ir.network import Network
from archlang.ops.op import Shape


def entering(network: Network, node) -> tuple[Shape, ...]:
    return tuple(network.shapes[id_] for id_ in node.inputs)


def expected(network: Network) -> dict[str, tuple[int, ...]]:
    """Every key of the state_dict with its shape, as the graph's facts say."""
    found = {}
    for node in network.graph:
        if node.op.stateful and node.shares is None:
            inputs = entering(network, node)
            for name, shape in {**node.op.tensors(inputs), **node.op.buffers(inputs)}.items():
                found[f"{node.path}.{name}" if name else node.path] = tuple(shape)
    return found


def run(
    network: Network, state: dict[str, torch.Tensor], inputs: list[torch.Tensor], *, training: bool
) -> dict[int, torch.Tensor]:
    """Every tensor of the network by node id, with the weights of `state` (running statistics are copied)."""
    values = dict(zip(network.inputs, inputs, strict=True))
    modules: dict[int, object] = {}
    torch.manual_seed(0)
    for node in network.graph:
        if node.id in values or (node.id in network.train_only and not training):
            continue
        shapes = entering(network, node)
        xs = [values[id_] for id_ in node.inputs]
        if getattr(node.op, "flattens", lambda _: False)(shapes):
            xs = [torch.flatten(xs[0], 1)]
        owner = node if node.shares is None else network.graph[node.shares]
        if owner.id not in modules and (code := owner.op.module(entering(network, owner))) is not None:
            with torch.random.fork_rng():
                made = eval(said(code), names_of(owner.op))  # noqa: S307 - text of our own ops
            prefix = f"{owner.path}."
            own = {key.removeprefix(prefix): value.clone() for key, value in state.items() if key.startswith(prefix)}
            if isinstance(made, nn.Module):
                if owner.op.stateful:
                    made.load_state_dict(own)
                made.train(training)
            else:
                made = state[owner.path]
            modules[owner.id] = made
        names = {f"x{i}": f"xs[{i}]" for i in range(len(xs))} | {
            "x": "xs[0]",
            "xs": ", ".join(f"xs[{i}]" for i in range(len(xs))),
        }
        apply = node.op.apply(shapes)
        scope = {**SCOPE, "xs": xs, "module": modules.get(owner.id)}
        if apply is not None:
            values[node.id] = eval(said(apply, self="module", training=str(training), **names), scope)  # noqa: S307 - as above
        else:
            values[node.id] = eval("module(xs[0])", scope)  # noqa: S307 - as above
    return values
