"""Pictures that were uploaded, and small ones made from anything."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from media_pipeline.errors import MediaRejected
from media_pipeline.pages import MadeDocument, MadePage, read_apart

MAX_IMAGE_PIXELS = 60_000_000  # phones make 50 megapixels
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SHOWN_PX = 1600
SHOWN_BYTES = 300_000
POSTER_PX = 640
POSTER_BYTES = 20_000
QUALITIES = (80, 70, 60, 50, 40, 30, 20, 10)
SMALLEST_PX = 64


def read_image(path: Path, out_dir: Path) -> MadeDocument:
    """Return the picture as it is meant to be seen, without metadata, as one page and a poster.

    It is read in a child process. Raises MediaRejected("broken_file") or ("too_many_pixels").
    """
    return read_apart("image", path, out_dir, on_progress=lambda _share: None)


def draw_image(path: Path, out_dir: Path) -> MadeDocument:
    """Do the work of read_image in this process."""
    with open_image(path) as picture:
        page_path = out_dir / "page-1.webp"
        page = made_page(1, picture, page_path, text="", widest_px=SHOWN_PX, most_bytes=SHOWN_BYTES)
        return MadeDocument((page,), make_small(picture, out_dir / "poster.jpg"))


@contextmanager
def open_image(path: Path) -> Iterator[Image.Image]:
    """Give the decoded picture, turned upright, in RGB on white."""
    try:
        with warnings.catch_warnings(), Image.open(path, formats=FORMATS) as picture:
            warnings.simplefilter("ignore")
            if picture.width * picture.height > MAX_IMAGE_PIXELS:
                raise MediaRejected("too_many_pixels", f"{picture.width}×{picture.height}")
            picture.draft("RGB", (2 * SHOWN_PX, 2 * SHOWN_PX))  # JPEG only: less to decode
            upright = ImageOps.exif_transpose(picture)
            shown = _on_white(upright)
    except Image.DecompressionBombError as error:
        raise MediaRejected("too_many_pixels", str(error)) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise MediaRejected("broken_file", str(error)) from error
    yield shown


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "L"):
        return picture.convert("RGB")
    with_alpha = picture.convert("RGBA")
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return ground


def make_small(picture: Image.Image, out_path: Path) -> Path:
    """Write a poster: at most 640 px in either direction and 20 KB."""
    small = picture.copy()
    small.thumbnail((POSTER_PX, POSTER_PX))
    return save_within(small, out_path, POSTER_BYTES)


def made_page(  # all of them are facts of the page
    number: int,
    picture: Image.Image,
    out_path: Path,
    *,
    text: str,
    widest_px: int,
    most_bytes: int,
) -> MadePage:
    """Write one page's image and say what it is."""
    shown = picture.copy()
    shown.thumbnail((widest_px, widest_px * 4))
    save_within(shown, out_path, most_bytes)
    content = out_path.read_bytes()
    with Image.open(out_path) as written:
        width_px, height_px = written.size
    return MadePage(
        number=number,
        path=out_path,
        width_px=width_px,
        height_px=height_px,
        text=text,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
    )


def save_within(picture: Image.Image, out_path: Path, most_bytes: int) -> Path:
    """Write at most `most_bytes`, of the kind of its ending: worse quality first, then smaller.

    Posters are JPEG: what makes link previews in chat applications does not always read WebP.
    """
    kind = {".webp": "WEBP", ".jpg": "JPEG"}[out_path.suffix]
    while True:
        for quality in QUALITIES:
            picture.save(out_path, kind, quality=quality, method=4, optimize=True)
            if out_path.stat().st_size <= most_bytes:
                return out_path
        if min(picture.size) <= SMALLEST_PX:
            return out_path
        picture = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4))
