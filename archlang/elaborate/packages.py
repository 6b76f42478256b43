"""What other packages bring: layers and blocks, looked for when nothing else explains a word of a file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from archlang.elaborate.env import Definition, Env
from archlang.elaborate.externs import wrong_extern
from archlang.elaborate.prelude import prelude_block
from archlang.elaborate.uses import uses
from archlang.ops.op import Op
from archlang.ops.packaged import OPS, PRELUDES, PackageError, entries, package, packaged, version
from archlang.record import record
from archlang.source import Source
from archlang.syntax import ast
from archlang.syntax.parse import parse

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


@record
class Brought:
    """The blocks that one package brings: its name and version, their definitions, or what is wrong with them."""

    package: str
    blocks: dict[str, Definition[ast.Block]]
    wrong: str | None = None


@cache
def brought() -> tuple[Brought, ...]:
    """The blocks of all packages, read when a word is met that nothing else explains."""
    return tuple(_read(entry) for some in entries(PRELUDES).values() for entry in some)


def _read(entry: EntryPoint) -> Brought:
    """`mypkg:blocks` or `mypkg.blocks`: a folder of .arch files in a package, or one file."""
    from importlib.resources import files

    env = Env(None)
    try:
        place = files(entry.module)
        place = place / entry.attr if entry.attr else place
        paths = [place] if place.is_file() else [each for each in place.iterdir() if each.name.endswith(".arch")]
        texts = {path.name: path.read_text("utf-8") for path in sorted(paths, key=lambda path: path.name)}
    except Exception as error:  # noqa: BLE001 - its package is imported to find it, and may do anything
        return Brought(version(entry), {}, f"its blocks cannot be read: {type(error).__name__}: {error}")
    wrong = None if texts else "it has no .arch file where its blocks should be"
    for name, text in texts.items():
        program, found = parse(Source(f"{package(entry)}/{name}", text))
        wrong = next((f"{name}:{each.span.line}: {each.message}" for each in found), wrong)
        _enter(env, program.body)
    return Brought(version(entry), dict(env.blocks) if wrong is None else {}, wrong)


def package_block(name: str) -> Definition[ast.Block] | None:
    """The block of that name that a package brings; `PackageError` if two do."""
    having = [each for each in brought() if name in each.blocks]
    if len(having) > 1:
        names = " and ".join(each.package for each in having)
        raise PackageError(f"`{name}` is a block of several packages: {names}", "uninstall all of them but one")
    return having[0].blocks[name] if having else None


def package_names() -> list[str]:
    """The names of all that packages bring."""
    return [*entries(OPS), *(name for each in brought() for name in each.blocks)]


def package_kind(name: str) -> type[Op] | None:
    """The layer that a package brings, if it can be used: `head` tells why it cannot."""
    try:
        return packaged(name)
    except PackageError:
        return None


def usable_block(name: str) -> Definition[ast.Block] | None:
    """The block that a package brings, if it can be used."""
    try:
        return package_block(name)
    except PackageError:
        return None


def explained(name: str, env: Env | None) -> bool:
    """Whether a name means something without any package: a block, a net, or a word that stands for other layers."""
    if env is None:
        return prelude_block(name) is not None
    if env.block(name) is not None or env.net(name) is not None or env.is_missing(name):
        return True
    word = env.word(name)
    return (word is not None and name not in uses(word.node.item)) or prelude_block(name) is not None


def _enter(env: Env, body: ast.Body) -> None:
    """What a file of a package declares: blocks, words, and layers of its own."""
    for statement in body.statements:
        if isinstance(statement, ast.Block):
            env.blocks[statement.name] = Definition(statement.name, statement, env, statement.name_span, prelude=True)
        elif isinstance(statement, ast.Means):
            name = statement.name.name
            env.words[name] = Definition(name, statement, env, statement.span, prelude=True)
        elif isinstance(statement, ast.Extern) and not list(wrong_extern(statement)):
            env.externs[statement.name] = Definition(statement.name, statement, env, statement.name_span, prelude=True)
