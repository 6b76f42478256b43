"""What a program must come to, held against what archlang makes of it."""

from __future__ import annotations

from programs import Program

from archlang.diagnostics import ArchError
from archlang.ir.network import Network
from archlang.model import Model, parse


def state_of(network: Network) -> dict[str, tuple[int, ...]]:
    """The keys and shapes of the state_dict, from the graph alone; PyTorch's own count of batches among them."""
    state: dict[str, tuple[int, ...]] = {}
    for node in network.graph:
        if not node.op.stateful or node.shares is not None:
            continue
        entering = network.entering(node)
        for name, shape in {**node.op.tensors(entering), **node.op.buffers(entering)}.items():
            state[f"{node.path}.{name}" if name else node.path] = shape
    return state


def output_of(network: Network) -> tuple[int, ...]:
    """The shape of the network's only output, its final softmax included."""
    (result,) = network.results
    return network.shapes[result.output if result.reading is None else result.reading]


def differences(program: Program) -> list[str]:
    """In what archlang's reading of a program differs from PyTorch's run of it; nothing, if all is well."""
    try:
        model = parse(program.text, name="random.arch", variant=program.variant)
    except ArchError as error:
        return [f"refused: {error.diagnostics[0].message}"]
    return [*_counts(program, model), *_state(program, state_of(model.network))]


def _counts(program: Program, model: Model) -> list[str]:
    pairs = {
        "output": (program.output, output_of(model.network)),
        "parameters": (program.sum.learned, model.params),
        "parameters with heads": (program.sum.learned + program.sum.train_only, model.params_train),
        "operations": (program.macs, model.macs),
    }
    return [f"{what}: {right} in PyTorch, {said} said" for what, (right, said) in pairs.items() if right != said]


def _state(program: Program, said: dict[str, tuple[int, ...]]) -> list[str]:
    right = program.sum.state
    if list(said) == list(right) and said == right:
        return []
    missing = [f"{key} {shape} is missing" for key, shape in right.items() if said.get(key) != shape]
    return missing + [f"{key} {shape} is too much" for key, shape in said.items() if right.get(key) != shape]
