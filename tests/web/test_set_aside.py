"""Files that were found or damaged, on the pages of who may decide about them."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.library import Original, OriginalGone
from server.models.people import Person, RoleName
from server.models.set_aside import AsideWhy, SetAside
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import NOON, a_lesson, a_person, a_ready_asset, an_original

KEY = "originals/found"
SignIn = Callable[[Person], Visitor]


@pytest.fixture
def found(session: Session, wiring: Wiring, teacher: Person) -> SetAside:
    """A file of the teacher's of which no row knew."""
    wiring.store.put_bytes(KEY, b"a lesson", content_type="video/mp4")
    row = SetAside(
        why=AsideWhy.UNCLAIMED,
        key=KEY,
        size_bytes=8,
        whole_bytes=8,
        owner_id=teacher.id,
        file_name="แสง.mp4",
        sent_at=NOON,
        found_at=NOON,
    )
    session.add(row)
    session.commit()
    return row


def test_a_teacher_makes_a_lesson_of_a_file_that_was_found(
    found: SetAside, teacher: Person, sign_in: SignIn
) -> None:
    visitor = sign_in(teacher)
    home = visitor.get("/studio/").text
    assert "พบไฟล์ที่ส่งครบแล้วแต่ยังไม่มีบทเรียน" in home
    assert "แสง.mp4" in home

    answer = visitor.send_form(f"/studio/found-files/{found.id}/take")

    assert answer.status_code == 303
    assert "แสง" in visitor.get(answer.headers["Location"]).text
    assert "พบไฟล์ที่ส่งครบแล้ว" not in visitor.get("/studio/").text
    assert visitor.send_form(f"/studio/found-files/{found.id}/take").status_code == 404


def test_a_teacher_removes_a_file_that_was_found(
    found: SetAside, teacher: Person, sign_in: SignIn, wiring: Wiring
) -> None:
    visitor = sign_in(teacher)

    answer = visitor.send_form(f"/studio/found-files/{found.id}/remove")

    assert answer.status_code == 303
    assert list(wiring.store.list_keys("originals/")) == []


def test_a_teacher_removes_a_file_of_which_no_lesson_was_made_and_no_other(
    session: Session, app: object, teacher: Person, sign_in: SignIn
) -> None:
    unused, shown = an_original(session, teacher), an_original(session, teacher)
    a_lesson(session, teacher, original=shown)
    visitor = sign_in(teacher)

    answers = [
        visitor.send_form(f"/studio/originals/{each.id}/remove").status_code
        for each in (unused, shown)
    ]

    assert answers == [303, 409]
    assert session.scalars(select(Original.id)).all() == [shown.id]


def test_the_office_sees_what_is_damaged_and_its_teacher_is_told_on_the_lessons_page(
    session: Session, wiring: Wiring, teacher: Person, sign_in: SignIn
) -> None:
    key = "originals/damaged/one"
    asset = a_ready_asset(
        session,
        wiring.store,
        original_key=key,
        original_gone_at=NOON,
        original_gone_why=OriginalGone.DAMAGED,
    )
    lesson = a_lesson(session, teacher, original=an_original(session, teacher, asset))
    sizes = {"size_bytes": 4_000_000, "whole_bytes": 8_000_000}
    session.add(SetAside(why=AsideWhy.DAMAGED, key=key, asset_id=asset.id, found_at=NOON, **sizes))
    session.commit()
    office = sign_in(a_person(session, RoleName.OFFICE_ADMIN))

    space = office.get("/admin/storage/").text
    page = sign_in(teacher).get(f"/studio/lessons/{lesson.id}").text

    assert "การบวกเลข.mp4" in space
    assert "4 MB จาก 8 MB" in space
    assert "ดาวน์โหลดส่วนที่เหลือ" in space
    assert "ข้อมูลของไฟล์ที่ส่งมาเปลี่ยนไปเองในดิสก์" in page
