"""Pictures of networks: SVG, PNG, PDF and DOT, with a layout of our own."""

from archlang.draw.export import draw, svg

__all__ = ["draw", "svg"]
