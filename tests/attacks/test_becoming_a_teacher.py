"""Somebody wants to be a teacher of a school without anybody of it saying so."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, SchoolRequest
from server.models.lessons import Lesson
from server.models.people import Person, Role, RoleName, School
from server.services.invitations import make_invitation
from server.services.pupil_keys import come_in_by_slip, make_slips
from server.services.school_joining import MOST_FROM_ADDRESS, make_school_link
from tests.browsing import Visitor
from tests.builders import PASSWORD, StoppedClock, a_lesson, a_person, a_school

SignIn = Callable[[Person], Visitor]
STRANGER = {"user_name": "stranger", "display_name": "ครูใหม่ ใจดี", "password": PASSWORD}
STAFF_PAGES = ("/classrooms/", "/classrooms/new", "/studio/", "/studio/upload", "/admin/")


@pytest.fixture
def administrator(session: Session, school: School) -> Person:
    return a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ผอ.วิชัย รักเรียน")


@pytest.fixture
def link(session: Session, clock: StoppedClock, school: School, administrator: Person) -> str:
    return f"/teach/{make_school_link(session, clock, school_id=school.id, by=administrator).token}"


@pytest.fixture
def of_school(session: Session, teacher: Person) -> Lesson:
    """A lesson that the school alone sees."""
    return a_lesson(session, teacher, published=True)


def asked_ids(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="request" value="([0-9a-f-]+)"', page)))


def people_of(session: Session, school: School) -> list[str]:
    session.expire_all()
    wanted = select(Person.user_name).join(Role).where(Role.school_id == school.id)
    names = list(session.scalars(wanted))
    session.commit()
    return names


def test_a_stranger_with_the_schools_link_sees_and_does_nothing_of_the_school(
    app: Flask, session: Session, school: School, link: str, of_school: Lesson
) -> None:
    stranger, before = Visitor(app), people_of(session, school)

    asked = stranger.send_form(link, **STRANGER)

    assert asked.headers["Location"] == "/account/asked"
    refused = [*STAFF_PAGES, f"/lessons/{of_school.id}", f"/admin/schools/{school.id}"]
    assert [stranger.get(path).status_code for path in refused[:-2]] == [403] * len(STAFF_PAGES)
    assert {stranger.get(path).status_code for path in refused[-2:]} <= {403, 404}
    row = session.scalars(select(SchoolRequest)).one()
    accept = {"action": "accept", "request": str(row.id)}
    session.commit()
    assert stranger.send_form(f"/admin/schools/{school.id}/asked", **accept).status_code == 403
    assert people_of(session, school) == before


def test_a_stranger_among_forty_colleagues_is_not_swept_along(
    app: Flask, sign_in: SignIn, session: Session, school: School, administrator: Person, link: str
) -> None:
    for number in range(3):
        new = {**STRANGER, "user_name": f"kru{number}", "display_name": f"ครูคนที่ {number}"}
        Visitor(app).send_form(link, **new)
    head = sign_in(administrator)
    shown = asked_ids(head.get(f"/admin/schools/{school.id}?tick=plain").text)
    Visitor(app).send_form(link, **STRANGER)  # after the page was looked at

    head.send_form(f"/admin/schools/{school.id}/asked", action="accept", request=shown)

    assert "stranger" not in people_of(session, school)
    assert {"kru0", "kru1", "kru2"} <= set(people_of(session, school))


def test_who_calls_herself_like_a_teacher_is_not_ticked_with_the_others(
    app: Flask, sign_in: SignIn, school: School, administrator: Person, teacher: Person, link: str
) -> None:
    for number, name in enumerate(("ครูคนใหม่ จริงใจ", teacher.display_name)):
        new = {**STRANGER, "user_name": f"kru{number}", "display_name": name}
        Visitor(app).send_form(link, **new)

    page = sign_in(administrator).get(f"/admin/schools/{school.id}?tick=plain").text

    boxes = re.findall(r'<input type="checkbox"[^>]*>', page)
    assert [bool(re.search(r"\bchecked\b", box)) for box in boxes] == [True, False]
    assert f"มีครูของโรงเรียนนี้ชื่อเดียวกัน: {teacher.user_name}" in page


def test_a_pupil_with_a_password_is_shown_as_one_and_never_confirmed_with_others(
    sign_in: SignIn, session: Session, school: School, administrator: Person, link: str
) -> None:
    pupil = a_person(session, RoleName.STUDENT, school)
    in_class, head = sign_in(pupil), sign_in(administrator)
    assert in_class.send_form(link).headers["Location"] == "/account/asked"
    there = f"/admin/schools/{school.id}/asked"
    row = str(session.scalars(select(SchoolRequest.id)).one())
    session.commit()

    page = head.get(f"/admin/schools/{school.id}").text
    head.send_form(there, action="accept", request=row)

    assert f"เป็นนักเรียนของ{school.name}" in page
    assert in_class.get("/classrooms/").status_code == 403
    head.send_form(there, action="accept", request=row, although="pupil")
    assert in_class.get("/classrooms/").status_code == 200


def test_a_pupil_on_a_phone_that_a_slip_opened_asks_for_nothing(
    app: Flask,
    session: Session,
    clock: StoppedClock,
    room: Classroom,
    teacher: Person,
    link: str,
) -> None:
    slip = make_slips(session, clock, classroom_id=room.id, by=teacher)[0]
    phone = Visitor(app)
    phone.sign_in_with(come_in_by_slip(session, clock, token=slip.token).token)

    page, answer = phone.get(link), phone.send_form(link)

    assert "นี่เป็นบัญชีของนักเรียน" in page.text
    assert answer.status_code == 403
    assert session.scalars(select(SchoolRequest)).all() == []


def test_a_pupil_who_finds_an_invitation_of_a_teacher_does_not_become_one(
    app: Flask,
    sign_in: SignIn,
    session: Session,
    clock: StoppedClock,
    school: School,
    administrator: Person,
) -> None:
    token = make_invitation(
        session,
        clock,
        role=RoleName.TEACHER,
        school_id=school.id,
        by=administrator,
        invited_name="ครูมะลิ งามตา",
    )
    pupil = sign_in(a_person(session, RoleName.STUDENT, school))

    tried = pupil.send_form(f"/invitations/{token}", action="take_on")
    used = Visitor(app).send_form(f"/invitations/{token}", **STRANGER)
    again = Visitor(app).send_form(
        f"/invitations/{token}", **{**STRANGER, "user_name": "stranger2"}
    )

    assert tried.status_code == 403
    assert "นี่เป็นบัญชีของนักเรียน" in tried.text
    assert pupil.get("/classrooms/").status_code == 403
    assert (used.status_code, again.status_code) == (303, 410)
    listed = sign_in(administrator).get(f"/admin/schools/{school.id}/invited").text
    assert "ครูใหม่ ใจดี ใช้แล้ว" in listed
    assert "ชื่อไม่ตรงกับที่เชิญ" in listed


def test_a_link_that_a_former_administrator_kept_is_good_for_nothing(
    app: Flask, sign_in: SignIn, session: Session, school: School, administrator: Person, link: str
) -> None:
    second = a_person(session, RoleName.SCHOOL_ADMIN, school)
    there = f"/admin/schools/{school.id}/people/{administrator.id}/access"
    sign_in(second).send_form(there, access="no")

    assert Visitor(app).get(link).status_code == 410
    assert Visitor(app).send_form(link, **STRANGER).status_code == 410
    assert session.scalars(select(SchoolRequest)).all() == []


def test_a_flood_by_a_leaked_link_ends_and_a_new_link_lets_the_teachers_in(
    app: Flask, sign_in: SignIn, session: Session, school: School, administrator: Person, link: str
) -> None:
    row_count = MOST_FROM_ADDRESS
    for number in range(row_count):
        new = {**STRANGER, "user_name": f"bot{number}"}
        assert Visitor(app).send_form(link, **new).status_code == 303

    stopped = Visitor(app).send_form(link, **STRANGER)

    assert stopped.status_code == 409
    assert f"{row_count} คำขอรออยู่" in stopped.text
    assert 'value="stranger"' in stopped.text  # what was typed stays
    head = sign_in(administrator)
    head.send_form(f"/admin/schools/{school.id}/teacher-link")
    shown = asked_ids(head.get(f"/admin/schools/{school.id}").text)
    head.send_form(f"/admin/schools/{school.id}/asked", action="decline", request=shown)
    fresh = re.findall(
        r'"http://localhost(/teach/[^"]+)"', head.get(f"/admin/schools/{school.id}").text
    )
    assert fresh[0] != link
    assert Visitor(app).send_form(fresh[0], **STRANGER).status_code == 303


def test_a_teacher_whose_access_ended_keeps_no_open_window(
    sign_in: SignIn,
    session: Session,
    school: School,
    teacher: Person,
    administrator: Person,
    of_school: Lesson,
) -> None:
    window = sign_in(teacher)
    assert window.get(f"/lessons/{of_school.id}").status_code == 200
    there = f"/admin/schools/{school.id}/people/{teacher.id}"

    assert window.send_form(f"{there}/access", access="yes").status_code == 403
    sign_in(administrator).send_form(f"{there}/access", access="no")

    assert window.get("/studio/").headers["Location"].startswith("/sign-in")
    assert window.get("/account").status_code == 303
    back = sign_in(teacher)  # her password still opens her account, and nothing of the school
    assert "ปิดสิทธิ์ในโรงเรียนแล้ว" in back.get("/home").text
    assert [back.get(path).status_code for path in STAFF_PAGES] == [403] * len(STAFF_PAGES)
    assert back.get(f"/studio/lessons/{of_school.id}").status_code in {403, 404}


def test_an_administrator_of_another_school_ends_nothing_here(
    sign_in: SignIn,
    session: Session,
    clock: StoppedClock,
    school: School,
    teacher: Person,
    administrator: Person,
) -> None:
    other = a_school(session, "โรงเรียนวัดใหม่")
    stranger = sign_in(a_person(session, RoleName.SCHOOL_ADMIN, other))
    window = sign_in(teacher)

    answers = [
        stranger.send_form(f"/admin/schools/{school_id}/people/{teacher.id}/{act}", access="no")
        for school_id in (school.id, other.id)
        for act in ("access", "sign-out")
    ]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert window.get("/studio/").status_code == 200
