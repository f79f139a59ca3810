"""People in the picture, through pages: the question, the register of consents, the way back."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, Enrolment
from server.models.consents import MediaPeople, PupilConsent
from server.models.lessons import Lesson, Visibility
from server.models.library import Original
from server.models.people import Person, RoleName
from storage.store import ObjectStore
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person, a_ready_asset, an_original

Browse = Callable[[Person], Visitor]


@pytest.fixture
def at_desk(sign_in: Browse, teacher: Person) -> Visitor:
    return sign_in(teacher)


@pytest.fixture
def new_file(session: Session, store: ObjectStore, teacher: Person) -> Original:
    """A file that has just come: nobody has said yet who is in it."""
    original = an_original(session, teacher, a_ready_asset(session, store))
    session.query(MediaPeople).delete()
    session.commit()
    return original


def the_lesson(session: Session) -> Lesson:
    session.commit()
    session.expire_all()
    return session.scalars(select(Lesson)).one()


def reach_fields(session: Session, *reaches: str) -> dict[str, str]:
    members = session.scalars(select(Enrolment).order_by(Enrolment.list_number)).all()
    session.commit()
    return {f"reach-{row.id}": reach for row, reach in zip(members, reaches, strict=False)}


def publish(visitor: Visitor, original_id: UUID, **fields: object) -> str:
    answer = visitor.send_form(
        f"/studio/originals/{original_id}/lesson",
        title="แสงและเงา",
        visibility="public",
        action="publish",
        **fields,
    )
    return visitor.get(answer.headers["Location"]).text


def test_nobody_in_it_takes_one_tap_and_everybody_sees_it(
    at_desk: Visitor, session: Session, new_file: Original, client: Visitor
) -> None:
    publish(at_desk, new_file.id, people="nobody")

    assert client.get(f"/lessons/{the_lesson(session).id}").status_code == 200


def test_my_class_is_proposed_and_stays_in_the_school_until_its_forms_are_there(
    at_desk: Visitor,
    session: Session,
    new_file: Original,
    room: Classroom,
    sign_in: Browse,
    client: Visitor,
) -> None:
    asked = at_desk.get(f"/studio/originals/{new_file.id}/lesson").text
    assert f'value="{room.id}" checked' in asked
    assert 'value="classrooms" checked' in asked

    page = publish(at_desk, new_file.id, people="classrooms", classrooms=[room.id])

    lesson = the_lesson(session)
    assert (lesson.visibility, lesson.shown_to) == (Visibility.PUBLIC, Visibility.SCHOOL)
    assert "ตอนนี้แสดงแก่: ทั้งโรงเรียน" in page
    assert page.count(f"/classrooms/{room.id}/consents") == 3  # each pupil's form is missing
    assert client.get(f"/lessons/{lesson.id}").status_code == 303  # perhaps after signing in
    pupil = a_person(session, RoleName.STUDENT, lesson.school)
    assert sign_in(pupil).get(f"/lessons/{lesson.id}").status_code == 200

    shared = at_desk.send_form(f"/studio/lessons/{lesson.id}/share")
    assert "ยังมีผู้ที่อยู่ในสื่อนี้ไม่ได้ยินยอม" in at_desk.get(shared.headers["Location"]).text


def test_an_answer_is_changed_on_a_page_of_its_own(
    at_desk: Visitor, session: Session, room: Classroom, teacher: Person
) -> None:
    lesson = a_lesson(session, teacher, published=True, visibility=Visibility.PUBLIC)
    first = session.scalars(select(Enrolment)).first()
    assert first
    session.commit()
    address = f"/studio/lessons/{lesson.id}/people"
    file = {"original_id": str(lesson.original_id)}

    assert at_desk.send_form(address, **file, people="pupils").status_code == 422
    assert at_desk.send_form(address, **file, people="everybody").status_code == 422
    assert at_desk.send_form(address, people="nobody").status_code == 422
    at_desk.send_form(address, **file, people="pupils", pupils=[first.person_id])

    page = at_desk.get(address).text
    assert f'value="{first.person_id}" checked' in page
    assert "ก่อนจะเผยแพร่ถึงทั้งเขตพื้นที่การศึกษา ยังขาดความยินยอมของ:" in page


def test_a_class_is_ticked_off_once_and_one_pupil_withdraws(
    at_desk: Visitor, session: Session, room: Classroom, teacher: Person, client: Visitor
) -> None:
    lesson = a_lesson(session, teacher, published=True, visibility=Visibility.PUBLIC)
    answered = {"original_id": str(lesson.original_id), "people": "classrooms"}
    at_desk.send_form(f"/studio/lessons/{lesson.id}/people", **answered, classrooms=[room.id])
    address = f"/classrooms/{room.id}/consents"

    fields = reach_fields(session, "none", "public", "none")
    kept = at_desk.send_form(address, **fields, rest="public")
    assert (
        f"“{lesson.title}” ของครูสมศรี ใจดี กลับมาแสดงแก่: ทุกคน"
        in at_desk.get(kept.headers["Location"]).text
    )
    assert client.get(f"/lessons/{lesson.id}").status_code == 200

    enrolment_id = next(iter(fields)).removeprefix("reach-")
    said = at_desk.send_form(f"/pupils/{enrolment_id}/consent/withdraw", next=address)
    page = at_desk.get(said.headers["Location"]).text
    assert said.headers["Location"] == address
    assert f"“{lesson.title}” ของครูสมศรี ใจดี ตอนนี้แสดงแก่: เฉพาะฉัน" in page
    assert "ถอนความยินยอมเมื่อ 2 พ.ย. 2569 12:00" in page
    assert client.get(f"/lessons/{lesson.id}").status_code == 303
    assert client.get(f"/embed/{lesson.id}").status_code == 404
    assert client.get("/").text.count(str(lesson.id)) == 0
    assert session.query(PupilConsent).count() == 3


def test_a_page_that_was_open_before_takes_no_withdrawal_back(
    at_desk: Visitor, session: Session, room: Classroom
) -> None:
    address = f"/classrooms/{room.id}/consents"
    fields = reach_fields(session, "public", "area", "none")
    at_desk.send_form(address, **fields)
    first, second, third = (name.removeprefix("reach-") for name in fields)
    old_page = at_desk.get(address).text
    seen = {f"seen-{first}": "public", f"seen-{second}": "area", f"seen-{third}": "none"}
    assert all(f'name="{name}" value="{reach}"' in old_page for name, reach in seen.items())
    at_desk.send_form(f"/pupils/{first}/consent/withdraw", next=address)

    said = at_desk.send_form(address, **seen, **fields | {f"reach-{third}": "school"})
    assert "ระหว่างนั้นมีผู้อื่นแก้ไว้แล้ว" not in at_desk.get(said.headers["Location"]).text
    said = at_desk.send_form(address, **seen, **fields | {f"reach-{first}": "area"})
    assert "จึงคงไว้ตามนั้น: ด.ช. สมชาย ใจดี" in at_desk.get(said.headers["Location"]).text

    valid = session.scalars(select(PupilConsent).where(PupilConsent.replaced_at.is_(None)))
    assert sorted(row.allowed for row in valid) == ["area", "me", "school"]


def test_a_still_of_pupils_is_out_of_caches_within_a_minute_too(
    at_desk: Visitor, client: Visitor, session: Session, store: ObjectStore, teacher: Person
) -> None:
    lesson = a_lesson(session, teacher, store=store, published=True, visibility=Visibility.PUBLIC)
    assert lesson.original
    store.put_bytes("assets/still.jpg", b"a still", content_type="image/jpeg")
    lesson.original.asset.poster_key = "assets/still.jpg"
    session.commit()

    nobody = client.get(f"/lessons/{lesson.id}/poster").headers["Cache-Control"]
    session.query(MediaPeople).update({"answer": "classrooms"})
    session.commit()
    somebody = client.get(f"/lessons/{lesson.id}/poster").headers["Cache-Control"]

    assert (nobody, somebody) == ("public, max-age=86400", "private, max-age=60")


@pytest.mark.parametrize("reach", ["link", "moon", ""])
def test_what_is_no_reach_is_not_kept(
    at_desk: Visitor, session: Session, room: Classroom, reach: str
) -> None:
    fields = reach_fields(session, reach)

    answer = at_desk.send_form(f"/classrooms/{room.id}/consents", **fields)

    assert answer.status_code == 422
    assert session.query(PupilConsent).count() == 0


def test_every_pupil_gets_a_form_on_paper(at_desk: Visitor, room: Classroom) -> None:
    page = at_desk.get(f"/classrooms/{room.id}/consents/form").text

    assert page.count("consent-paper") == 3
    assert page.count("ลงชื่อผู้ปกครอง") == 3
    for words in ("ด.ญ. มะลิ ณ อยุธยา", "ป.4/1", "ปีการศึกษา 2569", "แก่ทุกคนบนอินเทอร์เน็ต"):
        assert words in page


def test_a_pupil_sees_and_takes_along_what_is_kept(
    app: Flask, session: Session, room: Classroom, at_desk: Visitor, sign_in: Browse
) -> None:
    fields = reach_fields(session, "area")
    at_desk.send_form(f"/classrooms/{room.id}/consents", **fields)
    enrolment_id = UUID(next(iter(fields)).removeprefix("reach-"))
    enrolment = session.get(Enrolment, enrolment_id)
    assert enrolment
    pupil = sign_in(enrolment.person)

    page = pupil.get("/account").text
    kept = pupil.get("/account/kept.json")

    assert "เผยแพร่ได้ถึง: ทั้งเขตพื้นที่การศึกษา" in page
    assert "บอกครูได้เลย" in page
    assert kept.json["pupil_consent"][0]["reach"] == "area"  # type: ignore[index]
    assert kept.json["person"][0]["display_name"] == "สมชาย ใจดี"  # type: ignore[index]
    for secret in ("hash", "token", "sha256", "scrypt", "argon2"):
        assert secret not in kept.text
