"""PDF → page images and their text."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from media_pipeline.errors import MediaRejected
from media_pipeline.images import make_small
from media_pipeline.page_images import LARGE, MOST_DRAWN, TALLEST, made_page
from media_pipeline.page_text import text_of_page
from media_pipeline.pages import MadeDocument, MadePage, read_apart

MOST_READ = 5_000  # pages; of those that are not drawn there is the text


def read_document(
    path: Path, out_dir: Path, *, on_progress: Callable[[float], None]
) -> MadeDocument:
    """Return the pages of a PDF with their text, and a poster; the first 500 are drawn.

    It is read in a child process. `on_progress` gets the share that is done; what it raises ends
    the child and goes on up.
    Raises MediaRejected: document_locked (a password is needed), document_empty,
    document_too_heavy, document_broken.
    """
    return read_apart("document", path, out_dir, on_progress=on_progress)


def draw_document(
    path: Path, out_dir: Path, *, on_progress: Callable[[float], None]
) -> MadeDocument:
    """Do the work of read_document in this process."""
    with _opened(path) as document:
        page_count = len(document)
        if not page_count:
            raise MediaRejected("document_empty")
        read_count = min(page_count, MOST_READ)
        pages: list[MadePage] = []
        for index in range(read_count):
            pages.append(_page(document, index, out_dir))
            on_progress((index + 1) / read_count)
        return MadeDocument(
            pages=tuple(pages), poster=_poster(pages, out_dir), page_count=page_count
        )


@contextmanager
def _opened(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        code = (
            "document_locked"
            if is_locked or "password" in str(error).lower()
            else "document_broken"
        )
        raise MediaRejected(code, str(error)) from error
    try:
        _show_filled_forms(document)
        yield document
    finally:
        document.close()


def _show_filled_forms(document: pypdfium2.PdfDocument) -> None:
    """Have what was typed into a form drawn with its page. Scripts in it have nothing to run on."""
    document.init_forms()
    if document.formenv:
        raw.FPDF_SetFormFieldHighlightAlpha(document.formenv, ctypes.c_ubyte(0))


def _page(document: pypdfium2.PdfDocument, index: int, out_dir: Path) -> MadePage:
    """Return one page; one that cannot be read is empty, for the others are worth having."""
    try:
        with closing(document[index]) as page:
            with closing(page.get_textpage()) as text_page:
                text = text_of_page(text_page)
            if index >= MOST_DRAWN:
                return MadePage(number=index + 1, text=text)
            return made_page(index + 1, _drawn(page), out_dir, text=text)
    except pypdfium2.PdfiumError:
        return MadePage(number=index + 1, text="")


def _drawn(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    scale = min(LARGE.width_px / max(width, 1), TALLEST * LARGE.width_px / max(height, 1))
    with closing(page.render(scale=scale)) as bitmap:
        picture: Image.Image = bitmap.to_pil()
        return picture if picture.mode == "RGB" else picture.convert("RGB")  # it shares no memory


def _poster(pages: list[MadePage], out_dir: Path) -> Path:
    """Return the first page that could be drawn, small. Raises MediaRejected if none could."""
    first = next((page.small for page in pages if page.small), None)
    if first is None:
        raise MediaRejected("document_broken", "no page can be drawn")
    with Image.open(first.path) as picture:
        return make_small(picture.convert("RGB"), out_dir / "poster.jpg")
