"""What to say of a head that names no layer, block or net."""

from __future__ import annotations

from collections.abc import Iterable

from archlang.elaborate.env import Env
from archlang.elaborate.layers import split_head
from archlang.elaborate.prelude import prelude_block, prelude_names
from archlang.elaborate.read import did_you_mean
from archlang.ops import BY_WORD


def no_such_head(name: str, env: Env, more: Iterable[str] = ()) -> tuple[str, str, str | None]:
    """The code, the message and the help; `more` are names in sight beside the environment's."""
    stem, kernel = split_head(name)
    digits = name[len(stem) :]
    if kernel is not None and (env.block(stem) or prelude_block(stem)) is not None:
        message = f"`{stem}` is a block, and a block takes its numbers in parentheses"
        return "block-call", message, f"write `{stem}({digits})`"
    layers = [*BY_WORD, *more, *env.names()]
    nearest = did_you_mean(stem, layers) if digits else None
    help_ = nearest.replace("`?", f"{digits}`?") if nearest else did_you_mean(name, [*layers, *prelude_names()])
    return "unknown-layer", f"there is no layer, block or net `{name}`", help_
