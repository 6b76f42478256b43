"""A network as PyTorch source."""

from __future__ import annotations

from archlang.emit.source import class_of, source

__all__ = ["class_of", "source"]
