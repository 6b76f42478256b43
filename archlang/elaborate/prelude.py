"""The standard library of blocks, `zoo/std/`, written in the language itself and read when first needed."""

from __future__ import annotations

from functools import cache

from archlang.elaborate.env import Definition, Env
from archlang.resources import zoo
from archlang.source import Source
from archlang.syntax import ast
from archlang.syntax.parse import parse


@cache
def _prelude() -> Env:
    env = Env(None)
    for path in sorted((zoo() / "std").glob("*.arch")):
        program, _ = parse(Source(f"std/{path.name}", path.read_text(encoding="utf-8"), path))
        for statement in program.body.statements:
            if isinstance(statement, ast.Block):
                env.blocks[statement.name] = Definition(
                    statement.name, statement, env, statement.name_span, prelude=True
                )
            elif isinstance(statement, ast.Means):
                name = statement.name.name
                env.words[name] = Definition(name, statement, env, statement.span, prelude=True)
    return env


def prelude_block(name: str) -> Definition[ast.Block] | None:
    """The prelude's block of that name."""
    return _prelude().blocks.get(name)


def prelude_names() -> list[str]:
    """The names of all the prelude's blocks."""
    return list(_prelude().blocks)
