"""Diagnostics: the records, their codes, and how they are shown."""

from archlang.diagnostics.diagnostic import ArchError, Diagnostic, Label, Severity

__all__ = ["ArchError", "Diagnostic", "Label", "Severity"]
