"""Who came in with a password that somebody else chose sets an own one before anything else."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.people import Person, RoleName, School
from tests.browsing import Visitor
from tests.builders import PASSWORD, a_person

OWN = "ลมพัดใบตาลหน้าหนาว"


@pytest.fixture
def newcomer(
    app: Flask, session: Session, school: School, sign_in: Callable[[Person], Visitor]
) -> Visitor:
    """The browser of a teacher whom the school's administrator has added."""
    admin = sign_in(a_person(session, RoleName.SCHOOL_ADMIN, school))
    facts = {"display_name": "ครูมาลี ศรีสุข", "user_name": "malee", "password": PASSWORD}
    admin.send_form("/admin/people", school_id=str(school.id), role="teacher", **facts)
    browser = app.test_client()
    assert isinstance(browser, Visitor)
    browser.send_form("/sign-in", user_name="malee", password=PASSWORD)
    return browser


def test_every_page_leads_to_the_choice_and_back(newcomer: Visitor) -> None:
    for path in ("/", "/account", "/studio/", "/search?q=1", "/classrooms/"):
        led = newcomer.get(path)
        assert led.status_code == 303
        assert led.headers["Location"].startswith("/account/new-password?next=")

    page = newcomer.get(newcomer.get("/search?q=1").headers["Location"])
    done = newcomer.send_form("/account/new-password", password=OWN, next="/search?q=1")

    assert "ตั้งรหัสผ่านของตัวเอง" in page.text
    assert (done.status_code, done.headers["Location"]) == (303, "/search?q=1")
    assert newcomer.get("/studio/").status_code == 200
    assert newcomer.get("/account/new-password").headers["Location"] == "/account"


def test_programs_are_told_by_a_code(newcomer: Visitor) -> None:
    answer = newcomer.get("/api/v1/lessons")

    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["type"] == "/problems/new_password_needed"
    assert newcomer.send_form("/files/").status_code == 403


def test_language_and_signing_out_stay_open(newcomer: Visitor) -> None:
    assert newcomer.send_form("/language", lang="en").status_code == 303
    assert "Choose your own password" in newcomer.get("/account/new-password").text

    newcomer.send_form("/sign-out")

    assert newcomer.get("/").status_code == 200


@pytest.mark.parametrize(
    ("password", "said"),
    [
        (PASSWORD, "รหัสผ่านแรกที่มีคนอื่นรู้"),
        ("password1234", "เดาได้ง่าย"),
        ("มาลี ศรีสุข 2530", "ชื่อที่คนอื่นรู้"),
        ("081-234-5678", "มีแต่ตัวเลข"),
        ("สั้นไป", "ใช้อย่างน้อย 10 ตัว"),
    ],
)
def test_what_is_no_good_is_said_beside_the_field(
    newcomer: Visitor, password: str, said: str
) -> None:
    answer = newcomer.send_form("/account/new-password", password=password)

    assert answer.status_code == 422
    fault = re.search(r'<p class="fault" id="password-fault" role="alert">([^<]+)</p>', answer.text)
    assert fault
    assert said in fault[1]
    assert newcomer.get("/").status_code == 303


def test_nobody_skips_the_present_password_who_has_an_own_one(
    session: Session, sign_in: Callable[[Person], Visitor], teacher: Person
) -> None:
    browser = sign_in(teacher)
    before = session.scalar(select(Person.password_hash).where(Person.id == teacher.id))

    answer = browser.send_form("/account/new-password", password=OWN)

    assert answer.status_code == 403
    session.expire_all()
    assert session.scalar(select(Person.password_hash).where(Person.id == teacher.id)) == before
