"""The gain of each kernel, as docs/kernels.md has it: counted here once more, from what is read and written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archlang.passes.devices import DEVICES

PAGE = (Path(__file__).parents[2] / "docs" / "kernels.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in PAGE.partition("## Kernel by kernel\n")[2].partition("\n## ")[0].splitlines()
    if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 6
}
BATCH = 256

POINTWISE, ADDED = 2, 3
"""Values that a pass over a tensor moves, and one that adds another."""

# Channels that enter and leave a product of the first stage; then pixels of a side, values a pixel that PyTorch's
# operations move, those that torch.compile leaves of them (what follows a product in one pass), those of the kernel.
C, E = 64, 256
PRODUCT = C + E
COUNTED: dict[str, tuple[int, float, float, float]] = {
    "streaming 1x1": (56, PRODUCT + (2 * POINTWISE + ADDED) * E, PRODUCT + ADDED * E, PRODUCT + E),
    "in front of the product": (
        56,
        PRODUCT + (2 * POINTWISE + ADDED) * E + 2 * POINTWISE * C,
        PRODUCT + ADDED * E + POINTWISE * C,
        PRODUCT + E,
    ),
    "two products in one": (56, 2 * PRODUCT + (3 * POINTWISE + ADDED) * E, 2 * PRODUCT + ADDED * E, 2 * C + E),
    "one after the other": (
        56,
        2 * PRODUCT + (2 * POINTWISE + ADDED) * E + 2 * POINTWISE * C,
        2 * PRODUCT + ADDED * E + POINTWISE * C,
        2 * PRODUCT,
    ),
    "several results": (14, 3 * 480 + 304 + POINTWISE * 304, 3 * 480 + 304 + POINTWISE * 304, 480 + 304),
    "a convolution of any size": (56, 2 * C + 2 * POINTWISE * C, 2 * C + POINTWISE * C, 2 * C),
    "concatenation": (28, POINTWISE * 288, POINTWISE * 288, 0),
    "the end of a block": (56, (2 * POINTWISE + ADDED) * E, ADDED * E, ADDED * E + E / 16),
    "the end of a block, back": (56, 8 * E, 8 * E, 6 * E + E / 8),
    "the way back": (56, 8 * E + 7 * C, 8 * E + 7 * C, 7 * E + 6 * C),
    "statistics on the way": (56, PRODUCT + E, PRODUCT + E, PRODUCT),
}


@pytest.mark.parametrize("kernel", COUNTED)
def test_the_page_says_what_each_kernel_saves(kernel: str) -> None:
    side, *values = COUNTED[kernel]
    _, *cells = ROWS[kernel]
    bandwidth = DEVICES["h200"].bandwidth.value
    seconds = [2 * each * BATCH * side * side / bandwidth for each in values]
    said = [f"{2 * each:,.0f} ({1000 * each_s:.2f})" for each, each_s in zip(values, seconds, strict=True)]
    gain = "all of it" if not seconds[2] else f"{seconds[1] / seconds[2]:.1f}"
    assert cells == [*said, gain]


def test_every_kernel_of_the_page_has_its_gain() -> None:
    assert len(ROWS) - 2 == len(COUNTED)
    for name in COUNTED:
        heading = re.sub(r",.*", "", name)
        assert re.search(rf"^## (The )?{re.escape(heading)}", PAGE, re.IGNORECASE | re.MULTILINE), name
