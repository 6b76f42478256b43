"""Where a name is declared, what speaks of it, and how it may be called otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from archlang import resources
from archlang.diagnostics import Severity
from archlang.editing.files import beside, importers
from archlang.editing.look import Look, looked
from archlang.editing.named import Mention, Named, file_of
from archlang.model import check
from archlang.record import record
from archlang.source import Source, Span
from archlang.syntax import ast

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_VARIANT = re.compile(r"\w+(?:[-.]\w+)*", re.ASCII)
_GLOBAL = {"net", "block", "word", "extern"}


class RenameError(Exception):
    """Why something cannot be called as was asked."""


@record
class Edit:
    """A change of a text: `text` in place of `span`, whose source says in which file."""

    span: Span
    text: str


@record
class _Declared:
    """A mention of something that is declared somewhere."""

    span: Span
    named: Named


def definition(source: Source, offset: int) -> Span | None:
    """Where what stands at `offset` is declared, in this file, one it imports, or the prelude; None if nowhere.

    Of a file's name in an import, its beginning; of a layer's own name (`conv1`, `pool4`), the layer.
    """
    look = looked(source)
    mention = look.index.at(offset)
    if mention is not None:
        return mention.named.span if mention.named is not None else _layer(look, mention)
    for statement in look.module.program.body.statements:
        if isinstance(statement, ast.Import) and statement.path_span.start <= offset <= statement.path_span.end:
            return _file(look, statement)
    return None


def _file(look: Look, statement: ast.Import) -> Span | None:
    other = Look(Source("definition", f'import "{statement.path}" as f', look.source.path)).module.env.modules.get("f")
    tables = (other.nets, other.blocks, other.words, other.externs) if other is not None else ()
    first = next((each for table in tables for each in table.values()), None)
    return Span(first.span.source, 0, 0) if first is not None else None


def _layer(look: Look, mention: Mention) -> Span | None:
    for net in look.nets():
        network = look.network(net)
        if network is not None and (id_ := network.labels.get(mention.name)) is not None:
            return network.graph[id_].span
    return None


def references(source: Source, offset: int, among: Iterable[Path] = ()) -> list[Span]:
    """Every place that speaks of what stands at `offset`, where it is declared included, file by file.

    Besides this text, these are the file that declares it, and of the files beside these two and `among` those that
    import it, from that file or from one which has it from there.
    """
    look = looked(source)
    mention = look.index.at(offset)
    if mention is None or mention.named is None:
        return []
    return [span for other in _looks(look, mention.named, among) for span in _mentions(other, mention.named)]


def _looks(look: Look, named: Named, among: Iterable[Path]) -> Iterator[Look]:
    """The text at hand, the file that declares, those beside either that import what it declares, and such `among`."""
    yield look
    home = named.span.source
    seen = {file_of(look.source)}
    if file_of(home) not in seen:
        seen.add(file_of(home))
        yield Look(home)
    if home.path is None or named.prelude or _comes_along(home):
        return
    folders = dict.fromkeys(one.path.resolve().parent for one in (home, look.source) if one.path is not None)
    paths = [path for folder in folders for path in beside(folder)] + [path.resolve() for path in among]
    for source in importers(dict.fromkeys(paths), home.path.resolve()):
        if file_of(source) not in seen and named.name in source.text:
            yield Look(source)


def _mentions(look: Look, named: Named) -> list[Span]:
    return [each.span for each in look.index.mentions if each.named is not None and _same(each.named, named)]


def _same(one: Named, other: Named) -> bool:
    """Whether both are the same, though a file may not be saved as it is shown."""
    if one.place == other.place and one.name == other.name:
        return True
    alike = one.place.file == other.place.file and one.kind == other.kind and one.name == other.name
    return alike and one.kind in _GLOBAL and one.span.source is not other.span.source


def _comes_along(source: Source) -> bool:
    return source.path is not None and source.path.resolve().is_relative_to(resources.zoo().resolve())


# ---- renaming -------------------------------------------------------------------


def rename(source: Source, offset: int, new: str, among: Iterable[Path] = ()) -> list[Edit]:
    """The changes that call what stands at `offset` `new`, in this file and those that share the name with it.

    `among` are files to look in besides, as for `references`.

    Raises `RenameError` with the reason where that cannot be: nothing of the file's own stands there, `new` is no name,
    or the text would no longer mean the same.
    """
    look = looked(source)
    named = _of_our_own(look, offset).named
    if not (_VARIANT if named.kind == "variant" else _NAME).fullmatch(new):
        raise RenameError(f"`{new}` is no name: names are written with a-z, A-Z, 0-9 and `_`")
    looks = list(_looks(look, named, among))
    edits = [Edit(span, _as_written(span, named.name, new)) for other in looks for span in _mentions(other, named)]
    taken = [other for other in looks if new in {each.name for each in other.index.mentions}]
    if taken:
        raise RenameError(f"`{new}` is a name in `{taken[0].source.name}` already")
    if all(edit.span.source is source for edit in edits):
        _try(source, edits)
    return edits


def renameable(source: Source, offset: int) -> Span | None:
    """The name at `offset`, where it may be called otherwise."""
    try:
        return _of_our_own(looked(source), offset).span
    except RenameError:
        return None


def _of_our_own(look: Look, offset: int) -> _Declared:
    """What stands at `offset`, if it may be called otherwise. Raises `RenameError`."""
    mention = look.index.at(offset)
    if mention is None or mention.named is None:
        raise RenameError("nothing that this file gives a name to stands here")
    named = mention.named
    if named.prelude or (_comes_along(named.span.source) and file_of(named.span.source) != file_of(look.source)):
        raise RenameError(f"`{named.name}` comes along with archlang, and keeps its name")
    return _Declared(mention.span, named)


def _as_written(span: Span, old: str, new: str) -> str:
    """The new name as the old one stands there: between quotes, behind a module's, before a kernel's digits."""
    module, dot, last = span.text.rpartition(".")
    digits = last.removeprefix(old) if dot else ""
    return f'"{new}"' if span.text.startswith('"') else module + dot + new + (digits if digits.isdecimal() else "")


def _try(source: Source, edits: list[Edit]) -> None:
    """Refuse changes that make something wrong which was right before."""
    before = sorted(d.code for d in check(source) if d.severity is Severity.ERROR)
    after = [
        d for d in check(Source(source.name, applied(source.text, edits), source.path)) if d.severity is Severity.ERROR
    ]
    if sorted(d.code for d in after) != before:
        new = next((d for d in after if d.code not in before), after[0] if after else None)
        raise RenameError(new.message if new is not None else "the text would mean something else")


def applied(text: str, edits: list[Edit]) -> str:
    """`text` with changes of it made."""
    for edit in sorted(edits, key=lambda each: each.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
