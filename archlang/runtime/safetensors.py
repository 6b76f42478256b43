"""Reads `.safetensors` files: a length, a table in JSON, and the tensors' bytes. Nothing in one can run."""

from __future__ import annotations

import json
from math import prod
from mmap import ACCESS_READ, mmap
from os import SEEK_END
from pathlib import Path
from typing import Any, cast

import torch

from archlang.runtime.fault import fault

LONGEST_TABLE = 10_000_000
"""Bytes of the table: room for 100,000 tensors, and read within 200 MB."""

_KINDS = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def read(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file by name. Raises `BuildError` where the file is not what the format says."""
    with path.open("rb") as file:
        empty = file.seek(0, SEEK_END) == 0
        data = memoryview(b"" if empty else mmap(file.fileno(), 0, access=ACCESS_READ))
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(LONGEST_TABLE, len(data) - 8):
        raise _broken(path, f"its table is longer than the file, or than {LONGEST_TABLE:,} bytes")
    try:
        table: Any = json.loads(bytes(data[8 : 8 + length]))
    except (ValueError, RecursionError):
        raise _broken(path, "its table is no JSON") from None
    if not isinstance(table, dict):
        raise _broken(path, "its table is no object")
    body = data[8 + length :]
    entries = cast("dict[str, Any]", table)
    found: dict[str, torch.Tensor] = {}
    room = len(body)
    for name, entry in entries.items():
        if name != "__metadata__":
            found[name] = _tensor(path, name, entry, body)
            room -= found[name].nbytes
            if room < 0:  # or a small file would fill the memory
                raise _broken(path, f"`{name}` lies where others do")
    return found


def _tensor(path: Path, name: str, entry: Any, body: memoryview) -> torch.Tensor:
    try:
        kind, shape, (start, end) = _KINDS[entry["dtype"]], entry["shape"], entry["data_offsets"]
        whole = all(type(n) is int and n >= 0 for n in (*shape, start, end))
    except (KeyError, TypeError, ValueError):
        raise _broken(path, f"it says of `{name}` what the format does not know") from None
    if not whole or end > len(body) or end - start != prod(shape) * kind.itemsize:
        raise _broken(path, f"`{name}` does not fill the place it is given")
    if start == end:
        return torch.zeros(shape, dtype=kind)
    return torch.frombuffer(bytearray(body[start:end]), dtype=kind).reshape(shape)


def _broken(path: Path, why: str) -> Exception:
    return fault("weights-file", f"`{path.name}` is no safetensors file: {why}", str(path))
