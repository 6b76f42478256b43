"""What a row of the zoo's list says."""

from __future__ import annotations

import pytest

from archlang.report.cells import rounded
from archlang.report.zoo import year


@pytest.mark.parametrize(
    ("paper", "when"),
    [
        ("arXiv:1512.03385", 2015),
        ("arXiv:2003.13678", 2020),
        ("arXiv:1911.2001", 2019),
        ("He et al., CVPR 2016, arXiv:1512.03385", 2016),
        ("Silver et al., Nature 529:484, 2016, Methods", 2016),
        ("LeCun et al., Proc. IEEE 86(11), 1998, pages 2278-2324", 1998),
        ("doi:10.1109/5.726791", None),
        ("", None),
        (None, None),
    ],
)
def test_the_year_is_the_one_that_is_said_or_that_of_the_arxiv_number(paper, when):
    assert year(paper) == when


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0"),
        (999, "999"),
        (999_499, "999 K"),
        (999_501, "1.00 M"),
        (61_100_840, "61.1 M"),
        (99_950_000, "100 M"),
        (9_995_000, "10.0 M"),
        (3_504_872, "3.50 M"),
        (4_089_184_256, "4.09 G"),
        (182_000_000_000, "182 G"),
    ],
)
def test_a_count_is_rounded_to_three_digits(count, said):
    assert rounded(count) == said
