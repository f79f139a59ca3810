"""What a file is by its first bytes, never by its name."""

from pathlib import Path

from PIL import Image

IMAGES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
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


def sniff_document(path: Path) -> str:
    """Return "pdf", "jpeg", "png", "gif", "webp", or "" for anything else."""
    with path.open("rb") as file:
        head = file.read(PDF_WITHIN_BYTES)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    for magic, name in IMAGES:
        if head.startswith(magic):
            return name
    return "pdf" if b"%PDF-" in head else ""


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
