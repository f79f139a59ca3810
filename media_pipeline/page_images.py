"""Pictures of pages, in two sizes, each within its bytes at letters that can be read.

Drawn pages (text, slides) become PNG with few colours: of a page full of Thai text that is a third
of the bytes of WebP, sharper, and cheaper to make (docs/decisions/0023). Photographs and scans
become WebP.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from media_pipeline.pages import MadeImage, MadePage

TALLEST = 4.0  # a page is shown at most this many times as high as wide
GREY_LEVELS = (16, 8, 4)
COLOURS = (64, 32, 16)
GREY_SPREAD = 10  # colour differences up to this are grey
MOST_GREY_ERROR = 4.0  # mean of 255: text in 4 greys has 3.7, photographs more
MOST_COLOUR_ERROR = 1.5
HOPELESS = 2.5  # times its bytes: fewer colours will not do
QUALITIES = (75, 45)
LAST_QUALITY = 30
SMALLEST_PX = 64
NARROWER = 0.95  # than expected to fit


@dataclass(frozen=True, slots=True)
class PageSize:
    """How large an image of a page may be."""

    width_px: int
    most_bytes: int


SMALL = PageSize(720, 50_000)  # twice as fine as a phone's screen is wide
LARGE = PageSize(1240, 150_000)  # A4 at 150 dots per inch: wide screens, and a phone's zoom


def made_page(
    number: int, picture: Image.Image, out_dir: Path, *, text: str, large: PageSize = LARGE
) -> MadePage:
    """Write both images of a page, which is at most LARGE, and say what they are."""
    small_image = save_page(picture, out_dir / f"page-{number}-small", SMALL)
    large_image = save_page(picture, out_dir / f"page-{number}-large", large)
    if large_image.width_px <= small_image.width_px:
        large_image = small_image
    return MadePage(number=number, text=text, large=large_image, small=small_image)


def save_page(picture: Image.Image, stem: Path, size: PageSize) -> MadeImage:
    """Write one image at `stem` with the ending of its kind; it gets smaller until it fits."""
    shown = _within(picture, size.width_px)
    while True:
        path, least_bytes = _save_as_wide(shown, stem, size.most_bytes)
        size_bytes = path.stat().st_size
        if size_bytes <= size.most_bytes or min(shown.size) <= SMALLEST_PX:
            return MadeImage(
                path=path, width_px=shown.width, height_px=shown.height, size_bytes=size_bytes
            )
        path.unlink()
        scale = min(NARROWER, NARROWER * math.sqrt(size.most_bytes / least_bytes))
        shown = _within(picture, max(SMALLEST_PX, int(shown.width * scale)))


def _save_as_wide(picture: Image.Image, stem: Path, most_bytes: int) -> tuple[Path, int]:
    """Write the first kind that fits, else the smallest; return it and its bytes."""
    drawn = stem.with_name(f"{stem.name}.png")
    for few in _with_few_colours(picture):
        few.save(drawn, "PNG", compress_level=6)
        if drawn.stat().st_size <= most_bytes:
            return drawn, drawn.stat().st_size
        if drawn.stat().st_size > HOPELESS * most_bytes:
            break
    drawn_bytes = drawn.stat().st_size if drawn.exists() else 0
    painted = stem.with_name(f"{stem.name}.webp")
    for quality in (*QUALITIES, LAST_QUALITY):
        picture.save(painted, "WEBP", quality=quality, method=2)
        painted_bytes = painted.stat().st_size
        if painted_bytes <= most_bytes or painted_bytes > HOPELESS * most_bytes:
            break
    if 0 < drawn_bytes < painted_bytes > most_bytes:
        painted.unlink()
        return drawn, drawn_bytes
    drawn.unlink(missing_ok=True)
    return painted, painted_bytes


def _with_few_colours(picture: Image.Image) -> Iterator[Image.Image]:
    """Yield the picture in ever fewer colours, as long as it looks the same."""
    if _is_grey(picture):
        grey = picture.convert("L")
        for levels in GREY_LEVELS:
            few = grey.point([round(value * (levels - 1) / 255) for value in range(256)])
            few.putpalette([round(level * 255 / (levels - 1)) for level in range(levels)] * 0 or [
                value for level in range(levels) for value in [round(level * 255 / (levels - 1))] * 3
            ])
            if _error(grey, few.convert("L")) > MOST_GREY_ERROR:
                return
            yield few
        return
    for count in COLOURS:
        few = picture.quantize(count, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        if _error(picture, few.convert("RGB")) > MOST_COLOUR_ERROR:
            return
        yield few
