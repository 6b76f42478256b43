from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from archlang import resources
from archlang.source import Source, Span
from archlang.syntax import ast
from archlang.syntax.parse import parse

TEXTS = sorted((Path(__file__).parents[1] / "samples").glob("**/*.arch")) + sorted(resources.zoo().glob("**/*.arch"))


def program(text: str) -> ast.Program:
    read, found = parse(Source("test.arch", text))
    assert found == []
    return read


def item(text: str) -> ast.Item:
    (place,) = program(text).body.statements
    assert isinstance(place, ast.Place)
    return place.item


def value(text: str) -> ast.Expr:
    (let,) = program(f"let a = {text}").body.statements
    assert isinstance(let, ast.Let)
    return let.value


def nodes(node: object):
    """Every node below `node`, and itself."""
    if dataclasses.is_dataclass(node) and not isinstance(node, Span | Source):
        yield node
        for field in dataclasses.fields(node):
            yield from nodes(getattr(node, field.name))
    elif isinstance(node, tuple):
        for part in node:
            yield from nodes(part)


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_sample_and_every_zoo_file_parses(path):
    program(path.read_text("utf-8"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_node_has_a_span_inside_that_of_its_text(path):
    text = path.read_text("utf-8")
    for node in nodes(program(text)):
        assert 0 <= node.span.start < node.span.end <= len(text)


def test_an_item_carries_what_was_typed_and_where():
    text = "conv3-64/2(pad=0, groups=4) x n[0] /2 as c1 no relu, bn => 64x7x7 when k != 1"
    read = item(text)
    call = read.core
    assert isinstance(call, ast.Call)
    assert (call.name, call.dash.value, call.stride.value) == ("conv3", 64, 2)
    assert [(a.name, a.value.value) for a in call.args] == [("pad", 0), ("groups", 4)]
    assert call.span.text == "conv3-64/2(pad=0, groups=4)"
    assert call.name_span.text == "conv3"
    assert [m.span.text for m in read.modifiers] == [
        "x n[0] /2", "as c1", "no relu, bn", "=> 64x7x7", "when k != 1",
    ]  # fmt: skip
    assert read.span.text == text


@pytest.mark.parametrize(
    ("text", "name", "dash", "stride"),
    [
        ("3x3,64", "conv3x3", "64", None),
        ("7x7/2,64", "conv7x7", "64", "2"),
        ("1×7,k", "conv1x7", "k", None),
        ("conv1x7-192", "conv1x7", "192", None),
        ("conv3-(k-1)/2", "conv3", "(k-1)", "2"),
        ("FC-4096", "FC", "4096", None),
        ("VGG-D", "VGG", "D", None),
        ("maxpool3/2", "maxpool3", None, "2"),
        ("maxpool3(pad=1)/2", "maxpool3", None, "2"),
        ("b.unit-64", "b.unit", "64", None),
    ],
)
def test_a_head_is_taken_apart(text, name, dash, stride):
    call = item(text).core
    assert isinstance(call, ast.Call)
    assert call.name == name
    assert (call.dash.span.text if call.dash else None) == dash
    assert (call.stride.span.text if call.stride else None) == stride


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("64", 64),
        ("0.5", 0.5),
        ("1e-4", 1e-4),
        ("138M", 138_000_000),
        ("1.5K", 1500),
        ("2G", 2 * 10**9),
        ("0.0005K", 0.5),
    ],
)
def test_a_number_has_a_value_and_keeps_its_digits(text, worth):
    number = value(text)
    assert isinstance(number, ast.Number)
    assert (number.value, number.digits) == (worth, text)
    assert type(number.value) is type(worth)


def shown(expr: ast.Expr) -> str:
    """The expression with a bracket for each operator."""
    match expr:
        case ast.Binary():
            return f"({shown(expr.left)} {expr.op} {shown(expr.right)})"
        case ast.Unary():
            return f"({expr.op} {shown(expr.operand)})"
        case ast.Apply():
            return f"{expr.name}({', '.join(shown(a.value) for a in expr.args)})"
        case _:
            return expr.span.text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a-1-2", "((a - 1) - 2)"),
        ("a + b * c // d", "(a + ((b * c) // d))"),
        ("-2 ** 2", "(- (2 ** 2))"),
        ("2 ** 3 ** 4", "(2 ** (3 ** 4))"),
        ("2 ** -1", "(2 ** (- 1))"),
        ("not a == b and c or d", "(((not (a == b)) and c) or d)"),
        ("f(a + 1, g(2))", "f((a + 1), g(2))"),
        ("in.c != w", "(in.c != w)"),
    ],
)
def test_operators_bind_as_in_python(text, meaning):
    assert shown(value(text)) == meaning


def test_statements_of_a_line_become_statements_of_their_body():
    (net,) = program("net A { a; b\n c; }").body.statements
    assert isinstance(net, ast.Net)
    assert [s.span.text for s in net.body.statements] == ["a", "b", "c"]
    assert net.span.text == "net A"
    assert net.body.span.text == "{ a; b\n c; }"


def test_what_could_not_be_read_is_left_out_and_said():
    read, found = parse(Source("a", "conv3-64\n3x3-64 as a\nmaxpool\nnett B { relu }\nbn"))
    assert [s.span.text for s in read.body.statements] == ["conv3-64", "maxpool", "bn"]
    assert [s.text for s in read.broken] == ["3x3-64 as a", "nett B { relu }"]
    assert len(found) == 2


def test_texts_read_one_after_another_do_not_mix():
    first, _ = parse(Source("a", "3x3-64"))
    second, found = parse(Source("b", "relu"))
    assert (found, second.broken) == ([], ())
    assert len(first.broken) == 1


def test_a_table_whose_first_line_is_continued_has_its_rows():
    program, found = parse(Source("a", "table f(a, b) { \\\n a, b\n 1, 2\n}\n"))
    (table,) = program.body.statements
    assert (len(table.rows), found, program.broken) == (1, [], ())
