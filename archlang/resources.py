"""Where the grammar, the zoo and the pages about messages are, however archlang was installed.

A wheel holds these folders inside the package; a checkout or an editable
install has them beside it. The folder beside the package counts only where a
`pyproject.toml` stands, so that a stranger's `zoo/` is never read.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str, package: Path = _PACKAGE, beside: str | None = None) -> Path:
    """The data folder `name`, inside the package first, else beside it, where it may be called otherwise.

    Raises `FileNotFoundError` where the installation has neither.
    """
    inside = package / name
    if inside.is_dir():
        return inside
    near = package.parent / (beside or name)
    if (package.parent / "pyproject.toml").is_file() and near.is_dir():
        return near
    msg = f"archlang was installed without its {name} folder (looked for {inside})"
    raise FileNotFoundError(msg)


def grammar() -> Path:
    """The grammar file."""
    return folder("grammars") / "arch.lark"


def zoo() -> Path:
    """The folder of networks that come with archlang; `std` in it holds the prelude."""
    return folder("zoo")


def errors() -> Path:
    """The folder of pages about messages, one a code: a part of the documentation."""
    return folder("errors", beside="docs/errors")
