"""The names of the zoo's networks: how they may be spelt, and what was meant where there is none of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from archlang import resources
from archlang.elaborate.variants import declared
from archlang.record import record
from archlang.source import Source
from archlang.syntax import ast
from archlang.syntax.parse import Parsed, parse

ELSEWHERE = {
    "compcarsgooglenet": "googlenetcompcars",
    "compcars": "googlenetcompcars",
    "fcn": "fcn8s",
    "hybridcnnplaces": "caffenethybrid",
    "hybridcnn": "caffenethybrid",
    "inception": "googlenet",
    "inceptionv1": "googlenet",
    "networkinnetwork": "nin",
    "places205alexnet": "caffenetplaces205",
    "places205googlenet": "googlenetplaces205",
    "seresnet": "senet",
    "vgg11bn": "vggtorchvision11bn",
    "vgg13bn": "vggtorchvision13bn",
    "vgg16bn": "vggtorchvision16bn",
    "vgg19bn": "vggtorchvision19bn",
    "vgg11": "vgga",
    "vgg13": "vggb",
    "vgg19": "vgge",
    "wideresnet502": "resnetwide502",
    "wideresnet1012": "resnetwide1012",
    "wideresnet": "wrn",
}
"""What others call a network, or the beginning of its name; longer names first where one begins with another."""


@record
class Entry:
    """A file of the zoo, and what the rest of the name picks in it; `short` if that is not all of a variant's name."""

    source: Source
    stem: str
    net: str | None = None
    variant: str | None = None
    parsed: Parsed | None = None
    short: bool = False


def names() -> list[str]:
    """The networks of the zoo, by name."""
    return sorted(path.stem for path in resources.zoo().glob("*.arch"))


def entry(name: str) -> Entry | None:
    """The file called `name`, else the longest file name that `name` begins with and whose variants hold the rest.

    The rest may leave out the end of a variant's name, from a dash on, where only one begins so.
    """
    files = _files()
    key = _key(name)
    if key in files:
        return Entry(_source(files[key]), files[key].stem)
    for stem in sorted(filter(key.startswith, files), key=len, reverse=True):
        source = _source(files[stem])
        parsed = parse(source)
        variants = declared_variants(parsed[0], stem)
        for net, variant in variants:
            if _key(variant) == key[len(stem) :]:
                return Entry(source, files[stem].stem, net, variant, parsed)
        begun = list(_begun(variants, key[len(stem) :]))
        if len(begun) == 1:
            return Entry(source, files[stem].stem, *begun[0], parsed, short=True)
    return None


def declared_variants(program: ast.Program, key: str) -> list[tuple[str | None, str]]:
    """Each variant a file declares, with its net: None for the one that the file means by itself, which comes first.

    `key` is what the file's name comes to.
    """
    statements = program.body.statements
    own = [(None, word.name) for word, _ in declared(program.body)]
    nets = [statement for statement in statements if isinstance(statement, ast.Net)]
    main = next((net for net in nets if _key(net.name) == key), nets[-1] if nets else None)
    nets.sort(key=lambda net: net is not main)
    return own + [(None if net is main else net.name, word.name) for net in nets for word, _ in declared(net.body)]


def meant(name: str) -> str:
    """A help line for a name that the zoo does not have."""
    from difflib import get_close_matches  # only a slip needs it

    key = _key(name)
    files = _files()
    if (others := list(_called_otherwise(key))) or (others := list(_begun_or_shared(key, files))):
        return f"did you mean {_either(others)}?"
    stem = max((stem for stem in files if key.startswith(stem)), key=len, default=None)
    variants = list(dict.fromkeys(variant for _, variant in _variants(files[stem], stem))) if stem else []
    if stem and variants:
        return f"the zoo's `{files[stem].stem}` has the variants {', '.join(variants)}"
    near = [s for s in sorted(files) if s.startswith(key)] or get_close_matches(key, files, n=1, cutoff=0.7)
    if near:
        return f"did you mean {_either([files[stem].stem for stem in near])}?"
    return f"the zoo has {', '.join(names())}; a file's name ends in `.arch`"


def _key(name: str) -> str:
    """`ResNet-50`, `resnet_50` and `resnet50` are one name."""
    return re.sub("[-_]", "", name).casefold()


def _files() -> dict[str, Path]:
    return {_key(path.stem): path for path in resources.zoo().glob("*.arch")}


def _source(path: Path) -> Source:
    return Source(f"zoo/{path.name}", path.read_text("utf-8"), path)


def _variants(path: Path, key: str) -> list[tuple[str | None, str]]:
    return declared_variants(parse(_source(path))[0], key)


def _begun(variants: list[tuple[str | None, str]], rest: str) -> Iterator[tuple[str | None, str]]:
    """The variants whose first words, as dashes divide them, are `rest`."""
    for net, variant in variants:
        words = variant.split("-")
        if any(_key("".join(words[:count])) == rest for count in range(1, len(words))):
            yield net, variant


def _called_otherwise(key: str) -> Iterator[str]:
    """The network that others call so."""
    for other, ours in ELSEWHERE.items():
        if key.startswith(other) and (found := entry(ours + key[len(other) :])) is not None:
            yield _spelt(found.stem, found.variant)
            return


def _begun_or_shared(key: str, files: dict[str, Path]) -> Iterator[str]:
    """The variants that the end of `key` begins, or is in a file whose name holds the one that `key` begins with."""
    for stem in sorted(files):
        declares = _variants(files[stem], stem)
        for begun in files:
            rest = key[len(begun) :] if key.startswith(begun) and begun in stem else key
            variants = declares if rest else []
            for _, variant in variants:
                same = _key(variant) == rest
                if same or (stem == begun and any(found[1] == variant for found in _begun(variants, rest))):
                    yield _spelt(files[stem].stem, variant)


def _spelt(stem: str, variant: str | None) -> str:
    return stem if variant is None else f"{stem}@{variant}"


def _either(those: list[str]) -> str:
    *first, last = [f"`{each}`" for each in dict.fromkeys(those)]
    return f"{', '.join(first)} or {last}" if first else last
