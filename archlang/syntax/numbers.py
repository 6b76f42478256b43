"""What a number of the text is worth."""

from __future__ import annotations

from decimal import Decimal

from archlang.syntax.limits import MAX_NUMBER

_SUFFIXES = {"K": 10**3, "M": 10**6, "G": 10**9}
_LONG = 100  # digits; nobody types more


def number_value(text: str) -> int | float | None:
    """The value of `64`, `0.5`, `1e-4` or `138M`; None if it is larger than `MAX_NUMBER`.

    Whole numbers are `int`, also those with a suffix (`1.5K` is 1500);
    anything else with a point or an exponent is a `float`.
    """
    scale = _SUFFIXES.get(text[-1], 1)
    digits = text if scale == 1 else text[:-1]
    if len(digits) > _LONG or float(digits) * scale > MAX_NUMBER:
        return None
    if digits.isdigit():
        return int(digits) * scale
    if scale == 1:
        return float(digits)
    scaled = Decimal(digits) * scale
    whole = int(scaled)
    return whole if whole == scaled else float(scaled)
