"""The pages for those who come from another tool: each row of their tables is true.

A row of a table whose head says `SOMETHING, of CxHxW | archlang | leaves | parameters` is a program: its line of
archlang reads a map of that size, and leaves what the row says. Where the other side is PyTorch, it is made, too.
"""

from __future__ import annotations

import re

import pytest
import torch
from run_page import ROOT
from torch import nn

import archlang

HEAD = re.compile(r"^\| (?P<tool>.+), of (?P<enters>[\dx]+) \| archlang \| leaves \| parameters \|$")
PAGES = sorted((ROOT / "docs/coming-from").glob("*.md"))


def _rows(page):
    """(tool, what enters, its words, archlang's, what leaves, parameters), of each row that can be tried."""
    head = None
    for line in page.read_text("utf-8").splitlines():
        if not line.startswith("|"):
            head = None
        elif found := HEAD.match(line):
            head = found
        elif head and not line.startswith("|-"):
            theirs, ours, leaves, parameters = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
            yield head["tool"], head["enters"], theirs, ours, leaves, int(parameters.replace(",", ""))


ROWS = [pytest.param(*row, id=f"{page.stem}: {row[3]}") for page in PAGES for row in _rows(page)]
TORCH = [row for row in ROWS if row.values[0] == "torch.nn"]


def _code(cell):
    """The code in a cell, as it is typed outside of a table."""
    return cell.strip("`").replace("\\|", "|")


def _sizes(text):
    return tuple(int(size) for size in text.split("x"))


@pytest.mark.parametrize(("tool", "enters", "theirs", "ours", "leaves", "parameters"), ROWS)
def test_a_line_of_archlang_does_what_its_row_says(tool, enters, theirs, ours, leaves, parameters):
    net = archlang.parse(f"input {enters}\n{_code(ours)}")
    assert net.shapes[next(reversed(net.shapes))] == _sizes(leaves)
    assert net.params == parameters


@pytest.mark.parametrize(("tool", "enters", "theirs", "ours", "leaves", "parameters"), TORCH)
def test_the_other_side_of_a_row_does_the_same(tool, enters, theirs, ours, leaves, parameters):
    module = eval(_code(theirs), {"nn": nn, "torch": torch})  # noqa: S307 - the page is ours
    assert sum(p.numel() for p in module.parameters()) == parameters
    assert module.eval()(torch.zeros(1, *_sizes(enters))).shape[1:] == _sizes(leaves)


def test_the_tables_are_found():
    assert len(ROWS) > 60
    assert len(TORCH) > 15
