"""Random programs as a person with long words writes them, or one who names things as Python does."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from programs import program

from archlang.diagnostics import ArchError
from archlang.model import Model, parse

LONGEST = 60
PARTS = "skip connection of the third upsampling stage conv x norm a b projection shortcut branch 3 7".split()
TAKEN = [
    *keyword.kwlist,
    *keyword.softkwlist,
    *(name for name in dir(builtins) if name.isidentifier()),
    *"torch nn F self Tensor Self Any NamedTuple OrderedDict heads layer init i x x2 image out shortcut logits".split(),
    *"forward training train eval predict loss features parameters modules children state_dict count index".split(),
    *"total target output returned groups rules name parameter factor decay mode part module found".split(),
    *"_run _frozen parameter_groups get_submodule add_module in_channels self2 T_destination call_super_init".split(),
]
NAMES = re.compile(r"\b(t\d+p?|unit\dx|Random|unused|z|w|m)\b")
"""What programs call things: labels, blocks, the network, parameters and values."""


@dataclass(frozen=True)
class Wordy:
    """A program, and the model it makes."""

    text: str
    name: str
    model: Model


def wordy(seed: int) -> Wordy:
    """The program of that number, with other names and more lines."""
    r = Random(seed)
    base = program(seed)
    text = _renamed(r, base.text)
    name = r.choice(["random", "a-very_long name of a file" * 2, "2 nets", "it's", "class", "torch"])
    model = _read(text, name, base.variant)
    if model is None:  # a word of the language among the names
        text = base.text
        model = parse(text, name=f"{name}.arch", variant=base.variant)
    for line in _lines(r, text):
        longer = _with(text, line)
        found = _read(longer, name, base.variant)
        if found is not None:
            text, model = longer, found
    return Wordy(text, name, model)


def _read(text: str, name: str, variant: str | None) -> Model | None:
    try:
        model = parse(text, name=f"{name}.arch", variant=variant)
    except ArchError:
        return None
    return model


def _renamed(r: Random, text: str) -> str:
    hostile, known = r.random() < 0.4, {}

    def word(match: re.Match[str]) -> str:
        return known.setdefault(match[0], _word(r, set(known.values()), hostile=hostile))

    return NAMES.sub(word, text)


def _word(r: Random, taken: set[str], *, hostile: bool) -> str:
    while True:
        word = (
            r.choice(TAKEN)
            if hostile and r.random() < 0.7
            else "_".join(r.choice(PARTS) for _ in range(r.randint(1, 14)))
        )
        word = word[:LONGEST].rstrip("_")
        if word and word not in taken and not word[0].isdigit():
            return word


def _with(text: str, line: str) -> str:
    """The text with one line more at the end of its net."""
    body = text.rstrip("\n")
    return f"{body.removesuffix('}')}{line}\n}}\n" if "\nnet " in f"\n{text}" else f"{body}\n{line}\n"


def _lines(r: Random, text: str) -> Iterator[str]:
    """Lines that may be said of it, or not."""
    labels = list(dict.fromkeys(re.findall(r"\bas (\w+)|stage (\w+)[:{ ]", text)))
    names = [name for pair in labels for name in pair if name]
    some = lambda most: r.sample(names, min(len(names), r.randint(1, most)))  # noqa: E731
    if r.random() < 0.3:
        words = [_word(r, set(names), hostile=False) for _ in range(4)]
        ends = f"conv3-4 as {words[1]}; gap; FC-7 as {words[2]}; softmax as {words[3]}"
        yield f"input {words[0]} 3x9x9\nfrom {words[0]}: {ends}"
        names += words[1:]
    if names:
        if r.random() < 0.5:
            yield f"taps {', '.join(some(6))}"
        if r.random() < 0.6:
            yield f"output {', '.join(some(5))}"
        if r.random() < 0.4:
            yield f"freeze {', '.join(some(4))}"
            yield f"freeze {some(1)[0]}"
        if r.random() < 0.4:
            yield f"lr {', '.join(some(4))} = 0.1"
            yield f"lr {some(1)[0]} = 10"
    if r.random() < 0.3:
        yield f"decay {r.choice(['all', 'conv', *names])} = {r.choice(['0', '5e-4'])}"
    if r.random() < 0.3:
        way = r.choice(["gaussian(0.01)", "xavier", "he", "constant(0.5)"])
        yield f"init {r.choice(['all', 'conv', *names])} = {way}"
