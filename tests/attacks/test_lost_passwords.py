"""Somebody wants to become somebody else by the link for a new password."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.people import PasswordLink, Person, RoleName, School
from server.services.joining import give_role
from server.services.schools import remove_role
from tests.browsing import Visitor
from tests.builders import PASSWORD, StoppedClock, a_person, a_school

SignedIn = Callable[[Person], Visitor]
NEW = "ลมพัดใบตาลหน้าหนาว"
LINK = re.compile(r'value="http://localhost(/new-password/[\w-]+)"')


@dataclass(frozen=True, slots=True)
class Town:
    """Two schools, and who is there."""

    office: Person
    admin: Person
    colleague: Person
    other_admin: Person
    teacher: Person


@pytest.fixture
def town(session: Session, school: School, teacher: Person) -> Town:
    return Town(
        office=a_person(session, RoleName.OFFICE_ADMIN),
        admin=a_person(session, RoleName.SCHOOL_ADMIN, school, display_name="ผอ.วิชัย"),
        colleague=a_person(session, RoleName.TEACHER, school),
        other_admin=a_person(session, RoleName.SCHOOL_ADMIN, a_school(session)),
        teacher=teacher,
    )


def ask_for_link(browser: Visitor, whose: Person) -> str:
    """Press the button; return the link's path, or the status of the refusal."""
    answer = browser.send_form(f"/admin/people/{whose.id}/new-password")
    found = LINK.search(answer.text)
    return found[1] if found else str(answer.status_code)


def may_sign_in(app: Flask, person: Person, password: str) -> bool:
    guest = app.test_client()
    assert isinstance(guest, Visitor)
    answer = guest.send_form("/sign-in", user_name=person.user_name, password=password)
    return answer.status_code == 303


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("teacher", "admin"),
        ("colleague", "teacher"),
        ("other_admin", "teacher"),
        ("other_admin", "admin"),
        ("admin", "other_admin"),
        ("admin", "office"),
        ("admin", "admin"),
        ("office", "office"),
    ],
)
def test_nobody_gets_a_link_for_who_is_above_elsewhere_a_colleague_or_oneself(
    session: Session, sign_in: SignedIn, app: Flask, town: Town, who: str, whose: str
) -> None:
    there = getattr(town, whose)

    assert ask_for_link(sign_in(getattr(town, who)), there) == "403"

    assert session.scalars(select(PasswordLink)).all() == []
    assert may_sign_in(app, there, PASSWORD)


def test_an_administrator_reaches_no_second_school_through_who_teaches_at_both(
    session: Session, clock: StoppedClock, sign_in: SignedIn, town: Town, school: School
) -> None:
    other_school = town.other_admin.roles[0].school_id
    with session.begin():
        give_role(session, clock, town.teacher, RoleName.TEACHER, other_school, None)

    admin = sign_in(town.admin)
    assert ask_for_link(admin, town.teacher) == "403"
    assert "ขอจากสำนักงานเขตพื้นที่" in admin.get(f"/admin/schools/{school.id}").text
    assert ask_for_link(sign_in(town.other_admin), town.teacher) == "403"
    assert ask_for_link(sign_in(town.office), town.teacher).startswith("/new-password/")


def test_a_pupil_without_a_password_gets_none_by_a_link(
    session: Session, sign_in: SignedIn, town: Town, school: School
) -> None:
    pupil = a_person(session, RoleName.STUDENT, school)
    with session.begin():
        pupil.password_hash = ""

    assert ask_for_link(sign_in(town.admin), pupil) == "403"
    assert ask_for_link(sign_in(town.office), pupil) == "403"


def test_a_chat_that_looks_at_the_link_changes_nothing_and_learns_a_given_name_only(
    sign_in: SignedIn, client: Visitor, app: Flask, town: Town
) -> None:
    path = ask_for_link(sign_in(town.admin), town.teacher)
    mine = sign_in(town.teacher)

    for _ in range(3):
        looked = client.get(path)

    assert looked.status_code == 200
    assert looked.headers["Referrer-Policy"] == "no-referrer"
    assert looked.headers["Cache-Control"] == "no-store"
    assert "noindex" in looked.text
    assert town.teacher.user_name not in looked.text
    assert "ใจดี" not in looked.text  # the family name
    assert mine.get("/account").status_code == 200
    assert may_sign_in(app, town.teacher, PASSWORD)


def test_who_opens_a_used_link_again_is_too_late(
    sign_in: SignedIn, client: Visitor, app: Flask, town: Town
) -> None:
    path = ask_for_link(sign_in(town.admin), town.teacher)
    thief, owner = app.test_client(), client
    assert isinstance(thief, Visitor)
    thief.get(path)  # the form is open
    owner.send_form(path, password=NEW)

    late = thief.send_form(path, password=f"{NEW} ของฉัน")

    assert (late.status_code, thief.get(path).status_code) == (410, 410)
    assert may_sign_in(app, town.teacher, NEW)


def test_a_link_is_too_old_after_a_day(
    sign_in: SignedIn, client: Visitor, clock: StoppedClock, town: Town
) -> None:
    path = ask_for_link(sign_in(town.admin), town.teacher)

    clock.forward(days=1)

    assert client.get(path).status_code == 410
    assert client.send_form(path, password=NEW).status_code == 410


def test_a_former_administrator_uses_no_link_kept_for_later(
    session: Session,
    clock: StoppedClock,
    sign_in: SignedIn,
    client: Visitor,
    app: Flask,
    town: Town,
) -> None:
    path = ask_for_link(sign_in(town.admin), town.teacher)

    remove_role(session, clock, role_id=town.admin.roles[0].id, by=town.office)

    assert client.send_form(path, password=NEW).status_code == 410
    assert may_sign_in(app, town.teacher, PASSWORD)


def test_a_link_from_before_a_promotion_makes_no_administrator(
    session: Session, clock: StoppedClock, sign_in: SignedIn, client: Visitor, town: Town
) -> None:
    path = ask_for_link(sign_in(town.admin), town.teacher)

    with session.begin():
        give_role(session, clock, town.teacher, RoleName.OFFICE_ADMIN, None, None)

    assert client.send_form(path, password=NEW).status_code == 410


def test_whoever_takes_the_account_over_cannot_keep_it_from_its_owner(
    sign_in: SignedIn, client: Visitor, app: Flask, clock: StoppedClock, town: Town
) -> None:
    phone = sign_in(town.teacher)
    path = ask_for_link(sign_in(town.admin), town.teacher)
    assert "ผอ.วิชัย ทำลิงก์ตั้งรหัสผ่านใหม่ให้บัญชีนี้" in phone.get("/account").text

    client.send_form(path, password=NEW)  # the administrator, on another device
    told = re.search(r'name="state" value="([^"]+)"', client.get("/").text)
    assert told
    client.send_form("/account/password-news", state=told[1])
    assert 'name="state"' not in client.get("/").text  # who knows of it is told no more here

    clock.forward(hours=1)
    own = app.test_client()
    assert isinstance(own, Visitor)
    own.send_form(ask_for_link(sign_in(town.office), town.teacher), password=f"{NEW} จริง")

    assert phone.get("/account").status_code == 303  # all are out, the thief too
    assert client.get("/account").status_code == 303
    page = own.get("/").text
    assert page.count("มีการตั้งรหัสผ่านใหม่ของบัญชีนี้") == 2
    assert "ผอ.วิชัย" in page


def test_the_owner_ends_a_link_that_nobody_asked_for(
    sign_in: SignedIn, client: Visitor, app: Flask, town: Town
) -> None:
    phone = sign_in(town.teacher)
    path = ask_for_link(sign_in(town.admin), town.teacher)

    phone.send_form("/account/password-links/end")

    assert client.send_form(path, password=NEW).status_code == 410
    assert may_sign_in(app, town.teacher, PASSWORD)


def test_an_administrator_who_opens_the_link_on_the_own_screen_stays_who_they_are(
    sign_in: SignedIn, town: Town
) -> None:
    screen = sign_in(town.admin)
    path = ask_for_link(screen, town.teacher)

    assert "ผอ.วิชัย" in screen.get(path).text
    screen.send_form(path, password=NEW)

    assert "ผอ.วิชัย" in screen.get("/account").text


def test_another_site_makes_no_link(sign_in: SignedIn, session: Session, town: Town) -> None:
    answer = sign_in(town.admin).post(f"/admin/people/{town.teacher.id}/new-password")

    assert answer.status_code == 400
    assert session.scalars(select(PasswordLink)).all() == []
