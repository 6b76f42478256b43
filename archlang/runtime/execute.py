"""Emitted source, executed in memory."""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType


def execute(source: str, name: str) -> ModuleType:
    """The Python module that `source` makes, found by that text from then on.

    Tracebacks and `inspect.getsource` show its lines, and its classes can be
    pickled in this process: it stands in `sys.modules` under a name made of
    `name` and the text's digest, and in `linecache`.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    full = f"archlang_built_{plain}_{digest}"
    known = sys.modules.get(full)
    if known is not None:
        return known
    place = f"<archlang {plain} {digest}>"
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    module = ModuleType(full, f"{name}, as archlang emitted it.")
    module.__file__ = place
    sys.modules[full] = module
    try:
        exec(compile(source, place, "exec"), module.__dict__)  # noqa: S102 - our own text: names and values of a file are literals in it
    except BaseException:
        del sys.modules[full], linecache.cache[place]
        raise
    return module
