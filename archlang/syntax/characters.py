"""Characters that are no part of the language, and what people mean by them."""

from __future__ import annotations

_INSTEAD = {
    "'": 'strings stand in double quotes: `"..."`',
    "&": "write `and`",
    "~": "write `not`",
    "^": "a power is written `**`",
    "$": "leave the `$` out: a parameter is just its name",
    "\N{EN DASH}": "this is an en dash: type a plain `-`",
    "\N{EM DASH}": "this is an em dash: type a plain `-`",
    "\N{MINUS SIGN}": "this is a typeset minus sign: type a plain `-`",
    "\N{HYPHEN}": "this is a typeset hyphen: type a plain `-`",
    "\N{LEFT DOUBLE QUOTATION MARK}": 'these are typeset quotes: type `"`',
    "\N{RIGHT DOUBLE QUOTATION MARK}": 'these are typeset quotes: type `"`',
    "\N{LEFT SINGLE QUOTATION MARK}": 'strings stand in double quotes: `"..."`',
    "\N{RIGHT SINGLE QUOTATION MARK}": 'strings stand in double quotes: `"..."`',
    "→": "write `=>` for an output size; layers are chained with `;`",
    "⇒": "write `=>`",
    "…": "a range is two dots: `A..E`",
    "·": "write `*`",
    "⋅": "write `*`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "\xa0": "this is a no-break space: type a plain space",
    "\x00": "this does not look like a text file",
    "\\": "a `\\` may only stand at the end of a line, which it continues",
}


def instead_of(chars: str) -> str | None:
    """What to type instead of `chars`, if that can be said."""
    known = next((c for c in chars if c in _INSTEAD), None)
    if known:
        return _INSTEAD[known]
    return "names are written with a-z, A-Z, 0-9 and `_`" if chars[0].isalpha() else None
