"""Names, titles, labels and reasons that would be code, markup, cells or orders somewhere are text everywhere.

Each output is read by what reads its kind: Python's parser, XML's and HTML's, the csv module.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archlang.columns import table
from archlang.diagnostics import ArchError, Severity
from archlang.diagnostics.json import records
from archlang.diagnostics.text import render
from archlang.draw.export import dot, text
from archlang.draw.tikz import tikz
from archlang.model import check, parse
from archlang.page.draw import html
from archlang.source import Source

BAIT = [
    "</title><script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "<!--",
    "]]>",
    "&lt;&#x3c;",
    "javascript:alert(1)",
    "__import__('os').system('id')",
    "''' + str(print) + '''",
    "{open('/etc/passwd')}",
    "%s%n{0}{{x}}",
    "\\N{BULLET}\\x41\\",
    "\\write18{id}",
    "\\input{/etc/passwd}",
    "\\catcode`\\%=12",
    "^^5cinput",
    "$x$ # & ~ _ %",
    "\\end{tabular}",
    "=1+2",
    "+cmd|' /C calc'!A0",
    "-1",
    "@SUM(A1)",
    "\tx",
    "; DROP TABLE nets; --",
    "' OR 1=1 --",
    "a,b;c",
    "| a | b |",
    "`id`",
    "$(id)",
    "a\\nb",
    "a\\",
    "\x1b[31mred",
    "\x9b2J",
    "\u202egnp",
    "\u2028x",
    "\x00",
    "\x7f",
    "\ufeff",
    "\ud7ff\U0010ffff",
    "URL=http://a.example",
    "label=<b>x</b>",
    "subgraph cluster { }",
    "é\u4e2d\u0301",
    "[x](javascript:a)",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
]
HARMLESS = {"\ufeff", "\tx"}
"""A mark that is read as nothing at all, a name behind a space."""
HOSTILE = st.one_of(
    st.sampled_from(BAIT),
    st.lists(st.sampled_from(BAIT), min_size=2, max_size=3).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
INSIDE = re.compile(r'["\n\r]')


def program(title: str, why: str) -> str:
    """A network with these words wherever a string may stand."""
    title, why = (INSIDE.sub("'", words) for words in (title, why))
    return f"""extern own(said="0{title}") = "mypkg.layers:Own"(said, "{why}", more=["{why}", said]) {{ shape = in }}
net Net {{
  paper "{title}"
  variant A, B
  input 3x8x8
  stage s: conv3-8; relu @A; conv3-8 @B
  concat["0": conv1-4 | conv3-4]
  own(said="1{why}"); gap; FC-4
  expect params == 1K but 2K "{why}"
}}
"""


class Tags(HTMLParser):
    """The tags of a page and their attributes, outside of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(name for name, _ in attrs)))


def tags(page: str) -> list[tuple[str, tuple[str, ...]]]:
    reader = Tags()
    reader.feed(page)
    reader.close()
    return reader.found


def skeleton(svg: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(element.tag, tuple(element.attrib)) for element in ElementTree.fromstring(svg).iter()]  # noqa: S314


def code_without_strings(source: str) -> str:
    """A module's tree with every string in it, and every f-string, made the same."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


@pytest.fixture(scope="module")
def plain():
    return Outputs("a title", "a reason", "net.arch")


class Outputs:
    """Everything that is made of one network."""

    def __init__(self, title: str, why: str, name: str) -> None:
        self.model = parse(program(title, why).replace("expect", "# expect"), name=name)
        self.code = self.model.code()
        self.svg = self.model.svg()
        self.summaries = {kind: self.model.summary(kind) for kind in ("csv", "json", "latex", "markdown")}
        self.tables = {kind: self.model.table(kind) for kind in ("csv", "latex", "html", "markdown")}


def commands(latex: str) -> set[str]:
    """Those in a text, but for what stands for characters: `\\textless`."""
    found = re.findall(r"\\[a-zA-Z]+", latex.replace(r"\textbackslash{}", ""))
    return {command for command in found if not command.startswith(r"\text") and command != r"\ensuremath"}


def control_free(shown: str) -> bool:
    return not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]", shown)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(HOSTILE, HOSTILE)
def test_hostile_words_change_no_output_but_for_the_words(plain, title, why):
    name = INSIDE.sub("'", title).replace("\0", "").replace("/", "_")[:60] + ".arch"
    made = Outputs(title, why, name)
    assert code_without_strings(made.code) == code_without_strings(plain.code)
    assert compile(made.code, "net.py", "exec")
    comments = [line for line in made.code.splitlines() if line.startswith("#")]
    assert len(comments) == len([line for line in plain.code.splitlines() if line.startswith("#")])
    assert skeleton(made.svg) == skeleton(plain.svg)
    assert tags(made.tables["html"]) == tags(plain.tables["html"])
    for outputs, others in ((made.summaries, plain.summaries), (made.tables, plain.tables)):
        rows = list(csv.reader(io.StringIO(outputs["csv"])))
        assert [len(row) for row in rows] == [len(row) for row in csv.reader(io.StringIO(others["csv"]))]
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for row in rows for cell in row)
        assert commands(outputs["latex"]) <= commands(others["latex"])
        assert outputs["latex"].count("\n") == others["latex"].count("\n")
    json.loads(made.summaries["json"])


def test_hostile_words_in_a_page_are_data(plain):
    whole = "".join(BAIT)[:1500]
    made = Outputs(whole, whole, "net.arch")
    page = html(made.model.network)
    assert [tag for tag, _ in tags(page)] == [tag for tag, _ in tags(html(plain.model.network))]
    assert "<script>alert" not in page


@pytest.mark.parametrize("bait", BAIT)
def test_hostile_words_are_told_of_without_orders_to_the_terminal(bait):
    inside = INSIDE.sub("'", bait)
    for written in (
        program(bait, bait),
        f'input 3x8x8\nconv3-8 as "{inside}"',
        f"conv3-8; {bait}",
        f'import "{inside}.arch": a',
    ):
        found = check(Source(f"{inside}.arch", written))
        for each in found:
            assert control_free(render(each))
        json.loads(json.dumps(records(found)))


@pytest.mark.parametrize("bait", BAIT)
def test_hostile_words_are_no_class(bait):
    """What a declaration names stands outside of quotes in the emitted Python, so nothing but names may be there."""
    inside = INSIDE.sub("'", bait)
    for named in (inside, f"mypkg:{inside}", f"{inside}:Own", f"mypkg.{inside}:Own", f"mypkg:Own{inside}"):
        found = check(Source("net.arch", f'extern own = "{named}" {{ shape = in }}\ninput 3x8x8\nown'))
        assert {each.code for each in found} == {"extern-class"}
        assert all(control_free(render(each)) for each in found)


@pytest.mark.parametrize(
    "named", ["builtins:Exec", "os:System", "os.path:Join", "mypkg.class:Own", "mypkg:exec", "a:B:C"]
)
def test_what_runs_by_its_name_alone_is_no_class(named):
    found = check(Source("net.arch", f'extern own = "{named}"("id") {{ shape = in }}\ninput 3x8x8\nown'))
    assert [each.code for each in found] == ["extern-class"]


@pytest.mark.parametrize("bait", BAIT)
def test_hostile_words_are_no_names_of_variants_and_declarations(bait):
    inside = INSIDE.sub("'", bait)
    for written in (
        f"net Net {{ variant A, {bait}\n input 3x8x8\n conv3-8 }}",
        f'net Net {{ variant A, "{inside}"\n input 3x8x8\n conv3-8 }}',
        f'extern {bait} = "mypkg:Own" {{ shape = in }}\ninput 3x8x8\nconv3-8',
        f'extern own({bait}=1) = "mypkg:Own" {{ shape = in }}\ninput 3x8x8\nown',
        f'extern own = "mypkg:Own"({bait}=1) {{ shape = in }}\ninput 3x8x8\nown',
    ):
        found = check(Source("net.arch", written))
        assert any(each.severity is Severity.ERROR for each in found) or bait in HARMLESS
        assert all(control_free(render(each)) for each in found)


@pytest.mark.parametrize("bait", BAIT)
def test_a_file_named_with_hostile_words_is_drawn_as_text(bait, plain):
    name = INSIDE.sub("'", bait).replace("\0", "").replace("/", "_") + ".arch"
    try:
        model = parse("input 3x8x8\nconv3-8; relu\ngap; FC-4", name=name)
    except ArchError as error:
        for each in error.diagnostics:
            assert control_free(render(each))
        return
    svg = model.svg()
    ElementTree.fromstring(svg)  # noqa: S314 - it is what is looked at
    assert {tag for tag, _ in skeleton(svg)} <= {tag for tag, _ in skeleton(plain.svg)}
    assert control_free(text(model.network))
    compile(model.code(), "net.py", "exec")
    drawn = dot(model.network)
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', drawn)
    assert not re.search(r"<[a-z]|URL|http|onerror", outside)
    made = tikz(svg)
    assert not re.search(r"\\(?:write|input|catcode|include|openout)(?![a-z])", made.replace(r"\textbackslash{}", ""))
    assert "^^" not in made
    rows = list(csv.reader(io.StringIO(model.summary("csv"))))
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_picture_that_forgot_to_escape_is_seen(monkeypatch, plain):
    monkeypatch.setattr("archlang.draw.marks.escape", lambda words: words)
    model = parse("input 3x8x8\nconv3-8; relu", name="<a></a><script>.arch")
    with pytest.raises((ElementTree.ParseError, AssertionError)):
        assert {tag for tag, _ in skeleton(model.svg())} <= {tag for tag, _ in skeleton(plain.svg)}


def test_a_table_of_hostile_nets_keeps_its_cells(tmp_path):
    path = tmp_path / "hostile.arch"
    path.write_text(program("=1+2", "@x").replace("expect", "# expect"))
    for row in csv.reader(io.StringIO(table(path, format="csv"))):
        assert not any(cell.startswith(("=", "+", "@")) for cell in row)
