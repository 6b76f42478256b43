"""Every name that emitted source uses: legal, unique, and off what Python, PyTorch and the source itself use."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

RESERVED = frozenset(
    """
    F Any Callable LSTM NamedTuple OrderedDict RBF Self Tensor bilinear getattr heads i init layer nn returned self
    torch
    """.split()
)
"""Names that emitted source means something else by."""

_BUILTINS = frozenset(dir(builtins))
_TAKEN = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | _BUILTINS | RESERVED


def legal(text: str, fallback: str = "value") -> str:
    """`text` as an identifier of ASCII letters, digits and underscores that means nothing else."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"\W+", "_", plain).strip("_") or fallback
    if name[0].isdigit():
        name = f"{fallback}_{name}"
    return f"{name}_" if name in _TAKEN else name


def class_name(text: str, fallback: str = "Block") -> str:
    """`text` in CamelCase: `basic_block` becomes `BasicBlock`, `VGG` stays."""
    words = legal(text, fallback.lower()).strip("_").split("_")
    name = "".join(word[:1].upper() + word[1:] for word in words if word)
    if not name or name[0].isdigit():
        name = fallback + name
    return f"{name}Net" if name in _TAKEN else name


class Names:
    """Names given out so far in one place of the source; none is given out twice."""

    def __init__(self, taken: frozenset[str] | set[str] = frozenset()) -> None:
        self._taken = set(taken)

    def __contains__(self, name: str) -> bool:
        return name in self._taken

    def take(self, name: str) -> str:
        """`name`, or `name2`, `name3` ... if it was given out before."""
        free, number = name, 2
        while free in self._taken:
            free = f"{name}{number}" if not name[-1:].isdigit() else f"{name}_{number}"
            number += 1
        self._taken.add(free)
        return free


def attribute(owner: str, name: str) -> str:
    """How source reaches a child: `self.conv1`, or `getattr(self, "0")` where the name is no identifier.

    Nor is it `self.__conv`: that would be another name in a class, `_Net__conv`.
    """
    if name.isidentifier() and not keyword.iskeyword(name) and name.isascii() and not name.startswith("__"):
        return f"{owner}.{name}"
    return f"getattr({owner}, {spelled(name)})"


def spelled(name: str) -> str:
    """A member's name as source: a literal, or the f-string that it is already."""
    return name if name.startswith('f"') else quoted(name)


def quoted(text: str) -> str:
    """`text` as a string literal as `ruff format` leaves it: double quotes unless that costs more escapes."""
    literal = ascii(text)
    if literal[0] == '"' or '"' in text:
        return literal
    return f'"{literal[1:-1]}"'
