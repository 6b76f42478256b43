"""One form for every file: `format_text`."""

from archlang.formatting.form import format_text

__all__ = ["format_text"]
