"""What two networks say differently of the layers they share: what is frozen, rates, decay, initial weights, heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archlang.elaborate.values import Partial, is_list
from archlang.ir.graph import Node
from archlang.ir.network import Initializer, Network, Settings
from archlang.ops.notation import value_text
from archlang.record import record

_ORDER = ("freeze", "lr", "decay", "init")


@record
class SettingChange:
    """One setting that differs. `what` is `freeze`, `lr`, `decay`, `init`, a parameter's name, or a head's weight.

    `left` and `right` are the paths of the layers it is said of, none where it is said of the net.
    """

    what: str
    before: str
    after: str
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


def setting_changes(left: Network, right: Network, meant: Mapping[int, int]) -> tuple[SettingChange, ...]:
    """What differs in parameters that both nets have, in heads of one name, and in settings of layers that are pairs.

    `meant` has by a left layer's id the right one's. Layers whose settings differ
    alike are one change. A layer that only one network has is not told of.
    """
    found = [*_parameters(left, right), *_weights(left, right), *_heads(left, right)]
    alike: dict[tuple[str, str, str], list[tuple[Node, Node]]] = {}
    for one_id, other_id in meant.items():
        one, other = left.graph[one_id], right.graph[other_id]
        if one.op.stateful and other.op.stateful:
            before, after = _settings(left.settings, one_id), _settings(right.settings, other_id)
            for what, said in before.items():
                if said != after[what]:
                    alike.setdefault((what, said, after[what]), []).append((one, other))
    for key in sorted(alike, key=lambda each: _ORDER.index(each[0])):
        ones, others = zip(*alike[key], strict=True)
        found.append(SettingChange(*key, tuple(node.path for node in ones), tuple(node.path for node in others)))
    return tuple(found)


def _settings(settings: Settings, id_: int) -> dict[str, str]:
    init = settings.init.get(id_)
    decay = settings.decay.get(id_)
    return {
        "freeze": "frozen" if id_ in settings.frozen else "learns",
        "lr": value_text(float(settings.lr.get(id_, 1))),
        "decay": "unset" if decay is None else value_text(float(decay)),
        "init": "unset" if init is None else _initializer(init),
    }


def _initializer(init: Initializer) -> str:
    return f"{init.name}({', '.join(map(value_text, init.args))})" if init.args else init.name


def _parameters(left: Network, right: Network) -> Iterator[SettingChange]:
    for name in left.parameters:
        if name in right.parameters:
            before, after = _said(left.parameters[name]), _said(right.parameters[name])
            if before != after:
                yield SettingChange(name, before, after)


def _said(value: Any) -> str:
    """A parameter's value as a person types it."""
    if isinstance(value, Partial):
        return value.definition.name
    if is_list(value):
        return f"[{', '.join(map(_said, value))}]"
    return value_text(value)


def _weights(left: Network, right: Network) -> Iterator[SettingChange]:
    """The named weights that are asked for."""
    before, after = (", ".join(sorted({name for name, _ in each.weights})) or "unset" for each in (left, right))
    if before != after:
        yield SettingChange("weights", before, after)


def _heads(left: Network, right: Network) -> Iterator[SettingChange]:
    weights = {head.name: head.weight for head in right.heads}
    for head in left.heads:
        if head.name in weights and weights[head.name] != head.weight:
            yield SettingChange(f"{head.name}.weight", value_text(head.weight), value_text(weights[head.name]))
