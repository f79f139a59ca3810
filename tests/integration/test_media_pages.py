"""Documents and pictures are read by a child under limits: what they do to it, it bears alone."""

import os
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PIL import Image

from media_pipeline.documents import read_document
from media_pipeline.errors import MediaRejected
from media_pipeline.images import MAX_IMAGE_PIXELS, read_image
from media_pipeline.pages import LIMITS, read_apart
from tests.unit.media_pipeline.test_documents import a_pdf


class Stop(Exception):
    """What a caller raises when its lease is lost."""


def readers() -> list[psutil.Process]:
    """Return the running children of this process that read pages."""
    children = psutil.Process().children(recursive=True)
    return [one for one in children if "media_pipeline.page_reader" in one.cmdline()]


def test_a_document_read_apart_has_its_pages_text_and_poster(tmp_path: Path) -> None:
    shares: list[float] = []

    made = read_document(a_pdf(tmp_path / "a.pdf"), tmp_path, on_progress=shares.append)

    assert [page.text for page in made.pages] == [f"Lesson page {n}" for n in (1, 2, 3)]
    assert all(
        page.large and page.large.path.stat().st_size == page.large.size_bytes
        for page in made.pages
    )
    assert made.poster.is_file()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_is_refused_in_the_child_is_refused_with_the_same_code(tmp_path: Path) -> None:
    locked = a_pdf(tmp_path / "locked.pdf", password="secret")  # noqa: S106 (of a test's file)

    with pytest.raises(MediaRejected) as rejected:
        read_document(locked, tmp_path, on_progress=lambda _: None)

    assert rejected.value.code == "document_locked"


@pytest.mark.slow
def test_the_largest_picture_that_is_taken_fits_in_the_limits(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    size = (10_000, MAX_IMAGE_PIXELS // 10_000)
    Image.new("RGBA", size, "teal").save(tmp_path / "a.png", exif=exif, compress_level=1)

    (page,) = read_image(tmp_path / "a.png", tmp_path).pages

    assert page.large is not None
    assert page.large.height_px > page.large.width_px


@pytest.mark.parametrize("fault", [signal.SIGSEGV, signal.SIGABRT])
def test_a_file_that_crashes_its_reader_is_broken(tmp_path: Path, fault: signal.Signals) -> None:
    def crash(_share: float) -> None:
        with suppress(psutil.ZombieProcess):  # it has crashed, and nobody has seen it yet
            for reader in readers():
                os.kill(reader.pid, fault)

    with pytest.raises(MediaRejected) as rejected:
        read_document(a_pdf(tmp_path / "a.pdf", pages=200), tmp_path, on_progress=crash)

    assert rejected.value.code == "document_broken"


def test_a_file_that_needs_too_much_memory_is_broken(tmp_path: Path) -> None:
    Image.new("RGB", (6000, 6000)).save(tmp_path / "a.png")
    limits = replace(LIMITS, memory_bytes=200 * 2**20)

    with pytest.raises(MediaRejected) as rejected:
        read_apart("image", tmp_path / "a.png", tmp_path, on_progress=lambda _: None, limits=limits)

    assert rejected.value.code == "image_broken"


def test_a_caller_that_raises_leaves_no_reader(tmp_path: Path) -> None:
    def lose_the_lease(_share: float) -> None:
        raise Stop

    with pytest.raises(Stop):
        read_document(a_pdf(tmp_path / "a.pdf", pages=50), tmp_path, on_progress=lose_the_lease)

    assert readers() == []
