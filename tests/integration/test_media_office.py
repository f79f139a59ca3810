"""Office files become PDF by LibreOffice, which is given nothing but the file."""

import http.server
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from media_pipeline.documents import draw_document
from media_pipeline.errors import MediaRejected
from media_pipeline.office import convert_to_pdf, sniff_office
from media_pipeline.probe import probe_file
from media_pipeline.tools import Tools
from tests.media_clips import TOOLS
from tests.office_files import a_broken_pptx, an_odp, an_odt, saved_as

needs_office = pytest.mark.skipif(
    TOOLS.soffice is None, reason="LibreOffice is not here: apt install libreoffice-impress-nogui"
)


def converted(path: Path, folder: Path, tools: Tools = TOOLS) -> Path:
    kind = sniff_office(path)
    return convert_to_pdf(path, kind, folder, tools.soffice, on_progress=lambda _: None)


def text_of(pdf: Path, folder: Path) -> str:
    pages = draw_document(pdf, folder, on_progress=lambda _: None).pages
    return "\n".join(page.text for page in pages)


@contextmanager
def a_counting_server() -> Iterator[tuple[str, list[str]]]:
    """Run a server of this machine; yield its address and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_GET  # noqa: N815 (likewise)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@needs_office
def test_a_text_document_becomes_pages_with_its_thai(tmp_path: Path) -> None:
    path = an_odt(tmp_path / "a.bin", words="ที่นี่มีน้ำและแสง")

    pdf = converted(path, tmp_path)

    assert probe_file(path, TOOLS).container == "odt"
    assert "ที่นี่มีน้ำและแสง" in text_of(pdf, tmp_path)


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["odp", "pptx", "ppt"])
def test_slides_of_every_age_become_pages_with_their_thai(tmp_path: Path, kind: str) -> None:
    slides = ["น้ำและแสง", "ที่นี่มีสองหน้า"]
    path = an_odp(tmp_path / "สไลด์.odp", slides)
    if TOOLS.soffice and kind != "odp":
        path = saved_as(path, kind, TOOLS.soffice)

    pdf = converted(path, tmp_path)

    assert probe_file(path, TOOLS).container == kind
    pages = draw_document(pdf, tmp_path, on_progress=lambda _: None).pages
    assert [page.text.strip() for page in pages] == slides


@needs_office
@pytest.mark.slow
def test_a_text_of_an_old_word_becomes_pages_with_its_thai(tmp_path: Path) -> None:
    odt = an_odt(tmp_path / "a.odt", words="ที่นี่มีน้ำและแสง")
    path = saved_as(odt, "doc", TOOLS.soffice) if TOOLS.soffice else odt

    assert probe_file(path, TOOLS).container == "doc"
    assert "ที่นี่มีน้ำและแสง" in text_of(converted(path, tmp_path), tmp_path)


@needs_office
def test_what_a_document_points_to_is_not_fetched_and_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    with a_counting_server() as (address, asked):
        pointers = (
            f'<text:section text:name="S"><text:section-source xlink:href="file://{secret}"/>'
            "<text:p>old</text:p></text:section>"
            f'<text:section text:name="T"><text:section-source xlink:href="{address}/a.odt"/>'
            "<text:p>old</text:p></text:section>"
            '<text:p><draw:frame draw:name="F" text:anchor-type="as-char" svg:width="5cm" '
            f'svg:height="5cm"><draw:image xlink:href="{address}/a.png"/></draw:frame></text:p>'
        )
        pdf = converted(an_odt(tmp_path / "a.odt", more=pointers), tmp_path)

    assert asked == []
    assert "TOPSECRET" not in text_of(pdf, tmp_path)


@needs_office
def test_what_only_looks_like_an_office_file_is_broken(tmp_path: Path) -> None:
    with pytest.raises(MediaRejected) as rejected:
        converted(a_broken_pptx(tmp_path / "a.pptx"), tmp_path)

    assert rejected.value.code == "document_broken"


def test_without_libreoffice_an_office_file_is_refused_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(MediaRejected) as rejected:
        converted(an_odt(tmp_path / "a.odt"), tmp_path, replace(TOOLS, soffice=None))

    assert rejected.value.code == "office_missing"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{\\rtf1 a}", "rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "doc"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "PowerPoint Document".encode("utf-16-le"), "ppt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 of an installer", ""),
        (b"PK\x03\x04 cut off", ""),
    ],
)
def test_office_files_are_known_by_what_is_in_them(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    (tmp_path / "a").write_bytes(content)

    assert sniff_office(tmp_path / "a") == kind


def test_an_office_file_with_a_password_says_so(tmp_path: Path) -> None:
    locked = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "a.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + locked)

    with pytest.raises(MediaRejected) as rejected:
        sniff_office(tmp_path / "a.docx")

    assert rejected.value.code == "document_locked"


def test_a_book_or_another_zip_is_no_office_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pptx", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")

    assert sniff_office(tmp_path / "a.pptx") == ""
