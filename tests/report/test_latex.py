"""Every LaTeX table is strictly what `booktabs` alone compiles; where LaTeX is installed, it says so itself."""

import subprocess

import pytest
from latex_check import assert_latex

import archlang
from archlang import resources

NAMES = sorted(path.stem for path in resources.zoo().glob("*.arch"))
HEAD = "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{booktabs,longtable}\n\\begin{document}\n"


@pytest.mark.parametrize(
    "text",
    [
        "\\toprule\na & b \\\\",
        "\\toprule\na & b & c_d \\\\",
        "\\toprule\na & b & \\input{x} \\\\",
        "\\toprule\na & b & $x \\\\",
        "\\toprule\na & {b & c} \\\\",
    ],
)
def test_the_check_finds_what_latex_would(text):
    table = "%% needs \\usepackage{booktabs}\n\\begin{tabular}{lll}\n%s\n\\bottomrule\n\\end{tabular}\n"
    assert_latex(table % "\\toprule\na & b & c \\\\", 3)
    with pytest.raises(AssertionError):
        assert_latex(table % text, 3)


@pytest.mark.latex
def test_latex_itself_takes_every_table_and_summary(tmp_path):
    evil = tmp_path / "evil.arch"
    paper = "\\\\input{x} $_^~#%&{}[*]<|>"
    evil.write_text(f'net N {{\n  paper "{paper}"\n  input 3x8x8\n  conv3-4; gap; FC-2\n}}\n', "utf-8")
    tables = [archlang.table(name, format="latex") for name in (*NAMES, evil)]
    summaries = [archlang.read(name).summary("latex") for name in ("googlenet", "unet", evil)]
    pages = "\n\\clearpage\n".join([*tables, *summaries])
    (tmp_path / "all.tex").write_text(f"{HEAD}{pages}\n\\end{{document}}\n", "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000
