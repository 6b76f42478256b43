"""archlang: a language for CNN architectures, and a compiler for it.

    >>> import archlang
    >>> net = archlang.read("resnet50")
    >>> net.params
    25557032
    >>> net.draw("resnet50.svg")
    >>> module = net.build()

Names are fetched when first used, so that importing archlang costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archlang.columns import table
    from archlang.diagnostics import ArchError, Diagnostic, Severity
    from archlang.model import Model, build, check, parse, read
    from archlang.source import Source, Span
else:  # a type checker that saw this would take every name for one of archlang's

    def __getattr__(name: str) -> Any:
        """Fetch a public name from the module it lives in."""
        if name not in _HOMES:
            raise AttributeError(f"module 'archlang' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


__version__ = "0.1.0"

__all__ = [
    "ArchError",
    "Diagnostic",
    "Model",
    "Severity",
    "Source",
    "Span",
    "__version__",
    "build",
    "check",
    "parse",
    "read",
    "table",
]

_HOMES = {
    "ArchError": "archlang.diagnostics",
    "Diagnostic": "archlang.diagnostics",
    "Severity": "archlang.diagnostics",
    "Model": "archlang.model",
    "Source": "archlang.source",
    "Span": "archlang.source",
    "build": "archlang.model",
    "check": "archlang.model",
    "parse": "archlang.model",
    "read": "archlang.model",
    "table": "archlang.columns",
}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
