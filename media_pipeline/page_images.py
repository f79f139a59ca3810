"""Pictures of pages, in two sizes, each within its bytes at letters that can be read.

Drawn pages (text, slides) become PNG with few colours: of a page full of Thai text that is a third
of the bytes of WebP, sharper, and cheaper to make (docs/decisions/0019). Photographs and scans
become WebP.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from media_pipeline.pages import MadeImage, MadePage

MOST_DRAWN = 500  # pages of one document
TALLEST = 4.0  # a page is shown at most this many times as high as wide
COLOURS = (64, 32, 16)
GREY_SPREAD = 10  # colour differences up to this are grey
MOST_GREY_ERROR = 4.0  # mean of 255: text in 4 greys has 3.7, photographs more
MOST_COLOUR_ERROR = 1.5
HOPELESS = 2.5  # times its bytes: fewer colours would not do
FINE, COARSE = 75, 45  # qualities of WebP
COARSE_SHARE = 0.72  # of the bytes of FINE
LESS_WIDTH = 1.15  # bytes of a scan fall with this power of its width: what is left is denser
SMALLEST_PX = 64
NARROWER = 0.95  # than expected to fit
NARROWING = 0.65  # power of too many bytes by which a painted picture gets narrower


@dataclass(frozen=True, slots=True)
class PageSize:
    """How large an image of a page may be."""

    width_px: int
    most_bytes: int
    greys: tuple[int, ...] = (16, 8, 4)  # how many a drawn page may have
    quality: int = FINE  # of what is painted, at first


SMALL = PageSize(720, 50_000, greys=(8, 4))  # twice as fine as a phone's screen is wide
# A4 at 150 dots per inch: for wide screens, and for a phone's zoom.
LARGE = PageSize(1240, 200_000, quality=COARSE)


def made_page(
    number: int, picture: Image.Image, out_dir: Path, *, text: str, large: PageSize = LARGE
) -> MadePage:
    """Write both images of a page and say what they are."""
    large_picture = _within(picture.convert("L") if _is_grey(picture) else picture, large.width_px)
    small_picture = _within(large_picture, SMALL.width_px)
    small_stem, large_stem = (out_dir / f"page-{number}-{size}" for size in ("small", "large"))
    drawn = _drawn(small_picture, small_stem, SMALL)
    if large_picture.width <= (drawn.width_px if drawn else small_picture.width):
        small_image = drawn or _painted(small_picture, small_stem, SMALL)
        return MadePage(number=number, text=text, large=small_image, small=small_image)
    if drawn:
        large_image = _drawn(large_picture, large_stem, large)
        large_image = large_image or _painted(large_picture, large_stem, large)
        return MadePage(number=number, text=text, large=large_image, small=drawn)
    large_image = _painted(large_picture, large_stem, large)
    likely = large_image.size_bytes * (small_picture.width / large_image.width_px) ** LESS_WIDTH
    small_image = _painted(small_picture, small_stem, SMALL, likely_bytes=likely)
    return MadePage(number=number, text=text, large=large_image, small=small_image)


def _drawn(picture: Image.Image, stem: Path, size: PageSize) -> MadeImage | None:
    """Write an image as PNG that gets smaller until it fits; None if that does not suit it."""
    path = stem.with_name(f"{stem.name}.png")
    shown = _save_drawn(picture, path, size)
    if shown is None:
        path.unlink(missing_ok=True)
        return None
    return _made(path, shown)


def _painted(
    picture: Image.Image, stem: Path, size: PageSize, *, likely_bytes: float = 0.0
) -> MadeImage:
    """Write an image as WebP that gets smaller until it fits.

    `likely_bytes` is what it is expected to take in COARSE: what cannot fit is not tried.
    """
    path = stem.with_name(f"{stem.name}.webp")
    quality, ratio = size.quality, likely_bytes / size.most_bytes
    if ratio > COARSE_SHARE:
        quality = COARSE
    if ratio > 1:
        picture = _within(picture, _fitting_px(picture, ratio))
    return _made(path, _save_painted(picture, path, size, quality))


def _made(path: Path, shown: Image.Image) -> MadeImage:
    return MadeImage(
        path=path, width_px=shown.width, height_px=shown.height, size_bytes=path.stat().st_size
    )


def _save_drawn(picture: Image.Image, path: Path, size: PageSize) -> Image.Image | None:
    """Write it in few colours; return what was written, None if that does not suit it."""
    best = 0
    for count in size.greys if picture.mode == "L" else COLOURS:
        few = _with_few_colours(picture, count)
        if few is None:
            break
        best = count
        few.save(path, "PNG", compress_level=6)
        size_bytes = path.stat().st_size
        if size_bytes <= size.most_bytes:
            return few
        if size_bytes > HOPELESS * size.most_bytes:
            return None
    if not best or min(picture.size) <= SMALLEST_PX:
        return None
    scale = NARROWER * math.sqrt(size.most_bytes / size_bytes)
    return _save_drawn(_within(picture, int(picture.width * scale)), path, size)


def _save_painted(picture: Image.Image, path: Path, size: PageSize, quality: int) -> Image.Image:
    """Write it as WebP: coarser first, then narrower; return what was written."""
    while True:
        picture.save(path, "WEBP", quality=quality, method=2)
        ratio = path.stat().st_size / size.most_bytes
        if ratio <= 1 or min(picture.size) <= SMALLEST_PX:
            return picture
        if quality > COARSE:
            quality, ratio = COARSE, ratio * COARSE_SHARE
        if ratio > 1:
            picture = _within(picture, _fitting_px(picture, ratio))


def _fitting_px(picture: Image.Image, ratio: float) -> int:
    """Return how wide it fits when it has `ratio` times the bytes that it may have."""
    scale = min(NARROWER, NARROWER * ratio**-NARROWING)
    return max(SMALLEST_PX, int(picture.width * scale))


def _with_few_colours(picture: Image.Image, count: int) -> Image.Image | None:
    """Return the picture in so many colours; None if it would look another."""
    if picture.mode == "L":
        few = _in_greys(picture, count)
        return few if _error(picture, few.convert("L")) <= MOST_GREY_ERROR else None
    few = picture.quantize(count, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return few if _error(picture, few.convert("RGB")) <= MOST_COLOUR_ERROR else None


def _in_greys(grey: Image.Image, count: int) -> Image.Image:
    """Return a palette image with so many greys, from black to white, evenly apart."""
    few = grey.point([round(value * (count - 1) / 255) for value in range(256)])
    shades = (round(level * 255 / (count - 1)) for level in range(count))
    few.putpalette([value for shade in shades for value in (shade, shade, shade)])
    return few


def _is_grey(picture: Image.Image) -> bool:
    _luma, *chroma = ImageStat.Stat(picture.reduce(2).convert("YCbCr")).extrema
    return all(abs(end - 128) <= GREY_SPREAD for ends in chroma for end in ends)


def _error(picture: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(picture, other)).mean)


def _within(picture: Image.Image, width_px: int) -> Image.Image:
    """Return the picture at most so wide, and not taller than a page may be."""
    tallest_px = int(width_px * TALLEST)
    if picture.width <= width_px and picture.height <= tallest_px:
        return picture
    scale = min(width_px / picture.width, tallest_px / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC)
