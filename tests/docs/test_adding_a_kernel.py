"""The page about adding a kernel, followed to the letter in a copy of the tree."""

from __future__ import annotations

import pytest
from following import followed, run_in
from run_page import ROOT

pytest.importorskip("triton")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return followed(ROOT / "docs/adding-a-kernel.md", tmp_path_factory.mktemp("tree"), "tests/kernels", "tests/support")


@pytest.mark.slow
def test_the_new_kernel_is_right_in_the_interpreter_and_so_is_its_part(tree):
    script = """
import sys, pytest, torch
tests = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "tests/kernels/interpreted/test_gate.py"]
status = pytest.main(tests)
sys.path.insert(0, "tests/kernels")
from parts import PARTS, Gated
part, x = Gated(16).eval(), torch.randn(2, 16, 5, 5)
with torch.no_grad():
    same = torch.allclose(part.fused(x)[0], part.plain(x)[0], atol=1e-6)
print(int(status), Gated in PARTS, same)
"""
    said = run_in(tree, "-c", script, TRITON_INTERPRET="1", OMP_NUM_THREADS="1")
    assert "11 passed" in said
    assert said.endswith("0 True True\n")


@pytest.mark.slow
def test_the_new_kernel_compiles_and_is_in_the_list_of_those_that_must(tree):
    tests = "stands_by_itself or interpreted_and_compiled"
    run_in(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/kernels/test_kernels.py", "-k", tests)
    script = """
import sys
sys.path.insert(0, "tests/kernels")
from compiling import compile_for
from shipped import pointwise
for arch in ("sm_90", "gfx942"):
    case = next(case for case in pointwise(64, "bf16", everything=True) if case.name.startswith("gated"))
    print(arch, compile_for(case, arch).spilled)
"""
    assert run_in(tree, "-c", script) == "sm_90 0\ngfx942 0\n"
