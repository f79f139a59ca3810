"""Stories through forms alone, as a browser without scripts would send them."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName, School
from storage.store import ObjectStore
from tests.browsing import Visitor
from tests.builders import PASSWORD, a_lesson, a_ready_asset, an_original


def test_a_wrong_password_is_told_kindly_and_the_right_one_leads_back(
    client: Visitor, teacher: Person
) -> None:
    wrong = client.send_form(
        "/sign-in", user_name=teacher.user_name, password=PASSWORD + "x", next="/studio/"
    )
    right = client.send_form(
        "/sign-in", user_name=teacher.user_name, password=PASSWORD, next="/studio/"
    )

    assert wrong.status_code == 401
    assert "ชื่อผู้ใช้หรือรหัสผ่านไม่ตรง" in wrong.text
    assert f'value="{teacher.user_name}"' in wrong.text
    assert right.headers["Location"] == "/studio/"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(
    client: Visitor, teacher: Person, target: str
) -> None:
    answer = client.send_form(
        "/sign-in", user_name=teacher.user_name, password=PASSWORD, next=target
    )

    assert answer.headers["Location"] == "/"


def test_from_a_ready_file_to_a_shared_lesson_in_three_taps(
    sign_in: Callable[[Person], Visitor],
    client: Visitor,
    session: Session,
    store: ObjectStore,
    teacher: Person,
) -> None:
    original = an_original(session, teacher, a_ready_asset(session, store))
    visitor = sign_in(teacher)

    offered = visitor.get(f"/studio/originals/{original.id}/lesson")
    assert 'value="การบวกเลข"' in offered.text
    made = visitor.send_form(
        f"/studio/originals/{original.id}/lesson", title="การบวกเลข", action="publish"
    )
    visitor.send_form(f"{made.headers['Location']}/share")
    page = visitor.get(made.headers["Location"]).text

    link = page.split("/s/")[1].split('"')[0]
    assert client.get(f"/s/{link}").status_code == 200


def test_publishing_before_there_is_anything_to_watch_keeps_the_lesson_and_says_why(
    sign_in: Callable[[Person], Visitor], session: Session, teacher: Person
) -> None:
    original = an_original(session, teacher)
    visitor = sign_in(teacher)

    made = visitor.send_form(
        f"/studio/originals/{original.id}/lesson", title="การบวกเลข", action="publish"
    )
    page = visitor.get(made.headers["Location"])

    assert "ยังเผยแพร่บทเรียนนี้ไม่ได้" in page.text
    assert "ยังไม่เผยแพร่" in page.text


def test_a_deleted_lesson_can_be_brought_back_until_a_date_in_buddhist_years(
    sign_in: Callable[[Person], Visitor], session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson = a_lesson(session, teacher, store=store, published=True)
    visitor = sign_in(teacher)

    visitor.send_form(f"/studio/lessons/{lesson.id}/delete")
    listed = visitor.get("/studio/").text
    visitor.send_form(f"/studio/lessons/{lesson.id}/restore")

    assert "ลบแล้ว นำกลับคืนได้ถึง 2 ธ.ค. 2569" in listed
    assert visitor.get(f"/lessons/{lesson.id}").status_code == 200


def test_a_title_that_is_too_long_comes_back_with_what_was_typed(
    sign_in: Callable[[Person], Visitor], session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson = a_lesson(session, teacher, store=store)

    answer = sign_in(teacher).send_form(
        f"/studio/lessons/{lesson.id}", title="ก" * 301, description="ยังอยู่"
    )

    assert answer.status_code == 422
    assert "ยาวเกินไป พิมพ์ได้ไม่เกิน 300 ตัวอักษร" in answer.text
    assert "ยังอยู่" in answer.text


def test_captions_with_faults_open_in_the_editor_with_every_line_named(
    sign_in: Callable[[Person], Visitor], session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson = a_lesson(session, teacher, store=store)
    visitor = sign_in(teacher)

    answer = visitor.send_form(
        f"/studio/lessons/{lesson.id}/captions",
        language="th",
        captions=(io.BytesIO(b"1\n00:00:99,000 -> nonsense\nx\n"), "a.srt"),
    )

    assert answer.status_code == 303
    page = visitor.get(answer.headers["Location"]).text
    assert "บรรทัด 2 ตัวที่ 1<" in page
    assert "บรรทัด 2 ตัวที่ 17<" in page


def test_what_is_no_caption_file_is_refused_and_the_lesson_unchanged(
    sign_in: Callable[[Person], Visitor], session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson = a_lesson(session, teacher, store=store)

    answer = sign_in(teacher).send_form(
        f"/studio/lessons/{lesson.id}/captions",
        language="th",
        captions=(io.BytesIO(b"\x89PNG\x00\x00\x00"), "a.srt"),
    )

    assert answer.status_code == 422
    assert "บทเรียนยังเหมือนเดิม" in answer.text


def test_the_embed_code_has_no_power_and_a_link_below(
    sign_in: Callable[[Person], Visitor], session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson = a_lesson(
        session, teacher, store=store, published=True, visibility=Visibility.PUBLIC, title='"><b>'
    )

    page = sign_in(teacher).get(f"/studio/lessons/{lesson.id}").text

    assert "sandbox=&#34;allow-scripts&#34;" in page
    assert "allow-same-origin" not in page
    assert f"&lt;p&gt;&lt;a href=&#34;http://localhost/lessons/{lesson.id}&#34;" in page


def test_an_invitation_is_shown_once_with_a_qr_code_and_makes_a_teacher(
    client_as: Callable[[RoleName], Visitor], client: Visitor, school: School
) -> None:
    page = client_as(RoleName.SCHOOL_ADMIN).send_form(
        f"/admin/schools/{school.id}/invitations", role="teacher", invited_name="ครูมาลี"
    )
    token = page.text.split("/invitations/")[1].split('"')[0]

    invited = client.get(f"/invitations/{token}")
    joined = client.send_form(
        f"/invitations/{token}", user_name="malee", display_name="ครูมาลี", password=PASSWORD
    )

    assert "<svg" in page.text
    assert school.name in invited.text
    assert "สำหรับ ครูมาลี" in invited.text
    assert joined.status_code == 303
    assert client.get("/studio/").status_code == 200


def test_the_first_run_makes_the_office_and_signs_its_administrator_in(bare_app: Flask) -> None:
    visitor = bare_app.test_client()
    assert isinstance(visitor, Visitor)

    short = visitor.send_form(
        "/first-run",
        office_name="สพป.สตูล",
        user_name="admin",
        display_name="ก",
        password=PASSWORD[:2],
    )
    done = visitor.send_form(
        "/first-run", office_name="สพป.สตูล", user_name="admin", display_name="ก", password=PASSWORD
    )

    assert short.status_code == 422
    assert "ใช้อย่างน้อย 10 ตัว" in short.text
    assert done.headers["Location"] == "/admin/"
    assert "สพป.สตูล" in visitor.get("/admin/").text


def test_the_language_is_kept_and_leads_back(client: Visitor) -> None:
    answer = client.send_form("/language", lang="en", next="/search?q=x")

    assert answer.headers["Location"] == "/search?q=x"
    assert '<html lang="en">' in client.get("/").text


def test_guests_learn_nothing_of_a_lesson_that_is_not_theirs(
    client: Visitor, session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson: Lesson = a_lesson(session, teacher, store=store, published=True, title="เฉพาะโรงเรียน")

    answer = client.get(f"/lessons/{lesson.id}", follow_redirects=True)

    assert answer.request.path == "/sign-in"
    assert "เฉพาะโรงเรียน" not in answer.text
    assert '<meta property="og:title" content="คลังบทเรียน">' in answer.text


def test_a_public_lesson_previews_with_title_school_and_poster_address(
    client: Visitor, session: Session, teacher: Person, store: ObjectStore
) -> None:
    lesson = a_lesson(
        session, teacher, store=store, published=True, visibility=Visibility.PUBLIC, title="เศษส่วน"
    )
    assert lesson.original
    lesson.original.asset.poster_key = f"assets/{lesson.original.asset_id}/abc.webp"
    session.commit()

    page = client.get(f"/lessons/{lesson.id}").text

    assert 'property="og:title" content="เศษส่วน"' in page
    assert "โรงเรียนบ้านหนองปลาไหล" in page
    assert f"http://localhost/lessons/{lesson.id}/poster?v=abc" in page
