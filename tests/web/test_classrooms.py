"""A class comes in: from pasted names to pupils who are signed in, through forms alone."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, Enrolment
from server.models.lessons import Lesson
from server.models.people import Person, RoleName, School
from server.services.joining import give_role
from server.services.pupil_keys import make_slips
from server.wiring import Wiring
from storage.store import ObjectStore
from tests.browsing import Visitor
from tests.builders import (
    PASSWORD,
    StoppedClock,
    a_person,
    a_ready_asset,
    a_school,
    an_original,
    at_noon,
    the_picture,
)
from tests.web.test_pages_cost import counted

NAMES = "เลขที่\tชื่อ\n1\tด.ช.สมชาย ใจดี\n2\tเด็กหญิงมะลิ ณ อยุธยา\n\n3. ด.ช. ปิติ ชูใจ"


@pytest.fixture
def in_class(sign_in: Callable[[Person], Visitor], teacher: Person) -> Visitor:
    return sign_in(teacher)


@pytest.fixture
def classroom(in_class: Visitor, session: Session) -> Classroom:
    """Return a classroom of three, made as a teacher makes it."""
    in_class.send_form("/classrooms/new", action="save", grades=["P4"], names=NAMES)
    return session.scalars(select(Classroom)).one()


@pytest.fixture
def phone(app: Flask) -> Visitor:
    return Visitor(app)


def members(session: Session) -> dict[str, Enrolment]:
    session.commit()  # what others wrote meanwhile is seen
    session.expire_all()
    return {row.person.display_name: row for row in session.scalars(select(Enrolment))}


def share_tablets(in_class: Visitor, classroom: Classroom, kind: str) -> None:
    fields = {"name": "ป.4", "grades": ["P4"], "secret_kind": kind}
    in_class.send_form(f"/classrooms/{classroom.id}/edit", **fields)


def choose(phone: Visitor, classroom: Classroom, **fields: object) -> str:
    return phone.send_form(f"/join/{classroom.token}", **fields).headers["Location"]


def show_picture(phone: Visitor, classroom: Classroom, clock: StoppedClock) -> None:
    phone.send_form("/waiting", picture=str(the_picture(classroom, clock())))


def test_a_teacher_looks_through_pasted_names_before_the_classroom_is_made(
    in_class: Visitor, session: Session
) -> None:
    page = in_class.send_form("/classrooms/new", action="look", grades=["P4", "P5"], names=NAMES)
    while_typing = in_class.send_form("/classrooms/new", part="read", names=NAMES)

    for shown in (page.text, while_typing.text):
        assert "อ่านได้ 3 คน" in shown
        assert "มะลิ ณ อยุธยา" in shown
    assert "<html" not in while_typing.text
    assert session.scalar(select(Classroom)) is None


def test_a_pupil_joins_by_code_is_confirmed_and_is_in(
    in_class: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    classroom: Classroom,
) -> None:
    there = phone.send_form("/join", code=classroom.code.lower())
    names = phone.get(there.headers["Location"])
    waiting = choose(phone, classroom, pupil=str(members(session)["สมชาย ใจดี"].id))
    asked = phone.get(waiting)
    show_picture(phone, classroom, clock)
    before = phone.get(waiting)
    in_class.send_form(f"/classrooms/{classroom.id}/confirm")
    after = phone.get(waiting)
    home = phone.get(after.headers["Location"])

    assert "สมชาย จ." in names.text
    assert "ใจดี" not in names.text
    assert asked.text.count("picture-choice") == 1 + 16
    assert asked.headers["Refresh"].startswith("30;")  # who chooses is left in peace
    assert before.headers["Refresh"].startswith("3;")
    assert after.headers["Location"] == "/home"
    assert "สวัสดี สมชาย" in home.text
    assert "ป.4" in home.text
    assert phone.get(waiting).headers["Location"] == "/home"  # the page before, opened again


def test_slips_are_shown_once_and_hold_nothing_to_be_kept(
    in_class: Visitor, classroom: Classroom
) -> None:
    page = in_class.send_form(f"/classrooms/{classroom.id}/slips")

    assert page.text.count('class="slip"') == 3
    assert page.headers["Cache-Control"] == "no-store"


def test_the_class_page_asks_as_much_for_many_pupils_as_for_few(
    in_class: Visitor, wiring: Wiring, classroom: Classroom
) -> None:
    path = f"/classrooms/{classroom.id}"
    in_class.get(path)
    with counted(wiring.engine) as for_few:
        in_class.get(path)

    letters = "กขคงจฉชซ"
    names = "\n".join(f"{one}{two} ใจดี" for one in letters for two in "ตถทธน")
    in_class.send_form(f"{path}/names", action="save", names=names)
    with counted(wiring.engine) as for_many:
        page = in_class.get(path)

    assert page.text.count("register-line") == 43
    assert len(for_many) == len(for_few)
    assert len(for_few) <= 20


def test_a_shared_tablet_goes_back_to_the_names_for_the_next_child(
    in_class: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    classroom: Classroom,
    teacher: Person,
) -> None:
    share_tablets(in_class, classroom, "pin")
    slip = make_slips(session, clock, classroom_id=classroom.id, by=teacher)[0]
    there = f"/join/{classroom.token}/pupils/{slip.enrolment.id}"
    phone.send_form(there, secret=slip.secret)

    answer = phone.send_form("/sign-out")

    assert answer.headers["Location"] == f"/join/{classroom.token}"


def test_a_school_sets_its_own_dates_of_a_term(
    client_as: Callable[[RoleName], Visitor], school: School
) -> None:
    administrator = client_as(RoleName.SCHOOL_ADMIN)
    there = f"/admin/terms?school={school.id}"
    term = {"year": "2026", "number": "2", "starts_on": "2026-10-26", "ends_on": "2027-03-20"}

    before = administrator.get(there).text
    administrator.send_form("/admin/terms", school=str(school.id), **term)
    wrong = administrator.send_form("/admin/terms", school=str(school.id), **term | {"ends_on": ""})
    never = {"starts_on": "9999-12-30", "ends_on": "9999-12-31"}
    for change in (never, {"year": "0"}, {"year": "99999"}):
        far = administrator.send_form("/admin/terms", school=str(school.id), **term | change)
        assert far.status_code == 422

    assert "1 พ.ย. 2569 ถึง 1 เม.ย. 2570" in before
    assert "26 ต.ค. 2569 ถึง 20 มี.ค. 2570" in administrator.get(there).text
    assert wrong.status_code == 422


def test_opening_a_slips_link_alone_signs_nobody_in(
    phone: Visitor, session: Session, clock: StoppedClock, classroom: Classroom, teacher: Person
) -> None:
    slip = make_slips(session, clock, classroom_id=classroom.id, by=teacher)[0]

    asked = phone.get(f"/in/{slip.token}")
    before = phone.get("/home")
    phone.send_form(f"/in/{slip.token}")

    assert "นี่คือ สมชาย ใช่ไหม" in asked.text
    assert asked.headers["Referrer-Policy"] == "no-referrer"
    assert before.headers["Location"].startswith("/sign-in")
    assert "สวัสดี สมชาย" in phone.get("/home").text


def test_codes_cannot_be_tried_through(phone: Visitor, classroom: Classroom) -> None:
    tried = [phone.send_form("/join", code=f"AAAA{n % 7 + 3}A").status_code for n in range(61)]

    assert tried[0] == 422
    assert tried[-1] == 429
    assert phone.get(f"/join/{classroom.token}").status_code == 200  # who has the QR code comes in


def test_a_pupil_whose_name_is_not_there_types_it_and_is_somebody_new(
    in_class: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    classroom: Classroom,
) -> None:
    choose(phone, classroom, typed_name="เด็กหญิง ฟ้า")
    show_picture(phone, classroom, clock)
    page = in_class.get(f"/classrooms/{classroom.id}?part=waiting")
    in_class.send_form(f"/classrooms/{classroom.id}/confirm")

    assert "ไม่มีในรายชื่อ" in page.text
    assert members(session)["ฟ้า"].person.title == "ด.ญ."
    assert phone.get("/waiting").headers["Location"] == "/home"


def test_a_small_child_taps_two_pictures_on_a_shared_tablet_and_sees_no_account(
    in_class: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    classroom: Classroom,
    teacher: Person,
) -> None:
    share_tablets(in_class, classroom, "picture")
    slip = make_slips(session, clock, classroom_id=classroom.id, by=teacher)[0]
    first, second = slip.secret.split()

    there = choose(phone, classroom, pupil=str(slip.enrolment.id))
    pictures = phone.get(there)
    phone.send_form(there, picture=first)
    answer = phone.send_form(there, first=first, picture=second)

    assert pictures.text.count("picture-choice") >= 16
    assert answer.headers["Location"] == "/home"
    assert "ไม่ใช่ สมชาย ใจดี? เปลี่ยนคน" in phone.get("/home").text
    assert phone.get("/account").status_code == 403
    asked = phone.send_form("/ask-to-join", school_id=str(classroom.school_id))
    assert asked.status_code == 403
    clock.forward(hours=2)
    assert phone.get("/home").headers["Location"].startswith("/sign-in")


def test_wrong_pictures_are_told_to_the_teacher(
    in_class: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    classroom: Classroom,
    teacher: Person,
) -> None:
    share_tablets(in_class, classroom, "pin")
    slip = make_slips(session, clock, classroom_id=classroom.id, by=teacher)[0]
    there = choose(phone, classroom, pupil=str(slip.enrolment.id))

    wrong = {"secret": "x"}
    answers = [phone.send_form(there, **wrong) for _ in range(5)]

    assert "ยังไม่ถูก" in answers[0].text
    assert "ลองผิดหลายครั้งเกินไป" in answers[-1].text
    assert [answer.status_code for answer in answers] == [401] * 4 + [423]
    assert "ล็อกไว้เพราะลองผิดหลายครั้ง" in in_class.get(f"/classrooms/{classroom.id}").text


def test_pictures_are_not_guessed_child_by_child_without_locking_any(
    in_class: Visitor,
    phone: Visitor,
    session: Session,
    clock: StoppedClock,
    classroom: Classroom,
    teacher: Person,
) -> None:
    names = "\n".join(f"{one}{two}นา ใจดี" for one in "กขคงจฉช" for two in "ตถท")
    in_class.send_form(f"/classrooms/{classroom.id}/names", action="save", names=names)
    share_tablets(in_class, classroom, "picture")
    slips = make_slips(session, clock, classroom_id=classroom.id, by=teacher)

    wrong = {"secret": "1 1"}
    tried = [
        phone.send_form(f"/join/{classroom.token}/pupils/{slip.enrolment.id}", **wrong)
        for slip in slips
        for _ in range(3)
    ]

    assert [answer.status_code for answer in tried[58:62]] == [401, 401, 429, 429]


def test_a_schools_first_administrator_finds_the_link_for_teachers(
    client_as: Callable[[RoleName], Visitor], app: Flask, school: School
) -> None:
    office, administrator = client_as(RoleName.OFFICE_ADMIN), Visitor(app)
    without = office.get(f"/admin/schools/{school.id}").text
    invited = {"role": "school_admin", "invited_name": "ผอ.วิชัย"}
    shown = office.send_form(f"/admin/schools/{school.id}/invitations", **invited).text
    link = re.findall(r'value="http://localhost(/invitations/[^"]+)"', shown)[0]

    new = {"user_name": "wichai", "display_name": "ผอ.วิชัย", "password": PASSWORD}
    first_page = administrator.send_form(link, **new).headers["Location"]

    assert "/teach/" in administrator.get(first_page).text
    assert "ผู้ดูแลคนแรกของโรงเรียน" in without
    assert "ผู้ดูแลคนแรกของโรงเรียน" not in office.get(f"/admin/schools/{school.id}").text


def test_a_teacher_of_two_schools_chooses_for_which_one_she_acts(
    sign_in: Callable[[Person], Visitor], session: Session, school: School, store: ObjectStore
) -> None:
    teacher = a_person(session, RoleName.TEACHER, school)
    other = a_school(session, "โรงเรียนวัดใหม่")
    with session.begin():
        give_role(session, at_noon, teacher, RoleName.TEACHER, other.id, None)
    visitor = sign_in(teacher)
    hats = {role.school_id: str(role.id) for role in teacher.roles}

    for wanted in (other, school, other):
        visitor.send_form("/hat", hat=hats[wanted.id])
        page = visitor.get("/studio/").text
        assert f'aria-pressed="true">ครู · {wanted.name}' in " ".join(page.split())
        original = an_original(session, teacher, a_ready_asset(session, store))
        made = visitor.send_form(f"/studio/originals/{original.id}/lesson", title="บวก")
        lesson = session.get(Lesson, UUID(made.headers["Location"].rpartition("/")[2]))
        assert lesson is not None
        assert lesson.school_id == wanted.id
        session.commit()
        visitor.send_form("/classrooms/new", action="save", grades=["P1"])
    rooms = session.scalars(select(Classroom.school_id)).all()
    assert sorted(rooms, key=str) == sorted([other.id, school.id, other.id], key=str)


def test_nobody_puts_on_the_hat_of_somebody_else(
    client_as: Callable[[RoleName], Visitor], session: Session, school: School
) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)

    answer = client_as(RoleName.TEACHER).send_form("/hat", hat=str(office.roles[0].id))

    assert answer.status_code == 404


def test_two_spellings_of_one_pupil_are_marked_and_offered_to_be_joined(
    in_class: Visitor, session: Session, classroom: Classroom
) -> None:
    in_class.send_form(f"/classrooms/{classroom.id}/names", action="save", names="ด.ช. สมชาย ใจดี้")
    twins = [row for name, row in members(session).items() if name.startswith("สมชาย")]

    register = in_class.get(f"/classrooms/{classroom.id}").text
    page = in_class.get(f"/pupils/{twins[0].id}").text
    in_class.send_form(f"/pupils/{twins[0].id}/join", same=str(twins[1].id))

    assert register.count("อาจมีชื่อซ้ำ") == 2
    assert "อาจเป็นคนเดียวกับ" in page
    assert f'value="{twins[1].id}" selected' in page
    assert "อาจมีชื่อซ้ำ" not in in_class.get(f"/classrooms/{classroom.id}").text
