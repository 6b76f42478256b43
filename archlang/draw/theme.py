"""Colours and sizes: what the picture looks like, and nothing about where things stand."""

from __future__ import annotations

from dataclasses import dataclass

from archlang.ops.op import Op

PAGE = "#F7EBE1"
INK = "#554037"
RULE = "#C9AE9B"
MUTED = "#8A7265"
FRAMES = ("#F2E1D3", "#FAF2EB")
FONT = "'Bitstream Vera Sans', 'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif"

TITLE_SIZE = 17
SUBTITLE_SIZE = 10.5
MAIN_SIZE = 11
COMPANION_SIZE = 8.5
LABEL_SIZE = 8.5
FRAME_SIZE = 9.5
LEGEND_SIZE = 9
FRAME_TITLE = 44  # characters of a frame's title


@dataclass(frozen=True, slots=True)
class Paint:
    """The colour of a box, of its text and of its border."""

    fill: str
    text: str
    line: str


_DARK = "#563621"
_LIGHT = "#FFFFFF"

PLAIN = Paint("#FFB84D", _DARK, "#C98A2B")
_FAMILIES = {
    "input": Paint("#37A058", _LIGHT, "#27743F"),
    "conv": Paint("#CA5237", _LIGHT, "#963A25"),
    "deconv": Paint("#A8483F", _LIGHT, "#7A312A"),
    "fc": Paint("#BD0026", _LIGHT, "#86001B"),
    "lrn": Paint("#BD0026", _LIGHT, "#86001B"),
    "bn": Paint("#84AC7E", "#22361F", "#5D8257"),
    "activation": Paint("#E9D0B8", _DARK, "#C2A284"),
    "dropout": Paint("#E9D0B8", _DARK, "#C2A284"),
    "pool": PLAIN,
    "lstm": Paint("#8C3B6B", _LIGHT, "#642A4C"),
    "concat": Paint("#5E7F9B", _LIGHT, "#43607A"),
    "add": Paint("#5E7F9B", _LIGHT, "#43607A"),
    "mul": Paint("#5E7F9B", _LIGHT, "#43607A"),
    "extern": Paint("#2F6F73", _LIGHT, "#1F4C4F"),
    "softmax": Paint("#7F6A9B", _LIGHT, "#5D4C75"),
    "output": Paint("#7F6A9B", _LIGHT, "#5D4C75"),
    "closed": Paint("#E9D6C6", INK, "#B59781"),
    "same": Paint("#D9D4CF", "#554037", "#B3ABA4"),
    "resized": Paint("#F3DDAE", _DARK, "#CFAE66"),
    "changed": Paint("#F5A623", _DARK, "#B97708"),
    "removed": Paint("#D9534F", _LIGHT, "#9C2723"),
    "added": Paint("#3E9B5B", _LIGHT, "#286B3D"),
}
_ALIKE = {
    "linear": "fc",
    "embed": "fc",
    "rbf": "fc",
    "dwconv": "conv",
    "norm": "bn",
    "batchnorm": "bn",
    "sum": "add",
    "beside": "concat",
    "maxpool": "pool",
    "avgpool": "pool",
    "gap": "pool",
    "mean": "pool",
    "gmp": "pool",
    "adaptiveavgpool": "pool",
    "relu6": "activation",
    "sigmoid": "activation",
    "tanh": "activation",
    "prelu": "activation",
    "swish": "activation",
    "gelu": "activation",
    "act": "activation",
    "relu": "activation",
}


def paint(family: str) -> Paint:
    """The colours of a family; those of a family nobody has heard of are the plain ones."""
    return _FAMILIES.get(kin(family), PLAIN)


def drawn(op: Op) -> str:
    """The family that a layer is painted as: those whose classes nobody here has seen share one."""
    return "extern" if op.foreign else op.family


def kin(family: str) -> str:
    """The family whose colours a family shares: what the legend calls it."""
    return _ALIKE.get(family, family)


def families() -> dict[str, tuple[str, str, str]]:
    """The fill, text and line of each family that has colours of its own, and of all others as `other`."""
    known = {name: (paint.fill, paint.text, paint.line) for name, paint in _FAMILIES.items()}
    return {**known, "other": (PLAIN.fill, PLAIN.text, PLAIN.line)}


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another in it, both as `#RRGGBB`."""
    pairs = ((int(one[at : at + 2], 16) for one in (colour, other)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(mine + (theirs - mine) * share):02X}" for mine, theirs in pairs)
