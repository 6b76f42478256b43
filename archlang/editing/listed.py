"""Every layer and block that a file may use without declaring it: how it is written, its options, what it leaves."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from archlang.editing.describe import about_option, comment_above, default_of, prose
from archlang.editing.named import of_definition
from archlang.editing.offers import shorts
from archlang.elaborate.env import Definition
from archlang.elaborate.packages import brought
from archlang.elaborate.prelude import prelude_block, prelude_names
from archlang.ops import ALL, BY_WORD
from archlang.ops.op import Op, typed
from archlang.ops.packaged import OPS, PackageError, entries, packaged, version
from archlang.record import record
from archlang.syntax import ast

OWN = "archlang"


@record
class Listed:
    """A layer or block.

    `kind` is layer or block, `source` who brings it, `forms` how it is written most, `options` what may stand in its
    parentheses: name, what may be given, default (None where it must be given), and what it is. `shape` is what it
    leaves, as its rule says. `wrong` says why it cannot be used.
    """

    name: str
    kind: str
    source: str
    aliases: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    options: tuple[tuple[str, str, str | None, str], ...] = ()
    shape: str = ""
    about: str = ""
    wrong: str | None = None


def listed() -> list[Listed]:
    """archlang's own first, then those of packages, those that cannot be used included."""
    own = [_layer(kind, OWN) for kind in ALL]
    blocks = [prelude_block(name) for name in prelude_names()]
    own += [_block(each, OWN) for each in blocks if each is not None]
    return [*own, *_packages(own)]


def _packages(own: list[Listed]) -> Iterator[Listed]:
    known = {each.name for each in own}
    for word, some in entries(OPS).items():
        source = " and ".join(sorted(version(entry) for entry in some))
        try:
            kind = packaged(word)
        except PackageError as error:
            yield Listed(word, "layer", source, wrong=error.message)
        else:
            if kind is not None and kind.word == word:
                yield _layer(kind, source)
    for each in brought():
        if each.wrong is not None:
            yield Listed("?", "block", each.package, wrong=each.wrong)
        for name, definition in each.blocks.items():
            taken = name in known or name in BY_WORD
            yield _block(definition, each.package, "archlang has one of that name" if taken else None)


def _layer(kind: type[Op], source: str) -> Listed:
    options = tuple(
        (
            typed(each),
            str(each.metadata["kind"]),
            None if each.default is MISSING else default_of(each),
            about_option(each),
        )
        for each in fields(kind)
        if each.metadata.get("kind", "hidden") != "hidden"
    )
    shape = prose(inspect.getdoc(kind.shape) or "")
    return Listed(
        kind.word, "layer", source, kind.aliases, tuple(shorts(kind)), options, shape, prose(kind.__doc__ or "")
    )


def _block(definition: Definition[ast.Block], source: str, wrong: str | None = None) -> Listed:
    node = definition.node
    options = tuple((p.name, "value", None if p.default is None else p.default.span.text, "") for p in node.parameters)
    needed = ", ".join(p.name for p in node.parameters if p.default is None)
    form = f"{node.name}({needed})" if needed else node.name
    about = comment_above(of_definition(definition))
    return Listed(node.name, "block", source, (), (form,), options, "", about, wrong)


def found(name: str) -> list[Listed]:
    """Those that a name or another spelling of it means, its kernel's digits set aside."""
    every = listed()
    for wanted in (name, re.sub(r"\d+(x\d+)?\Z", "", name)):
        some = [each for each in every if wanted in (each.name, *each.aliases)]
        if some:
            return some
    return []


def names() -> list[str]:
    """Every name there is."""
    return [name for each in listed() for name in (each.name, *each.aliases)]


# ---- as text -----------------------------------------------------------------------


def table(every: list[Listed]) -> str:
    """A line each, by who brings them."""
    lines: list[str] = []
    for source in dict.fromkeys(each.source for each in every):
        for kind in ("layer", "block"):
            some = [each for each in every if each.source == source and each.kind == kind]
            if some:
                lines += ["", f"{kind}s of {source}", *_rows(some)]
    return "\n".join(lines[1:]) + "\n"


def _rows(some: list[Listed]) -> Iterator[str]:
    cells = [(", ".join((each.forms or (each.name,))[:1]), _options(each)) for each in some]
    first = max(len(form) for form, _ in cells)
    second = min(max(len(options) for _, options in cells), 48)
    for each, (form, options) in zip(some, cells, strict=True):
        what = f"cannot be used: {each.wrong}" if each.wrong else each.shape or _sentence(each.about)
        yield f"  {form:{first}}  {options:{second}}  {what}".rstrip()


def _sentence(about: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=\.)\s", " ".join(about.split()), maxsplit=1)[0]


def _options(each: Listed) -> str:
    return ", ".join(name if default is None else f"{name}={default}" for name, _, default, _ in each.options)


def at_length(each: Listed) -> str:
    """All there is to say of one."""
    also = f", also {', '.join(each.aliases)}" if each.aliases else ""
    lines = [f"{each.name}: a {each.kind} of {each.source}{also}"]
    lines += [f"  cannot be used: {each.wrong}"] if each.wrong else []
    lines += [f"  written {', '.join(each.forms)}"] if each.forms else []
    lines += ["", *(f"  {line}" if line else "" for line in each.about.splitlines())] if each.about else []
    lines += ["", f"  leaves {each.shape}"] if each.shape else []
    if each.options:
        heads = [name if default is None else f"{name}={default}" for name, _, default, _ in each.options]
        wide, kinds = max(map(len, heads)), max(len(kind) for _, kind, _, _ in each.options)
        rows = zip(heads, each.options, strict=True)
        lines += ["", *(f"  {head:{wide}}  {kind:{kinds}}  {about}".rstrip() for head, (_, kind, _, about) in rows)]
    return "\n".join(lines) + "\n"


def as_json(every: list[Listed]) -> str:
    """A list of objects, one each."""
    return json.dumps([_record(each) for each in every], indent=1, ensure_ascii=False) + "\n"


def _record(each: Listed) -> dict[str, Any]:
    return {
        "name": each.name,
        "kind": each.kind,
        "source": each.source,
        "aliases": list(each.aliases),
        "forms": list(each.forms),
        "options": [
            {"name": name, "kind": kind, "default": default, "about": about}
            for name, kind, default, about in each.options
        ],
        "shape": each.shape or None,
        "about": each.about,
        "wrong": each.wrong,
    }
