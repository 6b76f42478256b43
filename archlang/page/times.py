"""Measured times of a network's layers, as `archlang bench --layers --json` writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from archlang.diagnostics import ArchError, Diagnostic
from archlang.files import read
from archlang.ir.network import Network
from archlang.source import Source, Span

MOST_BYTES = 64_000_000
"""How large a file of times may be."""

_LONGEST = 1e9  # seconds

_HOW = "`archlang bench NET --layers -o times` writes times.json"


def read_times(file: Path | str, network: Network) -> dict[str, float]:
    """The seconds of each layer by its path.

    Raises ArchError for a file that cannot be read or holds no times (`times-file`), for
    times of another network (`times-network`) or of layers that it does not have (`times-layer`).
    """
    file = Path(file)
    record = _record(file)
    measured, own = record.get("network"), f"{network.name}@{network.variant}" if network.variant else network.name
    if measured is not None and measured != own:
        help_ = f"draw what was measured, or measure this one: {_HOW}"
        raise _error("times-network", f"these times are of {_short(measured)}, and what is drawn is {own}", file, help_)
    layers = record.get("layers")
    if not isinstance(layers, dict):
        raise _error("times-file", "it holds no times of layers", file, _HOW)
    times = {name: _time(name, value, file) for name, value in cast("dict[str, object]", layers).items()}
    known = {node.path for node in network.graph}
    strange = [name for name in times if name not in known]
    if strange:
        more = f", nor {len(strange) - 1} more of the file's" if len(strange) > 1 else ""
        raise _error("times-layer", f"{own} has no layer `{_short(strange[0])}`{more}", file, _HOW)
    return times


def _record(file: Path) -> dict[str, object]:
    try:
        text = read(file, MOST_BYTES + 1)
    except OSError as error:
        raise _error("times-file", f"it cannot be read: {error.strerror or error}", file, _HOW) from None
    try:
        record = json.loads(text[:MOST_BYTES]) if len(text) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise _error("times-file", "it is no JSON with times in it", file, _HOW)
    return cast("dict[str, object]", record)


def _time(name: str, value: object, file: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LONGEST:
        raise _error("times-file", f"`{_short(name)}` has no time in seconds: {_short(value)}", file)
    return float(value)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _error(code: str, message: str, file: Path, help_: str | None = None) -> ArchError:
    name = str(file)
    return ArchError([Diagnostic(code, message, Span(Source("the times", name), 0, len(name)), help=help_)])
