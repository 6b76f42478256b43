"""What `init`, `freeze`, `lr` and `decay` lines become in the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from archlang.emit.fold import stem
from archlang.emit.forms import literal
from archlang.emit.inline import fill
from archlang.emit.names import Names, quoted
from archlang.emit.plan import Plan
from archlang.emit.printer import lines
from archlang.emit.reach import access
from archlang.emit.statements import Block, Statement, printed
from archlang.emit.units import Unit
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.init import INITIALIZERS
from archlang.record import record


@record
class Part:
    """What some setting adds: statements at the end of `__init__`, methods, functions before all classes."""

    statements: tuple[Statement, ...] = ()
    methods: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


def _owners(network: Network, plan: Plan) -> list[Node]:
    """The layers that own tensors of the state_dict."""
    return [n for n in network.graph if n.op.stateful and n.shares is None and n.id in plan.tree.of]


# ---- init -------------------------------------------------------------------------


def initial(network: Network, plan: Plan) -> Part:
    """The loop over the modules that fills weights as the file says."""
    said: dict[tuple[str, ...], list[Node]] = {}
    helpers: dict[str, None] = {}
    for node in _owners(network, plan):
        asked = network.settings.init.get(node.id)
        if asked is None:
            continue
        way = INITIALIZERS[asked.name]
        codes = way.statements(asked.args, node.op, plan.bodies.inputs(node))
        if not codes:
            continue
        if way.helper is not None:
            helpers.setdefault(way.helper)
        bare = "" in node.op.tensors(plan.bodies.inputs(node))
        weights: list[str] = []
        biases: list[str] = []
        for code in codes:
            values = {name: literal(value) for name, value in code.values}
            bound = {name: f"module.{name}" for name in node.op.tensors(plan.bodies.inputs(node))}
            target = {"weight": access(plan.tree.root, node)} if bare else bound
            text = fill(code.text, values | target)
            (biases if "{bias" in code.text else weights).append(text)
        said.setdefault((("" if bare else _kind(plan, node)), "\n".join(weights), *biases), []).append(node)
    direct = [text for (kind, *texts) in said if not kind for text in texts]
    loop = _loop(network, plan, {key: nodes for key, nodes in said.items() if key[0]})
    return Part((*direct, *loop), (), tuple(helpers))


def _kind(plan: Plan, node: Node) -> str:
    form = plan.bodies.module(node)
    return form.function if form is not None else "nn.Module"


def _loop(network: Network, plan: Plan, said: dict[tuple[str, ...], list[Node]]) -> list[Statement]:
    if not said:
        return []
    everywhere = Counter(_kind(plan, node) for node in _owners(network, plan))
    merged: dict[tuple[str, str], tuple[list[Node], list[str]]] = {}
    for (kind, weight, *bias), nodes in said.items():
        known = merged.setdefault((kind, weight), ([], []))
        known[0].extend(nodes)
        known[1].extend(b for b in bias if b not in known[1])
    cases: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (kind, weight), (nodes, bias) in merged.items():
        condition = ""
        if len(nodes) != everywhere[kind]:
            condition = f'f"{{name}}.".startswith({_tuple(prefixes(plan.tree.root, {n.id for n in nodes}))})'
        lines_ = weight.split("\n")
        for text in bias:
            name = text.partition("module.")[2].rstrip(")")
            lines_ += [f"if module.{name} is not None:", f"    {text}"]
        cases.setdefault((condition, tuple(lines_)), []).append(kind)
    named = any(condition for condition, _ in cases)
    body: list[str] = []
    for (condition, texts), kinds in cases.items():
        test = f"isinstance(module, {kinds[0] if len(kinds) == 1 else ' | '.join(kinds)})"
        body.append(f"if {test} and {condition}:" if condition else f"if {test}:")
        body += [f"    {text}" for text in texts]
    head = "for name, module in self.named_modules()" if named else "for module in self.modules()"
    return [Block(head, tuple(body))]


# ---- freeze ------------------------------------------------------------------------


def freezing(network: Network, plan: Plan, strays: set[str]) -> Part:
    """Frozen layers take no gradient, and their batch norms stay in eval mode. `strays` are members made in a loop."""
    frozen = {node.id for node in _owners(network, plan) if node.id in network.settings.frozen}
    if not frozen:
        return Part()
    tops = _tops(plan.tree.root, frozen)
    bare = [n for n in tops if isinstance(n, Node) and "" in n.op.tensors(plan.bodies.inputs(n))]
    modules = [top for top in tops if top not in bare]
    statements: list[Statement] = [f"{access(plan.tree.root, node)}.requires_grad_(False)" for node in bare]
    if not modules:
        return Part(tuple(statements))
    statements.append(Block("for module in self._frozen()", ("module.requires_grad_(False)",)))
    methods = ["    def _frozen(self) -> list[nn.Module]:"]
    methods += printed([f"return [{', '.join(_listed(plan.tree.root, modules, strays))}]"], 8)
    norms = sorted(
        {
            _kind(plan, network.graph[i])
            for i in frozen
            if network.graph[i].op.foreign or network.graph[i].op.buffers(plan.bodies.inputs(network.graph[i]))
        }
    )
    if norms:
        statements.append("self.train()")
        methods += [
            "",
            "    def train(self, mode: bool = True) -> Self:",
            "        super().train(mode)",
            "        for part in self._frozen():",
            "            for module in part.modules():",
            f"                if isinstance(module, {' | '.join(norms)}):",
            "                    module.eval()  # its statistics stay as they were",
            "        return self",
        ]
    return Part(tuple(statements), tuple(methods))


def _listed(root: Unit, parts: Sequence[Unit | Node], strays: set[str]) -> list[str]:
    """How the source reaches each, runs of numbered ones as a comprehension."""
    texts: list[str] = []
    at = 0
    first_of: dict[str, int] = {}
    for number, part in enumerate(parts):
        first_of.setdefault(stem(part.path)[0], number)
    parts = sorted(parts, key=lambda part: first_of[stem(part.path)[0]])  # those of one kind together
    while at < len(parts):
        head, first = stem(parts[at].path)
        end = at + 1
        while first is not None and end < len(parts) and stem(parts[end].path) == (head, first + end - at):
            end += 1
        if end - at > 3 and "." not in parts[at].path:
            texts.append(f'*[getattr(self, f"{head}{{i}}") for i in range({first}, {(first or 0) + end - at})]')
            at = end
        else:
            path = parts[at].path
            plain = "." not in path and path not in strays
            texts.append(access(root, parts[at]) if plain else f"self.get_submodule({quoted(path)})")
            at += 1
    return texts


def _tops(unit: Unit, ids: set[int]) -> list[Unit | Node]:
    """The largest parts of a unit whose stateful layers are all in `ids`, in order."""
    found: list[Unit | Node] = []
    for child in unit.children:
        if isinstance(child, Node):
            if child.id in ids:
                found.append(child)
            continue
        own = [node.id for node in child.nodes() if node.op.stateful and node.shares is None]
        if own and all(id_ in ids for id_ in own):
            found.append(child)
        elif any(id_ in ids for id_ in own):
            found += _tops(child, ids)
    return found


def prefixes(root: Unit, ids: set[int]) -> list[str]:
    """What the names of these layers' tensors begin with, and no other's, as `conv4.` does."""
    return [f"{top.path}." for top in _tops(root, ids)]


def _tuple(texts: Sequence[str]) -> str:
    return quoted(texts[0]) if len(texts) == 1 else f"({', '.join(quoted(text) for text in texts)})"


# ---- lr, decay -----------------------------------------------------------------------


def groups(network: Network, plan: Plan, taken: Names) -> list[str]:
    """`parameter_groups(lr, weight_decay)`, where the file sets anything that an optimizer must know.

    Of the names `taken` by members it takes none.
    """
    settings = network.settings
    if not (settings.frozen or settings.lr or settings.decay):
        return []
    owners = [node for node in _owners(network, plan) if node.id not in settings.frozen]
    said = {node.id: (settings.lr.get(node.id, 1.0), settings.decay.get(node.id)) for node in owners}
    common = Counter(said.values()).most_common(1)[0][0] if said else (1.0, None)
    name = taken.take("parameter_groups")
    out = lines(f"def {name}(self, lr: float, weight_decay: float = 0.0) -> list[dict[str, Any]]:", 4)
    rest = {key: {i for i, v in said.items() if v == key} for key in dict.fromkeys(said.values()) if key != common}
    if not rest:
        body: list[Statement] = [
            "parameters = [p for p in self.parameters() if p.requires_grad]",
            f'return [{{"params": parameters, "lr": {_scaled(common[0])}, "weight_decay": {_decay(common[1])}}}]',
        ]
        return [*out, *printed(body, 8)]
    rules = [
        f"({_tuple(prefixes(plan.tree.root, ids))}, {literal(float(factor))}, {_decay(decay)})"
        for (factor, decay), ids in rest.items()
    ]
    body = [
        f"rules = [{', '.join(rules)}]",
        "groups: dict[tuple[float, float], list[nn.Parameter]] = {}",
    ]
    loop = [
        "if not parameter.requires_grad:",
        "    continue",
        'found = [rule[1:] for rule in rules if f"{name}.".startswith(rule[0])]',
        f"factor, decay = found[0] if found else ({literal(float(common[0]))}, {_decay(common[1])})",
        "groups.setdefault((factor, decay), []).append(parameter)",
    ]
    body.append(Block("for name, parameter in self.named_parameters()", tuple(loop)))
    one = '{"params": parameters, "lr": lr * factor, "weight_decay": decay}'
    body.append(f"return [{one} for (factor, decay), parameters in groups.items()]")
    return [*out, *printed(body, 8)]


def _scaled(factor: float) -> str:
    return "lr" if factor == 1 else f"lr * {literal(float(factor))}"


def _decay(decay: float | None) -> str:
    return "weight_decay" if decay is None else literal(decay)
