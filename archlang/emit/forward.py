"""The statements of a forward: names for tensors, and which steps share a line.

A linear run reuses `x`, which also frees what nobody reads any more. A tensor
that is read later keeps a name of its own: its label, or the place it comes
from. Steps that only some calls run stand under an `if`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archlang.emit.bodies import Ref, Step
from archlang.emit.classes import Class
from archlang.emit.flags import Flag
from archlang.emit.fused_slices import SLICES
from archlang.emit.inline import companion, fill, flattens, goes_round, pools_all, takes
from archlang.emit.layout import WIDTH
from archlang.emit.names import legal
from archlang.emit.needed import identities, is_head, needed
from archlang.emit.statements import Block, Statement
from archlang.emit.tensor_names import fresh, hint
from archlang.ir.network import Network

_DEEPEST = 3
"""Calls in one expression: `F.relu(self.bn1(self.conv1(x)))`."""


@dataclass(slots=True)
class _Value:
    text: str
    variable: str | None
    depth: int = 0


class Forward:
    """Writes the statements of one class's forward.

    `flat` are the heads whose 1x1 maps are given out flat. A tensor of the whole network that has no label
    and is read later is called by the place it comes from, where `placed`.
    """

    def __init__(
        self, made: Class, network: Network, labels: dict[int, str], arguments: Sequence[str],
        flat: frozenset[int] = frozenset(), *, placed: bool = True,
    ) -> None:  # fmt: skip
        self.made, self.network, self.labels, self.flat = made, network, labels, flat
        self.placed = placed and made.unit.parent is None
        self.values: dict[Ref, _Value] = {Ref(-1, port): _Value(name, name) for port, name in enumerate(arguments)}
        self.holds = {value.text: ref for ref, value in self.values.items()}
        self.same = identities(made)
        self.needed = dict.fromkeys(needed(made, self.same))
        self.left: Counter[Ref] = Counter()
        for at in self.needed:
            self.left.update(self._ins(at))
        self.left.update(self.same.get(ref, ref) for ref in made.outs)
        for flag in made.flags:
            self.left[flag.instead] += 1
        self.total = Counter(self.left)
        self.readers = self._next_readers()
        self.statements: list[Statement] = []
        self.kept: set[str] = set()
        self.around: frozenset[str] = frozenset()

    def _next_readers(self) -> dict[Ref, list[int]]:
        found: dict[Ref, list[int]] = {}
        for at in self.needed:
            for ref in self._ins(at):
                found.setdefault(ref, []).append(at)
        return found

    def write(self) -> list[Statement]:
        """All statements but the return."""
        flags = {flag.start: flag for flag in self.made.flags}
        at = 0
        while at < len(self.made.steps):
            if at in flags:
                if flags[at].result.step in self.needed:
                    self._flagged(flags[at])
                at = flags[at].end
            else:
                self.statements += self._step(at, None)
                at += 1
        return self.statements

    def _ins(self, at: int) -> tuple[Ref, ...]:
        """What a step reads; an identity reads nothing, for those who read it read its input."""
        if Ref(at) in self.same:
            return ()
        return tuple(self.same.get(ref, ref) for ref in self.made.steps[at].ins)

    def result(self, ref: Ref) -> str:
        """What the return says of an output: a name, or the last expression."""
        return self.values[self.same.get(ref, ref)].text

    # ---- one step -----------------------------------------------------------

    def _step(self, at: int, flag: Flag | None) -> list[str]:
        if Ref(at) in self.same:
            return []
        step = self.made.steps[at]
        ins = self._ins(at)
        outs = [Ref(at, port) for port in range(step.outs)]
        if at not in self.needed:
            return []
        if step.rounds:
            return self._rounds(step, at)
        text, depth = self._text(step, at)
        self._read(ins)
        if is_head(self.made, step):
            return self._head(step, outs, text)
        if len(outs) == 1 and self._absorbed(at, outs[0], text, depth, flag):
            self.values[outs[0]] = _Value(text, None, depth)
            return []
        names: list[str] = []
        for out in outs:
            names.append(self._variable(at, out, names) if self.left[out] else "_")
        for out, name in zip(outs, names, strict=True):
            self.values[out] = _Value(name, name)
            self.holds[name] = out
        left = ", ".join(names)
        return [] if left == text else [f"{left} = {text}"]

    def _rounds(self, step: Step, at: int) -> list[str]:
        """The copies of a repeat, as a loop."""
        entering = self.values[self._ins(at)[0]].text
        self._read(self._ins(at))
        name = self._variable(at, Ref(at), [])
        self.values[Ref(at)] = _Value(name, name)
        self.holds[name] = Ref(at)
        round_ = replace(
            self.made, steps=list(step.rounds), codes=[inner.code for inner in step.rounds], flags=[],
            reads=self.made.reads[:1], outs=(Ref(len(step.rounds) - 1),),
        )  # fmt: skip
        inside = Forward(round_, self.network, {}, [name])
        inside.around = frozenset((self._live() | self.kept) - {name})
        body = [one for one in inside.write() if isinstance(one, str)]
        made = inside.result(round_.outs[0])
        body += [f"{name} = {made}"] if made != name else []
        self.statements += [] if entering == name else [f"{name} = {entering}"]
        self.statements.append(Block(f"for i in {self.made.codes[at]}", tuple(body)))
        return []

    def _head(self, step: Step, outs: Sequence[Ref], text: str) -> list[str]:
        if outs[0].port < len(step.tensors) and step.tensors[outs[0].port] in self.flat:
            text = f"torch.flatten({text}, 1)"
        for out in outs:
            self.values[out] = _Value(text, None)
        self.statements.append(Block("self.training", (f"heads.append({text})",)))
        return []

    def _text(self, step: Step, at: int) -> tuple[str, int]:
        code = self.made.codes[at]
        texts = [self.values[ref].text for ref in self._ins(at)]
        depth = 1 + max((self.values[ref].depth for ref in self._ins(at)), default=0)
        holes = {"xs": ", ".join(texts), "self": step.member or "", "training": "self.training"}
        holes |= {f"x{i}": text for i, text in enumerate(texts)}
        if texts:
            holes["x"] = texts[0]
        return fill(code, holes), depth

    def _absorbed(self, at: int, out: Ref, text: str, depth: int, flag: Flag | None) -> bool:
        """Whether the next step, or the return, takes this one's expression instead of a name."""
        if any(run.otherwise and run.instead == out for run in self.made.flags):
            return True
        if self.total[out] != 1 or self.left[out] != 1:
            return False
        if out in {self.same.get(ref, ref) for ref in self.made.outs}:
            return at == len(self.made.steps) - 1 and len(self.made.outs) == 1 and flag is None
        if at + 1 >= len(self.made.steps) or self.readers.get(out) != [at + 1]:
            return False
        if any(at + 1 in (f.start, f.end) for f in self.made.flags) or depth >= _DEEPEST:
            return False
        after = self.made.steps[at + 1]
        code = self.made.codes[at + 1]
        if len(after.ins) != 1 or after.outs != 1 or not takes(code):
            return False
        if goes_round(self.made.steps, at) or not (
            companion(after) or (flattens(after) and pools_all(self.made.steps[at]))
        ):
            return False
        longest = len(
            fill(code, {"x": text, "xs": text, "x0": text, "self": after.member or "", "training": "self.training"})
        )
        return longest + 8 + len("return ") <= WIDTH

    # ---- names --------------------------------------------------------------

    def _read(self, refs: Sequence[Ref]) -> None:
        """These are read; a name whose tensor nobody reads after that is forgotten, lest names pile up."""
        self.left.subtract(refs)
        for ref in refs:
            if self.left[ref] <= 0 and ref in self.values and self.holds.get(self.values[ref].text) == ref:
                del self.holds[self.values[ref].text]

    def _live(self) -> set[str]:
        live = {name for name, ref in self.holds.items() if self.left[ref] > 0} | self.around
        return live if self.made.alias is None else live | {self.made.alias}

    def _variable(self, at: int, out: Ref, beside: Sequence[str]) -> str:
        step = self.made.steps[at]
        live = self._live() | set(beside)
        if step.kernel == SLICES:
            name = fresh(SLICES, live)
            self.kept.add(name)
            return name
        label = self._label(step, out)
        given = {self.same.get(ref, ref) for ref in self.made.outs}
        last = len(self.made.steps) if out in given else max(self.readers.get(out, [at + 1]))
        lasting = any(not is_head(self.made, between) for between in self.made.steps[at + 1 : last])
        if label is not None and lasting and label not in live:
            self.kept.add(label)
            return label
        used = [self.values[ref].variable for ref in self._ins(at) if ref in self.values]
        alone = len(step.parts) < 2 or step.parts[out.port] is None  # parallel branches go by like names
        trunk = ("x",) if len(used) > 1 else ()  # what goes on after a merge is called as what went into it
        for name in (*trunk, *used, "x") if alone else ():
            if name is not None and name not in live and name not in self.kept:
                return name
        return fresh(hint(self.made, self.same, at, out.port), live)

    def _label(self, step: Step, out: Ref) -> str | None:
        id_ = step.tensors[out.port]
        if id_ in self.labels:
            return legal(self.labels[id_], "tensor")
        what = step.made_by(out.port)
        return legal(what.name, "tensor") if self.placed and what is not None else None

    # ---- runs that only some calls have --------------------------------------

    def _flagged(self, flag: Flag) -> None:
        outer, self.statements = self.statements, []
        inside: list[str] = []
        for at in range(flag.start, flag.end):
            inside += self._step(at, flag)
        inside += [s for s in self.statements if isinstance(s, str)]
        self.statements = outer
        made = self.values[flag.result]
        other = self.values[flag.instead].text
        self.left[flag.instead] -= 1
        target = self._joined(flag, made, other)
        condition = f"self.{flag.name}"
        if made.variable != target and not (inside and inside[-1].startswith(f"{made.variable} = ")):
            inside.append(f"{target} = {made.text}")
        elif made.variable != target:
            inside[-1] = target + inside[-1][len(made.variable or "") :]
        self.values[flag.result] = _Value(target, target)
        self.holds[target] = flag.result
        orelse = () if other == target else (f"{target} = {other}",)
        one_line = f"{inside[0]} if {condition} else {other}" if len(inside) == 1 and orelse else ""
        if one_line and len(one_line) + 8 <= WIDTH:
            self.statements.append(one_line)
        else:
            self.statements.append(Block(condition, tuple(inside), orelse))

    def _joined(self, flag: Flag, made: _Value, other: str) -> str:
        """The name that holds either the run's result or what stands in for it."""
        self.left[flag.result] -= 1  # looked at from without: who holds a name besides these two
        live = self._live()
        self.left[flag.result] += 1
        if not flag.otherwise and other not in live and other not in self.kept:
            return other
        if made.variable is not None and made.variable != other:
            return made.variable
        return fresh(hint(self.made, self.same, flag.end - 1), self._live())
