"""A document's pages in the page of its lesson, and the file that viewers may keep."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from fpdf import FPDF
from PIL import Image
from sqlalchemy.orm import Session

from server.models.library import AssetState
from server.models.people import Person
from server.web import document_pages
from server.wiring import Wiring
from tests.asgi_client import AsgiClient
from tests.browsing import Visitor
from tests.builders import a_progress, an_arrived_file
from tests.documents import a_document_lesson, a_thai_pdf
from tests.office_files import an_odt
from tests.working import work_until_idle

Browse = Callable[[Person], Visitor]


def numbers_in(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="page-(\d+)"', html)]


def test_the_first_page_stands_in_the_html_with_its_size_and_the_rest_is_lazy(
    client: Visitor, app: Flask, session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    lesson = a_document_lesson(session, wiring, a_thai_pdf(tmp_path / "a.pdf", pages=3))

    html = client.get(f"/lessons/{lesson.id}").text
    images = re.findall(r"<img src=\"(/v/[^\"]+)\"[^>]*>", html)
    first, *without_scripts = re.findall(r"<img src=\"/v/[^>]*>", html)

    assert numbers_in(html) == [1, 2, 3]
    assert "lazy" not in first
    assert len(re.findall("<img data-src=", html)) == len(without_scripts) == 2
    assert all("lazy" in image for image in without_scripts)
    assert re.search(r'width="1240"\s+height="1754"', first)
    assert "player" not in re.findall(r"<script[^>]*>", html)[-1]
    shown = AsgiClient(app, wiring).call("GET", images[0])
    assert shown.status == 200
    assert len(shown.body) <= 50_000


def test_a_long_document_comes_in_stretches_that_lead_to_each_other(
    client: Visitor,
    session: Session,
    wiring: Wiring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(document_pages, "SHOWN_AT_ONCE", 2)
    lesson = a_document_lesson(session, wiring, a_thai_pdf(tmp_path / "a.pdf", pages=5))
    url = f"/lessons/{lesson.id}"

    middle = client.get(f"{url}?page=3").text

    assert numbers_in(client.get(url).text) == [1, 2]
    assert numbers_in(middle) == [3, 4]
    assert f"{url}?page=1#page-1" in middle
    assert f"{url}?page=5#page-5" in middle
    assert numbers_in(client.get(f"{url}?page=99").text) == [5]
    assert numbers_in(client.get(f"{url}?page=-3").text) == [1, 2]


def test_the_text_of_pages_can_be_read_instead(
    client: Visitor, session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    lesson = a_document_lesson(session, wiring, a_thai_pdf(tmp_path / "a.pdf", pages=2))

    html = client.get(f"/lessons/{lesson.id}?view=text&page=2").text

    assert numbers_in(html) == [2]
    assert "ใบความรู้ หน้าที่ 2" in html
    assert 'src="/v/' not in html


def test_a_link_to_a_page_that_is_not_drawn_opens_its_text(
    client: Visitor, session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    lesson = a_document_lesson(session, wiring, a_thai_pdf(tmp_path / "a.pdf", pages=3))
    assert lesson.original
    for page in lesson.original.asset.pages[1:]:
        page.image_key = page.small_key = ""
    session.commit()

    html = client.get(f"/lessons/{lesson.id}?page=3").text

    assert numbers_in(html) == [3]
    assert "ใบความรู้ หน้าที่ 3" in html


def test_who_is_signed_in_is_led_to_the_page_they_left_off_at(
    session: Session, wiring: Wiring, sign_in: Browse, tmp_path: Path
) -> None:
    lesson = a_document_lesson(session, wiring, a_thai_pdf(tmp_path / "a.pdf", pages=4))
    url = f"/lessons/{lesson.id}"
    a_progress(session, lesson.owner, lesson, [0, 3])
    visitor = sign_in(lesson.owner)

    assert f"{url}?page=3#page-3" in visitor.get(url).text
    assert f"{url}?page=3#page-3" not in visitor.get(f"{url}?page=2").text


def test_a_pdf_is_kept_under_the_lessons_title_and_never_shown_as_a_page_of_ours(
    client: Visitor, app: Flask, session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    path = a_thai_pdf(tmp_path / "a.pdf", pages=1)
    lesson = a_document_lesson(session, wiring, path, title='แสง "ม.1" <b>/')

    address = client.get(f"/lessons/{lesson.id}/file").headers["Location"]
    answer = AsgiClient(app, wiring).call("GET", address)

    assert answer.body == path.read_bytes()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"] == "sandbox"
    disposition = unquote(answer.headers["content-disposition"])
    assert disposition.startswith("attachment;")
    assert "แสง" in disposition
    assert disposition.endswith(".pdf")
    tampered = address.replace("/lessons/", "/")
    assert AsgiClient(app, wiring).call("GET", tampered).status == 404


def test_a_file_is_not_kept_where_its_teacher_does_not_want_it(
    client: Visitor, session: Session, wiring: Wiring, sign_in: Browse, tmp_path: Path
) -> None:
    path = a_thai_pdf(tmp_path / "a.pdf", pages=1)
    lesson = a_document_lesson(session, wiring, path, may_be_kept=False)
    url = f"/lessons/{lesson.id}"

    assert f"{url}/file" not in client.get(url).text
    assert client.get(f"{url}/file").status_code == 403
    assert sign_in(lesson.owner).get(f"{url}/file").status_code == 303


def test_the_teacher_chooses_whether_the_file_may_be_kept(
    session: Session, wiring: Wiring, sign_in: Browse, tmp_path: Path
) -> None:
    lesson = a_document_lesson(session, wiring, a_thai_pdf(tmp_path / "a.pdf", pages=1))
    visitor = sign_in(lesson.owner)
    form = {"title": "แสง", "has_may_be_kept": "yes"}

    visitor.send_form(f"/studio/lessons/{lesson.id}", **form)

    session.refresh(lesson)
    session.commit()
    assert not lesson.may_be_kept
    visitor.send_form(f"/studio/lessons/{lesson.id}", **form, may_be_kept="yes")
    session.refresh(lesson)
    assert lesson.may_be_kept


def test_a_photograph_is_kept_without_the_place_where_it_was_taken(
    client: Visitor, app: Flask, session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "บ้านของเด็กหญิงมานี"
    exif.get_ifd(0x8825).update({1: "N", 2: (13.0, 44.0, 11.1)})
    Image.new("RGB", (900, 600), "teal").save(tmp_path / "a.jpg", exif=exif)
    lesson = a_document_lesson(session, wiring, tmp_path / "a.jpg")

    address = client.get(f"/lessons/{lesson.id}/file").headers["Location"]
    kept = AsgiClient(app, wiring).call("GET", address)

    assert kept.body.startswith(b"\xff\xd8\xff")
    assert b"Exif" not in kept.body


@pytest.mark.parametrize(
    ("name", "words"),
    [("locked.pdf", "ล็อกด้วยรหัสผ่าน"), ("a.svg", "SVG"), ("broken.pdf", "เอกสารนี้เสีย")],
)
def test_what_cannot_be_shown_says_what_to_do(
    session: Session, wiring: Wiring, sign_in: Browse, tmp_path: Path, name: str, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"%PDF-1.7\ngarbage")
    if name == "locked.pdf":
        pdf = FPDF()
        pdf.add_page()
        pdf.set_encryption(owner_password="a", user_password="a")  # noqa: S106 (of a test's file)
        pdf.output(str(path))
    if name == "a.svg":
        path.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    original = an_arrived_file(session, wiring.store, path)
    work_until_idle(wiring)
    session.expire_all()

    html = sign_in(original.owner).get("/studio/").text

    assert original.asset.state == AssetState.FAILED
    assert words in html


def test_office_files_wait_for_a_server_that_can_open_them(
    sign_in: Browse, session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, an_odt(tmp_path / "a.odt"))
    work_until_idle(replace(wiring, tools=replace(wiring.tools, soffice=None)))
    session.expire_all()
    assert original.asset.error_code == "office_missing"
    assert "เลือกบันทึกเป็น PDF" in sign_in(original.owner).get("/studio/").text
    if wiring.tools.soffice is None:
        return

    an_arrived_file(session, wiring.store, a_thai_pdf(tmp_path / "a.pdf", pages=1))
    work_until_idle(wiring)
    session.expire_all()

    assert original.asset.state == AssetState.READY
    assert original.asset.copy_key.endswith(".pdf")
