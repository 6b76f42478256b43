"""Fonts never vanish: what no font at hand can draw is drawn as an empty box, in pixels as in PDF."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from archlang.draw.marks import escape
from archlang.draw.metrics import clean
from archlang.draw.raster import pdf, png

PAGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20">'
    '<rect width="200" height="20" fill="#FFFFFF"/>{}</svg>'
)
TEXT = '<text x="4" y="14" font-size="11" font-family="\'Bitstream Vera Sans\', sans-serif">{}</text>'
NAMES = {
    "CJK": "日本語",
    "emoji": "😀🚀",
    "joined emoji": "👩\u200d🔬",
    "Hebrew": "שלום",
    "Arabic": "مرحبا",
    "Greek": "αβγ",
    "Thai": "ไทย",
    "mathematics": "∀⊗⟂",
    "accents": "éžł",
}


def inked(image: Image.Image) -> int:
    """How many columns of pixels hold something dark."""
    grey = image.convert("L")
    across = [grey.crop((x, 0, x + 1, grey.height)).getextrema()[0] for x in range(grey.width)]
    return sum(1 for darkest in across if isinstance(darkest, int | float) and darkest < 128)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_every_character_leaves_ink_in_a_png(name: str) -> None:
    seen = escape(clean(name))
    one = inked(Image.open(BytesIO(png(PAGE.format(TEXT.format(seen[0])), 200, 20))))
    whole = inked(Image.open(BytesIO(png(PAGE.format(TEXT.format(seen)), 200, 20))))
    assert one >= 2
    assert whole >= 4 * len(seen) - 3


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_every_character_leaves_ink_in_a_pdf(tmp_path: Path, name: str) -> None:
    seen = escape(clean(name))
    text = pdf(PAGE.format(TEXT.format(seen)))
    show = shutil.which("pdftoppm")
    if show is None:
        assert b"BitstreamVeraSans" in text  # there is nobody to look at it here
        return
    (tmp_path / "name.pdf").write_bytes(text)
    subprocess.run([show, "-r", "144", "-png", "-singlefile", "name.pdf", "name"], cwd=tmp_path, check=True)
    assert inked(Image.open(tmp_path / "name.png")) >= 4 * len(seen) - 3
