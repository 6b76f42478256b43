"""SVG as pixels and as PDF, with a font that is surely there."""

# pyright: basic
from __future__ import annotations

from io import BytesIO
from pathlib import Path

_FAMILY = "Bitstream Vera Sans"
_ZOOM = 2
_MOST_PIXELS = 120_000_000
_MOST_SIDE = 65_000
_MOST_POINTS = 14_400  # the largest page that PDF readers open


def png(svg: str, width: int, height: int) -> bytes:
    """The picture as PNG, two pixels to one, fewer where it would get too large to open."""
    import resvg_py  # slow to import, and only some ask for pixels

    side = max(width, height)
    zoom = _ZOOM if _ZOOM * side <= _MOST_SIDE and _ZOOM**2 * width * height <= _MOST_PIXELS else 1
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=zoom,
            height=None if side <= _MOST_SIDE else _MOST_SIDE * height // side,
            font_files=[str(path) for path in _fonts()],
            skip_system_fonts=True,
            sans_serif_family=_FAMILY,
        )
    )


def pdf(svg: str) -> bytes:
    """The picture as PDF, in vectors, made smaller where no reader could open it."""
    from reportlab.graphics import renderPDF  # as above
    from svglib.fonts import register_font
    from svglib.svglib import svg2rlg

    for weight, path in zip(("normal", "bold"), _fonts(), strict=True):
        register_font(_FAMILY, str(path), weight=weight)
    drawing = svg2rlg(BytesIO(svg.encode()))
    if drawing is None:
        raise ValueError("the SVG text could not be read back")
    shrunk = min(1.0, _MOST_POINTS / max(drawing.width, drawing.height))
    if shrunk < 1:
        drawing.scale(shrunk, shrunk)
        drawing.width, drawing.height = drawing.width * shrunk, drawing.height * shrunk
    out = BytesIO()
    renderPDF.drawToFile(drawing, out, autoSize=1)
    return out.getvalue()


def _fonts() -> tuple[Path, Path]:
    """The plain and the bold font file that come with reportlab."""
    import reportlab

    folder = Path(reportlab.__file__).parent / "fonts"
    return folder / "Vera.ttf", folder / "VeraBd.ttf"
