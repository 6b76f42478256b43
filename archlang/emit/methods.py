"""The network's own class: its forward with outputs and heads, and the methods that a file asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archlang.emit.bodies import Bodies
from archlang.emit.calls import Printer
from archlang.emit.classes import Class
from archlang.emit.forms import literal
from archlang.emit.forward import Forward
from archlang.emit.inline import fill
from archlang.emit.module import argument_names, head_text, init_text, kinds, looped_members
from archlang.emit.names import Names, legal, quoted
from archlang.emit.plan import Plan
from archlang.emit.printer import lines
from archlang.emit.rounds import looped, mentioned
from archlang.emit.settings import freezing, groups, initial
from archlang.emit.statements import Block, Statement, printed, size
from archlang.ir.network import Head, Network, Result
from archlang.ops.dim import Size
from archlang.ops.op import Shape
from archlang.record import record

SEQUENCE = 2  # sizes of a sequence: length, channels

_WORTH = 1
"""How many lines more names by labels and places may take."""


@record
class Outline:
    """What the network's class gives out. `output` is the name of its NamedTuple, None for a single tensor.

    `features` is what the method is called that gives the taps.
    """

    network: Network
    made: Class
    bodies: Bodies
    arguments: tuple[str, ...]
    output: str | None
    fields: tuple[str, ...]
    taken: Names
    features: str

    @property
    def several(self) -> bool:
        """Whether there is more than one output in eval mode too."""
        return len(self.network.results) > 1

    @property
    def kind(self) -> str:
        """What forward returns, as a type."""
        if self.output is None:
            return "Tensor"
        return self.output if self.several else f"Tensor | {self.output}"

    @property
    def signature(self) -> str:
        """`x: Tensor`."""
        return ", ".join(f"{name}: Tensor" for name in self.arguments)


def root_text(
    plan: Plan, network: Network, labels: dict[int, str], printer: Printer, runs: Class | None = None
) -> tuple[list[list[str]], list[str], str]:
    """What stands before all classes, the network's class, and what stands after it.

    Its forward is that of `runs`, where it is given: the same in fewer steps.
    """
    made = plan.root
    outline = _outline(plan, network, labels, runs or made)
    parts: list[list[str]] = []
    first = initial(network, plan)
    parts += [
        text.rstrip("\n").replace("torch.Tensor", "Tensor").split("\n") for text in (*first.helpers, *_own(network))
    ]
    if outline.output is not None:
        parts.append(_output_text(outline))
    statements, reached = _forward(outline, labels, runs or made)
    frozen = freezing(network, plan, looped_members(made, reached))
    out = head_text(made)
    out += init_text(made, printer, reached, printed([*first.statements, *frozen.statements], 8))
    out += ["", *statements]
    for method in (_predict(outline), _loss(outline), frozen.methods, groups(network, plan, outline.taken)):
        if method:
            out += ["", *method]
    return parts, out, ""


def _own(network: Network) -> list[str]:
    """The classes that its layers need and PyTorch does not have."""
    return list(dict.fromkeys(node.op.definition for node in network.graph if node.op.definition is not None))


def _outline(plan: Plan, network: Network, labels: dict[int, str], runs: Class) -> Outline:
    made = plan.root
    if len(network.inputs) > 1:
        names = Names({"heads", runs.alias or "heads"})
        arguments = [names.take(legal(network.graph[id_].name, "tensor")) for id_ in made.reads]
    else:
        arguments = argument_names(runs, labels)
    output, fields = None, Names({"count", "index"})
    if len(network.results) > 1 or network.heads:
        output = plan.names.take(f"{made.name}Output")
    given = [one.name for one in network.results] if len(network.results) > 1 else ["logits"]
    given += [head.name for head in network.heads]
    names_of = tuple(fields.take(legal(name, "output").lstrip("_") or "output") for name in given)
    taken = Names({name for name, _ in made.members})
    features = taken.take("features") if network.taps else ""
    return Outline(network, made, plan.bodies, tuple(arguments), output, names_of, taken, features)


def _output_text(outline: Outline) -> list[str]:
    out = [f"class {outline.output}(NamedTuple):"]
    for number, name in enumerate(outline.fields):
        optional = outline.several and number >= len(outline.network.results)
        out.append(f"    {name}: Tensor | None = None" if optional else f"    {name}: Tensor")
    return out


# ---- forward -------------------------------------------------------------------


def _forward(outline: Outline, labels: dict[int, str], made: Class) -> tuple[list[str], set[str]]:
    network = outline.network
    statements, reached, outs = _shortest(made, _ways(outline, labels, made))
    texts = dict(zip(_wanted(network), outs, strict=True))
    written: list[Statement] = ["heads: list[Tensor] = []"] if network.heads else []
    written += statements
    results = [_logits(outline, one, texts[one.output]) for one in network.results]
    if outline.output is None:
        said = results[0]
    else:
        star = ", *heads" if network.heads else ""
        said = f"{outline.output}({', '.join(results)}{star})"
        if not outline.several:
            if not results[0].isidentifier():
                written.append(f"x = {results[0]}")
                results[0] = "x"
            said = f"{outline.output}({results[0]}, *heads) if self.training else {results[0]}"
    if not network.taps:
        head = lines(f"def forward(self, {outline.signature}) -> {outline.kind}:", 4)
        written.append(f"return {said}")
        reached = _in_loops(reached, written)
        return [*head, *printed(written, 8)], reached
    taps = ", ".join(f"{quoted(name)}: {texts[id_]}" for name, id_ in network.taps.items())
    passed = ", ".join(outline.arguments)
    kind = f"tuple[{outline.kind}, dict[str, Tensor]]"
    out = lines(f"def forward(self, {outline.signature}) -> {outline.kind}:", 4)
    out += [*printed([f"return self._run({passed})[0]"], 8), ""]
    out += lines(f"def {outline.features}(self, {outline.signature}) -> dict[str, Tensor]:", 4)
    out += [*printed([f"return self._run({passed})[1]"], 8), ""]
    out += lines(f"def _run(self, {outline.signature}) -> {kind}:", 4)
    if " if " in said:
        written.append(f"returned = {said}")
        said = "returned"
    written.append(f"return {said}, {{{taps}}}")
    reached = _in_loops(reached, written)
    return [*out, *printed(written, 8)], reached


def _ways(outline: Outline, labels: dict[int, str], made: Class) -> list[tuple[list[str], Forward]]:
    """Ways to name the tensors, the best to read first: by labels and places, by labels, by neither."""
    network, given = outline.network, outline.arguments
    flat = frozenset(head.output for head in network.heads if _flat(outline, head))
    plain = ("x",) if given == ("image",) else given
    return [
        ([], Forward(made, network, labels, given, flat)),
        ([], Forward(made, network, labels, given, flat, placed=False)),
        (["x = image"] if plain != given else [], Forward(made, network, {}, plain, flat, placed=False)),
    ]


def _shortest(made: Class, ways: Iterable[tuple[list[str], Forward]]) -> tuple[list[Statement], set[str], list[str]]:
    """Statements, what only their loops reach, and the results: of the first way, unless another is much shorter."""
    found: list[tuple[list[Statement], set[str], list[str]]] = []
    for before, writer in ways:
        steps = writer.write()
        results = [writer.result(ref) for ref in made.outs]
        statements, reached = looped(steps, kinds=kinds(made), after=results)
        found.append(([*before, *statements], reached, results))
    return min(found, key=lambda one: sum(map(size, one[0])) + _WORTH * found.index(one))


def _in_loops(reached: set[str], written: list[Statement]) -> set[str]:
    """Of these members, those that no statement outside of a loop names."""
    return reached.difference(*(mentioned(one) for one in written if isinstance(one, str)))


def _wanted(network: Network) -> list[int]:
    ids = [*(r.output for r in network.results), *network.taps.values(), *(h.output for h in network.heads)]
    return list(dict.fromkeys(ids))


def _logits(outline: Outline, one: Result | Head, text: str) -> str:
    """The logits, a 1x1 map flattened where the reading would."""
    return f"torch.flatten({text}, 1)" if _flat(outline, one) else text


def _flat(outline: Outline, one: Result | Head) -> bool:
    return one.reading is not None and outline.bodies.flattens(outline.network.graph[one.reading])


# ---- predict, loss ----------------------------------------------------------------


def _reading(outline: Outline, one: Result, logits: str) -> str:
    if one.reading is None:
        return logits
    node = outline.network.graph[one.reading]
    code = node.op.apply(outline.bodies.inputs(node)) or node.op.module(outline.bodies.inputs(node))
    assert code is not None  # noqa: S101 - a softmax has one
    return fill(code.text, {"x": logits} | {name: literal(value) for name, value in code.values})


def _predict(outline: Outline) -> list[str]:
    results = outline.network.results
    if all(one.reading is None for one in results):
        return []
    passed = ", ".join(outline.arguments)
    kind = outline.output if outline.several else "Tensor"
    out = lines(f"def {outline.taken.take('predict')}(self, {outline.signature}) -> {kind}:", 4)
    if outline.output is None:
        return [*out, *printed([f"return {_reading(outline, results[0], f'self({passed})')}"], 8)]
    body: list[Statement] = [f"output = self({passed})"]
    if outline.several:
        read = [_reading(outline, one, f"output.{name}") for one, name in zip(results, outline.fields, strict=False)]
        body.append(f"return {outline.output}({', '.join(read)})")
    else:
        body.append(f"logits = output[0] if isinstance(output, {outline.output}) else output")
        body.append(f"return {_reading(outline, results[0], 'logits')}")
    return [*out, *printed(body, 8)]


def _loss(outline: Outline) -> list[str]:
    """Cross entropy of the logits, where the network ends in a reading or has heads that only training runs."""
    results, heads = outline.network.results, outline.network.heads
    if not heads and all(one.reading is None for one in results):
        return []
    trained = [number for number, one in enumerate(results) if one.reading is not None]
    trained = trained or list(range(len(results)))
    body = _with_heads(outline, trained) if heads else _without(outline, trained)
    target = f"tuple[{', '.join(['Tensor'] * len(trained))}]" if outline.several else "Tensor"
    name = outline.taken.take("loss")
    out = lines(f"def {name}(self, output: {outline.kind}, target: {target}) -> Tensor:", 4)
    return [*out, *printed(body, 8)]


def _without(outline: Outline, trained: Sequence[int]) -> list[Statement]:
    if not outline.several:
        return [f"return {_entropy(outline, outline.network.results[0], 'output', 'target')}"]
    return [f"return {' + '.join(_entropies(outline, trained))}"]


def _entropies(outline: Outline, trained: Sequence[int]) -> list[str]:
    """A term for each output that has classes of its own, and so a target."""
    results = outline.network.results
    return [
        _entropy(outline, results[number], f"output.{outline.fields[number]}", f"target[{at}]")
        for at, number in enumerate(trained)
    ]


def _entropy(outline: Outline, one: Result | Head, logits: str, target: str) -> str:
    """The cross entropy of some logits: classes come before elements, of which each of a sequence has a target."""
    classes = f"{logits}.transpose(1, 2)" if len(outline.network.shapes[one.output]) == SEQUENCE else logits
    return f"F.cross_entropy({classes}, {target})"


def _with_heads(outline: Outline, trained: Sequence[int]) -> list[Statement]:
    body: list[Statement] = []
    if outline.several:
        terms = _entropies(outline, trained)
        body += [f"total = {terms[0]}", *(f"total = total + {term}" for term in terms[1:])]
    else:
        (result,) = outline.network.results
        body.append(Block("isinstance(output, Tensor)", (f"return {_entropy(outline, result, 'output', 'target')}",)))
        body.append(f"total = {_entropy(outline, result, f'output.{outline.fields[0]}', 'target')}")
    fields = outline.fields[len(outline.network.results) :]
    for field, head in zip(fields, outline.network.heads, strict=True):
        target = f"target[{_target(outline.network, head, trained)}]" if outline.several else "target"
        term = f"total = total + {literal(head.weight)} * {_entropy(outline, head, f'output.{field}', target)}"
        body.append(Block(f"output.{field} is not None", (term,)) if outline.several else term)
    body.append("return total")
    return body


def _target(network: Network, head: Head, trained: Sequence[int]) -> int:
    """The place of a head's target: that of the first output with as many classes, else the first."""
    classes = _classes(network.shapes[head.output])
    found = [_classes(network.shapes[network.results[number].output]) for number in trained]
    return found.index(classes) if classes in found else 0


def _classes(shape: Shape) -> Size:
    return shape[-1] if len(shape) == SEQUENCE else shape[0]
