"""The reference of the public names, as Markdown, from their docstrings; nothing of archlang is imported.

python scripts/public_names.py

prints what `make site` puts behind docs/reference.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import griffe

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("archlang", "archlang.diagnostics", "archlang.editing", "archlang.formatting", "archlang.kernels")
WIDTH = 100


def reference() -> str:
    """Each public module with the names of its `__all__`, in that order."""
    package = griffe.load("archlang", search_paths=[ROOT], resolve_aliases=True)
    told: dict[str, str] = {}
    return "\n".join(part for name in MODULES for part in _module(package, name, told))


def names() -> str:
    """Each public module with its names and their signatures, and nothing said of them."""
    package = griffe.load("archlang", search_paths=[ROOT], resolve_aliases=True)
    told: dict[str, str] = {}
    listed = {name: "\n".join(_names(package, name, told)) for name in MODULES}
    return "\n".join(f"### {name}\n\n```text\n{lines}\n```\n" for name, lines in listed.items())


def _names(package: griffe.Object | griffe.Alias, name: str, told: dict[str, str]) -> Iterator[str]:
    module = package[name.partition(".")[2]] if "." in name else package
    for each in sorted(map(str, module.exports or [])):
        what = _target(module, each)
        if what.path in told:
            yield f"{each} = {told[what.path]}"
        else:
            told[what.path] = f"{name}.{each}"
            yield each if each.startswith("__") else _signature(what)
            yield from (indent(_signature(inner), "    ") for inner in _public(what)) if what.is_class else ()


def _public(what: griffe.Object | griffe.Alias) -> Iterator[griffe.Object | griffe.Alias]:
    """The methods and properties of a class; plain fields stand in its signature."""
    return (m for n, m in what.members.items() if not (n.startswith("_") or m.docstring is None or _is_field(n, m)))


def _module(package: griffe.Object | griffe.Alias, name: str, told: dict[str, str]) -> Iterator[str]:
    module = package[name.partition(".")[2]] if "." in name else package
    yield f"## {name}\n"
    yield _words(module)
    for each in module.exports or []:
        if not str(each).startswith("__"):
            yield from _member(_target(module, str(each)), f"{name}.{each}", told)


def _target(module: griffe.Object | griffe.Alias, name: str) -> griffe.Object | griffe.Alias:
    """What a name of a module stands for; of a function and the file that it alone is in, the function."""
    member = module[name]
    what = member.final_target if member.is_alias else member
    return what[name] if what.is_module else what


def _member(what: griffe.Object | griffe.Alias, path: str, told: dict[str, str]) -> Iterator[str]:
    yield f"### {path}\n"
    if what.path in told:
        yield f"The same as `{told[what.path]}`.\n"
        return
    told[what.path] = path
    yield _code(what)
    yield _words(what)
    if what.is_class:
        yield from _inside(what)


def _inside(what: griffe.Object | griffe.Alias) -> Iterator[str]:
    """The public methods and properties of a class, with their words; plain fields stand in its signature."""
    for member in _public(what):
        yield f"#### {what.name}.{member.name}\n"
        yield _code(member)
        yield _words(member)


def _words(what: griffe.Object | griffe.Alias) -> str:
    return f"{what.docstring.value}\n" if what.docstring else ""


# ---- signatures ----------------------------------------------------------------


def _code(what: griffe.Object | griffe.Alias) -> str:
    return f"```python\n{_signature(what)}\n```\n"


def _signature(what: griffe.Object | griffe.Alias) -> str:
    if what.is_function:
        kept = [_parameter(p) for p in _shown(what)]
        return _broken(f"{what.name}(", kept, f"){_returns(what)}")
    if what.is_class:
        return _class(what)
    return f"{what.name}{_annotation(what)}{_value(what)}"


def _class(what: griffe.Object | griffe.Alias) -> str:
    bases = f"({', '.join(str(base) for base in what.bases)})" if what.bases else ""
    fields = [f"    {n}{_annotation(m)}{_value(m)}" for n, m in what.members.items() if _is_field(n, m)]
    return "\n".join([f"class {what.name}{bases}{':' if fields else ''}", *fields])


def _is_field(name: str, member: griffe.Object | griffe.Alias) -> bool:
    declared = member.is_attribute and getattr(member, "annotation", None) is not None
    return declared and not name.startswith("_") and "property" not in member.labels


def _shown(what: griffe.Object | griffe.Alias) -> Iterator[str]:
    """The parameters, with the signs that part those given by place from those given by name."""
    kinds = griffe.ParameterKind
    starred = any(p.kind is kinds.var_positional for p in what.parameters)
    placed = False
    for p in what.parameters:
        if p.name in ("self", "cls"):
            continue
        if placed and p.kind is not kinds.positional_only:
            yield "/"
        placed = p.kind is kinds.positional_only
        if p.kind is kinds.keyword_only and not starred:
            yield "*"
            starred = True
        yield p


def _parameter(p: griffe.Parameter | str) -> str:
    if isinstance(p, str):
        return p
    star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(p.kind, "")
    if star:
        return f"{star}{p.name}: {p.annotation}" if p.annotation else f"{star}{p.name}"
    default = f" = {p.default}" if p.default is not None else ""
    return f"{p.name}: {p.annotation}{default}" if p.annotation else f"{p.name}{default.replace(' ', '')}"


def _returns(what: griffe.Object | griffe.Alias) -> str:
    return f" -> {what.returns}" if what.returns else ""


def _annotation(what: griffe.Object | griffe.Alias) -> str:
    return f": {what.annotation}" if getattr(what, "annotation", None) else ""


def _value(what: griffe.Object | griffe.Alias) -> str:
    value = getattr(what, "value", None)
    return f" = {value}" if value is not None else ""


def _broken(head: str, parts: list[str], tail: str) -> str:
    """A call on one line, or with a line for each argument where it would be long."""
    line = head + ", ".join(parts) + tail
    return line if len(line) <= WIDTH else f"{head}\n" + "".join(f"    {part},\n" for part in parts) + tail


if __name__ == "__main__":
    sys.stdout.write(reference())
