"""Kinds of layers by the names that a file uses for them: archlang's own, and those that the file declares."""

from __future__ import annotations

import re
from functools import lru_cache

from archlang.elaborate.env import Env
from archlang.elaborate.externs import extern_kind
from archlang.elaborate.packages import explained, package_kind
from archlang.ops import BY_WORD
from archlang.ops.op import Op

HEAD = re.compile(r"(.*?[A-Za-z_])(\d+)(?:x(\d+))?\Z")


@lru_cache(1000)
def split_head(name: str) -> tuple[str, tuple[int, int] | None]:
    """`conv3` is `conv` with a 3x3 kernel, `conv1x7` with a 1x7 one."""
    match = HEAD.match(name)
    if match is None:
        return name, None
    height = int(match[2])
    return match[1], (height, int(match[3] or height))


def kind_named(name: str, env: Env | None = None) -> type[Op] | None:
    """The kind of layer that has just this name: one that is declared in sight, else one of archlang's."""
    declared = env.extern(name) if env is not None else None
    return BY_WORD.get(name) if declared is None else extern_kind(declared.node)


def kind_of(name: str, env: Env | None = None) -> type[Op] | None:
    """The kind of layer that a head names, its kernel's digits set aside; a package's if nothing else is meant."""
    stem = split_head(name)[0]
    own = kind_named(name, env) or kind_named(stem, env)
    if own is not None or explained(name, env) or (stem != name and explained(stem, env)):
        return own
    return package_kind(name) or package_kind(stem)
