"""What to say of a head that names no layer, block or net."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from archlang.elaborate.env import Env
from archlang.elaborate.kinds import split_head
from archlang.elaborate.packages import package_names
from archlang.elaborate.prelude import prelude_block, prelude_names
from archlang.elaborate.read import did_you_mean
from archlang.elaborate.wraps import WRAPS
from archlang.ops import BY_WORD
from archlang.resources import zoo

_ELSEWHERE = {
    "activation": "relu",
    "averagepooling": "avgpool",
    "avgpooling": "avgpool",
    "batchnormalization": "bn",
    "concatenate": "concat[ a | b ]",
    "convolution": "conv",
    "eltwise": "add[ a | b ]",
    "fullyconnected": "FC",
    "globalaveragepooling": "gap",
    "globalmaxpooling": "gmp",
    "innerproduct": "FC",
    "localresponsenorm": "LRN",
    "maxpooling": "maxpool",
    "sequential": "seq[ a; b ]",
    "shortcut": "res[ ... ]",
    "transposedconv": "deconv",
    "convolutiontranspose": "deconv",
}
"""What other tools call a layer, in small letters, without `_` and the `2d` of most."""


def no_such_head(name: str, env: Env, more: Iterable[str] = ()) -> tuple[str, str, str | None]:
    """The code, the message and the help; `more` are names in sight beside the environment's."""
    stem, kernel = split_head(name)
    digits = name[len(stem) :]
    if kernel is not None and (env.block(stem) or prelude_block(stem)) is not None:
        message = f"`{stem}` is a block, and a block takes its numbers in parentheses"
        return "block-call", message, f"write `{stem}({digits})`"
    message = f"there is no layer, block or net `{name}`"
    if (known := _elsewhere(name)) is not None:
        return "unknown-layer", message, known
    if name in WRAPS:
        return "unknown-layer", message, f"write `{name}[ ... ]`: layers stand in brackets"
    layers = [*BY_WORD, *more, *env.names()]
    nearest = did_you_mean(stem, layers) if digits else None
    help_ = (
        nearest.replace("`?", f"{digits}`?")
        if nearest
        else did_you_mean(name, [*layers, *prelude_names(), *package_names()])
    )
    return "unknown-layer", message, help_


@cache
def _networks() -> list[tuple[str, Path]]:
    """The zoo's files, by their names without `_`."""
    return [(path.stem.replace("_", ""), path) for path in sorted(zoo().glob("*.arch"))]


def _elsewhere(name: str) -> str | None:
    """How archlang writes what another tool calls `name`, or where the zoo's network of that name is."""
    plain = re.sub(r"[123]d\Z", "", name.replace("_", "").lower())
    by_word = {word.lower(): word for word in BY_WORD}
    if meant := _ELSEWHERE.get(plain) or (by_word.get(plain) if plain != name else None):
        return f"write `{meant}`" if " " in meant else f"did you mean `{meant}`?"
    for stem, path in _networks():
        if plain.startswith(stem) and not plain[len(stem) :].strip("0123456789-"):
            nets = re.findall(r"^net (\w+)", path.read_text("utf-8"), re.MULTILINE)
            return f'a network of the zoo is imported first: `import "{path.name}": {nets[-1]}`' if nets else None
    return None
