"""What a number of the text is worth."""

from __future__ import annotations

from decimal import Decimal

_SUFFIXES = {"K": 10**3, "M": 10**6, "G": 10**9}


def number_value(text: str) -> int | float:
    """The value of `64`, `0.5`, `1e-4` or `138M`.

    Whole numbers are `int`, also those with a suffix (`1.5K` is 1500);
    anything else with a point or an exponent is a `float`.
    """
    if text.isdigit():
        return int(text)
    scale = _SUFFIXES.get(text[-1])
    if scale is None:
        return float(text)
    scaled = Decimal(text[:-1]) * scale
    whole = int(scaled)
    return whole if whole == scaled else float(scaled)
