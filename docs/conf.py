"""How Sphinx makes the site of these pages: `make site`.

The pages are plain Markdown that reads well without it. So what only a site needs, the order of its pages and the
reference from the docstrings, is put behind them here, as they are read.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "scripts")]

from public_names import reference  # noqa: E402 - it stands in scripts/

from archlang.colouring.pygments_lexer import ArchLexer  # noqa: E402 - as above: that of this checkout

# ---- what stands where ---------------------------------------------------------

# Every page stands here once: Sphinx warns of one that does not, and a warning is an error.
CHAPTERS = {
    "Begin": "tutorial fine-tuning coming-from/index",
    "The language": "language layers own-layers formatting errors glossary",
    "Tools": "commands drawing page serve editors",
    "Networks": "zoo module kernels",
    "Reference": "reference api",
    "Work on it": "design hardening adding-a-layer adding-a-block adding-a-kernel decisions/index benchmarks/index",
}

# Pages that stand behind others, in the order of their names.
FOLDERS = {
    "coming-from/index": "coming-from/[!i]*.md",
    "decisions/index": "decisions/0*.md",
    "benchmarks/index": "benchmarks/2*.md",
}


def contents(page: str) -> str:
    """The tables of contents of a page, in the words of MyST."""
    if page == "index":
        return "".join(_toctree(pages.split(), f":caption: {chapter}\n") for chapter, pages in CHAPTERS.items())
    behind = sorted(HERE.glob(FOLDERS[page])) if page in FOLDERS else []
    return _toctree(["/" + place.relative_to(HERE).with_suffix("").as_posix() for place in behind]) if behind else ""


def _toctree(pages: list[str], options: str = "") -> str:
    return "\n```{toctree}\n:hidden:\n" + options + "\n" + "\n".join(pages) + "\n```\n"


def _read(_: Sphinx, page: str, source: list[str]) -> None:
    if page.startswith("errors/"):  # a hundred pages that the list of codes leads to, not the table of contents
        source[0] = "---\norphan: true\n---\n\n" + source[0]
    source[0] = re.sub(r"\]\((\.\./[A-Z]+\.md)\)", r"](path:\1)", source[0])  # not one of these pages: a file
    source[0] += contents(page)
    if page == "reference":
        source[0] += "\n" + reference()


def _finished(app: Sphinx, error: Exception | None) -> None:
    """Images stand where the pages' own HTML says, too."""
    if error is None:
        shutil.copytree(HERE / "images", app.outdir / "images", dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    """What Sphinx calls first."""
    app.add_lexer("arch", ArchLexer)
    app.connect("source-read", _read)
    app.connect("build-finished", _finished)


# ---- Sphinx ----------------------------------------------------------------------

project = "archlang"
author = "the authors of archlang"
language = "en"
extensions = ["myst_parser"]
exclude_patterns = ["images"]
nitpicky = True
myst_heading_anchors = 4  # `page.md#heading`, as a repository's browser has it

html_theme = "furo"  # when a page is read it asks no other machine for anything: no fonts, no scripts
html_title = "archlang"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
