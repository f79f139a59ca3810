"""Teachers come to a school: the pages of who asks, who waits, and who decides."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.people import Person, RoleName, School
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import PASSWORD, StoppedClock, a_person, a_school
from tests.web.test_pages_cost import counted

SignIn = Callable[[Person], Visitor]


@pytest.fixture
def administrator(session: Session, school: School) -> Person:
    return a_person(session, RoleName.SCHOOL_ADMIN, school)


@pytest.fixture
def head(sign_in: SignIn, administrator: Person) -> Visitor:
    return sign_in(administrator)


@pytest.fixture
def link(head: Visitor, school: School) -> str:
    """The school's link, as its page shows it."""
    head.send_form(f"/admin/schools/{school.id}/teacher-link")
    page = head.get(f"/admin/schools/{school.id}").text
    found: list[str] = re.findall(r'value="http://localhost(/teach/[^"]+)"', page)
    return found[0]


def come(app: Flask, link: str, *numbers: int) -> list[Visitor]:
    """Have teachers ask by the link, each in a browser of their own."""
    visitors = []
    for number in numbers:
        visitor = Visitor(app)
        new = {"user_name": f"kru{number}", "display_name": f"ครูคนที่ {number}"}
        visitor.send_form(link, **new, password=PASSWORD)
        visitors.append(visitor)
    return visitors


def asked_ids(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="request" value="([0-9a-f-]+)"', page)))


def decide(head: Visitor, school: School, action: str, *ids: str) -> str:
    head.send_form(f"/admin/schools/{school.id}/asked", action=action, request=list(ids))
    return head.get(f"/admin/schools/{school.id}").text


def test_who_waits_sees_it_everywhere_and_is_led_on_when_confirmed(
    app: Flask, head: Visitor, school: School, link: str
) -> None:
    (teacher,) = come(app, link, 1)
    waiting = teacher.get("/account/asked")
    assert waiting.headers["Refresh"] == "5"
    assert f"ผู้ดูแลของ{school.name}เห็นคำขอแล้ว" in waiting.text
    for path in ("/", "/home", "/account"):
        assert f"ส่งคำขอถึงผู้ดูแลของ{school.name}แล้ว" in teacher.get(path).text
    page = head.get(f"/admin/schools/{school.id}?part=asked").text
    assert "<html" not in page

    said = decide(head, school, "accept", *asked_ids(page))

    assert "ครูคนที่ 1 เป็นครูของโรงเรียนนี้แล้ว" in said
    assert teacher.get("/account/asked").headers["Location"] == "/classrooms/new"
    first = teacher.get("/classrooms/new").text
    assert f"{school.name}ยืนยันแล้ว" in first
    news = re.findall(r'name="news" value="([^"]+)"', first)
    teacher.send_form("/account/news/read", news=news, next="/classrooms/")
    assert f"{school.name}ยืนยันแล้ว" not in teacher.get("/classrooms/").text


def test_several_are_confirmed_in_one_press_and_a_no_is_told(
    app: Flask, head: Visitor, school: School, link: str
) -> None:
    *confirmed, declined = come(app, link, 1, 2, 3, 4, 5)
    ids = asked_ids(head.get(f"/admin/schools/{school.id}").text)

    assert "4 คนเป็นครูของโรงเรียนนี้แล้ว" in decide(head, school, "accept", *ids[:4])
    assert "ไม่รับคำขอของ ครูคนที่ 5 แล้ว" in decide(head, school, "decline", ids[4])
    assert "อีก 1 คนยังเหมือนเดิม" in decide(head, school, "accept", ids[4])
    assert "ยังไม่ได้เลือกใคร" in decide(head, school, "accept")

    assert {each.get("/classrooms/").status_code for each in confirmed} == {200}
    assert declined.get("/account/asked").headers["Location"] == "/home"
    assert f"{school.name}ไม่ได้รับคำขอ" in declined.get("/home").text


def test_who_has_an_account_asks_with_it_and_keeps_her_own_school(
    sign_in: SignIn, session: Session, head: Visitor, school: School, link: str
) -> None:
    other = a_school(session, "โรงเรียนวัดใหม่")
    teacher = sign_in(a_person(session, RoleName.TEACHER, other, display_name="ครูปิติ ชูใจ"))

    assert teacher.send_form(link).headers["Location"] == "/account/asked"
    assert f"ส่งคำขอถึงผู้ดูแลของ{school.name}แล้ว" in teacher.get("/home").text
    assert f"ส่งคำขอถึงผู้ดูแลของ{school.name}แล้ว" not in teacher.get("/classrooms/").text
    decide(head, school, "accept", *asked_ids(head.get(f"/admin/schools/{school.id}").text))

    hats = " ".join(teacher.get("/classrooms/").text.split())
    assert f"ครู · {other.name}" in hats
    assert f"ครู · {school.name}" in hats
    assert teacher.send_form(link).headers["Location"] == "/classrooms/"


def test_links_and_invitations_are_listed_with_who_used_them_and_ended(
    app: Flask, head: Visitor, school: School, link: str
) -> None:
    come(app, link, 1)
    facts = {"role": "teacher", "invited_name": "ครูมะลิ งามตา"}
    shown = head.send_form(f"/admin/schools/{school.id}/invitations", **facts).text
    invitation = re.findall(r'value="http://localhost(/invitations/[^"]+)"', shown)[0]

    page = head.get(f"/admin/schools/{school.id}/invited").text
    (end,) = re.findall(r"/admin/invitations/[0-9a-f-]+/end", page)
    head.send_form(end)

    assert "ครูคนที่ 1 · รอยืนยัน" in page
    assert "ครูมะลิ งามตา · ครู" in page
    assert Visitor(app).get(invitation).status_code == 410
    assert "ยกเลิกแล้วเมื่อ" in head.get(f"/admin/schools/{school.id}/invited").text


def test_an_invitation_is_for_somebody(head: Visitor, school: School) -> None:
    answer = head.send_form(
        f"/admin/schools/{school.id}/invitations", role="teacher", invited_name=" "
    )

    assert answer.status_code == 422
    assert 'id="invited_name-fault"' in answer.text


def test_the_office_sees_its_invitations_and_those_of_first_administrators(
    client_as: Callable[[RoleName], Visitor], school: School
) -> None:
    office = client_as(RoleName.OFFICE_ADMIN)
    facts = {"role": "office_admin", "invited_name": "นายปิติ ชูใจ"}
    office.send_form("/admin/office/invitations", **facts)
    office.send_form("/admin/first-administrators")

    page = office.get("/admin/office/invited").text

    assert "นายปิติ ชูใจ" in page
    assert f"ไม่ได้ระบุชื่อ · ผู้ดูแลโรงเรียน · {school.name}" in page


def test_a_school_ends_access_and_gives_it_again(
    sign_in: SignIn, head: Visitor, school: School, teacher: Person
) -> None:
    there = f"/admin/schools/{school.id}/people/{teacher.id}/access"

    head.send_form(there, access="no")
    ended = head.get(f"/admin/schools/{school.id}").text
    head.send_form(there, access="yes")

    assert "ปิดสิทธิ์แล้ว" in ended
    assert "ให้สิทธิ์อีกครั้ง" in ended
    back = sign_in(teacher)
    assert back.get("/studio/").status_code == 200
    assert "ให้สิทธิ์ในโรงเรียนอีกครั้งแล้ว" in back.get("/studio/").text


def test_the_last_administrator_is_told_why_not(
    head: Visitor, school: School, administrator: Person
) -> None:
    answer = head.send_form(f"/admin/roles/{administrator.roles[0].id}/remove")

    assert answer.status_code == 409
    assert "โรงเรียนจะไม่มีผู้ดูแลเหลืออยู่" in answer.text


def test_somebody_is_signed_out_everywhere_and_told(
    sign_in: SignIn, head: Visitor, school: School, teacher: Person
) -> None:
    window = sign_in(teacher)

    head.send_form(f"/admin/schools/{school.id}/people/{teacher.id}/sign-out")

    assert window.get("/studio/").status_code == 303
    assert "ออกจากระบบทุกอุปกรณ์แล้ว" in sign_in(teacher).get("/studio/").text


def test_the_list_of_who_asks_costs_the_same_for_one_and_for_many(
    app: Flask, head: Visitor, session: Session, school: School, link: str, wiring: Wiring
) -> None:
    path = f"/admin/schools/{school.id}?part=asked"
    come(app, link, 1, 2)
    head.get(path)
    with counted(wiring.engine) as for_few:
        head.get(path)
    come(app, link, *range(3, 9))
    with counted(wiring.engine) as for_many:
        head.get(path)

    assert len(for_many) == len(for_few)


def test_old_requests_wait_with_no_link_named(
    app: Flask, head: Visitor, session: Session, clock: StoppedClock, school: School
) -> None:
    head.send_form(f"/admin/schools/{school.id}/requests", takes_requests="yes")
    visitor = Visitor(app)
    new = {"user_name": "malee", "display_name": "ครูมาลี", "password": PASSWORD}
    assert visitor.send_form("/ask-to-join", school_id=str(school.id), **new).status_code == 303

    assert "มาจากหน้าลงชื่อเข้าใช้" in head.get(f"/admin/schools/{school.id}").text
    assert session.scalars(select(Person).where(Person.user_name == "malee")).one().roles == []


def test_a_school_is_added_with_the_link_of_who_will_lead_it(
    client_as: Callable[[RoleName], Visitor], app: Flask, session: Session
) -> None:
    office = client_as(RoleName.OFFICE_ADMIN)
    facts = {"name": "โรงเรียนบ้านใหม่", "invited_name": "ผอ.วิชัย รักเรียน"}

    refused = office.send_form("/admin/schools", **{**facts, "invited_name": "ก" * 201})
    shown = office.send_form("/admin/schools", **facts).text

    assert refused.status_code == 422
    link = re.findall(r'value="http://localhost(/invitations/[^"]+)"', shown)[0]
    assert "สำหรับ ผอ.วิชัย รักเรียน" in Visitor(app).get(link).text
    schools = session.scalars(select(School).where(School.name == facts["name"])).all()
    assert len(schools) == 1
