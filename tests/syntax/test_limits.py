from __future__ import annotations

import sys

from work import calls

from archlang.source import Source
from archlang.syntax import ast
from archlang.syntax.limits import MAX_ERRORS, MAX_EXPRESSION, MAX_NESTING, MAX_NUMBER, MAX_SOURCE
from archlang.syntax.parse import parse


def codes(text: str) -> list[str]:
    return [d.code for d in parse(Source("a", text))[1]]


def test_a_text_that_is_too_long_is_not_read():
    assert codes(" " * MAX_SOURCE) == []
    assert codes(" " * (MAX_SOURCE + 1)) == ["too-long"]


def test_brackets_nest_as_deep_as_the_limit_says_and_no_deeper():
    assert codes("[" * MAX_NESTING + "a" + "]" * MAX_NESTING) == []
    assert codes("[" * (MAX_NESTING + 1) + "a" + "]" * (MAX_NESTING + 1)) == ["too-deep"]


def test_operators_nest_as_deep_as_the_limit_says_and_no_deeper():
    assert codes("let a = " + "1+" * MAX_EXPRESSION + "1") == []
    assert codes("let a = " + "1+" * (MAX_EXPRESSION + 1) + "1") == ["too-deep"]
    assert codes("let a = " + "-" * (MAX_EXPRESSION + 1) + "1") == ["too-deep"]
    assert codes("let a = " + "2**" * (MAX_EXPRESSION + 1) + "1") == ["too-deep"]


def test_an_endless_expression_leaves_no_deep_tree_behind():
    (let,) = parse(Source("a", "let a = " + "1+" * 100_000 + "1"))[0].body.statements
    depth, node = 0, let.value
    while isinstance(node, ast.Binary):
        depth, node = depth + 1, node.left
    assert depth < sys.getrecursionlimit() / 4


def test_an_else_if_chain_is_as_long_as_the_limit_says():
    chain = " else ".join(["if k { a }"] * MAX_NESTING)
    assert codes(chain) == []
    assert codes(chain + " else " + chain) == ["too-deep"]
    assert codes(" else ".join(["if k { a }"] * 20_000)) == ["too-deep"]


def test_a_number_is_as_large_as_the_limit_says():
    assert codes(f"let a = {MAX_NUMBER}") == []
    assert codes(f"let a = {MAX_NUMBER + 1}") == ["too-large"]
    assert codes("let a = 1e13; let b = 1e999; let c = 2000G; let d = " + "9" * 10_000) == ["too-large"] * 4
    assert codes(f"input 3x{'9' * 20}x3") == ["too-large"]


def test_a_text_full_of_mistakes_is_given_up_at_the_limit():
    assert len(codes("3x3-64\n" * (MAX_ERRORS * 3))) == MAX_ERRORS
    assert len(codes("}" * (MAX_ERRORS * 3))) == MAX_ERRORS


def test_the_work_grows_with_the_length_alone():
    def read(layers: int) -> int:
        text = "conv3-64/2(pad=1) as c1\n" * layers
        assert codes(text) == []
        return calls(lambda: codes(text))

    assert read(4000) < 11 * read(400)
