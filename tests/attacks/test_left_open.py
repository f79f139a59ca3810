"""Somebody sits down at a computer that another person left open."""

from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.models.classrooms import Classroom
from server.models.people import Person, RoleName, School, SignIn
from tests.browsing import Visitor
from tests.builders import PASSWORD, StoppedClock, a_person, a_sign_in

SignedIn = Callable[[Person], Visitor]
PROOF = "password_proof"
BY_A_SCRIPT = {"Sec-Fetch-Dest": "empty"}


def at_a_shared_computer(app: Flask, person: Person) -> Visitor:
    visitor = Visitor(app)
    visitor.send_form("/sign-in", user_name=person.user_name, password=PASSWORD, is_shared="yes")
    return visitor


def look(visitor: Visitor, headers: Mapping[str, str] | None = None) -> TestResponse:
    """Open a page, to the end of what is done after the answer."""
    return visitor.get("/account", headers=headers, buffered=True)


def is_in(visitor: Visitor, headers: Mapping[str, str] | None = None) -> bool:
    return look(visitor, headers).status_code == 200


def test_a_shared_computer_signs_out_by_itself_and_keeps_nothing(
    app: Flask, clock: StoppedClock, teacher: Person
) -> None:
    visitor = at_a_shared_computer(app, teacher)
    page = look(visitor)
    clock.forward(minutes=15)

    next_one = look(visitor)

    assert page.headers["Cache-Control"] == "no-store"
    assert next_one.headers["Location"].startswith("/sign-in")
    assert next_one.headers["Clear-Site-Data"] == '"storage"'
    assert "ไม่ได้ใช้งาน" in visitor.get("/sign-in").text
    assert not is_in(visitor)


def test_its_cookie_goes_with_the_browser_and_does_not_make_it_a_known_device(
    app: Flask, teacher: Person
) -> None:
    shared, own = Visitor(app), Visitor(app)
    fields = {"user_name": teacher.user_name, "password": PASSWORD}

    of_shared = shared.send_form("/sign-in", **fields, is_shared="yes").headers.getlist(
        "Set-Cookie"
    )
    of_own = own.send_form("/sign-in", **fields).headers.getlist("Set-Cookie")

    assert [cookie.split("=")[0] for cookie in of_shared] == ["khlang"]
    assert "Expires" not in of_shared[0]
    assert "Max-Age" not in of_shared[0]
    assert {cookie.split("=")[0] for cookie in of_own} == {"khlang", "khlang_device"}
    assert all("Expires" in cookie and "HttpOnly" in cookie for cookie in of_own)


def test_who_works_at_a_shared_computer_stays_in_but_not_for_ever(
    app: Flask, clock: StoppedClock, teacher: Person
) -> None:
    visitor, stayed = at_a_shared_computer(app, teacher), 0
    while is_in(visitor):
        stayed += 1
        clock.forward(minutes=10)

    assert stayed == 12 * 6  # the day of work after which it ends all the same


def test_a_page_that_asks_for_news_by_itself_keeps_nobody_signed_in(
    app: Flask, clock: StoppedClock, teacher: Person
) -> None:
    visitor, asked = at_a_shared_computer(app, teacher), 0
    while is_in(visitor, BY_A_SCRIPT):
        asked += 1
        clock.forward(minutes=1)

    assert asked == 15


def test_noting_that_somebody_is_there_writes_seldom(
    app: Flask, session: Session, clock: StoppedClock, teacher: Person
) -> None:
    visitor, written = at_a_shared_computer(app, teacher), set()
    for _ in range(60):
        clock.forward(seconds=10)
        look(visitor)
        written.add(session.scalar(select(SignIn.seen_at)))
        session.rollback()

    assert len(written - {None}) == 10  # once a minute


@pytest.mark.parametrize(
    ("role", "still_in_h", "out_h"),
    [
        (RoleName.OFFICE_ADMIN, 11, 12),
        (RoleName.SCHOOL_ADMIN, 4 * 24 - 1, 4 * 24),
        (RoleName.TEACHER, 29 * 24, 30 * 24),
        (RoleName.STUDENT, 29 * 24, 30 * 24),
    ],
)
def test_administrators_are_signed_out_when_they_do_nothing_and_teachers_are_not(
    sign_in: SignedIn,
    session: Session,
    clock: StoppedClock,
    role: RoleName,
    still_in_h: int,
    out_h: int,
) -> None:
    person = a_person(session, role)
    early, late = sign_in(person), sign_in(person)

    clock.forward(hours=still_in_h)
    assert is_in(early)
    clock.forward(hours=out_h - still_in_h)

    assert not is_in(late)


def test_a_session_that_ended_is_not_shown_as_open(
    app: Flask, session: Session, clock: StoppedClock, teacher: Person
) -> None:
    visitor = at_a_shared_computer(app, teacher)
    clock.forward(minutes=20)
    look(visitor)

    assert session.scalar(select(func.count()).where(SignIn.ended_at.is_not(None))) == 1


def left_open(sign_in: SignedIn, session: Session, school: School, clock: StoppedClock) -> Visitor:
    """Return an administrator's browser half an hour after the password was given."""
    visitor = sign_in(a_person(session, RoleName.SCHOOL_ADMIN, school))
    clock.forward(minutes=30)
    return visitor


NEW = {
    "user_name": "intruder",
    "display_name": "ใครก็ไม่รู้ <b>",
    "password": "รหัสของคนใหม่-2569",
    "role": "teacher",
}


def test_who_finds_administration_open_is_asked_for_the_password(
    sign_in: SignedIn, session: Session, school: School, clock: StoppedClock
) -> None:
    visitor, wanted = left_open(sign_in, session, school, clock), {**NEW, "school_id": school.id}

    asked = visitor.send_form("/admin/people", **wanted)
    wrong = visitor.send_form("/admin/people", **wanted, **{PROOF: "guessed"})

    assert (asked.status_code, wrong.status_code) == (403, 403)
    assert asked.headers["Cache-Control"] == "no-store"
    assert "ยังไม่มีอะไรเปลี่ยน" in asked.text
    assert visitor.get(f"/admin/schools/{school.id}").status_code == 200  # reading goes on
    assert _named(session, "intruder") is None


def test_the_administrator_goes_on_with_what_was_typed(
    sign_in: SignedIn, session: Session, school: School, clock: StoppedClock
) -> None:
    visitor, wanted = left_open(sign_in, session, school, clock), {**NEW, "school_id": school.id}
    asked = visitor.send_form("/admin/people", **wanted)

    done = visitor.send_form("/admin/people", **wanted, **{PROOF: PASSWORD})
    soon = visitor.send_form(
        "/admin/people", **{**NEW, "user_name": "second", "school_id": school.id}
    )
    clock.forward(minutes=30)
    late = visitor.send_form("/admin/people", **{**wanted, "user_name": "third"})

    for name, value in wanted.items():
        shown = str(value).replace("<b>", "&lt;b&gt;")
        assert f'<input type="hidden" name="{name}" value="{shown}">' in asked.text
    assert [answer.status_code for answer in (done, soon, late)] == [303, 303, 403]
    made = _named(session, "intruder")
    assert made is not None
    assert made.display_name == NEW["display_name"]


def test_the_password_is_not_guessed_there_either(
    sign_in: SignedIn, session: Session, school: School, clock: StoppedClock
) -> None:
    visitor, path = left_open(sign_in, session, school, clock), f"/admin/schools/{school.id}"

    tried = [
        visitor.send_form(f"{path}/teacher-link", **{PROOF: f"guess {n}"}).status_code
        for n in range(12)
    ]
    refused = visitor.send_form(f"{path}/teacher-link", **{PROOF: PASSWORD})

    assert tried == [403] * 10 + [429] * 2
    assert refused.headers["Retry-After"] == "600"
    assert "10 นาที" in refused.text


def test_sessions_without_a_password_never_come_to_administration(
    app: Flask, session: Session, clock: StoppedClock, school: School, pupil: Person
) -> None:
    visitor = Visitor(app)
    visitor.sign_in_with(a_sign_in(session, pupil, clock(), proved_at=None))

    answer = visitor.send_form("/admin/people", **NEW, school_id=school.id)

    assert answer.status_code == 403
    assert PROOF not in answer.text


@pytest.fixture
def pupil(session: Session, clock: StoppedClock, room: Classroom) -> Person:
    return session.scalars(select(Person).where(Person.password_hash == "")).first() or _nobody()


def _nobody() -> Person:
    raise AssertionError("the classroom has no pupils")


def _named(session: Session, user_name: str) -> Person | None:
    session.rollback()
    return session.scalar(select(Person).where(Person.user_name == user_name))
