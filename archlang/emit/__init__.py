"""A network as PyTorch source."""

from __future__ import annotations

from archlang.emit.source import source

__all__ = ["source"]
