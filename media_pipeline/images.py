"""Pictures that were uploaded, and small ones made from anything."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from media_pipeline.errors import MediaRejected
from media_pipeline.page_images import MOST_DRAWN, PageSize, made_page
from media_pipeline.pages import MadeDocument, MadePage, read_apart

MAX_IMAGE_PIXELS = 60_000_000
MAX_JPEG_PIXELS = 210_000_000  # phones make 200 megapixels
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")
PAINTED = ("JPEG", "MPO", "WEBP", "AVIF")  # photographs, mostly
PAGE_COUNT, KIND = "page_count", "kind"  # of the file, noted with its decoded picture
COPY_QUALITY = 88
SHOWN = PageSize(1600, 300_000)
POSTER_PX = 640
POSTER_BYTES = 20_000
QUALITIES = (80, 70, 60, 50, 40, 30, 20, 10)
SMALLEST_PX = 64


def read_image(path: Path, out_dir: Path) -> MadeDocument:
    """Return the picture as it is meant to be seen, without metadata, as one page and a poster.

    It is read in a child process. Raises MediaRejected("image_broken") or ("too_many_pixels").
    """
    return read_apart("image", path, out_dir, on_progress=lambda _share: None)


def draw_image(path: Path, out_dir: Path) -> MadeDocument:
    """Do the work of read_image in this process."""
    pages: list[MadePage] = []
    poster = out_dir / "poster.jpg"
    copy = None
    for number, picture in enumerate(_pictures(path), 1):
        pages.append(made_page(number, picture, out_dir, text="", large=SHOWN))
        if number == 1:
            make_small(picture, poster)
            page_count = picture.info[PAGE_COUNT]
            copy = _save_copy(picture, out_dir)
    # Of several pages nothing is kept that viewers could have: one picture is not all of it.
    kept = copy if page_count == 1 else None
    return MadeDocument(pages=tuple(pages), poster=poster, page_count=page_count, copy=kept)


def _save_copy(picture: Image.Image, out_dir: Path) -> Path:
    """Write what viewers may keep: as fine as it was decoded, upright, without its metadata."""
    if picture.info[KIND] in PAINTED:
        picture.save(out_dir / "copy.jpg", "JPEG", quality=COPY_QUALITY, optimize=True)
        return out_dir / "copy.jpg"
    picture.save(out_dir / "copy.png", "PNG")
    return out_dir / "copy.png"


def _pictures(path: Path) -> Iterator[Image.Image]:
    """Yield every page of a TIFF, the first picture of anything else, each as open_image does."""
    index, count = 0, 1
    while index < min(count, MOST_DRAWN):
        with open_image(path, index) as picture:
            count = picture.info.get(PAGE_COUNT, 1)
            yield picture
        index += 1


@contextmanager
def open_image(path: Path, index: int = 0) -> Iterator[Image.Image]:
    """Give the decoded picture, turned upright, in RGB on white.

    Raises MediaRejected("image_broken") or ("too_many_pixels").
    """
    try:
        with warnings.catch_warnings(), Image.open(path, formats=FORMATS) as picture:
            warnings.simplefilter("ignore")
            count = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
            if index:
                picture.seek(index)
            _check_size(picture)
            shown = _on_white(_in_screen_colours(ImageOps.exif_transpose(picture)))
            shown.info = {PAGE_COUNT: count, KIND: picture.format}
    except Image.DecompressionBombError as error:
        raise MediaRejected("too_many_pixels", str(error)) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise MediaRejected("image_broken", str(error)) from error
    yield shown


def _check_size(picture: Image.Image) -> None:
    """Refuse what would fill the memory. Of a JPEG only as much is decoded as is shown."""
    size = f"{picture.width}×{picture.height}"
    if picture.width * picture.height > MAX_JPEG_PIXELS:
        raise MediaRejected("too_many_pixels", size)
    twice_px = 2 * SHOWN.width_px
    picture.draft("RGB", (twice_px, twice_px))
    if picture.width * picture.height > MAX_IMAGE_PIXELS:
        raise MediaRejected("too_many_pixels", size)


def _in_screen_colours(picture: Image.Image) -> Image.Image:
    """Return the picture in the colours of screens: phones and printers have their own."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK"):
        return picture
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        made = ImageCms.profileToProfile(
            picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return picture  # a profile that is broken, or of another kind of picture
    return made or picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits each: Pillow would cut off what is above 255
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("RGB", "L", "CMYK", "YCbCr"):
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
