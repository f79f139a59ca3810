"""Pages about files and the disk, through forms alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.app import connect
from server.models.lessons import FileRole, LessonFile
from server.models.library import AssetState
from server.models.people import Office, Person, RoleName, School
from server.services.room import Disk, Room
from server.settings import Settings
from server.web.disk_notice import notice_of
from server.wiring import Wiring
from storage.store import ObjectStore
from tests.browsing import Visitor
from tests.builders import NOON, a_lesson, a_ready_asset, an_asset, an_original
from tests.uploader import Uploader
from tests.working import work_until_idle

GB = 1_000_000_000


def test_a_file_is_replaced_and_put_back_by_forms(
    app: Flask,
    sign_in: Callable[[Person], Visitor],
    session: Session,
    wiring: Wiring,
    store: ObjectStore,
    teacher: Person,
) -> None:
    lesson = a_lesson(session, teacher, store=store, published=True)
    first_id = lesson.original_id
    new = an_original(session, teacher, a_ready_asset(session, store))
    visitor = sign_in(teacher)

    page = visitor.get(f"/studio/lessons/{lesson.id}/file?original={new.id}")
    assert "ที่อยู่ ลิงก์" in page.text
    sent = visitor.send_form(f"/studio/lessons/{lesson.id}/file", original_id=str(new.id))
    assert sent.headers["Location"].endswith("#file")
    work_until_idle(wiring)

    page = visitor.get(f"/studio/lessons/{lesson.id}")
    assert "ไฟล์ก่อนหน้า" in page.text
    session.expire_all()
    assert lesson.original_id == new.id
    former = session.scalars(select(LessonFile).where(LessonFile.role == FileRole.FORMER)).one()
    session.commit()  # so that what follows is seen
    back = visitor.send_form(f"/studio/former-files/{former.id}/put-back")
    assert back.status_code == 303, back.text
    session.expire_all()
    assert lesson.original_id == first_id


def test_a_teacher_is_told_when_the_new_file_cannot_be_used(
    sign_in: Callable[[Person], Visitor], session: Session, teacher: Person
) -> None:
    lesson = a_lesson(session, teacher)
    broken = an_original(session, teacher, an_asset(session, state=AssetState.FAILED))
    coming = LessonFile(
        lesson_id=lesson.id, original_id=broken.id, role=FileRole.COMING, at=NOON, by_id=None
    )
    session.add(coming)
    session.commit()

    page = sign_in(teacher).get(f"/studio/lessons/{lesson.id}")

    assert "บทเรียนยังใช้ไฟล์เดิม" in page.text


def test_the_upload_page_tells_what_is_left_and_an_upload_beyond_it_is_refused(
    uploader: Uploader, office: Office, session: Session
) -> None:
    office.person_quota_bytes = GB
    session.commit()

    page = uploader.visitor.get("/studio/upload")
    refused = uploader.create(2 * GB)

    assert "เหลือ 1 GB" in page.text
    assert refused.status_code == 413
    assert refused.get_json()["type"] == "/problems/quota_full"
    assert uploader.create(GB).status_code == 201


def test_the_office_sets_rules_for_all_and_for_one_school(
    client_as: Callable[[RoleName], Visitor], office: Office, school: School, session: Session
) -> None:
    visitor = client_as(RoleName.OFFICE_ADMIN)

    visitor.send_form(
        "/admin/storage/rules", kept_days="90", school_quota_gb="50", person_quota_gb="5"
    )
    visitor.send_form(f"/admin/storage/schools/{school.id}", quota_gb="80", kept_days="")
    wrong = visitor.send_form("/admin/storage/rules", kept_days="ten")

    session.expire_all()
    assert (office.originals_kept_days, office.school_quota_bytes) == (90, 50 * GB)
    assert (school.quota_bytes, school.originals_kept_days) == (80 * GB, None)
    assert wrong.status_code == 422
    assert "80 GB" in visitor.get("/admin/storage/schools").text


@pytest.mark.parametrize("lang", ["th", "en"])
def test_pages_about_space_open_in_both_languages(
    client_as: Callable[[RoleName], Visitor], office: Office, school: School, lang: str
) -> None:
    visitor = client_as(RoleName.OFFICE_ADMIN)
    visitor.send_form("/language", lang=lang)

    of_schools = "/admin/storage/schools"
    for path in ("/admin/storage/", of_schools, f"{of_schools}/{school.id}"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert f'lang="{lang}"' in answer.text


def test_the_office_is_told_on_its_pages_while_the_disk_gets_full(
    app: Flask, client_as: Callable[[RoleName], Visitor], wiring: Wiring, settings: Settings
) -> None:
    office = client_as(RoleName.OFFICE_ADMIN)
    school_admin = client_as(RoleName.SCHOOL_ADMIN)
    roomy = "ดิสก์ของเครื่องแม่ข่าย" in office.get("/admin/storage/").text

    connect(app, replace(wiring, room=Room((settings.data_path,), reserved_bytes=2**60)))
    pages = [office.get(path).text for path in ("/admin/", "/admin/storage/", "/admin/queue")]

    assert roomy is (wiring.room.disks()[0].warned_percent is not None)
    assert all("ดิสก์ของเครื่องแม่ข่ายเต็ม การอัปโหลดและการเตรียมไฟล์รออยู่" in page for page in pages)
    assert "ดิสก์ของเครื่องแม่ข่าย" not in school_admin.get("/admin/").text


@pytest.mark.parametrize(
    ("free_percent", "says"),
    [(25, None), (15, "ควรวางแผนเพิ่มขนาดดิสก์"), (8, "เพิ่มขนาดดิสก์ตั้งแต่ตอนนี้"), (1, "การอัปโหลดจะไปต่อเอง")],
)
def test_the_notice_says_by_and_by_more(
    app: Flask, wiring: Wiring, free_percent: int, says: str | None
) -> None:
    disk = Disk(
        folder=wiring.settings.data_path,
        total_bytes=100 * GB,
        free_bytes=free_percent * GB,
        reserved_bytes=2 * GB,
    )

    with app.test_request_context("/"):
        notice = notice_of(disk)

    assert says is None if notice is None else says and says in notice.text
