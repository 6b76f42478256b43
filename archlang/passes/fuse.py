"""Which layers one kernel runs together: 1x1 convolutions with what follows them, parallel ones, ends of blocks.

Nothing is fused across a tensor that somebody else reads or sees (another
layer, a tap, an output), unless the kernel writes it too. Which branch is
written first makes no difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind
from archlang.passes.fuse_alone import reasons
from archlang.passes.fuse_larger import larger, paired, projected, rectifies
from archlang.passes.fusion import CLIPS, ENDINGS, READS_IN, Fusion, Fusions, Kernel, Part, Role
from archlang.passes.pointwise import is_convolution, is_plain, is_pointwise, stride
from archlang.passes.reads import Reads, listed

WIDE = 8
"""What the channels of a kernel's maps divide by."""

MOST = 4
"""Convolutions in one `conv1x1_many`."""

_SAID = {Role.BN: "batch norm", Role.ADD: "sum"}


def fusions(network: Network, places: Mapping[int, int] | None = None) -> Fusions:
    """The groups of layers that kernels run, and for all other convolutions, norms, sums and activations why not.

    `places` says by node id which function a layer runs in, where only layers of
    one can be run together; one without entry is left alone. Without it the end of
    a block and the next one's first 1x1 are no group, but one of the larger.
    """
    finder = _Finder(network, places)
    found = finder.find()
    idle = tuple(one for one in found if one.but is not None)
    groups = tuple(_handing(one, finder.reads) for one in found if one.but is None)
    return Fusions(groups, larger(groups, Reads(network)), idle, reasons(network, groups, idle, finder.reads))


class _Finder:
    def __init__(self, network: Network, places: Mapping[int, int] | None) -> None:
        self.network, self.graph, self.shapes = network, network.graph, network.shapes
        self.reads = Reads(network, places)
        self.mains = self._mains()
        self.taken: set[int] = set()

    def find(self) -> list[Fusion]:
        """All groups, those that no kernel takes among them, in the order of what they make."""
        products = [self._tail(node, Role.CONV) for node in self.graph if is_pointwise(node)]
        for parts in products:
            self.taken.update(part.node for part in parts)
        products = [self._with_before(parts) for parts in products]
        found = self._parallel([self._made(Kernel.CONV1X1, parts) for parts in products])
        found = [one for one in projected(found, self.reads) if len(one.parts) > 1]
        found = self._chained(paired(found, self.reads) if self.reads.placed else found)
        for node in self.graph:
            if is_convolution(node) and node.id not in self.taken:
                found += self._ending(Kernel.CONV, self._tail(node, Role.CONV))
        for node in self.graph:
            if self._is_norm(node) and node.id not in self.taken:
                found += self._ending(Kernel.BLOCK_END, self._tail(node, Role.BN))
        return sorted(found, key=lambda one: one.outputs[0])

    # ---- one convolution, or one batch norm -------------------------------------

    def _tail(self, node: Node, role: Role) -> list[Part]:
        """A convolution or batch norm and what follows it, as far as an epilogue goes and nobody else looks."""
        parts = [Part(node.id, role)]
        at, after = node.id, self.reads.only(node.id)
        if role is Role.CONV and after is not None and self._is_norm(after):
            parts.append(Part(after.id, Role.BN))
            at, after = after.id, self.reads.only(after.id)
        if after is not None and self.mains.get(after.id) == at:
            parts.append(Part(after.id, Role.ADD))
            at, after = after.id, self.reads.only(after.id)
        able = CLIPS if parts[-1].role is Role.ADD else ENDINGS
        if after is not None and after.op.word in able:
            parts.append(Part(after.id, Role.RELU))
        return parts

    def _with_before(self, parts: list[Part]) -> list[Part]:
        """The same with the batch norm and ReLU that nobody but it reads, and no epilogue before has taken."""
        conv = self.graph[parts[0].node]
        relu = self.graph[conv.inputs[0]]
        if not relu.inputs or relu.op.word != "relu" or self.reads.only(relu.id) is not conv:
            return parts
        norm = self.graph[relu.inputs[0]]
        if not self._is_norm(norm) or self.reads.only(norm.id) is not relu or self.taken & {norm.id, relu.id}:
            return parts
        self.taken.update((norm.id, relu.id))
        return [Part(norm.id, Role.BEFORE_BN), Part(relu.id, Role.BEFORE_RELU), *parts]

    def _ending(self, kernel: Kernel, parts: list[Part]) -> list[Fusion]:
        """The fusion of these parts, if there is more than one and none is another's."""
        if len(parts) < 2 or any(part.node in self.taken for part in parts) or parts[-1].role is Role.BN:
            return []
        self.taken.update(part.node for part in parts)
        return [self._made(kernel, parts)]

    def _made(self, kernel: Kernel, parts: Sequence[Part]) -> Fusion:
        add = next((part.node for part in parts if part.role is Role.ADD), None)
        residual = None
        if add is not None:
            residual = next(id_ for id_ in self.graph[add].inputs if id_ != self.mains[add])
        inputs = self.graph[parts[0].node].inputs
        return Fusion(
            kernel, tuple(parts), inputs if residual is None else (*inputs, residual), (parts[-1].node,), residual,
            self._why(kernel, parts), but=self._unfit(kernel, parts),
        )  # fmt: skip

    def _why(self, kernel: Kernel, parts: Sequence[Part]) -> str:
        after = [self._said(part) for part in parts if part.role in (*_SAID, Role.RELU)]
        if kernel is Kernel.BLOCK_END:
            return f"{listed(after)} in one pass"
        k = self.graph[next(part.node for part in parts if part.role is Role.CONV)].op.window
        size = "x".join(map(str, k.kernel)) if k is not None else ""
        said = f"{listed(after)} in the epilogue of a {size} convolution" if after else f"a {size} convolution"
        before = any(part.role is Role.BEFORE_BN for part in parts)
        return said + READS_IN * before

    def _said(self, part: Part) -> str:
        return _SAID.get(part.role) or ENDINGS[self.graph[part.node].op.word]

    def _unfit(self, kernel: Kernel, parts: Sequence[Part]) -> str | None:
        """Why no kernel takes these shapes."""
        if kernel is Kernel.CONV:
            return None
        first = self.graph[parts[0].node]
        for id_, where in ((first.inputs[0], "in"), (parts[-1].node, "out")):
            channels = self.shapes[id_][0]
            if not isinstance(channels, int) or channels % WIDE:
                return f"its {channels} channels {where} do not divide by {WIDE}"
        return None

    # ---- parallel convolutions ----------------------------------------------------

    def _parallel(self, found: list[Fusion]) -> list[Fusion]:
        """The same, with up to four of one form that read one tensor made one."""
        alike: dict[object, list[Fusion]] = defaultdict(list)
        for one in found:
            conv = self.graph[one.nodes[0]]
            if (
                one.parts[0].role is Role.CONV
                and one.residual is None
                and one.but is None
                and stride(conv) == (1, 1)
                and self._rectifies(one)
            ):
                trains = conv.id in self.network.train_only
                alike[one.inputs, self.reads.place(conv.id), trains, _form(one)].append(one)
        joined: dict[int, Fusion] = {}
        gone: set[int] = set()
        for ones in alike.values():
            for at in range(0, len(ones) - 1, MOST):
                pieces = tuple(ones[at : at + MOST])
                joined[pieces[0].nodes[0]] = self._many(pieces)
                gone.update(piece.nodes[0] for piece in pieces[1:])
        return [joined.get(one.nodes[0], one) for one in found if one.nodes[0] not in gone]

    def _many(self, pieces: tuple[Fusion, ...]) -> Fusion:
        parts = tuple(part for piece in pieces for part in piece.parts)
        outputs = tuple(piece.outputs[0] for piece in pieces)
        why = f"{len(pieces)} 1x1 convolutions of one tensor, which is read once"
        return Fusion(Kernel.MANY, parts, pieces[0].inputs, outputs, None, why, pieces)

    # ---- convolutions in a row -----------------------------------------------------

    def _chained(self, found: list[Fusion]) -> list[Fusion]:
        """The same, with those made one that only the next reads and that have its form."""
        by_input = {
            one.inputs[0]: one for one in found if self._links(one) and stride(self.graph[one.nodes[0]]) == (1, 1)
        }
        after: dict[int, Fusion] = {}
        for one in found:
            other = by_input.get(one.outputs[0])
            if other is not None and self._links(one) and _form(one) == _form(other) and self._feeds(one, other):
                after[one.outputs[0]] = other
        inner = {other.outputs[0] for other in after.values()}
        result: list[Fusion] = []
        for one in found:
            if one.outputs[0] in inner:
                continue
            pieces = [one]
            while pieces[-1].outputs[0] in after:
                pieces.append(after[pieces[-1].outputs[0]])
            result.append(one if len(pieces) == 1 else _chain(tuple(pieces)))
        return result

    def _links(self, one: Fusion) -> bool:
        """Whether it is a 1x1 convolution that ends in ReLU and adds and normalises nothing else."""
        plain = one.kernel is Kernel.CONV1X1 and one.but is None and one.parts[0].role is Role.CONV
        ends = one.parts[-1].role is Role.RELU and self._rectifies(one)
        return plain and one.residual is None and ends

    def _rectifies(self, one: Fusion) -> bool:
        return rectifies(one, self.reads)

    def _feeds(self, one: Fusion, other: Fusion) -> bool:
        reader = self.reads.only(one.outputs[0])
        return reader is not None and reader.id == other.nodes[0]

    # ---- sums -------------------------------------------------------------------------

    def _mains(self) -> dict[int, int]:
        """For each sum of two the tensor whose maker may add the other: the long way, not the shortcut."""
        deep = self._depths()
        mains: dict[int, int] = {}
        for node in self.graph:
            if node.op.word != "add" or len(set(node.inputs)) != 2 or len(node.inputs) != 2:
                continue
            one, other = node.inputs
            if self.shapes[one] != self.shapes[other]:
                continue
            able = [id_ for id_ in node.inputs if self.reads.only(id_) is node and self._adds(self.graph[id_])]
            if able:
                mains[node.id] = max(able, key=lambda id_: (not self._short(id_, node), deep[id_]))
        return mains

    def _adds(self, maker: Node) -> bool:
        return self._is_norm(maker) or is_plain(maker)

    def _short(self, id_: int, add: Node) -> bool:
        around = set(map(id, add.scope.chain()))
        return any(s.kind is Kind.SHORTCUT for s in self.graph[id_].scope.chain() if id(s) not in around)

    def _depths(self) -> dict[int, int]:
        """The most layers with weights on a path to each tensor."""
        deep: dict[int, int] = {}
        for node in self.graph:
            deep[node.id] = max((deep[id_] for id_ in node.inputs), default=0) + node.op.counted
        return deep

    def _is_norm(self, node: Node) -> bool:
        return node.op.word == "bn" and len(self.shapes[node.id]) == 3


def _handing(one: Fusion, reads: Reads) -> Fusion:
    """The same; it hands on what it reads if it is a 1x1 with batch norm, and the first to read what a sum adds."""
    conv, x = one.nodes[0], one.inputs[0]
    readers = reads.graph.readers(x)
    alone = one.kernel is Kernel.CONV1X1 and one.parts[0].role is Role.CONV and one.residual is None
    first = conv == min(readers) and len(readers) > 1 and not reads.seen(x)
    behind = [id_ for at in readers if reads.graph[at].op.word == "identity" for id_ in reads.graph.readers(at)]
    added = any(reads.graph[id_].op.word == "add" and reads.together(conv, id_) for id_ in (*readers, *behind))
    return replace(one, hands_on=alone and first and added and one.find(Role.BN) is not None)


def _form(one: Fusion) -> tuple[Role, ...]:
    return tuple(part.role for part in one.parts)


def _chain(pieces: tuple[Fusion, ...]) -> Fusion:
    parts = tuple(part for piece in pieces for part in piece.parts)
    why = f"{len(pieces)} 1x1 convolutions in a row, with nothing written between them"
    return Fusion(Kernel.CHAIN, parts, pieces[0].inputs, pieces[-1].outputs, None, why, pieces)
