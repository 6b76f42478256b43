"""Calls: what a name at the head of an item means, and what comes of it."""

from __future__ import annotations

from typing import Any

from archlang.elaborate.again import again
from archlang.elaborate.blocks import call_block
from archlang.elaborate.kinds import kind_named, kind_of, split_head
from archlang.elaborate.layers import held, layer
from archlang.elaborate.packages import package_block
from archlang.elaborate.prelude import prelude_block
from archlang.elaborate.suggest import no_such_head
from archlang.elaborate.trunks import call_net
from archlang.elaborate.values import UNKNOWN, Partial, describe
from archlang.elaborate.words import expand, find_word, plain
from archlang.elaborate.work import FAILED, How, Where, Work
from archlang.ops.op import Op
from archlang.ops.packaged import PackageError, packaged
from archlang.syntax import ast


def call(work: Work, core: ast.Call, cur: int, where: Where, how: How) -> int:
    """Place what a call names: a block held by a value, a block, a net, a word, a layer, in that order."""
    if core.name == "soft" and isinstance(core.dash, ast.Name) and core.dash.name == "max":
        core = ast.Call("softmax", core.span, None, core.stride, core.args, core.span)
    name = core.name
    value = held(name, where)
    if value is UNKNOWN:
        return FAILED
    if isinstance(value, Partial):
        return call_block(work, value, core, cur, where, how)
    definition = where.env.block(name)
    if definition is not None:
        return call_block(work, Partial(definition), core, cur, where, how)
    net = where.env.net(name)
    if net is not None:
        return call_net(work, net, core, cur, where, how)
    done = _word_or_layer(work, name, None, core, cur, where, how)
    if done is not None:
        return done
    definition = prelude_block(name)
    if definition is not None and not where.env.is_missing(name):
        return call_block(work, Partial(definition), core, cur, where, how)
    stem, kernel = split_head(name)
    if kernel is not None:
        done = _word_or_layer(work, stem, kernel, core, cur, where, how)
        if done is not None:
            return done
    done = _of_package(work, core, cur, where, how)
    if done is not None:
        return done
    work.adrift |= how.upto is not None or where.env.is_missing(name)
    return _unknown(work, core, value, where)


def _of_package(work: Work, core: ast.Call, cur: int, where: Where, how: How) -> int | None:
    """Place a layer or block that a package brings; None if none does."""
    name = core.name
    stem, kernel = split_head(name)
    try:
        kind, digits = packaged(name), None
        if kind is None and (definition := package_block(name)) is not None:
            return call_block(work, Partial(definition), core, cur, where, how)
        if kind is None and kernel is not None:
            kind, digits = packaged(stem), kernel
    except PackageError as problem:
        return work.error("broken-package", problem.message, core.name_span, where, help=problem.help)
    if kind is None:
        return None
    definition = where.env.word(kind.word) if kind.word not in where.plain else None
    if definition is not None:  # another spelling of a word that a `means` line explains
        return expand(work, definition, kind.word, core, cur, where, how)
    return _layer(work, kind, stem if digits else name, digits, core, cur, where, how)


def _word_or_layer(
    work: Work, stem: str, kernel: tuple[int, int] | None, core: ast.Call, cur: int, where: Where, how: How
) -> int | None:
    """Place a word's expansion or a plain layer; None if `stem` is neither."""
    kind = kind_named(stem, where.env)
    word = kind.word if kind is not None else stem
    if word not in where.plain:
        definition = find_word(stem, where)
        if definition is not None:
            return expand(work, definition, word, core, cur, where, how)
    elif where.use is not None and where.use.name == word:
        kind = kind if kind is not None else kind_of(stem, where.env)
        return plain(work, kind, where.use, core, kernel, cur, where, how)
    if stem == "again":
        return again(work, core, cur, where, how)
    if kind is None:
        return None
    return _layer(work, kind, stem, kernel, core, cur, where, how)


def _layer(
    work: Work,
    kind: type[Op],
    stem: str,
    kernel: tuple[int, int] | None,
    core: ast.Call,
    cur: int,
    where: Where,
    how: How,
) -> int:
    """Place a plain layer, which has no companions."""
    if how.drops and not where.prelude and not where.env.is_missing(stem):
        message = f"`{stem}` stands for itself alone here, so there is nothing to leave out"
        help_ = f"`no` leaves out a companion that a `{stem} means [...]` line gives"
        work.error("no-companion", message, how.drops[0].span, where, help=help_)
    if how.upto is not None:
        message = "`to` ends a net used as a layer, and this is a layer"
        work.error("to-without-net", message, how.upto.span, where)
    return layer(work, kind, core, kernel, cur, where, how)


def _unknown(work: Work, core: ast.Call, value: Any, where: Where) -> int:
    if where.env.is_missing(core.name):
        work.failed = True
        return FAILED
    work.unnumbered = True  # it may have been of any family
    code, message, help_ = no_such_head(core.name, where.env)
    if core.name in where.plain:
        code = "word-in-itself"
        message = f"`{core.name}` stands for itself here, through another word, and there is no layer of that name"
        help_ = "a word stands for layers or other words"
    elif value is not None:
        code, help_ = "not-a-layer", "write a block's name without quotes" if isinstance(value, str) else None
        message = f"`{core.name}` is {describe(value)}, not a layer or block"
    return work.error(code, message, core.name_span, where, help=help_)
