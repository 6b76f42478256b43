"""Statements too long for a line, broken as `ruff format` breaks them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from random import Random

import pytest

from archlang.emit.printer import lines

COUNT = int(os.environ.get("ARCHLANG_STATEMENTS", "400"))
WORDS = "conv layer shortcut_connection upsampled_by_two features_of_the_third_stage x y".split()


class Statements:
    """Statements of the shapes that emission writes, of names of all lengths."""

    def __init__(self, seed: int) -> None:
        self.r = Random(seed)

    def name(self) -> str:
        return "_".join(self.r.choice(WORDS) for _ in range(self.r.choice([1, 1, 2, 3])))[:60].rstrip("_")

    def word(self) -> str:
        options = [self.name(), f"self.{self.name()}", self.name(), "64", "1e-05", f'"{self.name()}"']
        return self.r.choice(options)

    def several(self, least: int, most: int, depth: int) -> str:
        return ", ".join(self.expression(depth - 1) for _ in range(self.r.randint(least, most)))

    def call(self, depth: int) -> str:
        functions = ["F.relu", "torch.flatten", "nn.Conv2d", self.name(), f"self.{self.name()}"]
        named = "".join(f", {self.name()}{i}={self.expression(depth - 1)}" for i in range(self.r.randint(0, 2)))
        return f"{self.r.choice(functions)}({self.several(1, 3, depth)}{named})"

    def crop(self) -> str:
        x, y = self.name(), self.name()
        rows, columns = (f".narrow({d}, ({x}.shape[{d}] - {y}.shape[{d}]) // 2, {y}.shape[{d}])" for d in (2, 3))
        return x + rows + columns

    def tight(self, depth: int) -> str:
        """An expression without an operator outside of brackets."""
        while True:
            text = self.expression(depth)
            loose = ast.BinOp | ast.IfExp | ast.BoolOp | ast.Compare
            if not isinstance(ast.parse(text, mode="eval").body, loose):
                return text

    def expression(self, depth: int) -> str:
        if depth <= 0:
            return self.word()
        r = self.r
        made = {
            "word": self.word,
            "call": lambda: self.call(depth),
            "sum": lambda: " + ".join(
                [self.word(), *(f"self.{self.name()}({self.word()})" for _ in range(r.randint(1, 2)))]
            ),
            "product": lambda: f"{self.word()} * {self.word()}",
            "half": lambda: f"({self.word()} - {self.word()}) // 2",
            "choice": lambda: f"{self.tight(depth - 1)} if self.{self.name()} else {self.word()}",
            "either": lambda: f"{self.name()} != {self.word()} or {self.name()} > 1",
            "list": lambda: f"[{self.several(1, 4, depth)}]",
            "tuple": lambda: f"({self.several(2, 3, depth)})",
            "rounds": lambda: f"[{self.expression(depth - 1)} for _ in range({self.word()})]",
            "part": lambda: f"{self.name()}[:, 3:99]",
            "crop": self.crop,
            "dict": lambda: f'{{"{self.name()}": {self.expression(depth - 1)}, "b": {self.word()}}}',
            "reached": lambda: f'getattr(self, f"{self.name()}{{i}}")({self.expression(depth - 1)})',
        }
        return made[r.choice([*made, "call", "call"])]()

    def head(self) -> str:
        given = [
            f", {self.name()}{i}: {self.r.choice(['int', 'Tensor', 'float'])}" for i in range(self.r.randint(0, 4))
        ]
        returned = [
            "Tensor",
            f"Tensor | {self.name()}",
            "tuple[Tensor, Tensor]",
            f"tuple[{', '.join(['Tensor'] * 12)}]",
        ]
        return f"def {self.name()}(self{''.join(given)}) -> {self.r.choice(returned)}:"

    def statement(self) -> str:
        kinds = [
            lambda: f"{self.name()} = {self.expression(3)}",
            lambda: f"self.{self.name()} = {self.expression(3)}",
            lambda: f"return {self.expression(3)}",
            lambda: f"return {self.tight(2)}, {self.tight(2)}",
            lambda: f"if {self.expression(2)}:",
            lambda: f"for i in {self.expression(1)}:",
            lambda: self.call(3),
            lambda: f"{self.name()}_1, {self.name()}_2, {self.name()} = self.{self.name()}({self.several(1, 3, 1)})",
            lambda: f"class {self.name()}(nn.Module):",
            self.head,
        ]
        return self.r.choice(kinds)()


def module_of(statement: str) -> str:
    """The statement in a place where it may stand."""
    above = ["def f(self):", "    if True:", *([""] if statement.startswith(("def ", "class ")) else [])]
    below = ["            pass"] if statement.endswith(":") else []
    return "\n".join([*above, *lines(statement, 8), *below]) + "\n"


def test_ruff_format_leaves_statements_of_any_length_as_they_are_printed(tmp_path):
    for seed in range(COUNT):
        (tmp_path / f"s{seed}.py").write_text(module_of(Statements(seed).statement()), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[:4000]


@pytest.mark.parametrize("seed", range(60))
def test_a_broken_statement_means_what_it_meant_on_one_line(seed):
    statement = Statements(seed).statement()
    below = " pass" if statement.endswith(":") else ""
    broken = "\n".join(lines(statement, 0)) + below
    assert ast.dump(ast.parse(broken)) == ast.dump(ast.parse(statement + below))


def test_a_statement_that_fits_is_left_alone():
    assert lines("x = (1 + 2)", 8) == ["        x = (1 + 2)"]
