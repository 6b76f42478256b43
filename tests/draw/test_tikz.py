"""Pictures as TikZ: what a strict reader of our own makes of them, and LaTeX itself where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import hand_made
import pytest

import archlang
from archlang.draw import draw, svg
from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.tikz import tex_text, tikz

COMMANDS = frozenset(
    "documentclass usepackage newcommand unknown framebox rule definecolor path node fontsize selectfont sffamily "
    "bfseries begin end textperiodcentered texttimes textellipsis textrightarrow textless textgreater textbar "
    "textquotedbl textbackslash textasciitilde textasciicircum".split()
)
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}\[\]$&#_^~]|[^\\{}\[\]$&#_^~]+", re.DOTALL)
NAMES = ["a<b>&\"c\"'d'{}|\\n", "50%_#$^~", "a--b ``c'' <<d>>", "日本", "😀", "שלום", "é × … ·"]


def assert_tikz(text: str) -> None:
    """Groups close as they open, every command is known, no special character stands bare, every path ends."""
    first, *rest = text.splitlines()
    assert first.startswith("% needs the class standalone and the packages tikz")
    body = "\n".join(rest)
    groups: list[str] = []
    for word in TOKEN.findall(body):
        if word[0] == "\\":
            assert word[1:] in COMMANDS or word[1:] in "&%$#_{}", word
        elif word in "{[":
            groups.append(word)
        elif word == "}":
            assert groups.pop() == "{"
        elif word == "]" and groups[-1:] == ["["]:
            groups.pop()
        else:
            assert word not in "$&#_^~"
            assert "%" not in word
    assert groups == []
    opened = re.findall(r"\\(begin|end)\{(\w+)\}", body)
    assert opened == [("begin", "document"), ("begin", "tikzpicture"), ("end", "tikzpicture"), ("end", "document")]
    drawn = body.partition("{tikzpicture}")[2].partition("\n")[2].partition("\\end")[0].splitlines()
    assert all(line.startswith(("\\path[", "\\node[")) and line.endswith(";") for line in drawn)
    defined = set(re.findall(r"\\definecolor\{(c[0-9A-F]{6})\}\{HTML\}\{[0-9A-F]{6}\}", body))
    assert set(re.findall(r"(?:fill|draw|text)=(c\w+)", body)) <= defined


def named(name: str) -> str:
    b = hand_made.Builder(name)
    b.input(3, 8, 8)
    with b.scope(hand_made.Kind.BLOCK, name, label=f"{name}s"):
        b.conv(8)
    return tikz(svg(b.network()))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_means_itself(name: str) -> None:
    assert_tikz(named(name))


@pytest.mark.parametrize("name", ["googlenet", "resnet50", "unet", "densenet121"])
def test_a_network_of_the_zoo_is_tikz_that_a_strict_reader_takes(name: str) -> None:
    assert_tikz(tikz(archlang.read(name).svg()))


def test_everything_stands_where_the_picture_has_it() -> None:
    network = archlang.read("googlenet").network
    picture = layout(compose(network))
    text = tikz(svg(network))
    assert "[x=0.75bp, y=-0.75bp," in text
    rectangles = re.findall(r"\(([\d.]+),([\d.]+)\) rectangle \(([\d.]+),([\d.]+)\);", text)
    corners = {tuple(map(float, found)) for found in rectangles}
    first = picture.boxes[0]
    left, top = next((c[0] - first.x, c[1] - first.y) for c in sorted(corners, key=lambda c: c[1]) if _is(c, first))
    for box in picture.boxes:
        x, y = box.x + left, box.y + top
        assert (x, y, x + box.width, y + box.height) in corners
        for line in box.writing.lines:
            assert f"{{{tex_text(line.text)}}};" in text
    for edge in picture.edges:
        (x, y), (end_x, end_y) = edge.points[0], edge.points[-1]
        assert f"({x + left:g},{y + top:g}) " in text
        assert f"-- ({end_x + left:g},{end_y - 1 + top:g});" in text


def _is(corners: tuple[float, ...], box: object) -> bool:
    size = getattr(box, "width", 0), getattr(box, "height", 0)
    return (corners[2] - corners[0], corners[3] - corners[1]) == size


def test_what_the_font_lacks_is_a_box_and_ligatures_are_none() -> None:
    assert tex_text("日a") == r"\unknown{}a"
    assert tex_text("a--b") == "a-{}-b"
    assert tex_text("50%_") == r"50\%\_"
    assert tex_text("é\\") == r"é\textbackslash{}"


def test_a_picture_longer_than_tex_can_count_is_made_smaller() -> None:
    tall = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="64000"><path d="M0 0L0 64000"/></svg>'
    assert "[x=0.25bp, y=-0.25bp," in tikz(tall)


def test_the_suffix_tex_writes_it(tmp_path: Path) -> None:
    path = draw(hand_made.googlenet_like(), tmp_path / "net.tex")
    assert_tikz(path.read_text())


def test_latex_takes_it_where_there_is_one(tmp_path: Path) -> None:
    text = named("".join(NAMES))
    latex, find = shutil.which("pdflatex"), shutil.which("kpsewhich")
    if not latex or not find or not _has(find, "standalone.cls") or not _has(find, "tikz.sty"):
        assert_tikz(text)  # there is nobody to compile it here
        return
    (tmp_path / "net.tex").write_text(text)
    command = [latex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "net.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")


def _has(find: str, name: str) -> bool:
    return subprocess.run([find, name], capture_output=True, check=False).returncode == 0
