"""Lines of a class that one call of a kernel runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archlang.emit.bodies import Ref
from archlang.emit.fused_lines import Line
from archlang.passes.fusion import Kernel, Role


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of a class that one call of a kernel runs: which role each line has, by place, in order.

    `pieces` are the groups that one of several convolutions is made of. Where only
    some calls have the sum that it ends in, `optional` is the number of that run of steps.
    """

    kernel: Kernel
    parts: tuple[tuple[Role, int], ...]
    pieces: tuple[Group, ...] = ()
    optional: int = -1

    @property
    def lines(self) -> tuple[int, ...]:
        """The places of its lines, in order of role."""
        return tuple(place for _, place in self.parts)

    @property
    def outputs(self) -> tuple[int, ...]:
        """The places of the lines whose tensors it leaves."""
        several = self.kernel in (Kernel.MANY, Kernel.PAIR)
        return tuple(one.lines[-1] for one in self.pieces) if several else self.lines[-1:]

    @property
    def stands(self) -> int:
        """The place of the line that its call takes: where all that it reads is there, and nobody has read it yet."""
        if self.optional >= 0:
            return self.lines[-2]
        if self.kernel is Kernel.PAIR:
            return self.pieces[0].lines[-1]
        return min(self.lines) if self.kernel is Kernel.MANY else self.lines[-1]

    def line(self, role: Role) -> int | None:
        """The place of the line with that role; None if it has none."""
        return next((place for known, place in self.parts if known is role), None)

    def residual(self, lines: Sequence[Line]) -> Ref | None:
        """What it adds: the operand of its sum that it does not make itself."""
        add = self.line(Role.ADD)
        if add is None:
            return None
        before = self.lines[self.lines.index(add) - 1]
        return next(ref for ref in lines[add].step.ins if ref != Ref(before))
