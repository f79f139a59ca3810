from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image

from media_pipeline.documents import draw_document
from media_pipeline.errors import MediaRejected


def a_pdf(path: Path, *, pages: int = 3, password: str = "") -> Path:
    document = FPDF()
    for number in range(pages):
        document.add_page()
        document.set_font("helvetica", size=20)
        document.cell(text=f"Lesson page {number + 1}")
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    document.output(str(path))
    return path


def nothing(_share: float) -> None:
    """Take progress and do nothing."""


def test_a_pdf_becomes_page_images_with_their_text(tmp_path: Path) -> None:
    shares: list[float] = []

    made = draw_document(a_pdf(tmp_path / "a.pdf"), tmp_path, on_progress=shares.append)

    assert [(page.number, page.text) for page in made.pages] == [
        (1, "Lesson page 1"),
        (2, "Lesson page 2"),
        (3, "Lesson page 3"),
    ]
    assert shares[-1] == 1.0
    for page in made.pages:
        for image, width_px in ((page.small, 720), (page.large, 1240)):
            assert image is not None
            assert image.size_bytes == image.path.stat().st_size <= 50_000
            with Image.open(image.path) as picture:
                assert picture.size == (image.width_px, image.height_px)
                assert image.width_px == pytest.approx(width_px, abs=1)
    assert made.poster.stat().st_size <= 20_000


def test_a_pdf_with_a_password_says_so(tmp_path: Path) -> None:
    locked = a_pdf(tmp_path / "locked.pdf", password="ลับ".encode().hex())

    with pytest.raises(MediaRejected) as rejected:
        draw_document(locked, tmp_path, on_progress=nothing)

    assert rejected.value.code == "document_locked"


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"garbage" * 500])
def test_a_broken_pdf_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)

    with pytest.raises(MediaRejected) as rejected:
        draw_document(path, tmp_path, on_progress=nothing)

    assert rejected.value.code == "document_broken"


def test_a_page_as_long_as_a_scroll_does_not_fill_the_memory(tmp_path: Path) -> None:
    document = FPDF(format=(10, 5000))
    document.add_page()
    document.output(str(tmp_path / "scroll.pdf"))

    (page,) = draw_document(tmp_path / "scroll.pdf", tmp_path, on_progress=nothing).pages

    assert page.large is not None
    assert page.large.width_px * page.large.height_px < 5_000_000
