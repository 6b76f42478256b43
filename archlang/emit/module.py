"""The text of the source: imports, a class each, and the methods that the whole network has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from archlang.emit import expr as ex
from archlang.emit.calls import Printer, member_loops
from archlang.emit.classes import Class
from archlang.emit.forms import Callee, Each
from archlang.emit.forward import Forward
from archlang.emit.names import Names, legal
from archlang.emit.params import Param
from archlang.emit.printer import lines
from archlang.emit.rounds import looped, mentioned
from archlang.emit.statements import Statement, printed
from archlang.emit.units import Unit
from archlang.ir.network import Network


def class_text(
    made: Class, network: Network, labels: dict[int, str], printer: Printer, runs: Class | None = None
) -> list[str]:
    """One class of the source; its forward is that of `runs`, where it is given: the same in fewer steps."""
    if made.sequence:
        text = _sequence_text(made, printer)
        return text if runs is None else [*text, *_forward_text(runs, network, labels)[0]]
    if not made.outs:
        return [*head_text(made), *init_text(made, printer, set())]
    forward, reached = _forward_text(runs or made, network, labels)
    return [*head_text(made), *init_text(made, printer, reached), *forward]


def _forward_text(made: Class, network: Network, labels: dict[int, str]) -> tuple[list[str], set[str]]:
    """`forward`, and the names of the members that its loops alone reach."""
    names = argument_names(made, labels)
    forward = Forward(made, network, labels, names)
    written = forward.write()
    results = [forward.result(ref) for ref in made.outs]
    statements, reached = looped(written, kinds=kinds(made), after=results)
    statements.append(f"return {', '.join(results)}")
    reached -= mentioned(statements[-1])
    kind = "Tensor" if len(results) == 1 else f"tuple[{', '.join(['Tensor'] * len(results))}]"
    arguments = "".join(f", {name}: Tensor" for name in names)
    text = ["", *lines(f"def forward(self{arguments}) -> {kind}:", 4)]
    return text + printed(statements, 8), reached


def kinds(made: Class) -> dict[str, str]:
    """What kind of layer each member is; units, whatever they hold, are of one kind."""
    return {
        name: one.function if one.function.startswith("nn.") and one.function != "nn.Sequential" else ""
        for name, one in made.members
    }


def looped_members(made: Class, reached: set[str]) -> set[str]:
    """The names of the members that `__init__` makes in a loop."""
    if made.indexed or made.sequence:
        return set()
    found = member_loops(made.members, reached, made.member_flags)
    return {made.members[at][0] for loop in found for at in range(loop.start, loop.end)}


def head_text(made: Class) -> list[str]:
    """`class Inception(nn.Module):`."""
    return [f"class {made.name}({'nn.Sequential' if made.sequence or made.indexed else 'nn.Module'}):"]


def init_text(made: Class, printer: Printer, reached: set[str], more: Sequence[str] = ()) -> list[str]:
    """`__init__`: the arguments, what is worked out of them, the members."""
    out = lines(f"def __init__({signature(made.params)}) -> None:", 4)
    body: list[Statement] = [f"{name} = {ex.text(said)}" for name, said in made.locals.items()]
    stored = [f"self.{name} = {ex.text(said)}" for name, said in made.stored.items()]
    if made.indexed:
        items = printer.items_of([one for _, one in made.members])
        body.append(f"super().__init__({', '.join(items)})")
        body += stored
    else:
        body += stored
        body.insert(0, "super().__init__()")
        body += printer.members(made.members, reached, made.member_flags)
    return [*out, *printed(body, 8), *more]


def _sequence_text(made: Class, printer: Printer) -> list[str]:
    out = head_text(made)
    out += lines(f"def __init__({signature(made.params)}) -> None:", 4)
    body: list[Statement] = [f"{name} = {ex.text(said)}" for name, said in made.locals.items()]
    items = printer.items_of([one for _, one in made.members], None if made.indexed else [n for n, _ in made.members])
    body.append(f"super().__init__({', '.join(items)})")
    return [*out, *printed(body, 8)]


def signature(params: Sequence[Param]) -> str:
    """`self, in_channels: int, stride: int = 1`."""
    parts = ["self"]
    for param in params:
        said = f"{param.name}: {_type(param.values)}"
        parts.append(said if param.default is ... else f"{said} = {ex.text(ex.Lit(param.default))}")
    return ", ".join(parts)


def _type(values: Sequence[Any]) -> str:
    kinds: dict[str, None] = {}
    for value in values:
        if isinstance(value, Each):
            kinds.setdefault(f"list[{'float' if any(isinstance(one, float) for one in value) else 'int'}]")
        elif isinstance(value, Callee):
            kinds.setdefault(
                "type[nn.Module]" if value.startswith("nn.") or value.isidentifier() else "Callable[[Tensor], Tensor]"
            )
        elif isinstance(value, tuple | list):
            items: list[Any] = list(cast("Sequence[Any]", value))
            kinds.setdefault(f"tuple[{', '.join('float' if isinstance(v, float) else 'int' for v in items)}]")
        else:
            kinds.setdefault(type(value).__name__)
    if set(kinds) == {"int", "float"}:
        return "float"
    if set(kinds) == {"list[int]", "list[float]"}:
        return "list[float]"
    return " | ".join(kinds)


def argument_names(made: Class, labels: dict[int, str]) -> list[str]:
    """What a forward calls the tensors that enter: `x` first, then as the block or the file calls them."""
    taken = Names({*made.stored, *(() if made.alias is None else (made.alias,))})
    given: Mapping[str, int] = made.unit.binding.labels if made.unit.binding is not None else {}
    by_id = {id_: name for name, id_ in given.items()}
    names: list[str] = []
    for port, id_ in enumerate(made.reads):
        name = by_id.get(id_) if port else None
        if not port and made.unit.parent is None and _read_late(made):
            name = "image"
        names.append(taken.take(legal(name or (labels.get(id_, "skip") if port else "x"), "tensor")))
    return names


def _read_late(made: Class) -> bool:
    """Whether a step after the first looks at the network's input."""
    return any(ref.step < 0 for step in made.steps[1:] for ref in step.ins)


def labels_of(network: Network, root: Unit) -> dict[int, str]:
    """The names that people gave tensors, by id."""
    found: dict[int, str] = {}
    for unit in root.units():
        label = next((scope.label for scope in unit.scopes if scope.label), None)
        if label is None or not unit.makes or unit is root:
            continue
        if len(unit.makes) == 1 or unit.makes[-1] == max(node.id for node in unit.nodes()):
            found.setdefault(unit.makes[-1], label)
    for node in network.graph:
        if node.label is not None:
            found.setdefault(node.id, node.label)
    for name, id_ in network.taps.items():
        found.setdefault(id_, name.rpartition(".")[2])
    return found
