"""Declarations of a body: blocks, words and layers of one's own, which hold for all of it wherever they stand."""

from __future__ import annotations

from archlang.diagnostics import Label as Mark
from archlang.elaborate.env import Definition, Written_co
from archlang.elaborate.externs import wrong_extern
from archlang.elaborate.parameters import wrong_parameters
from archlang.elaborate.variants import declared
from archlang.elaborate.work import Where, Work
from archlang.source import Span
from archlang.syntax import ast


def declare(work: Work, tree: ast.Body, where: Where) -> None:
    """Enter the blocks and words of a body into its environment; twice the same is an error."""
    _variants(work, tree, where)
    for statement in tree.statements:
        if isinstance(statement, ast.Block):
            _enter(work, where, where.env.blocks, statement.name, statement, statement.name_span)
            for wrong in wrong_parameters(statement):
                work.error(wrong.code, wrong.message, wrong.span, where, labels=wrong.labels)
        elif isinstance(statement, ast.Extern):
            wrong_ones = list(wrong_extern(statement))
            for wrong in wrong_ones:
                work.error(wrong.code, wrong.message, wrong.span, where, labels=wrong.labels, help=wrong.help)
            if wrong_ones:
                where.env.missing.add(statement.name)
            else:
                _enter(work, where, where.env.externs, statement.name, statement, statement.name_span)
        elif isinstance(statement, ast.Means):
            _enter(work, where, where.env.words, statement.name.name, statement, statement.name.span)
        elif work.script and tree is work.tree and isinstance(statement, ast.Import):
            continue
        elif isinstance(statement, ast.Net | ast.Import):
            word = "net" if isinstance(statement, ast.Net) else "import"
            message = f"`{word}` stands at the top of a file, not inside a body"
            work.error("top-level-only", message, statement.span, where)


def _variants(work: Work, tree: ast.Body, where: Where) -> None:
    seen: dict[str, Span] = {}
    for name, _ in declared(tree):
        if name.name in seen:
            labels = (Mark(seen[name.name], "first here"),)
            work.error(
                "declared-twice", f"the variant `{name.name}` is declared twice", name.span, where, labels=labels
            )
        seen.setdefault(name.name, name.span)


def _enter(
    work: Work, where: Where, table: dict[str, Definition[Written_co]], name: str, node: Written_co, span: Span
) -> None:
    earlier = table.get(name)
    if earlier is not None and earlier.node is not node:
        what = "block" if isinstance(node, ast.Block) else "layer" if isinstance(node, ast.Extern) else "word"
        if earlier.env is where.env:
            labels = (Mark(earlier.span, "first here"),)
            message = f"the {what} `{name}` is declared twice in one body"
            work.error("declared-twice", message, span, where, labels=labels)
            return
    table[name] = Definition(name, node, where.env, span)
