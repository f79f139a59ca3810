"""A framework in the office's hands, and its texts where lessons and shelves show codes."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.models.lessons import Visibility
from server.models.people import Person, RoleName
from server.services.curriculum import MOST_LINES
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person

SAMPLE = Path("docs/curriculum-sample.csv").read_bytes()
TEXT = "ตัวชี้วัดตัวอย่างข้อที่หนึ่งของ ป.1"


@pytest.fixture
def office_desk(sign_in: Callable[[Person], Visitor], session: Session) -> Visitor:
    return sign_in(a_person(session, RoleName.OFFICE_ADMIN))


def send(desk: Visitor, raw: bytes, action: str) -> TestResponse:
    file = (io.BytesIO(raw), "a.csv")
    return desk.send_form("/admin/curriculum/", curriculum=file, action=action)


def test_looking_imports_nothing(office_desk: Visitor) -> None:
    looked = send(office_desk, SAMPLE, "look").text

    assert "ตัวชี้วัด 2 ข้อ" in looked
    assert "ใช้ตั้งแต่ 16 พ.ค. 2568" in looked
    assert "ยังไม่มีหลักสูตรที่นำเข้า" in office_desk.get("/admin/curriculum/").text


def test_faults_are_listed_by_line(office_desk: Visitor) -> None:
    broken = SAMPLE + "strand,ค 1,,ซ้ำ,,,,\nindicator,ว 1.1 ป.1/1,,x,,,,\n".encode()

    answer = send(office_desk, broken, "import")

    assert answer.status_code == 422
    assert "บรรทัดที่ 8: ค 1 มีซ้ำในหลักสูตร" in answer.text
    assert "บรรทัดที่ 9: ไม่มีสิ่งที่ ว 1.1 ป.1/1 อยู่ใต้ในไฟล์" in answer.text


def test_a_file_of_more_lines_than_frameworks_have_is_not_read(office_desk: Visitor) -> None:
    answer = send(office_desk, SAMPLE + b"\n" * MOST_LINES, "import")

    assert answer.status_code == 422
    assert "ไม่เกิน 10000 บรรทัด" in answer.text
    assert "ยังไม่มีหลักสูตรที่นำเข้า" in answer.text


def test_what_was_imported_stands_beside_the_codes_of_lessons(
    office_desk: Visitor, session: Session, client: Visitor
) -> None:
    lesson = a_lesson(
        session,
        published=True,
        visibility=Visibility.PUBLIC,
        indicators=["ค 1.1 ป.1/1", "ค 2.1 ป.1/1"],
        learning_area="ค",
    )
    before = client.get(f"/lessons/{lesson.id}").text
    assert "ค 1.1 ป.1/1" in before
    assert TEXT not in before

    send(office_desk, SAMPLE, "import")

    page, shelf = client.get(f"/lessons/{lesson.id}").text, client.get("/browse/ค").text
    assert TEXT in page
    assert "หลักสูตรตัวอย่างสำหรับทดลองนำเข้า" in page
    assert TEXT in shelf
    assert "สาระตัวอย่าง" in shelf
