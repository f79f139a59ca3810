"""PDF → page images and their text."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from media_pipeline.errors import MediaRejected
from media_pipeline.images import made_page, make_small
from media_pipeline.pages import MadeDocument, MadePage, read_apart

PAGE_WIDTH_PX = 1000
PAGE_BYTES = 50_000
MAX_PAGES = 500
TALLEST = 4.0  # a page is drawn at most this many times as high as wide
MAX_TEXT = 20_000  # characters a page; more is no reading matter


def read_document(
    path: Path, out_dir: Path, *, on_progress: Callable[[float], None]
) -> MadeDocument:
    """Return each page (up to 500) as a WebP of at most 50 KB with its text, and a poster.

    It is read in a child process. `on_progress` gets the share that is done; what it raises ends
    the child and goes on up.
    Raises MediaRejected: document_locked (a password is needed), document_empty, broken_file.
    """
    return read_apart("document", path, out_dir, on_progress=on_progress)


def draw_document(
    path: Path, out_dir: Path, *, on_progress: Callable[[float], None]
) -> MadeDocument:
    """Do the work of read_document in this process."""
    with _opened(path) as document:
        page_count = min(len(document), MAX_PAGES)
        if not page_count:
            raise MediaRejected("document_empty")
        pages: list[MadePage] = []
        for index in range(page_count):
            pages.append(_page(document, index, out_dir))
            on_progress((index + 1) / page_count)
        return MadeDocument(tuple(pages), out_dir / "poster.jpg")


@contextmanager
def _opened(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        code = "document_locked" if is_locked or "password" in str(error).lower() else "broken_file"
        raise MediaRejected(code, str(error)) from error
    try:
        yield document
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, index: int, out_dir: Path) -> MadePage:
    try:
        page = document[index]
        width, height = page.get_size()
        scale = min(PAGE_WIDTH_PX / max(width, 1), TALLEST * PAGE_WIDTH_PX / max(height, 1))
        picture = page.render(scale=scale).to_pil().convert("RGB")
        text = page.get_textpage().get_text_range()
    except pypdfium2.PdfiumError as error:
        raise MediaRejected("broken_file", f"page {index + 1}: {error}") from error
    if index == 0:
        make_small(picture, out_dir / "poster.jpg")
    return made_page(
        index + 1,
        picture,
        out_dir / f"page-{index + 1}.webp",
        text=_tidy(text),
        widest_px=PAGE_WIDTH_PX,
        most_bytes=PAGE_BYTES,
    )


def _tidy(text: str) -> str:
    """Return text that any database takes: no NUL, no lone surrogates, plain line ends."""
    clean = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    return "\n".join(line.strip() for line in clean.splitlines() if line.strip())[:MAX_TEXT]
