"""Who may import whom."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib

import grimp
import pytest

HOMES = {
    "lark": ("archlang.syntax.parse",),
    "networkx": ("archlang.ir.graph",),
    "graphviz": ("archlang.draw.dot",),
    "torch": ("archlang.runtime", "archlang.kernels", "archlang.bench"),
    "triton": ("archlang.kernels",),
    "safetensors": ("archlang.runtime",),
}
"""Each library, and how the names of the modules begin that may import it."""


def graph():
    return grimp.build_graph("archlang", include_external_packages=True, exclude_type_checking_imports=True)


@pytest.fixture(scope="module")
def imports():
    return graph()


def strangers(imports, library):
    """The modules that import `library` and have no right to."""
    if library not in imports.modules:
        return set()
    importers = imports.find_modules_that_directly_import(library)
    return {module for module in importers if not module.startswith(HOMES[library])}


def test_imports_go_downwards_only(root):
    done = contracts(root, root / "pyproject.toml")
    assert done.returncode == 0, done.stdout


def contracts(folder, config):
    script = f"import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports({str(config)!r}))"
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_the_contracts_catch_an_import_that_goes_up(root, tmp_path):
    package = tmp_path / "archlang"
    package.mkdir()
    settings = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = " | ".join(settings["contracts"][0]["layers"]).split(" | ")
    for name in ("__init__", *floors):
        (package / f"{name}.py").write_text("")
    (package / "source.py").write_text("import archlang.ops\n")
    config = tmp_path / "pyproject.toml"
    layers = root.joinpath("pyproject.toml").read_text().split("# ---- floors")[1]
    head, _, rest = layers.partition("[[tool.importlinter.contracts]]")
    config.write_text("#" + head + "[[tool.importlinter.contracts]]" + rest.partition("[[")[0])
    done = contracts(tmp_path, config)
    assert done.returncode == 1
    assert "archlang.source -> archlang.ops" in done.stdout


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_in_its_home_only(imports, library):
    assert strangers(imports, library) == set()


def test_a_stranger_who_imports_a_library_is_seen():
    imports = graph()
    imports.add_import(importer="archlang.source", imported="torch")
    assert strangers(imports, "torch") == {"archlang.source"}


def test_everything_but_the_build_works_where_torch_is_not_installed(tmp_path):
    (tmp_path / "net.arch").write_text("input 3x32x32\nconv3-8; relu; maxpool; FC-10\n")
    script = """
import sys
sys.modules["torch"] = None  # an import of it fails
from archlang.cli.main import main
for argv in (["check", "net.arch"], ["summary", "net.arch"], ["draw", "net.arch"], ["build", "net.arch"]):
    status = main(argv)
    if status:
        sys.exit(f"{argv} ended with {status}")
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"net.arch", "net.py", "net.svg"}


def loaded_by(script):
    """The modules that a script brings in, beyond those that Python and its site had before."""
    before = "import sys; before = set(sys.modules); "
    after = "; print(*(set(sys.modules) - before), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", before + script + after], capture_output=True, text=True, check=True, env=os.environ
    )
    return set(done.stderr.split())


def test_importing_archlang_imports_typing_and_nothing_else():
    """So it costs a twentieth of `import networkx`: docs/benchmarks has the figure."""
    of_typing = loaded_by("import typing, importlib, __future__")
    assert loaded_by("import archlang") - of_typing == {"archlang"}


def test_a_message_is_handled_without_the_parser_and_the_graph():
    loaded = loaded_by("import archlang; archlang.ArchError, archlang.Diagnostic, archlang.Source")
    assert {name for name in loaded if name.partition(".")[0] in HOMES} == set()
    assert not [name for name in loaded if name.startswith(("archlang.syntax", "archlang.ir", "archlang.model"))]


def test_checking_a_file_loads_no_library_beyond_the_parser(tmp_path):
    (tmp_path / "a.arch").write_text("input 3x8x8\nconv3-8; relu\nexpect params == 224\n")
    script = f"from archlang.cli.main import main; main(['check', {str(tmp_path / 'a.arch')!r}])"
    loaded = {name.partition(".")[0] for name in loaded_by(script)}
    assert loaded - set(sys.stdlib_module_names) <= {"archlang", "lark", "interegular"}  # which lark has where it is
