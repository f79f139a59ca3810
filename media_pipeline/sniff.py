"""What a file is by its first bytes, never by its name."""

import re
from pathlib import Path

from PIL import Image

IMAGES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
)
BRANDS = {  # of pictures in boxes, after "ftyp"
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"hevx": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
}
BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # their sizes, at byte 14
SVG = re.compile(rb"\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg[\s>])", re.IGNORECASE)
REFUSED = {"heic": "image_heic", "svg": "image_svg"}  # kinds that are never shown, and the code
MEDIA = (
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"RIFF",
    b"OggS",
    b"FLV",
    b"GIF8",
    b"ID3",
    b"0&\xb2u",  # ASF
    b"fLaC",
    b"#!AMR",
    b"\x00\x00\x01\xba",  # MPEG program stream
)
BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"wide")  # at byte 4 of mp4 and mov
PDF_WITHIN_BYTES = 1024  # scanners put a few bytes before "%PDF-"
HEAD_BYTES = 4096


def sniff_document(path: Path) -> str:
    """Return "pdf", "jpeg", "png", "gif", "webp", "avif", "bmp", "tiff", "heic", "svg", or "".

    "" is anything else.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in BRANDS:
        return "avif" if b"avif" in head[8:64] else BRANDS[head[8:12]]
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADERS:
        return "bmp"
    for magic, name in IMAGES:
        if head.startswith(magic):
            return name
    if b"%PDF-" in head[:PDF_WITHIN_BYTES]:
        return "pdf"
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"")  # also UTF-16
    return "svg" if SVG.match(text.lstrip(b"\xff\xfe")) and b"<svg" in text.lower() else ""


def is_animated(path: Path) -> bool:
    """Tell whether a GIF or WebP holds more than one picture; a broken one holds none."""
    try:
        with Image.open(path) as image:
            return bool(getattr(image, "is_animated", False))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def looks_like_media(path: Path) -> bool:
    """Tell whether the file begins as sound or video does: then it is broken, not another thing."""
    with path.open("rb") as file:
        head = file.read(16)
    return head.startswith(MEDIA) or head[4:8] in BOXES
