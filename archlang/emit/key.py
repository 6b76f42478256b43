"""What the steps of a body read, and what bodies are compared by."""

from __future__ import annotations

from typing import Any

from archlang.record import record


class Key:
    """What is compared often, and goes deep: its hash is worked out once."""

    __slots__ = ("_hash", "_parts")

    def __init__(self, *parts: Any) -> None:
        self._parts = parts
        self._hash = hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Key) and self._parts == other._parts)


@record
class Ref:
    """A tensor of a body: output `port` of step `step`, or, where that is -1, its input `port`."""

    step: int
    port: int = 0
