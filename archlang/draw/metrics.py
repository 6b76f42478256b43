"""How wide a text is, so that it fits the box drawn for it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from math import ceil

# Widths of the characters from space to tilde, in thousandths of the size, for Bitstream Vera Sans: as wide as
# Verdana and DejaVu Sans and wider than Helvetica and Arial, so that what fits in it fits in any of them.
_PLAIN = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 636 337 "
    "337 838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 695 635 611 732 "
    "684 989 685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 "
    "635 411 521 392 634 592 818 592 592 525 636 337 636 838"
)
_BOLD = (
    "348 456 521 838 696 1002 872 306 457 457 523 838 380 415 380 365 696 696 696 696 696 696 696 696 696 696 400 "
    "400 838 838 838 580 1000 774 762 734 830 683 683 821 837 372 372 775 637 995 837 850 733 850 770 720 682 812 "
    "774 1103 771 724 725 457 365 457 838 500 500 675 716 593 716 678 435 716 712 343 343 665 343 1042 712 687 716 "
    "716 493 595 478 712 652 924 645 652 582 712 365 712 838"
)
_FIRST = 32
_TABLES = {False: tuple(map(int, _PLAIN.split())), True: tuple(map(int, _BOLD.split()))}
_MORE = {"·": 380, "×": 838, "…": 1000}
_UNKNOWN = 1000
_SAFE = 1.03
_KNOWN = 8192
"""Texts that are remembered: a network repeats its own, and an editor draws it again at each keystroke."""


@lru_cache(_KNOWN)
def text_width(text: str, size: float, *, bold: bool = False) -> int:
    """The width of one line of text in whole pixels, rounded up, a little on the safe side."""
    table = _TABLES[bold]
    units = 0
    for char in text:
        index = ord(char) - _FIRST
        units += table[index] if 0 <= index < len(table) else _MORE.get(char, _UNKNOWN)
    return ceil(units * size * _SAFE / 1000)


@lru_cache(_KNOWN)
def clean(text: str, most: int = 40) -> str:
    """The text on one line without control characters, the middle of a very long one left out."""
    flat = "".join(" " if char.isspace() else char for char in text if char.isspace() or printable(char)).strip()
    if len(flat) <= most:
        return flat
    tail = most // 3
    return f"{flat[: most - tail - 1]}…{flat[-tail:]}"


def printable(char: str) -> bool:
    """Whether XML may hold the character and a reader would see it: no controls, surrogates or non-characters."""
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co"}
