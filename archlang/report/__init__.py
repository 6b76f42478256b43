"""Tables: a network layer by layer, with its totals."""

from archlang.report.layers import Layer, layers
from archlang.report.summary import Summary, summarize, summary

__all__ = ["Layer", "Summary", "layers", "summarize", "summary"]
