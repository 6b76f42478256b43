"""Networks of any wiring in any nesting: long skips, many branches, heads, repeats, several inputs."""

from __future__ import annotations

from contextlib import ExitStack

from hand_made import Builder
from hypothesis import strategies as st

from archlang.ir.network import Network
from archlang.ir.scope import Kind

_KINDS = (Kind.STAGE, Kind.BLOCK, Kind.WRAP, Kind.BRANCH, Kind.SHORTCUT, Kind.AUX, Kind.REPEAT, Kind.COPY, Kind.WORD)


@st.composite
def networks(draw: st.DrawFn, most: int = 30) -> Network:
    """Up to `most` layers on one small map, each reading any before it, in scopes opened and closed at will."""
    b = Builder("Any")
    b.input(8, 4, 4)
    stacks: list[ExitStack] = []
    for _ in range(draw(st.integers(1, most))):
        step = draw(
            st.sampled_from(("conv", "conv", "relu", "bn", "pool", "add", "add", "open", "open", "close", "input"))
        )
        if step == "open":
            stack = ExitStack()
            kind = draw(st.sampled_from(_KINDS))
            stack.enter_context(b.scope(kind, draw(st.sampled_from(("", "a", "block with a long title")))))
            stacks.append(stack)
        elif step == "close":
            if stacks:
                stacks.pop().close()
        elif step == "input":
            b.input(8, 4, 4)
        elif step == "add":
            count = draw(st.integers(2, 4))
            inputs = draw(st.lists(st.integers(0, len(b.nodes) - 1), min_size=count, max_size=count))
            b.word("add", *inputs)
        else:
            source = draw(st.one_of(st.just(b.at), st.integers(0, len(b.nodes) - 1)))
            options = {"conv": {"out": 8, "k": (3, 3)}, "pool": {"k": (3, 3), "stride": (1, 1), "pad": (1, 1)}}.get(
                step, {}
            )
            b.word("maxpool" if step == "pool" else step, source, **options)
    while stacks:
        stacks.pop().close()
    ends = draw(st.lists(st.integers(0, len(b.nodes) - 1), max_size=3, unique=True))
    return b.network(*ends)
